//! Answers that are ready to be sent: their bytes, what they are tagged with, and the shorter ways
//! to write them, each made once.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, LINK, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::encoding::{Accepted, Encoding};
use super::problem::Problem;
use super::representation::{LONG, has, known, tag};
use crate::runtime::Cached;
use crate::store::Tag;

/// See the module. What is not a 200, and what is long, is dressed on its way out as any other.
pub(super) struct Answer {
    status: StatusCode,
    media: &'static str,
    vary: &'static str,
    link: Option<String>,
    plain: Written,
    shorter: [OnceLock<Option<Written>>; Encoding::ALL.len()],
    tags: Vec<Tag>,
    life: Option<Duration>,
}

/// One way to write it.
struct Written {
    bytes: Bytes,
    tag: HeaderValue,
}

impl Written {
    fn new(bytes: Bytes, encoding: Option<Encoding>) -> Result<Self, Problem> {
        let tag = HeaderValue::from_str(&tag(&bytes, encoding));
        let tag = tag.map_err(|error| Problem::internal(&error))?;
        Ok(Self { bytes, tag })
    }
}

impl Answer {
    /// A JSON object that hangs on these.
    pub(super) fn json(view: &impl Serialize, tags: Vec<Tag>) -> Result<Self, Problem> {
        let bytes = serde_json::to_vec(view).map_err(|error| Problem::internal(&error))?;
        Self::of("application/json", bytes.into(), tags)
    }

    /// Any bytes that hang on these.
    pub(super) fn of(media: &'static str, bytes: Bytes, tags: Vec<Tag>) -> Result<Self, Problem> {
        Ok(Self {
            status: StatusCode::OK,
            media,
            vary: "Accept-Encoding",
            link: None,
            plain: Written::new(bytes, None)?,
            shorter: Default::default(),
            tags,
            life: None,
        })
    }

    /// With another status than 200.
    pub(super) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Of a list, which comes in the shape that `Accept` wants, and outside JSON leads on by a link.
    pub(super) fn listed(self, link: Option<String>) -> Self {
        let vary = "Accept, Accept-Encoding";
        Self { vary, link, ..self }
    }

    /// Not to be given out for longer than this.
    pub(super) fn living(self, life: Duration) -> Self {
        let life = Some(life);
        Self { life, ..self }
    }

    /// What goes out to this request: nothing but the tag when the client has it already.
    pub(super) fn send(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static(self.media)));
        response.insert_header((VARY, HeaderValue::from_static(self.vary)));
        if let Some(link) = &self.link {
            response.insert_header((LINK, link.as_str()));
        }
        let headers = request.headers();
        if self.status != StatusCode::OK || self.plain.bytes.len() > LONG {
            return response.body(self.plain.bytes.clone());
        }
        let encoding = headers
            .contains_key(ACCEPT_ENCODING)
            .then(|| Accepted::of(headers).for_length(self.plain.bytes.len()))
            .flatten();
        let shorter = encoding.and_then(|encoding| Some((encoding, self.shorter(encoding)?)));
        let written = shorter.map_or(&self.plain, |(_, written)| written);
        response.insert_header((ETAG, written.tag.clone()));
        let tag = written.tag.to_str().unwrap_or_default();
        if headers.contains_key(IF_NONE_MATCH) && has(&known(headers), tag) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        if let Some((encoding, _)) = shorter {
            let name = HeaderValue::from_static(encoding.name());
            response.insert_header((CONTENT_ENCODING, name));
        }
        response.body(written.bytes.clone())
    }

    /// Made when it is first asked for; `None` when it cannot be.
    fn shorter(&self, encoding: Encoding) -> Option<&Written> {
        let place = Encoding::ALL.iter().position(|known| *known == encoding)?;
        let write = || {
            let bytes = encoding.encode(&self.plain.bytes).ok()?;
            Written::new(bytes.into(), Some(encoding)).ok()
        };
        self.shorter.get(place)?.get_or_init(write).as_ref()
    }
}

impl Cached for Answer {
    type Tag = Tag;

    fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// With room for the shorter ways to write it, which come later.
    fn bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.plain.bytes.len() + size_of_val(self.tags.as_slice())
    }

    fn life(&self, usual: Duration) -> Duration {
        self.life.map_or(usual, |life| life.min(usual))
    }
}
