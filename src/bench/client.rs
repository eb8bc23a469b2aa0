//! A client that costs little: one request at a time on a connection that stays open. It knows no
//! more HTTP than actix-web answers with: a status and a length.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Error;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Room for an answer, to begin with.
const USUAL: usize = 64 * 1_024;
/// The most that an answer may be, bytes.
pub(super) const MOST: usize = 8 * 1_024 * 1_024;
/// How much of an answer that is not well is told.
const TOLD: usize = 200;

/// A connection that stays open.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'c> {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: &'c [u8],
}

/// What the first lines say: status, and where the body begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    status: u16,
    from: usize,
    until: usize,
}

/// A GET as it is sent, with a key when there is one.
#[must_use]
pub fn request(address: SocketAddr, path: &str, key: Option<&str>) -> Vec<u8> {
    let key = key.map_or_else(String::new, |key| format!("X-API-Key: {key}\r\n"));
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{key}\r\n").into_bytes()
}

/// The body of one answer, which must be a 200.
pub fn get(address: SocketAddr, path: &str) -> Result<Vec<u8>, Error> {
    let mut connection = Connection::open(address)?;
    connection.ask(&request(address, path, None))?;
    Ok(connection.body()?.to_vec())
}

impl Connection {
    /// Connects; from then on an answer may take half a minute.
    pub fn open(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; USUAL],
        })
    }

    /// Sends a request, whose answer must be read before the next.
    pub fn ask(&mut self, request: &[u8]) -> Result<(), Error> {
        Ok(self.stream.write_all(request)?)
    }

    /// Reads one answer whole.
    pub fn reply(&mut self) -> Result<Reply<'_>, Error> {
        let head = self.read()?;
        let body = self.buffer.get(head.from..head.until);
        Ok(Reply {
            status: head.status,
            body: body.unwrap_or_default(),
        })
    }

    /// Reads one answer whole, which must be a 200, and gives its body.
    pub fn body(&mut self) -> Result<&[u8], Error> {
        let Reply { status, body } = self.reply()?;
        if status == 200 {
            return Ok(body);
        }
        let told = body.get(..TOLD).unwrap_or(body);
        Err(Error::NotWell {
            status,
            body: String::from_utf8_lossy(told).into_owned(),
        })
    }

    fn read(&mut self) -> Result<Head, Error> {
        let mut held = 0;
        let mut head = None;
        loop {
            if held == self.buffer.len() {
                self.widen()?;
            }
            let room = self.buffer.get_mut(held..).unwrap_or_default();
            let read = self.stream.read(room)?;
            if read == 0 {
                return Err(Error::HungUp);
            }
            held += read;
            let got = self.buffer.get(..held).unwrap_or_default();
            if head.is_none() {
                head = Head::of(got)?;
            }
            if let Some(head) = head
                && held >= head.until
            {
                return Ok(head);
            }
        }
    }

    fn widen(&mut self) -> Result<(), Error> {
        if self.buffer.len() >= MOST {
            return Err(Error::TooLarge);
        }
        self.buffer.resize(self.buffer.len() * 2, 0);
        Ok(())
    }
}

impl Head {
    /// `None` until it is whole.
    fn of(got: &[u8]) -> Result<Option<Self>, Error> {
        let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = got.get(..end).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_bytes| Error::Strange("no text"))?;
        let status = head
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        let status = status.and_then(|status| status.parse().ok());
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: Option<usize> = length.and_then(|length| length.parse().ok());
        let from = end + 4;
        Ok(Some(Self {
            status: status.ok_or(Error::Strange("no status"))?,
            from,
            until: from.saturating_add(length.ok_or(Error::Strange("no length"))?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole_and_only_as_ours_are() {
        let whole = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno";

        assert_eq!(Head::of(&whole[..40]).unwrap(), None);
        let head = Head::of(whole).unwrap().unwrap();
        assert_eq!(
            (head.status, &whole[head.from..head.until]),
            (404, &b"no"[..])
        );
        for strange in [
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            assert!(Head::of(strange.as_bytes()).is_err(), "{strange}");
        }
    }
}
