//! A server that does whatever it is told, well-behaved or not, one thread a connection.
//!
//! It serves any bytes, so what it sends can be as right or as wrong as a test needs it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest that a thread of the server lives, whatever it was told to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a client begins that wants to speak TLS.
const TLS: [u8; 1] = [0x16];

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    /// Everything up to the empty line, as it was sent.
    pub(crate) head: String,
    /// When it was there.
    pub(crate) at: Instant,
}

impl Request {
    /// A header, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let line = lines.find(|(said, _)| said.eq_ignore_ascii_case(name));
        line.map_or("", |(_, value)| value.trim())
    }
}

/// What the server does next on a connection.
#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// One byte after the other, with this much time between.
    Trickle(Vec<u8>, Duration),
    /// Again and again, until the client has enough.
    Forever(Vec<u8>),
    /// Lets the system tear the connection down.
    Reset,
}

/// An answer, in steps; after the last one the connection is closed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply(Vec<Step>);

impl Reply {
    /// A whole and honest answer.
    pub(crate) fn of(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = body.len().to_string();
        let headers = [headers, &[("Content-Length", length.as_str())]].concat();
        Self::head(status, &headers).send(body)
    }

    /// 200 with a body.
    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::of(200, &[], body)
    }

    /// A status and nothing else.
    pub(crate) fn status(status: u16) -> Self {
        Self::of(status, &[], "")
    }

    /// Sends somebody on.
    pub(crate) fn redirect(location: &str) -> Self {
        Self::of(302, &[("Location", location)], "")
    }

    /// The head of an answer, without a word about its length.
    pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Self {
        let mut head = format!("HTTP/1.1 {status} Whatever\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        Self::default().send(head + "\r\n")
    }

    /// Then these bytes.
    pub(crate) fn send(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.push(Step::Send(bytes.as_ref().to_vec()));
        self
    }

    /// Then nothing for a while.
    pub(crate) fn wait(mut self, time: Duration) -> Self {
        self.0.push(Step::Wait(time));
        self
    }

    /// Then these bytes, slowly.
    pub(crate) fn trickle(mut self, bytes: impl AsRef<[u8]>, gap: Duration) -> Self {
        self.0.push(Step::Trickle(bytes.as_ref().to_vec(), gap));
        self
    }

    /// Then these bytes for ever.
    pub(crate) fn forever(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.push(Step::Forever(bytes.as_ref().to_vec()));
        self
    }

    /// Then a connection that is reset.
    pub(crate) fn reset(mut self) -> Self {
        self.0.push(Step::Reset);
        self
    }
}

#[derive(Default)]
struct Seen {
    accepted: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
}

/// The server; dropping it closes its door.
pub(crate) struct Chaos {
    address: SocketAddr,
    seen: Arc<Seen>,
    thread: Option<JoinHandle<()>>,
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

impl Chaos {
    /// Answers each request as the script says.
    pub(crate) fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", script)
    }

    /// The same, at an address.
    pub(crate) fn at(
        address: &str,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Seen>::default();
        let (script, shared): (Arc<Script>, _) = (Arc::new(script), seen.clone());
        let thread = thread::spawn(move || accept(&listener, &shared, &script));
        Self {
            address,
            seen,
            thread: Some(thread),
        }
    }

    /// The same answer to everybody.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone())
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A URL of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How often somebody connected.
    pub(crate) fn accepted(&self) -> usize {
        self.seen.accepted.load(Ordering::SeqCst)
    }

    /// How many were connected at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.most.load(Ordering::SeqCst)
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }
}

impl Drop for Chaos {
    fn drop(&mut self) {
        self.seen.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking());
        }
    }
}

fn accept(listener: &TcpListener, seen: &Arc<Seen>, script: &Arc<Script>) {
    for socket in listener.incoming() {
        if seen.stop.load(Ordering::SeqCst) {
            return;
        }
        seen.accepted.fetch_add(1, Ordering::SeqCst);
        let (seen, script) = (seen.clone(), script.clone());
        thread::spawn(move || {
            let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
            seen.most.fetch_max(now, Ordering::SeqCst);
            let mut socket = socket.unwrap();
            // Clients go away in the middle; that is what they are here for.
            drop(serve(&mut socket, &seen, &script));
            // The client may know that it is over only when it is.
            seen.now.fetch_sub(1, Ordering::SeqCst);
            drop(socket);
        });
    }
}

fn serve(socket: &mut TcpStream, seen: &Seen, script: &Arc<Script>) -> std::io::Result<()> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let mut head = Vec::new();
    let mut byte = [0];
    // The last byte stays unread for now: what is unread when a socket closes makes it a reset.
    while !head.ends_with(b"\r\n\r") {
        if socket.read(&mut byte)? == 0 {
            return Ok(());
        }
        if head.is_empty() && byte == TLS {
            return socket.write_all(b"HTTP/1.1 400 No TLS\r\n\r\n");
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let request = Request {
        path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        head,
        at: Instant::now(),
    };
    seen.requests.lock().unwrap().push(request.clone());
    let reply = script(&request);
    let resets = matches!(reply.0.last(), Some(Step::Reset));
    if !resets {
        socket.read_exact(&mut byte)?;
    }
    let began = Instant::now();
    for step in reply.0 {
        perform(socket, step, seen, began)?;
    }
    Ok(())
}

fn perform(socket: &mut TcpStream, step: Step, seen: &Seen, began: Instant) -> std::io::Result<()> {
    let over = || began.elapsed() > PATIENCE || seen.stop.load(Ordering::SeqCst);
    match step {
        Step::Send(bytes) => socket.write_all(&bytes)?,
        Step::Wait(time) => {
            let began = Instant::now();
            while began.elapsed() < time && !over() {
                thread::sleep(Duration::from_millis(5).min(time));
            }
        }
        Step::Trickle(bytes, gap) => {
            for byte in bytes {
                if over() {
                    break;
                }
                socket.write_all(&[byte])?;
                thread::sleep(gap);
            }
        }
        Step::Forever(bytes) => {
            while !over() {
                socket.write_all(&bytes)?;
            }
        }
        Step::Reset => {}
    }
    Ok(())
}
