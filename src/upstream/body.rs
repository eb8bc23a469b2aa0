//! Unpacks bodies, and stops where one grows too large. The packed bytes are bounded already.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

/// What we ask for: all that can be unpacked here, and nothing else.
pub(super) const ACCEPTED: &str = "gzip, br, zstd, deflate";
/// A body may grow to this many times its packed size, which text hardly does,
const RATIO: u64 = 200;
/// but a small one may grow to this.
const SMALL: u64 = 256 << 10;
/// What brotli reads at once.
const CHUNK: usize = 16 << 10;
/// The largest window of zstd, 8 MiB, as browsers have it.
const WINDOW_LOG: u32 = 23;

/// Why a body cannot be unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It would be larger than this.
    TooLarge(u64),
    /// What is wrong with it.
    Broken(String),
}

/// The body as it was meant, at most `limit` bytes long.
pub(super) fn unpack(encoding: &str, packed: Vec<u8>, limit: u64) -> Result<Vec<u8>, Fault> {
    let length = u64::try_from(packed.len()).unwrap_or(u64::MAX);
    let most = limit.min(length.saturating_mul(RATIO).max(SMALL));
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" if length > limit => Err(Fault::TooLarge(limit)),
        "" | "identity" => Ok(packed),
        "gzip" | "x-gzip" => read(flate2::read::MultiGzDecoder::new(&*packed), most),
        "br" => read(brotli::Decompressor::new(&*packed, CHUNK), most),
        "zstd" => read(zstd(&packed).map_err(|error| broken(&error))?, most),
        "deflate" => inflate(&packed, most),
        // Several layers too: one is enough for an honest server.
        other => Err(Fault::Broken(format!(
            "`{}` was not asked for",
            other.chars().take(40).collect::<String>().escape_default()
        ))),
    }
}

fn zstd(packed: &[u8]) -> io::Result<zstd::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(decoder)
}

fn read(decoder: impl Read, most: u64) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    let one_more = decoder.take(most.saturating_add(1)).read_to_end(&mut body);
    one_more.map_err(|error| broken(&error))?;
    bounded(body, most)
}

/// By hand, because flate2's reader takes a stream that breaks off for one that ends.
fn inflate(packed: &[u8], most: u64) -> Result<Vec<u8>, Fault> {
    let mut inflater = Decompress::new(has_zlib_header(packed));
    let mut body = Vec::new();
    loop {
        body.reserve(CHUNK);
        let (read, wrote) = (inflater.total_in(), inflater.total_out());
        let rest = usize::try_from(read)
            .ok()
            .and_then(|read| packed.get(read..));
        let status = inflater
            .decompress_vec(rest.unwrap_or_default(), &mut body, FlushDecompress::None)
            .map_err(|error| broken(&error.into()))?;
        if inflater.total_out() > most {
            return Err(Fault::TooLarge(most));
        }
        if status == Status::StreamEnd {
            return bounded(body, most);
        }
        if (read, wrote) == (inflater.total_in(), inflater.total_out()) {
            return Err(Fault::Broken("it breaks off".to_owned()));
        }
    }
}

/// "deflate" means zlib, but some servers send it bare.
fn has_zlib_header(packed: &[u8]) -> bool {
    match packed {
        [first, second, ..] => {
            first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31)
        }
        _ => true,
    }
}

fn bounded(body: Vec<u8>, most: u64) -> Result<Vec<u8>, Fault> {
    match u64::try_from(body.len()) {
        Ok(length) if length <= most => Ok(body),
        _ => Err(Fault::TooLarge(most)),
    }
}

fn broken(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::Broken("it breaks off".to_owned()),
        _ => Fault::Broken(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: u64 = 8 << 20;

    fn squares(count: u32) -> Vec<u8> {
        let squares = (0..count).map(|n| (n * n).to_string());
        squares.collect::<String>().into_bytes()
    }

    fn packed(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
        let level = Compression::best();
        let mut gzip = GzEncoder::new(Vec::new(), level);
        gzip.write_all(text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), level);
        bare.write_all(text).unwrap();
        let mut brotli = Vec::new();
        let settings = brotli::enc::BrotliEncoderParams {
            quality: 5,
            ..Default::default()
        };
        brotli::BrotliCompress(&mut &*text, &mut brotli, &settings).unwrap();
        vec![
            ("gzip", gzip.finish().unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("Deflate", bare.finish().unwrap()),
            ("br", brotli),
            ("zstd", zstd::bulk::compress(text, 3).unwrap()),
        ]
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let text = squares(40_000);

        for (encoding, packed) in packed(&text) {
            assert_eq!(
                unpack(encoding, packed, LIMIT).as_ref(),
                Ok(&text),
                "{encoding}"
            );
        }
        assert_eq!(unpack("identity", text.clone(), LIMIT), Ok(text));
    }

    #[test]
    fn a_body_grows_to_its_limit_and_no_further() {
        let text = squares(40_000);
        let length = u64::try_from(text.len()).unwrap();

        for (encoding, packed) in packed(&text) {
            let most = unpack(encoding, packed.clone(), length);
            assert!(most.is_ok(), "{encoding}");
            let outcome = unpack(encoding, packed, length - 1);
            assert_eq!(outcome, Err(Fault::TooLarge(length - 1)), "{encoding}");
        }
    }

    #[test]
    fn a_small_body_that_grows_two_hundredfold_is_a_bomb_below_the_limit_too() {
        let zeros = vec![0; 1 << 20];

        for (encoding, packed) in packed(&zeros) {
            let outcome = unpack(encoding, packed, LIMIT);
            assert!(matches!(outcome, Err(Fault::TooLarge(_))), "{encoding}");
        }
    }

    #[test]
    fn what_breaks_off_or_is_garbage_is_no_body() {
        let text = squares(4_000);

        for (encoding, whole) in packed(&text) {
            for length in [1, whole.len() / 2, whole.len() - 1] {
                let outcome = unpack(encoding, whole[..length].to_vec(), LIMIT);
                assert!(
                    matches!(outcome, Err(Fault::Broken(_))),
                    "{encoding} {length}"
                );
            }
            let outcome = unpack(encoding, b"{\"dogs\": []}".to_vec(), LIMIT);
            assert!(outcome.is_err(), "{encoding}");
        }
        for encoding in ["gzip, gzip", "compress", "\u{1b}[2J"] {
            assert!(matches!(
                unpack(encoding, text.clone(), LIMIT),
                Err(Fault::Broken(_))
            ));
        }
        assert_eq!(unpack("", vec![1; 9], 8), Err(Fault::TooLarge(8)));
    }
}
