//! A place of the interface: a path and what may be done there. HEAD works wherever GET does, and
//! any other method is a 405 that names those that work.

use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route};

use super::problem::Problem;
use crate::runtime::Traffic;

/// One path with its methods.
pub(super) struct Place {
    path: &'static str,
    methods: Vec<Method>,
    resource: Resource,
}

impl Place {
    /// A path where nothing may be done yet.
    pub(super) fn at(path: &'static str) -> Self {
        Self {
            path,
            methods: Vec::new(),
            resource: web::resource(path),
        }
    }

    /// Answers GET, and HEAD by the same handler.
    pub(super) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::GET, web::get().to(handler.clone()))
            .on(Method::HEAD, web::head().to(handler))
    }

    /// Answers POST.
    pub(super) fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::POST, web::post().to(handler))
    }

    /// Answers DELETE.
    pub(super) fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on(Method::DELETE, web::delete().to(handler))
    }

    fn on(mut self, method: Method, route: Route) -> Self {
        self.methods.push(method);
        self.resource = self.resource.route(route);
        self
    }

    /// Its path, as a template.
    pub(super) const fn path(&self) -> &'static str {
        self.path
    }

    /// Puts it into the application; what is asked of it is counted.
    pub(super) fn register(mut self, config: &mut ServiceConfig, traffic: &Traffic) {
        self.resource = self.resource.app_data(traffic.route(self.path));
        config.service(self.finish());
    }

    fn finish(self) -> impl HttpServiceFactory + 'static {
        let names: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
        let allow = names.join(", ");
        self.resource
            .default_service(web::to(move |request: HttpRequest| {
                let problem = Problem::method_not_allowed(request.path(), &allow);
                async move { Err::<HttpResponse, _>(problem) }
            }))
    }

    /// What the OpenAPI document must say of it: the path, and the methods without HEAD.
    #[cfg(test)]
    pub(super) fn promise(&self) -> (&'static str, Vec<String>) {
        let said = self
            .methods
            .iter()
            .filter(|method| **method != Method::HEAD);
        (
            self.path,
            said.map(|method| method.as_str().to_lowercase()).collect(),
        )
    }
}

/// No such path.
pub(super) async fn unknown_path(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!("there is nothing at {}", request.path());
    Err(Problem::unknown("unknown_path", detail))
}
