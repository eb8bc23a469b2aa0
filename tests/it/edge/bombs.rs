//! What would grow when it is unpacked is refused before it is read.

use std::io::Write;

use super::wire::{Wire, routes};
use crate::world::World;

/// A megabyte of zeros, gzipped a few times over.
fn bomb() -> Vec<u8> {
    let mut bytes = vec![0; 1 << 20];
    for _ in 0..2 {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&bytes).unwrap();
        bytes = encoder.finish().unwrap();
    }
    bytes
}

#[test]
fn an_encoded_body_bounces_off_every_route_before_it_has_come() {
    let world = World::empty();
    let bomb = bomb();

    for (method, path) in routes(&world) {
        for encoding in [
            "gzip",
            "br",
            "zstd",
            "deflate",
            "x-gzip",
            "gzip, gzip",
            "identity, br",
        ] {
            let mut wire = Wire::to(&world);
            // A gigabyte is announced and a little of it comes.
            wire.send(format!(
                "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
                 Content-Encoding: {encoding}\r\nContent-Length: 1000000000\r\n\r\n"
            ));
            wire.send(&bomb);

            let reply = wire.reply().unwrap();

            let expected = (415, "unsupported_format".to_owned());
            assert_eq!(reply.problem(), expected, "{method} {path} {encoding}");
        }
    }
}

#[test]
fn a_body_that_says_it_is_plain_is_taken_as_it_is() {
    let world = World::empty();

    let answer = world.get_with("/livez", &[("Content-Encoding", "Identity")]);

    assert_eq!(answer.status, 200);
}

#[test]
fn a_transfer_encoding_that_unpacks_is_refused() {
    let world = World::empty();
    let head = "Host: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked\r\n";

    let reply = super::wire::ask(&world, "POST /api/races", head, b"0\r\n\r\n");

    assert!((400..500).contains(&reply.unwrap().status));
}
