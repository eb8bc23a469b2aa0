//! `GET /metrics`: what every room counts, for Prometheus and its like.
//!
//! Labels are templates, names of statements and words of ours; nothing that a client sends becomes
//! one.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Data;

use super::caller::{Caller, Read};
use super::gauges::{Gauges, JobsView};
use super::open_metrics::{Kind, MEDIA, Page};
use super::problem::Problem;
use crate::predict::{Loaded, SaveStats};
use crate::runtime::machine;
use crate::runtime::{CrewStats, STATUSES, Times};
use crate::store::{CLASS_NAMES, maintenance};

/// Everything that is counted, as OpenMetrics.
#[utoipa::path(
    operation_id = "metrics",
    get, path = "/metrics", tag = "operation", security(("key" = ["read"])),
    responses((
        status = 200, body = String,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )),
)]
pub(super) async fn show(
    _caller: Caller<Read>,
    gauges: Data<Gauges>,
) -> Result<HttpResponse, Problem> {
    let (jobs, _model) = gauges.work().await?;
    let mut page = Page::default();
    requests(&mut page, &gauges);
    queries(&mut page, &gauges);
    queues(&mut page, &gauges);
    workers(&mut page, &gauges.workers.stats());
    caches(&mut page, &gauges);
    saves(&mut page, &gauges.saves());
    models(&mut page, &gauges.models());
    work(&mut page, &jobs);
    process(&mut page, &gauges);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, MEDIA))
        .body(page.end()))
}

fn requests(page: &mut Page, gauges: &Gauges) {
    let routes = gauges.routes();
    page.family(
        "http_requests",
        Kind::Counter,
        "Answers by route and kind of status.",
    );
    for route in &routes {
        let statuses = STATUSES.iter().zip(route.statuses);
        for (status, count) in statuses.filter(|(_, count)| *count > 0) {
            let labels = [
                ("method", route.method),
                ("route", route.route),
                ("status", *status),
            ];
            page.count(&labels, count);
        }
    }
    let mut times: BTreeMap<&str, Times> = BTreeMap::new();
    for route in &routes {
        times.entry(route.route).or_default().add(&route.took);
    }
    page.family(
        "http_request_duration_seconds",
        Kind::Histogram,
        "Time from the head of a request to the head of its answer.",
    );
    for (route, times) in times {
        page.histogram(&[("route", route)], &times);
    }
}

fn queries(page: &mut Page, gauges: &Gauges) {
    let queries = gauges.store.profile().queries();
    page.family(
        "store_query_seconds",
        Kind::Summary,
        "Executions of each statement.",
    );
    for query in &queries {
        page.summary(&[("query", query.name)], &query.took);
    }
    page.family("store_query_rows", Kind::Counter, "Rows read or changed.");
    for query in &queries {
        page.count(&[("query", query.name)], query.rows);
    }
    page.family(
        "store_query_full_scan_steps",
        Kind::Counter,
        "Steps of reading whole tables or indexes.",
    );
    for query in queries.iter().filter(|query| query.full_scans > 0) {
        page.count(&[("query", query.name)], query.full_scans);
    }
}

fn queues(page: &mut Page, gauges: &Gauges) {
    let (pool, writer) = (gauges.store.pool(), gauges.store.writer());
    page.family("store_readers", Kind::Gauge, "Read connections.");
    page.gauge(&[], Some(f64::from(pool.readers)));
    page.family(
        "store_readers_in_use",
        Kind::Gauge,
        "Read connections at work.",
    );
    page.gauge(&[], Some(pool.in_use as f64));
    page.family(
        "store_readers_waiting",
        Kind::Gauge,
        "Questions that wait for a reader.",
    );
    lanes(page, pool.waiting);
    page.family(
        "store_readers_refused",
        Kind::Counter,
        "Questions whose turn did not come.",
    );
    page.count(&[], pool.refused);
    page.family(
        "store_reader_wait_seconds",
        Kind::Histogram,
        "How long questions waited for a reader.",
    );
    page.histogram(&[], &pool.waited);
    page.family(
        "store_writer_waiting",
        Kind::Gauge,
        "Changes that wait for the writer.",
    );
    for (class, waiting) in CLASS_NAMES.iter().zip(writer.waiting) {
        page.gauge(&[("class", class)], Some(waiting as f64));
    }
    page.family(
        "store_wal_bytes",
        Kind::Gauge,
        "Size of the write-ahead log.",
    );
    page.gauge(&[], writer.wal_bytes.map(|bytes| bytes as f64));
}

fn workers(page: &mut Page, workers: &CrewStats) {
    page.family(
        "worker_waiting",
        Kind::Gauge,
        "Computations that wait for a worker.",
    );
    lanes(page, workers.waiting);
    for (name, about, count) in [
        ("workers", "Threads that compute.", workers.threads),
        ("workers_busy", "Of them at work.", workers.busy),
        (
            "workers_abandoned",
            "Threads that were given up and still run.",
            workers.abandoned,
        ),
        (
            "worker_inputs_left_alone",
            "Inputs that are refused, because work on them panicked again and again.",
            workers.blown,
        ),
    ] {
        page.family(name, Kind::Gauge, about);
        page.gauge(&[], Some(count as f64));
    }
    for (name, about, count) in [
        (
            "worker_refused",
            "Computations that found the queue full.",
            workers.refused,
        ),
        (
            "worker_skipped",
            "Computations that nobody waited for any more when their turn came.",
            workers.skipped,
        ),
        (
            "worker_panics",
            "Computations that panicked.",
            workers.panicked,
        ),
        (
            "worker_replaced",
            "Workers that were stuck and were given up for fresh ones.",
            workers.replaced,
        ),
        (
            "worker_left_alone",
            "Computations that were refused for what their input had done.",
            workers.left_alone,
        ),
    ] {
        page.family(name, Kind::Counter, about);
        page.count(&[], count);
    }
}

fn lanes(page: &mut Page, (live, batch): (usize, usize)) {
    page.gauge(&[("lane", "live")], Some(live as f64));
    page.gauge(&[("lane", "batch")], Some(batch as f64));
}

fn caches(page: &mut Page, gauges: &Gauges) {
    let caches = gauges.lookups();
    page.family("cache_hits", Kind::Counter, "Answered from memory.");
    for hits in &caches {
        page.count(&[("cache", hits.name)], hits.hits);
    }
    page.family("cache_misses", Kind::Counter, "Computed or fetched.");
    for hits in &caches {
        page.count(&[("cache", hits.name)], hits.misses);
    }
    page.family("cache_entries", Kind::Gauge, "Values held.");
    for hits in &caches {
        let size = hits.size.map(|size| size as f64);
        page.gauge(&[("cache", hits.name)], size);
    }
}

fn saves(page: &mut Page, saves: &SaveStats) {
    page.family(
        "cache_saves",
        Kind::Counter,
        "Files of predictions written for the next start.",
    );
    page.count(&[], saves.saves);
    page.family(
        "cache_save_errors",
        Kind::Counter,
        "Files of predictions that could not be written.",
    );
    page.count(&[], saves.errors);
    page.family(
        "cache_save_bytes",
        Kind::Gauge,
        "Size of the last such file.",
    );
    page.gauge(&[], Some(saves.bytes as f64));
    page.family(
        "cache_save_seconds",
        Kind::Gauge,
        "How long the last such file took.",
    );
    page.gauge(&[], Some(saves.took.as_secs_f64()));
    page.family(
        "cache_taken_up",
        Kind::Gauge,
        "Predictions that were taken up from such a file at the start.",
    );
    page.gauge(&[], Some(saves.loaded as f64));
}

fn models(page: &mut Page, loaded: &[Loaded]) {
    page.family("models_loaded", Kind::Gauge, "Models in memory.");
    page.gauge(&[], Some(loaded.len() as f64));
    page.family(
        "model_load_seconds",
        Kind::Gauge,
        "How long it took to load the model that was asked for last.",
    );
    let took = loaded.first().map(|last| last.took.as_secs_f64());
    page.gauge(&[], took);
    page.family("model_bytes", Kind::Gauge, "Its size, by component.");
    let last = loaded.first().into_iter();
    for component in last.flat_map(|last| &last.components) {
        let labels = [
            ("component", component.kind.as_str()),
            ("rules", component.rules.as_str()),
        ];
        page.gauge(&labels, Some(component.bytes as f64));
    }
}

fn work(page: &mut Page, jobs: &JobsView) {
    page.family(
        "jobs",
        Kind::Gauge,
        "Jobs by state; those that are over, of the last day.",
    );
    for (state, count) in [
        ("queued", jobs.queued),
        ("running", jobs.running),
        ("succeeded", jobs.succeeded),
        ("failed", jobs.failed),
        ("cancelled", jobs.cancelled),
    ] {
        page.gauge(&[("state", state)], Some(count as f64));
    }
}

fn process(page: &mut Page, gauges: &Gauges) {
    page.family(
        "process_cpu_seconds",
        Kind::Counter,
        "Processor time of this process.",
    );
    page.count_parts(&[], machine::cpu_time().as_secs_f64());
    page.family(
        "process_resident_memory_bytes",
        Kind::Gauge,
        "Memory of this process.",
    );
    page.gauge(&[], machine::resident().map(|bytes| bytes as f64));
    page.family(
        "process_open_fds",
        Kind::Gauge,
        "Files and sockets of this process.",
    );
    page.gauge(&[], machine::open_files().map(|count| count as f64));
    page.family(
        "process_uptime_seconds",
        Kind::Gauge,
        "Time since the start.",
    );
    page.gauge(&[], Some(gauges.vitals.began.elapsed().as_secs_f64()));
    page.family("lurcher_build", Kind::Info, "What runs.");
    page.info(&[
        ("version", env!("CARGO_PKG_VERSION")),
        ("sqlite", maintenance::sqlite_version()),
    ]);
}
