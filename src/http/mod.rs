//! Door for people: the route table, whole, and what surrounds every request.

mod health;
mod page;
mod predictions;
mod problem;
mod races;
mod request;

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer};

pub use health::Vitals;
pub use predictions::View as PredictionView;

use crate::predict::Predictor;
use crate::store::Store;

/// What handlers may ask for. Built once; every worker gets handles.
#[derive(Clone)]
pub struct Desks {
    /// Plain reads.
    pub store: Store,
    /// Predictions.
    pub predictor: Predictor,
    /// What health reports of the process.
    pub vitals: Vitals,
}

/// Every route there is. A path that is not here is a 404, a method that is not here a 405.
fn routes(config: &mut ServiceConfig) {
    config
        .service(read("/livez", web::get().to(health::livez)))
        .service(read("/readyz", web::get().to(health::readyz)))
        .service(read("/api/health", web::get().to(health::health)))
        .service(read("/api/races", web::get().to(races::list)))
        .service(read("/api/races/{race}", web::get().to(races::show)))
        .service(read(
            "/api/races/{race}/prediction",
            web::get().to(predictions::show),
        ))
        .default_service(web::to(problem::unknown_path));
}

/// A resource that is only read: GET, and 405 for everything else.
fn read(path: &'static str, get: actix_web::Route) -> actix_web::Resource {
    web::resource(path)
        .route(get)
        .default_service(web::to(problem::only_get))
}

/// Starts the server on a listener that is bound already. It ends when it is told to by handle,
/// or by SIGTERM or SIGINT: no new connections, ten seconds for requests to finish.
pub fn serve(listener: TcpListener, desks: Desks) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(desks.store.clone()))
            .app_data(Data::new(desks.predictor.clone()))
            .app_data(Data::new(desks.vitals))
            .wrap(from_fn(request::surround))
            .configure(routes)
    })
    .workers(2)
    .worker_max_blocking_threads(2)
    .keep_alive(Duration::from_secs(10))
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .backlog(1024)
    .shutdown_timeout(10)
    .listen(listener)?
    .run();
    Ok(server)
}
