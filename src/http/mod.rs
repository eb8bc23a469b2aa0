//! Door for people: the route table, whole, and what surrounds every request.

mod alerts;
mod answer;
mod arrival;
mod audit;
mod batch;
pub mod benchmark;
mod caches;
mod caller;
mod docs;
mod dogs;
mod door;
mod edge;
mod encoding;
mod events;
mod exotics;
mod export;
mod facts;
mod gauges;
mod grades;
mod guard;
mod health;
mod history;
mod indexes;
mod intake;
mod jobs;
mod keys;
mod leaderboard;
mod limits;
mod loaded;
mod meetings;
mod metrics;
mod models;
mod open_metrics;
mod openapi;
mod page;
mod performance;
mod predictions;
mod preflight;
mod price_view;
mod problem;
mod queries;
mod race_view;
mod races;
mod recommend;
mod replay;
mod representation;
mod request;
mod routes;
mod run_view;
mod settings;
mod settlements;
mod shape;
mod sheet;
mod shelves;
mod sources;
mod stakes;
mod stats;
mod switches;
mod table;
mod tracks;
mod trainers;
mod uploads;
mod warm;
mod words;

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, QueryConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use governor::clock::DefaultClock;

use benchmark::Bench;
use facts::FactsIn;
use gauges::Gauges;
pub use health::Vitals;
use intake::Room;
pub use jobs::View as JobView;
pub use keys::View as KeyView;
pub use predictions::View as PredictionView;
pub use settings::{Network, Quotas, Settings};
pub use shelves::{ShelfLimits, Shelves};

use crate::access::Access;
use crate::collect::Collector;
use crate::domain::Fault;
use crate::ingest::{Answers, Ingest};
use crate::jobs::Board;
use crate::predict::Predictor;
use crate::runtime::{Clock, Crew, Traffic};
use crate::store::Store;
use crate::train::Trainer;
use crate::watch::Watch;
use edge::Connections;
use limits::Limits;
use problem::Problem;
use routes::Routes;
use table::Place;

/// What handlers may ask for. Built once; every worker gets handles.
#[derive(Clone)]
pub struct Desks {
    /// Plain reads.
    pub store: Store,
    /// The door for facts.
    pub ingest: Ingest,
    /// Answers that were given under an `Idempotency-Key`.
    pub answers: Answers,
    /// Predictions.
    pub predictor: Predictor,
    /// Answers that are kept ready.
    pub shelves: Shelves,
    /// Models.
    pub trainer: Trainer,
    /// API keys.
    pub access: Access,
    /// Work that takes time.
    pub board: Board,
    /// Other people's feeds.
    pub collector: Collector,
    /// The threads that predict and train.
    pub workers: Crew<()>,
    /// What is asked of each route.
    pub traffic: Traffic,
    /// Who looks whether something is too much.
    pub watch: Watch,
    /// The time.
    pub clock: Clock,
    /// What health reports of the process.
    pub vitals: Vitals,
    /// How the door behaves.
    pub settings: Settings,
}

/// Threads that speak HTTP.
const WORKERS: usize = 2;

/// Every place there is. A path that is not here is a 404, a method that is not here a 405. They are
/// tried in this order, so those that are asked most often come first.
fn places() -> Vec<Place> {
    vec![
        Place::at("/livez").get(health::livez),
        Place::at("/api/races/{race}/prediction").get(predictions::show),
        Place::at("/api/races/{race}").get(races::show),
        Place::at("/api/dogs/{dog}").get(dogs::show),
        Place::at("/api/dogs/{dog}/form").get(dogs::form),
        Place::at("/readyz").get(health::readyz),
        Place::at("/metrics").get(metrics::show),
        Place::at("/api/health").get(health::health),
        Place::at("/api/cache/stats").get(caches::stats),
        Place::at("/api/cache/clear").post(caches::clear),
        Place::at("/api/cache/warm").post(warm::create),
        Place::at("/api/cache/switch").post(switches::turn),
        Place::at("/api/benchmark").post(benchmark::create),
        Place::at("/api/performance").get(performance::show),
        Place::at("/admin/performance").get(performance::show_admin),
        Place::at("/api/queries").get(queries::list),
        Place::at("/api/queries/slow").get(queries::slow),
        Place::at("/api/admin/indexes").get(indexes::list),
        Place::at("/api/alerts").get(alerts::list),
        Place::at("/api/races").get(races::list),
        Place::at("/api/races/{race}/history").get(history::list),
        Place::at("/api/races/{race}/exotics").get(exotics::show),
        Place::at("/api/races/{race}/preflight").get(preflight::show),
        Place::at("/api/preflight").get(preflight::list),
        Place::at("/api/predictions").post(batch::create),
        Place::at("/api/stakes").post(stakes::create),
        Place::at("/api/settlements").post(settlements::create),
        Place::at("/api/races/{race}/scratchings").post(facts::scratchings),
        Place::at("/api/cards").post(facts::cards),
        Place::at("/api/results").post(facts::results),
        Place::at("/api/prices").post(facts::prices),
        Place::at("/api/docs").get(docs::page),
        Place::at("/api/docs/script.js").get(docs::script),
        Place::at("/api/docs/style.css").get(docs::style),
        Place::at("/api/keys").get(keys::list).post(keys::create),
        Place::at("/api/keys/{id}").delete(keys::revoke),
        Place::at("/api/audit").get(audit::list),
        Place::at("/api/meetings").get(meetings::list),
        Place::at("/api/meetings/{meeting}/completeness").get(meetings::completeness),
        Place::at("/api/tracks").get(tracks::list),
        Place::at("/api/tracks/{track}").get(tracks::show),
        Place::at("/api/dogs").get(dogs::list),
        Place::at("/api/trainers").get(trainers::list),
        Place::at("/api/trainers/{trainer}").get(trainers::show),
        Place::at("/api/stats").get(stats::show),
        Place::at("/api/leaderboard").get(leaderboard::show),
        Place::at("/api/export/{what}").get(export::show),
        Place::at("/api/uploads")
            .get(uploads::list)
            .post(uploads::create),
        Place::at("/api/uploads/{id}").get(uploads::show),
        Place::at("/api/jobs").get(jobs::list),
        Place::at("/api/jobs/{job}")
            .get(jobs::show)
            .delete(jobs::cancel),
        Place::at("/api/jobs/{job}/retry").post(jobs::retry),
        Place::at("/api/jobs/{job}/events").get(jobs::watch),
        Place::at("/api/models")
            .get(models::list)
            .post(models::train),
        Place::at("/api/models/{model}").get(models::show),
        Place::at("/api/models/{model}/evaluation").get(models::evaluation),
        Place::at("/api/models/{model}/activate").post(models::activate),
        Place::at("/api/backtests").post(models::backtest),
        Place::at("/api/sources").get(sources::list),
        Place::at("/api/sources/{source}/fetches").get(sources::fetches),
        Place::at("/api/collections").post(sources::collect),
        Place::at("/api/reparses").post(sources::reparse),
        Place::at("/api/openapi.json").get(openapi::show),
    ]
}

fn routes(config: &mut ServiceConfig, traffic: &Traffic) {
    for place in places() {
        place.register(config, traffic);
    }
    config
        .app_data(QueryConfig::default().error_handler(|error, _request| {
            let fault = Fault::new(error.to_string()).under("query");
            Problem::malformed(fault).into()
        }))
        .default_service(web::to(table::unknown_path));
}

/// Starts the server on a listener that is bound already. It ends when it is told to by handle,
/// or by SIGTERM or SIGINT: no new connections, ten seconds for requests to finish.
pub fn serve(listener: TcpListener, desks: Desks) -> std::io::Result<Server> {
    let settings = Data::new(desks.settings.clone());
    let room = Data::new(Room::new());
    let document = Data::new(openapi::Written::new());
    let limits = Data::new(Limits::new(settings.quotas, &DefaultClock::default()));
    let seats = Data::new(events::Seats::new());
    let gauges = Data::new(Gauges::of(&desks));
    let bench = Data::new(Bench::of(&desks));
    let all = Data::new(Routes::new(&places(), &desks.traffic));
    let connections = Connections::new();
    actix_web::rt::spawn(connections.clone().watch());
    actix_web::rt::spawn(limits::tidy(limits.clone()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(document.clone())
            .app_data(Data::new(desks.store.clone()))
            .app_data(Data::new(desks.predictor.clone()))
            .app_data(Data::new(desks.shelves.clone()))
            .app_data(Data::new(desks.trainer.clone()))
            .app_data(Data::new(desks.access.clone()))
            .app_data(gauges.clone())
            .app_data(bench.clone())
            .app_data(Data::new(desks.watch.clone()))
            .app_data(all.clone())
            .app_data(Data::new(FactsIn::of(&desks)))
            .app_data(Data::new(desks.board.clone()))
            .app_data(Data::new(desks.collector.clone()))
            .app_data(seats.clone())
            .app_data(settings.clone())
            .app_data(room.clone())
            .app_data(limits.clone())
            .wrap(from_fn(door::pass))
            .configure(|config| routes(config, &desks.traffic))
    })
    .on_connect(move |io, extensions| connections.note(io, extensions))
    .workers(WORKERS)
    .max_connections(edge::most_connections(WORKERS))
    .worker_max_blocking_threads(2)
    // The end of a long answer would wait for the client to acknowledge its beginning: 40 ms.
    .tcp_nodelay(true)
    .keep_alive(Duration::from_secs(10))
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(2))
    .backlog(1024)
    .shutdown_timeout(10)
    .listen(listener)?
    .run();
    Ok(server)
}
