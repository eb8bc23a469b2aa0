//! The body of an export. It reads its next page when it is asked for bytes, and actix asks when
//! the client has taken the ones before.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use super::encoder::Encoder;
use super::source::{Exported, Wanted};
use crate::runtime::Lane;
use crate::store::{self, Store};

/// Why an export broke off. The client sees a connection that ends without its last chunk.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// A page could not be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A page could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Where an export stands between two pages.
struct Standing<T> {
    wanted: Wanted,
    after: Option<T>,
    encoder: Encoder,
}

type Page<T> = Result<(Option<Standing<T>>, Vec<u8>), Broken>;

enum Step<T> {
    Between(Box<Standing<T>>),
    Reading(Pin<Box<dyn Future<Output = Page<T>>>>),
    Done,
}

/// An export, page by page.
pub(super) struct Pages<T> {
    store: Store,
    step: Step<T>,
}

impl<T: Exported> Pages<T> {
    /// From the beginning.
    pub(super) fn new(store: Store, wanted: Wanted, encoder: Encoder) -> Self {
        let standing = Standing {
            wanted,
            after: None,
            encoder,
        };
        Self {
            store,
            step: Step::Between(Box::new(standing)),
        }
    }

    /// Of nothing, for HEAD: actix would read every page and send none of it.
    pub(super) const fn none(store: Store) -> Self {
        Self {
            store,
            step: Step::Done,
        }
    }
}

/// Reads and writes one page on a reader's thread.
async fn read<T: Exported>(store: Store, standing: Standing<T>) -> Page<T> {
    store
        .read(Lane::Batch, move |reader| {
            let Standing {
                wanted,
                after,
                mut encoder,
            } = standing;
            let rows = T::page(reader, &wanted, after.as_ref())?;
            let full = u32::try_from(rows.len()).is_ok_and(|rows| rows == T::PAGE);
            let after = rows.last().filter(|_row| full).cloned();
            let views = rows.into_iter().map(|row| row.view(reader));
            let views = views.collect::<Result<Vec<_>, _>>()?;
            let mut out = Vec::new();
            encoder.rows(&views, &mut out)?;
            if after.is_none() {
                encoder.finish(&mut out)?;
                return Ok((None, out));
            }
            let standing = Standing {
                wanted,
                after,
                encoder,
            };
            Ok((Some(standing), out))
        })
        .await
}

impl<T: Exported> MessageBody for Pages<T> {
    type Error = Broken;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Broken>>> {
        let this = self.get_mut();
        loop {
            let mut reading = match std::mem::replace(&mut this.step, Step::Done) {
                Step::Done => return Poll::Ready(None),
                Step::Between(standing) => Box::pin(read(this.store.clone(), *standing)),
                Step::Reading(reading) => reading,
            };
            match reading.as_mut().poll(context) {
                Poll::Pending => {
                    this.step = Step::Reading(reading);
                    return Poll::Pending;
                }
                Poll::Ready(Err(error)) => {
                    tracing::error!(%error, "an export broke off");
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(Ok((standing, bytes))) => {
                    if let Some(standing) = standing {
                        this.step = Step::Between(Box::new(standing));
                    }
                    // An empty chunk would end the answer.
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(bytes.into())));
                    }
                }
            }
        }
    }
}
