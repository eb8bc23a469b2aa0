//! A post as somebody receives it who is no daemon.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// Reads one post: what its header of that name says, and its body.
pub(crate) fn receive(stream: &mut TcpStream, wanted: &str) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut found, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            name if name == wanted => value.clone_into(&mut found),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (found, String::from_utf8(body).unwrap())
}
