//! The page to read and try the interface. It is three files inside the binary, made from the
//! OpenAPI document by the browser, and asks nobody but this daemon.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;

use super::caller::{Caller, Read};

/// Scripts, styles and requests from here only; the empty icon stands in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page to try this interface.
#[utoipa::path(
    operation_id = "docs_page",
    get, path = "/api/docs", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = String, content_type = "text/html")),
)]
pub(super) async fn page(_caller: Caller<Read>) -> HttpResponse {
    asset("text/html; charset=utf-8", include_str!("page.html"))
}

/// The script of the page.
#[utoipa::path(
    operation_id = "docs_script",
    get, path = "/api/docs/script.js", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = String, content_type = "text/javascript")),
)]
pub(super) async fn script(_caller: Caller<Read>) -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("script.js"))
}

/// The looks of the page.
#[utoipa::path(
    operation_id = "docs_style",
    get, path = "/api/docs/style.css", tag = "operation", security(("key" = ["read"])),
    responses((status = 200, body = String, content_type = "text/css")),
)]
pub(super) async fn style(_caller: Caller<Read>) -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("style.css"))
}

fn asset(media: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(body)
}
