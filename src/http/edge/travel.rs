//! An answer on its way out, in pieces: how far the client has come with it can be seen, and a
//! panic in a stream ends one connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::connections::InFlight;
use crate::http::problem::Problem;

/// Bodies up to here fit into the write buffer, and nobody need watch them.
const WHOLE: usize = 32 * 1_024;
/// The largest piece.
const PIECE: usize = 16 * 1_024;

/// What is left of an answer.
struct Travelling {
    size: BodySize,
    piece: Bytes,
    stream: Option<BoxBody>,
    request: Option<InFlight>,
}

/// The same body, watched when it is long; `request` lasts until it has gone.
pub(super) fn watch(body: impl MessageBody + 'static, request: Option<InFlight>) -> BoxBody {
    let size = body.size();
    let (piece, stream) = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() <= WHOLE => return BoxBody::new(bytes),
        Ok(bytes) => (bytes, None),
        Err(body) => (Bytes::new(), Some(body.boxed())),
    };
    BoxBody::new(Travelling {
        size,
        piece,
        stream,
        request,
    })
}

impl MessageBody for Travelling {
    type Error = actix_web::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        while this.piece.is_empty() {
            let Some(stream) = &mut this.stream else {
                return Poll::Ready(None);
            };
            let next = catch_unwind(AssertUnwindSafe(|| Pin::new(stream).poll_next(context)));
            match next {
                Ok(Poll::Ready(Some(Ok(bytes)))) => this.piece = bytes,
                Ok(Poll::Ready(Some(Err(error)))) => {
                    return Poll::Ready(Some(Err(actix_web::error::ErrorInternalServerError(
                        error,
                    ))));
                }
                Ok(Poll::Ready(None)) => return Poll::Ready(None),
                Ok(Poll::Pending) => {
                    this.request
                        .as_ref()
                        .inspect(|request| request.nothing_yet());
                    return Poll::Pending;
                }
                Err(_panic) => {
                    this.stream = None;
                    return Poll::Ready(Some(Err(Problem::panicked().into())));
                }
            }
        }
        this.request
            .as_ref()
            .inspect(|request| request.handed_out());
        let most = this.piece.len().min(PIECE);
        Poll::Ready(Some(Ok(this.piece.split_to(most))))
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    struct Broken;

    impl MessageBody for Broken {
        type Error = actix_web::Error;

        fn size(&self) -> BodySize {
            BodySize::Stream
        }

        fn poll_next(
            self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Bytes, Self::Error>>> {
            panic!("a stream panics")
        }
    }

    fn next(body: &mut BoxBody) -> Option<Result<Bytes, Box<dyn std::error::Error>>> {
        match Pin::new(body).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(next) => next,
            Poll::Pending => panic!("it was ready"),
        }
    }

    #[test]
    fn a_long_body_comes_in_pieces_and_whole() {
        let whole: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut body = watch(whole.clone(), None);
        assert_eq!(body.size(), BodySize::Sized(400_000));

        let mut got = Vec::new();
        while let Some(piece) = next(&mut body) {
            let piece = piece.unwrap();
            assert!(piece.len() <= PIECE);
            got.extend(piece);
        }

        assert_eq!(got, whole);
    }

    #[test]
    fn a_panic_in_a_stream_is_an_error_and_then_the_end() {
        let mut body = watch(Broken, None);

        assert!(next(&mut body).unwrap().is_err());
        assert!(next(&mut body).is_none());
    }
}
