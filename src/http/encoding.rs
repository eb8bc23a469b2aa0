//! How the bytes of an answer are written: which encodings a client takes, and the encoders.
//!
//! Requests are never decoded; that is what actix's own compression features would switch on.

use std::io::{self, Write};

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Answers up to here gain nothing from an encoding.
const SHORT: usize = 1_000;

/// A way to write bytes shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// RFC 8878.
    Zstd,
    /// RFC 7932.
    Brotli,
    /// RFC 1952.
    Gzip,
}

/// What a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Accepted {
    /// The encoding it likes best, and we next; `None` when it likes none.
    pub(super) best: Option<Encoding>,
    /// Whether it takes bytes as they are.
    pub(super) plain: bool,
}

impl Encoding {
    /// Best first, where a client does not mind.
    pub(super) const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// The name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The bytes, written shorter; fast rather than shortest.
    pub(super) fn encode(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd => zstd::bulk::compress(bytes, 3),
            Self::Brotli => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: 4,
                    lgwin: 18,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                let mut shorter = Vec::new();
                brotli::BrotliCompress(&mut &*bytes, &mut shorter, &parameters)?;
                Ok(shorter)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::new(5));
                encoder.write_all(bytes)?;
                encoder.finish()
            }
        }
    }
}

impl Accepted {
    /// The encoding for an answer of so many bytes.
    pub(super) fn for_length(self, length: usize) -> Option<Encoding> {
        let worth_it = length > SHORT || !self.plain;
        self.best.filter(|_best| worth_it)
    }

    /// Reads `Accept-Encoding`; without it bytes go as they are.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT_ENCODING);
        let said: Vec<(String, u16)> = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(wish)
            .collect();
        let named = |name: &str| {
            let wish = said.iter().find(|(said, _)| said == name);
            wish.map(|(_, weight)| *weight)
        };
        let any = named("*");
        let weight = |name: &str| named(name).or(any);
        let plain = weight("identity");
        let mut best: Option<(Encoding, u16)> = None;
        for encoding in Encoding::ALL {
            let weight = weight(encoding.name()).unwrap_or(0);
            if weight > best.map_or(0, |(_, most)| most) {
                best = Some((encoding, weight));
            }
        }
        // As it is counts more only where the client says so by name.
        let best =
            best.filter(|(_, weight)| named("identity").is_none_or(|plain| plain <= *weight));
        Self {
            best: best.map(|(encoding, _)| encoding),
            plain: plain != Some(0),
        }
    }
}

/// `gzip;q=0.8` as a name and thousandths; `None` when it cannot be read.
fn wish(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let name = match name.to_ascii_lowercase().as_str() {
        "x-gzip" => "gzip".to_owned(),
        name => name.to_owned(),
    };
    let Some(weight) = parts.next() else {
        return Some((name, 1_000));
    };
    let (key, value) = weight.split_once('=')?;
    let value: f32 = value.trim().parse().ok()?;
    if !key.trim().eq_ignore_ascii_case("q") || !(0.0..=1.0).contains(&value) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1,000"
    )]
    let thousandths = (value * 1_000.0).round() as u16;
    Some((name, thousandths))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use actix_web::test::TestRequest;

    use super::*;

    fn best(accept: &str) -> Option<Encoding> {
        accepted(accept).best
    }

    fn accepted(accept: &str) -> Accepted {
        let request = TestRequest::default().insert_header((ACCEPT_ENCODING, accept));
        Accepted::of(request.to_http_request().headers())
    }

    #[test]
    fn the_client_chooses_and_where_it_does_not_mind_we_do() {
        use Encoding::{Brotli, Gzip, Zstd};

        assert_eq!(best("gzip, deflate, br, zstd"), Some(Zstd));
        assert_eq!(best("gzip, deflate, br"), Some(Brotli));
        assert_eq!(best("X-GZIP"), Some(Gzip));
        assert_eq!(best("br;q=0.5, gzip ; Q=0.8"), Some(Gzip));
        assert_eq!(best("*"), Some(Zstd));
        assert_eq!(best("*, zstd;q=0"), Some(Brotli));
        assert_eq!(best("identity;q=0.5, gzip;q=0.5"), Some(Gzip));
        assert_eq!(best("identity, gzip;q=0.5"), None);
        assert_eq!(best("identity;q=0, *;q=0.1"), Some(Zstd));
        for nothing in [
            "",
            "identity",
            "gzip;q=0",
            "*;q=0",
            "gzip;q=two",
            "gzip;q=9",
            "deflate",
        ] {
            assert_eq!(best(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn bytes_as_they_are_are_taken_unless_the_client_says_no() {
        for yes in ["", "gzip", "identity;q=0.1", "*;q=0.1", "*;q=0, identity"] {
            assert!(accepted(yes).plain, "{yes}");
        }
        for no in ["identity;q=0", "*;q=0", "gzip, *;q=0"] {
            assert!(!accepted(no).plain, "{no}");
        }
    }

    #[test]
    fn what_is_encoded_reads_back() {
        let text = "a greyhound is a dog that runs; ".repeat(500).into_bytes();

        for encoding in Encoding::ALL {
            let encoded = encoding.encode(&text).unwrap();
            assert!(encoded.len() < text.len() / 10, "{encoding:?}");
            let mut back = Vec::new();
            let read = match encoding {
                Encoding::Zstd => zstd::stream::copy_decode(&*encoded, &mut back),
                Encoding::Brotli => brotli::BrotliDecompress(&mut &*encoded, &mut back),
                Encoding::Gzip => flate2::read::GzDecoder::new(&*encoded)
                    .read_to_end(&mut back)
                    .map(drop),
            };
            read.unwrap();
            assert!(back == text, "{encoding:?}");
        }
    }
}
