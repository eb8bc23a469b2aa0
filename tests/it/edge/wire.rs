//! HTTP by hand: bytes down a socket and bytes back, for what no client library will send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::world::World;

/// A connection on which the test says every byte itself.
pub(super) struct Wire(pub(super) TcpStream);

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Wire {
    pub(super) fn to(world: &World) -> Self {
        Self::at(world.url())
    }

    /// To what listens at a URL.
    pub(super) fn at(url: &str) -> Self {
        let socket = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self(socket)
    }

    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        // It may have been answered and closed before all of it is out.
        drop(self.0.write_all(bytes.as_ref()));
    }

    /// Reads one answer; `None` when the connection ends without one.
    pub(super) fn reply(&mut self) -> Option<Reply> {
        let mut reply = self.head()?;
        let length = reply.header("content-length").parse().unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        reply.body = body;
        Some(reply)
    }

    /// Reads an answer without its body.
    pub(super) fn head(&mut self) -> Option<Reply> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\r\n\r\n") {
            if self.0.read(&mut byte).ok()? == 0 {
                return None;
            }
            bytes.push(byte[0]);
        }
        let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Reply {
            status,
            head,
            body: Vec::new(),
        })
    }
}

impl Reply {
    /// A header, in lower case, empty when it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(said, _)| *said == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether the head holds nothing that is not shown, the ends of its lines apart.
    pub(super) fn is_plain(&self) -> bool {
        self.head
            .split("\r\n")
            .all(|line| !line.contains(char::is_control))
    }

    /// The status and the code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        (self.status, body["code"].as_str().unwrap().to_owned())
    }
}

/// One request on a connection of its own; the head is everything after the request line.
pub(super) fn ask(world: &World, line: &str, head: &str, body: &[u8]) -> Option<Reply> {
    let mut wire = Wire::to(world);
    wire.send(format!("{line} HTTP/1.1\r\n{head}\r\n"));
    wire.send(body);
    wire.reply()
}

/// The methods and paths of the OpenAPI document, with something in the place of parameters.
pub(super) fn routes(world: &World) -> Vec<(String, String)> {
    let document = world.get("/api/openapi.json").json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for method in item.as_object().unwrap().keys() {
            routes.push((method.to_ascii_uppercase(), path.clone()));
        }
    }
    assert!(routes.len() > 3);
    routes
}
