//! In which shape an answer is wanted: by `?format=`, else by `Accept`, else JSON.

use actix_web::http::Uri;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, LINK, VARY};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::Answer;
use super::problem::Problem;
use super::sheet::{self, Sheet};
use crate::domain::Fault;
use crate::store::Tag;

/// A list, or one page of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ListOf)]
pub(super) struct List<T> {
    /// The items, newest or soonest first.
    pub(super) items: Vec<T>,
    /// Where to go on, for `after`; nothing when this is the end.
    pub(super) next: Option<String>,
    /// Only where `page` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) pagination: Option<Pagination>,
}

/// Where a numbered page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Pagination {
    /// This page, from 1.
    #[schema(minimum = 1)]
    pub(super) page: u32,
    /// Rows of a page.
    #[schema(minimum = 1, maximum = 500)]
    pub(super) limit: u32,
    /// Rows of all pages; counting stops at 100000.
    #[schema(minimum = 0, maximum = 100_000)]
    pub(super) total: u32,
    /// Pages of that many rows.
    #[schema(minimum = 0)]
    pub(super) pages: u32,
}

/// The shapes of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// One JSON object.
    Json,
    /// A table.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

/// What `?format=` calls the shapes of a list; for the document.
#[derive(ToSchema)]
#[schema(as = ListFormat, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes what `Shape::asked` parses")]
pub(super) enum ListFormat {
    Json,
    Csv,
    Ndjson,
}

/// One way to answer: its name in `?format=`, its media type, and what it is.
pub(super) type Offer<T> = (&'static str, &'static str, T);

const LISTS: [Offer<Shape>; 3] = [
    ("json", "application/json", Shape::Json),
    ("csv", "text/csv", Shape::Csv),
    ("ndjson", "application/x-ndjson", Shape::Ndjson),
];

impl Shape {
    /// What the caller wants of a list.
    pub(super) fn asked(request: &HttpRequest, format: Option<&str>) -> Result<Self, Fault> {
        choose(request, format, &LISTS)
    }

    const fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// The offer that the caller wants most; of equals the first, and the first when none will do.
pub(super) fn choose<T: Copy>(
    request: &HttpRequest,
    format: Option<&str>,
    offers: &[Offer<T>],
) -> Result<T, Fault> {
    if let Some(format) = format {
        let named = offers.iter().find(|(name, ..)| *name == format);
        return named.map(|(.., shape)| *shape).ok_or_else(|| {
            let names: Vec<&str> = offers.iter().map(|(name, ..)| *name).collect();
            Fault::new(format!("must be one of {}", names.join(", "))).under("format")
        });
    }
    let accepted = request.headers().get_all(ACCEPT);
    let accepted: Vec<&str> = accepted.filter_map(|value| value.to_str().ok()).collect();
    let accepted = accepted.join(",");
    let mut best: Option<(f32, T)> = None;
    for (_, media, shape) in offers {
        let quality = quality(&accepted, media);
        if quality > 0.0 && best.is_none_or(|(most, _)| quality > most) {
            best = Some((quality, *shape));
        }
    }
    let first = offers.first().map(|(.., shape)| *shape);
    best.map(|(_, shape)| shape)
        .or(first)
        .ok_or_else(|| Fault::new("has no shape"))
}

/// How much an `Accept` wants a media type: the weight of the range that fits it most closely.
fn quality(accepted: &str, media: &str) -> f32 {
    let (kind, _) = media.split_once('/').unwrap_or((media, ""));
    let mut closest = (0, 0.0);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let fits = match name.split_once('/') {
            Some(("*", "*")) => 1,
            Some((family, "*")) if family == kind => 2,
            Some(_) if name == media => 3,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if fits > closest.0 {
            closest = (fits, weight);
        }
    }
    closest.1
}

impl<T: Sheet> List<T> {
    /// All of it, or one page that leads to `next`.
    pub(super) const fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self {
            items,
            next,
            pagination: None,
        }
    }

    fn write(&self, shape: Shape) -> Result<Vec<u8>, Problem> {
        let mut body = Vec::new();
        let written = match shape {
            Shape::Json => serde_json::to_writer(&mut body, self).map_err(Into::into),
            Shape::Csv => sheet::csv_head::<T>(&mut body)
                .and_then(|()| sheet::csv_rows(&self.items, &mut body)),
            Shape::Ndjson => sheet::ndjson(&self.items, &mut body),
        };
        written.map_err(|error: std::io::Error| Problem::internal(&error))?;
        Ok(body)
    }

    /// The answer in that shape, to be kept; it hangs on these tags.
    pub(super) fn kept(
        &self,
        question: &Uri,
        shape: Shape,
        tags: Vec<Tag>,
    ) -> Result<Answer, Problem> {
        let body = self.write(shape)?;
        let next = self.next.as_deref().filter(|_next| shape != Shape::Json);
        let link = next.map(|next| way_on(question, next));
        Ok(Answer::of(shape.media(), body.into(), tags)?.listed(link))
    }

    /// The answer in that shape. Outside JSON the way on is a `Link`.
    pub(super) fn answer(
        &self,
        request: &HttpRequest,
        shape: Shape,
    ) -> Result<HttpResponse, Problem> {
        let body = self.write(shape)?;
        let mut response = HttpResponse::Ok();
        response
            .insert_header((CONTENT_TYPE, shape.media()))
            .insert_header((VARY, "Accept"));
        if let Some(next) = self.next.as_deref().filter(|_next| shape != Shape::Json) {
            response.insert_header((LINK, way_on(request.uri(), next)));
        }
        Ok(response.body(body))
    }
}

/// The same question, after `next`.
fn way_on(question: &Uri, next: &str) -> String {
    let kept = question
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !["after", "page"].contains(&name)
        });
    let mut query: Vec<&str> = kept.collect();
    let after = format!("after={next}");
    query.push(&after);
    let path = question.path();
    let target = format!("{path}?{}", query.join("&"));
    let target = target.replace('<', "%3C").replace('>', "%3E");
    format!("<{target}>; rel=\"next\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn asked(accept: &str, format: Option<&str>) -> Result<Shape, Fault> {
        let request = TestRequest::get().insert_header((ACCEPT, accept));
        Shape::asked(&request.to_http_request(), format)
    }

    #[test]
    fn the_heaviest_shape_wins_and_json_where_none_does() {
        for (accept, shape) in [
            ("*/*", Shape::Json),
            ("", Shape::Json),
            ("text/html, */*;q=0.1", Shape::Json),
            ("text/csv", Shape::Csv),
            ("text/*", Shape::Csv),
            ("application/json;q=0.5, text/csv;q=0.4", Shape::Json),
            ("application/json; q=0.4, TEXT/CSV; q=0.5", Shape::Csv),
            ("application/x-ndjson, */*;q=0.5", Shape::Ndjson),
            ("application/*;q=0.5, application/json;q=0", Shape::Ndjson),
            ("image/png", Shape::Json),
            ("application/json;q=0", Shape::Json),
        ] {
            assert_eq!(asked(accept, None), Ok(shape), "{accept}");
        }
    }

    #[test]
    fn the_parameter_wins_over_the_header_and_a_strange_one_is_a_fault() {
        assert_eq!(asked("text/csv", Some("ndjson")), Ok(Shape::Ndjson));
        let fault = asked("text/csv", Some("xml")).unwrap_err();
        assert_eq!(
            (fault.at.as_str(), fault.why.contains("csv")),
            ("format", true)
        );
    }

    #[test]
    fn the_way_on_keeps_the_question() {
        let request = TestRequest::get().uri("/api/races?day=2025-07-21&after=old&page=2&limit=7");

        let link = way_on(request.to_http_request().uri(), "2025-07-21.9");

        assert_eq!(
            link,
            "</api/races?day=2025-07-21&limit=7&after=2025-07-21.9>; rel=\"next\""
        );
    }
}
