//! Answers travel in the encoding that the client likes, each with a tag of its own.

use std::io::Read;

use super::wire::{Reply, Wire};
use crate::world::World;

const LIST: &str = "/api/races?limit=500";

fn get(world: &World, method: &str, path: &str, head: &str) -> Reply {
    let head = format!("Host: 127.0.0.1\r\n{head}");
    let mut wire = Wire::to(world);
    wire.send(format!("{method} {path} HTTP/1.1\r\n{head}\r\n"));
    if method == "HEAD" {
        return wire.head().unwrap();
    }
    wire.reply().unwrap()
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let mut plain = Vec::new();
    let body = &mut &*reply.body;
    match reply.header("content-encoding") {
        "zstd" => zstd::stream::copy_decode(body, &mut plain).unwrap(),
        "br" => brotli::BrotliDecompress(body, &mut plain).unwrap(),
        "gzip" => {
            let mut decoder = flate2::read::GzDecoder::new(body);
            decoder.read_to_end(&mut plain).unwrap();
        }
        other => panic!("{other:?} was not asked for"),
    }
    plain
}

#[test]
fn a_long_answer_comes_in_the_encoding_asked_for_and_reads_the_same() {
    let world = World::of_season();
    let plain = get(&world, "GET", LIST, "");
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.body.len() > 64 * 1_024);

    for encoding in ["zstd", "br", "gzip"] {
        let head = format!("Accept-Encoding: {encoding}\r\n");
        let reply = get(&world, "GET", LIST, &head);

        assert_eq!(reply.header("content-encoding"), encoding);
        assert_eq!(reply.header("vary"), "accept, accept-encoding");
        assert!(reply.body.len() < plain.body.len() / 4);
        assert!(decoded(&reply) == plain.body);
    }
    assert_eq!(plain.header("vary"), "accept, accept-encoding");
}

#[test]
fn a_page_of_metrics_is_packed_too() {
    let world = World::empty();

    let reply = get(&world, "GET", "/metrics", "Accept-Encoding: gzip\r\n");

    assert_eq!(reply.header("content-encoding"), "gzip");
    assert!(decoded(&reply).ends_with(b"# EOF\n"));
}

#[test]
fn a_short_answer_is_not_encoded_unless_it_must_be() {
    let world = World::empty();
    let encoding = |accept: &str| {
        let head = format!("Accept-Encoding: {accept}\r\n");
        let reply = get(&world, "GET", "/api/races", &head);
        reply.header("content-encoding").to_owned()
    };

    assert_eq!(encoding("gzip"), "");
    assert_eq!(encoding("gzip, identity;q=0"), "gzip");
    assert_eq!(encoding("identity;q=0"), "");
}

#[test]
fn every_encoding_has_its_own_tag_and_only_that_one_is_known() {
    let world = World::of_season();
    let tags: Vec<String> = ["identity", "zstd", "br", "gzip"]
        .into_iter()
        .map(|encoding| {
            let head = format!("Accept-Encoding: {encoding}\r\n");
            get(&world, "GET", LIST, &head).header("etag").to_owned()
        })
        .collect();
    let with = |tag: &str| {
        let head = format!("Accept-Encoding: br\r\nIf-None-Match: {tag}\r\n");
        get(&world, "GET", LIST, &head)
    };

    for (at, tag) in tags.iter().enumerate() {
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        assert_eq!(with(tag).status, if at == 2 { 304 } else { 200 }, "{tag}");
    }
    let known = with(&format!("\"other\", {}", tags[2]));
    assert_eq!(known.header("etag"), tags[2]);
    assert_eq!(known.header("vary"), "accept, accept-encoding");
    assert_eq!(known.header("cache-control"), "no-cache");
    assert_eq!(known.body, b"");
    assert_eq!(with("*").status, 304);
}

#[test]
fn a_head_says_what_a_get_would_send() {
    let world = World::of_season();
    let accept = "Accept-Encoding: gzip\r\n";

    let head = get(&world, "HEAD", LIST, accept);
    let whole = get(&world, "GET", LIST, accept);

    for name in [
        "content-encoding",
        "content-length",
        "etag",
        "vary",
        "content-type",
    ] {
        assert_eq!(head.header(name), whole.header(name), "{name}");
    }
}
