//! The ways to be a bad server, one row each, and what must come of them.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use lurcher::upstream::Error;

use super::chaos::Reply;

pub(super) const CARD: &str = r#"{"races": [{"number": 1}]}"#;
pub(super) const HOUR: Duration = Duration::from_hours(1);

/// Whether it ends as it should.
pub(super) type Ends = fn(&Error) -> bool;

/// A way to be a bad server.
#[derive(Clone)]
pub(super) struct Mode {
    pub(super) name: &'static str,
    pub(super) reply: Reply,
    /// What must come of it.
    pub(super) ends: Ends,
    /// How many requests it may cost.
    pub(super) requests: usize,
}

fn mode(name: &'static str, reply: Reply, requests: usize, ends: Ends) -> Mode {
    Mode {
        name,
        reply,
        ends,
        requests,
    }
}

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn brotli(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 1,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*body, &mut packed, &settings).unwrap();
    packed
}

pub(super) fn encoded(encoding: &str, body: &[u8]) -> Reply {
    Reply::of(200, &[("Content-Encoding", encoding)], body)
}

fn later(retry_after: &str) -> Reply {
    Reply::of(429, &[("Retry-After", retry_after)], "")
}

pub(super) fn is_timeout(error: &Error) -> bool {
    matches!(error, Error::Timeout { .. })
}

pub(super) fn is_transport(error: &Error) -> bool {
    matches!(error, Error::Transport { .. })
}

pub(super) fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::TooLarge { .. })
}

fn is_decoding(error: &Error) -> bool {
    matches!(error, Error::Decoding { .. })
}

fn is_unexpected(error: &Error) -> bool {
    matches!(error, Error::Unexpected { .. })
}

fn is_redirect(error: &Error) -> bool {
    matches!(error, Error::Redirect { .. })
}

fn is_address(error: &Error) -> bool {
    matches!(error, Error::Address { .. })
}

fn is_later(error: &Error) -> bool {
    matches!(error, Error::Later { .. })
}

fn is_unwelcome(error: &Error) -> bool {
    matches!(error, Error::Unwelcome { .. })
}

fn is_status(error: &Error) -> bool {
    matches!(error, Error::Status { .. })
}

/// Those that take time, each of them all that a fetch may take.
pub(super) fn slow() -> Vec<Mode> {
    let gap = Duration::from_millis(300);
    let head = Reply::default();
    vec![
        mode("says nothing", head.clone().wait(HOUR), 1, is_timeout),
        mode(
            "a head that comes drop by drop",
            head.trickle("HTTP/1.1 200 OK\r\nA: b\r\n".repeat(9), gap),
            1,
            is_timeout,
        ),
        mode(
            "a body that comes drop by drop",
            Reply::head(200, &[("Content-Length", "100")]).trickle([b' '; 100], gap),
            1,
            is_timeout,
        ),
        mode(
            "a body that stops",
            Reply::head(200, &[("Content-Length", "100")])
                .send("{")
                .wait(HOUR),
            1,
            is_timeout,
        ),
    ]
}

pub(super) fn sizes() -> Vec<Mode> {
    let zeros = vec![b' '; 10 << 20];
    let mega = vec![b' '; 1 << 20];
    vec![
        mode(
            "a body without end",
            Reply::head(200, &[]).forever(&mega),
            1,
            is_too_large,
        ),
        mode(
            "chunks without end",
            Reply::head(200, &[("Transfer-Encoding", "chunked")])
                .forever(format!("3e8\r\n{}\r\n", " ".repeat(1_000))),
            1,
            is_too_large,
        ),
        mode(
            "a body that is announced too large",
            Reply::head(200, &[("Content-Length", "999999999999")]),
            1,
            is_too_large,
        ),
        mode(
            "a bomb of gzip",
            encoded("gzip", &gzip(&zeros)),
            1,
            is_too_large,
        ),
        mode(
            "a bomb of brotli",
            encoded("br", &brotli(&zeros)),
            1,
            is_too_large,
        ),
        mode(
            "a head without end",
            Reply::default()
                .send("HTTP/1.1 200 OK\r\n")
                .forever("A: b\r\n"),
            3,
            is_transport,
        ),
    ]
}

pub(super) fn bodies() -> Vec<Mode> {
    let packed = gzip(CARD.repeat(99).as_bytes());
    vec![
        mode(
            "gzip in gzip",
            encoded("gzip, gzip", &gzip(&packed)),
            1,
            is_decoding,
        ),
        mode(
            "gzip that breaks off",
            encoded("gzip", &packed[..packed.len() / 2]),
            1,
            is_decoding,
        ),
        mode(
            "gzip that is none",
            encoded("gzip", CARD.as_bytes()),
            1,
            is_decoding,
        ),
        mode(
            "an encoding that nobody asked for",
            encoded("compress", CARD.as_bytes()),
            1,
            is_decoding,
        ),
        mode(
            "a page of HTML for data",
            Reply::of(
                200,
                &[("Content-Type", "application/json")],
                "<!DOCTYPE html>",
            ),
            1,
            is_unexpected,
        ),
        mode("nothing for data", Reply::ok(""), 1, is_unexpected),
        mode("blanks for data", Reply::ok(" \r\n\t"), 1, is_unexpected),
        mode(
            "a byte order mark for data",
            Reply::ok("\u{feff}"),
            1,
            is_unexpected,
        ),
        mode(
            "words for data",
            Reply::ok("Service is busy"),
            1,
            is_unexpected,
        ),
        mode("no content", Reply::status(204), 1, is_status),
        mode(
            "a part of the content",
            Reply::of(206, &[], CARD),
            1,
            is_status,
        ),
        mode("not modified, unasked", Reply::status(304), 1, is_status),
        mode(
            "a body shorter than it said",
            Reply::head(200, &[("Content-Length", "100")]).send(CARD),
            3,
            is_transport,
        ),
        mode(
            "chunks that break off",
            Reply::head(200, &[("Transfer-Encoding", "chunked")]).send("4\r\n{\"ra\r\n"),
            3,
            is_transport,
        ),
        mode(
            "a reset in the middle",
            Reply::head(200, &[("Content-Length", "100")])
                .send(CARD)
                .reset(),
            3,
            is_transport,
        ),
        mode("a close without a word", Reply::default(), 3, is_transport),
        mode(
            "no HTTP",
            Reply::default().send("SSH-2.0-OpenSSH_9.6\r\n\r\n"),
            3,
            is_transport,
        ),
    ]
}

pub(super) fn statuses() -> Vec<Mode> {
    vec![
        mode("500", Reply::status(500), 3, is_status),
        mode("503", Reply::status(503), 3, is_status),
        mode("429 without a word", Reply::status(429), 3, is_status),
        mode("429, after 0 seconds", later("0"), 3, is_status),
        mode("429, after -1 seconds", later("-1"), 3, is_status),
        mode("429, some day", later("some day"), 3, is_status),
        mode("429, after 10^9 seconds", later("1000000000"), 1, is_later),
        mode(
            "429, on a day to come",
            later("Fri, 20 Nov 2026 09:00:00 GMT"),
            1,
            is_later,
        ),
        mode(
            "429, on a day long past",
            later("Fri, 20 Nov 2020 09:00:00 GMT"),
            3,
            is_status,
        ),
        mode(
            "503, after an hour",
            Reply::of(503, &[("Retry-After", "3600")], ""),
            1,
            is_later,
        ),
        mode("403", Reply::status(403), 1, is_unwelcome),
        mode("406", Reply::status(406), 1, is_unwelcome),
        mode("400", Reply::status(400), 1, is_status),
        mode("404", Reply::status(404), 1, |error| {
            matches!(error, Error::Missing { .. })
        }),
    ]
}

pub(super) fn redirects() -> Vec<Mode> {
    vec![
        mode("a redirect to itself", Reply::redirect("/"), 6, is_redirect),
        mode(
            "a redirect to a file",
            Reply::redirect("file:///etc/passwd"),
            1,
            is_redirect,
        ),
        mode("a redirect to nowhere", Reply::status(302), 1, is_redirect),
        mode(
            "a redirect to garbage",
            Reply::redirect("http://["),
            1,
            is_redirect,
        ),
        mode(
            "a redirect to another protocol's port",
            Reply::redirect("http://127.0.0.1:22/"),
            1,
            is_redirect,
        ),
        mode(
            "a redirect to somebody with a password",
            Reply::redirect("http://a:b@127.0.0.1/"),
            1,
            is_redirect,
        ),
        mode(
            "a redirect to the metadata",
            Reply::redirect("http://169.254.169.254/latest"),
            1,
            is_address,
        ),
        mode(
            "a redirect to a neighbour",
            Reply::redirect("http://127.0.0.2:8080/"),
            1,
            is_address,
        ),
    ]
}
