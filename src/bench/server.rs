//! Servers in threads of their own, for as long as somebody measures.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};

use super::Error;

/// As many as lurcher has.
const WORKERS: usize = 2;

/// A running server. It stops when it is dropped; [`Server::stop`] says whether it ended well.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Starts what `make` makes of a listener on a free port, on this machine alone.
    pub fn start(
        make: impl FnOnce(TcpListener) -> io::Result<actix_web::dev::Server> + Send + 'static,
    ) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (send, receive) = mpsc::sync_channel(1);
        let serve = move || {
            actix_web::rt::System::new().block_on(async move {
                let server = make(listener)?;
                // The starter waits for it; it cannot have gone.
                drop(send.send(server.handle()));
                server.await
            })
        };
        let thread = thread::Builder::new()
            .name("measured".to_owned())
            .spawn(serve)?;
        let Ok(handle) = receive.recv() else {
            ended(thread)?;
            return Err(Error::Server);
        };
        Ok(Self {
            address,
            handle,
            thread: Some(thread),
        })
    }

    /// Lets requests finish, and waits for the end.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        // The order is given at once; its future only waits, which the thread's end does too.
        drop(self.handle.stop(true));
        ended(thread)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, "a server that was measured did not end well");
        }
    }
}

fn ended(thread: JoinHandle<io::Result<()>>) -> Result<(), Error> {
    let outcome = thread.join().map_err(|_panic| Error::Server)?;
    Ok(outcome?)
}

/// A bare actix-web with as many workers as lurcher, which always says the same at `/`.
pub fn says(listener: TcpListener, body: Vec<u8>) -> io::Result<actix_web::dev::Server> {
    let body = Bytes::from(body);
    let server = HttpServer::new(move || {
        let body = body.clone();
        let hello = move || {
            let answer = HttpResponse::Ok().body(body.clone());
            async move { answer }
        };
        App::new().route("/", web::get().to(hello))
    });
    let server = server.workers(WORKERS).disable_signals().listen(listener)?;
    Ok(server.run())
}
