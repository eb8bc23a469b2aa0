//! Door for people: the route table, whole, and what surrounds every request.

mod caller;
mod edge;
mod encoding;
mod guard;
mod health;
mod limits;
mod openapi;
mod page;
mod predictions;
mod problem;
mod races;
mod representation;
mod request;
mod settings;
mod table;

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, QueryConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use governor::clock::DefaultClock;

pub use health::Vitals;
pub use predictions::View as PredictionView;
pub use settings::{Network, Quotas, Settings};

use crate::domain::Fault;
use crate::predict::Predictor;
use crate::store::Store;
use edge::Connections;
use limits::Limits;
use problem::Problem;
use table::Place;

/// What handlers may ask for. Built once; every worker gets handles.
#[derive(Clone)]
pub struct Desks {
    /// Plain reads.
    pub store: Store,
    /// Predictions.
    pub predictor: Predictor,
    /// What health reports of the process.
    pub vitals: Vitals,
    /// What the operator may set.
    pub settings: Settings,
}

/// Threads that speak HTTP.
const WORKERS: usize = 2;

/// Every place there is. A path that is not here is a 404, a method that is not here a 405.
fn places() -> Vec<Place> {
    vec![
        Place::at("/livez").get(health::livez),
        Place::at("/readyz").get(health::readyz),
        Place::at("/api/health").get(health::health),
        Place::at("/api/races").get(races::list),
        Place::at("/api/races/{race}").get(races::show),
        Place::at("/api/races/{race}/prediction").get(predictions::show),
        Place::at("/api/openapi.json").get(openapi::show),
    ]
}

fn routes(config: &mut ServiceConfig) {
    for place in places() {
        place.register(config);
    }
    config
        .app_data(QueryConfig::default().error_handler(|error, _request| {
            let fault = Fault::new(error.to_string()).under("query");
            Problem::malformed(fault).into()
        }))
        .default_service(web::to(problem::unknown_path));
}

/// Starts the server on a listener that is bound already. It ends when it is told to by handle,
/// or by SIGTERM or SIGINT: no new connections, ten seconds for requests to finish.
pub fn serve(listener: TcpListener, desks: Desks) -> std::io::Result<Server> {
    let document = Data::new(openapi::Written::new());
    let settings = Data::new(desks.settings.clone());
    let limits = Data::new(Limits::new(settings.quotas, &DefaultClock::default()));
    let connections = Connections::new();
    actix_web::rt::spawn(connections.clone().watch());
    actix_web::rt::spawn(limits::tidy(limits.clone()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(document.clone())
            .app_data(Data::new(desks.store.clone()))
            .app_data(Data::new(desks.predictor.clone()))
            .app_data(Data::new(desks.vitals))
            .app_data(settings.clone())
            .app_data(limits.clone())
            // The last one is the outermost.
            .wrap(from_fn(representation::choose))
            .wrap(from_fn(guard::recognise))
            .wrap(from_fn(edge::keep_deadline))
            .wrap(from_fn(edge::admit))
            .wrap(from_fn(request::surround))
            .configure(routes)
    })
    .on_connect(move |io, extensions| connections.note(io, extensions))
    .workers(WORKERS)
    .max_connections(edge::most_connections(WORKERS))
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
