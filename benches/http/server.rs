//! Servers in threads of their own, for as long as a bench needs them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Context;

use crate::world;

/// A running server; it must be stopped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    thread: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Starts what `make` makes of a listener on a free port.
    pub(super) fn start(
        make: impl FnOnce(TcpListener) -> io::Result<actix_web::dev::Server> + Send + 'static,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = make(listener)?;
                // The starter waits for it; it cannot have gone.
                drop(send.send(server.handle()));
                server.await
            })
        });
        let handle = receive.recv().context("the server did not start")?;
        Ok(Self {
            address,
            handle,
            thread,
        })
    }

    /// Lets requests finish, and waits for the end.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        world::runtime()?.block_on(self.handle.stop(true));
        let ended = self.thread.join();
        ended.map_err(|_panic| anyhow::anyhow!("the server panicked"))??;
        Ok(())
    }
}

/// A bare actix-web with as many workers as lurcher, which always says the same.
pub(super) fn says(listener: TcpListener, body: Vec<u8>) -> io::Result<actix_web::dev::Server> {
    let body = Bytes::from(body);
    let server = HttpServer::new(move || {
        let body = body.clone();
        let hello = move || {
            let answer = HttpResponse::Ok().body(body.clone());
            async move { answer }
        };
        App::new().route("/", web::get().to(hello))
    });
    let server = server.workers(2).disable_signals().listen(listener)?;
    Ok(server.run())
}
