//! `http/post_…`: facts of one race each, posted over 64 connections that stay open and answered
//! when they are on disk. Beside it the same load with `synchronous=NORMAL`, which loses
//! acknowledged facts when the power goes: what durability costs.
//!
//! The client keeps one post under way on every connection. Client and server share the machine.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use lurcher::app::{App, Config};
use lurcher::bench::{Connection, Server};
use lurcher::domain::RaceDay;
use lurcher::runtime::Clock;
use lurcher::store::Synchronous;
use serde_json::{Value, json};

use crate::{Bench, table, world};

const THREADS: usize = 2;
/// Of each thread.
const CONNECTIONS: usize = 32;
const TRACKS: [&str; 8] = [
    "angle-park",
    "ballarat",
    "bendigo",
    "cannington",
    "geelong",
    "sale",
    "horsham",
    "the-meadows",
];
/// Races of a meeting.
const NUMBERS: usize = 12;
/// Runners of a race.
const FIELD: usize = 8;
/// Dogs that race.
const DOGS: usize = 4_000;

/// Price ticks of a race in a night.
const TICKS: usize = 40;

/// What is posted.
#[derive(Clone, Copy)]
enum Kind {
    Results,
    Cards,
    Prices,
    /// Of each race: its card, forty ticks, a scratching, an interim and an official result.
    Night,
}

/// A night's racing as collectors bring it, the ticks of all races mixed with everything else.
pub(crate) fn night(bench: &mut Bench) -> anyhow::Result<()> {
    post(bench, "http/post_night", Kind::Night)
}

pub(crate) fn results(bench: &mut Bench) -> anyhow::Result<()> {
    post(bench, "http/post_result", Kind::Results)
}

pub(crate) fn cards(bench: &mut Bench) -> anyhow::Result<()> {
    post(bench, "http/post_card", Kind::Cards)
}

/// Prices of races whose card is known.
pub(crate) fn prices(bench: &mut Bench) -> anyhow::Result<()> {
    post(bench, "http/post_prices", Kind::Prices)
}

/// Two servers on two databases, which differ in nothing but what a commit waits for.
fn post(bench: &mut Bench, name: &str, kind: Kind) -> anyhow::Result<()> {
    let count = bench.size(12_800, 64);
    let ours = House::open(Synchronous::Full)?;
    let loose = House::open(Synchronous::Normal)?;
    let mut latencies = Vec::new();
    {
        let ours = &mut || ours.turn(kind, count, &mut latencies);
        let ignored = &mut Vec::new();
        let theirs = &mut || loose.turn(kind, count, ignored);
        let baselines: &mut [(&str, table::Turn<'_>)] = &mut [("synchronous=NORMAL", theirs)];
        bench.table.contest(name, "posts/s", ours, baselines)?;
    }
    for (percentile, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
        let figure = at(&mut latencies, share);
        bench
            .table
            .line(&format!("{name}/{percentile}"), "ms", vec![figure]);
    }
    loose.close()?;
    ours.close()
}

/// The value that this share of all does not exceed.
pub(super) fn at(latencies: &mut [f64], share: f64) -> f64 {
    latencies.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    let place = (latencies.len() as f64 * share) as usize;
    let last = latencies.len().saturating_sub(1);
    latencies.get(place.min(last)).copied().unwrap_or(f64::NAN)
}

/// A server on a database of its own.
struct House {
    app: App,
    server: Server,
    _folder: tempfile::TempDir,
    /// Races used up.
    next: AtomicUsize,
}

impl House {
    fn open(synchronous: Synchronous) -> anyhow::Result<Self> {
        let folder = world::folder()?;
        let mut config = Config::new(folder.path());
        config.store.synchronous = synchronous;
        let app = App::build(&config, Clock::system())?;
        let desks = app.desks();
        let server = Server::start(move |listener| lurcher::http::serve(listener, desks))?;
        Ok(Self {
            app,
            server,
            _folder: folder,
            next: AtomicUsize::new(0),
        })
    }

    /// Posts `count` facts, each of a race of its own.
    fn turn(&self, kind: Kind, count: usize, latencies: &mut Vec<f64>) -> anyhow::Result<f64> {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        let races = first..first + count;
        let address = self.server.address;
        let cards = |races: Range<usize>| races.map(|race| request(address, Kind::Cards, race));
        if let Kind::Prices = kind {
            self.send(cards(races.clone()))?;
        }
        let posts: Vec<_> = match kind {
            Kind::Night => {
                let half = count / (TICKS + 4);
                self.send(cards(first..first + half))?;
                evening(address, first..first + half, first + half).collect()
            }
            _ => races.map(|race| request(address, kind, race)).collect(),
        };
        let sent = posts.len();
        let (took, found) = self.send(posts.into_iter())?;
        latencies.extend(found);
        Ok(table::rate(sent, took))
    }

    /// Sends every request once, and says how long all took and each.
    fn send(
        &self,
        requests: impl Iterator<Item = anyhow::Result<Vec<u8>>>,
    ) -> anyhow::Result<(Duration, Vec<f64>)> {
        let requests: Vec<Vec<u8>> = requests.collect::<anyhow::Result<_>>()?;
        let share = requests.len().div_ceil(THREADS);
        let mut groups = Vec::new();
        for _ in 0..THREADS {
            let group = (0..CONNECTIONS).map(|_| Connection::open(self.server.address));
            groups.push(group.collect::<Result<Vec<_>, _>>()?);
        }
        let began = Instant::now();
        let latencies = thread::scope(|scope| {
            let threads: Vec<_> = groups
                .into_iter()
                .zip(requests.chunks(share))
                .map(|(group, requests)| scope.spawn(|| drive(group, requests)))
                .collect();
            let mut all = Vec::new();
            for thread in threads {
                let outcome = thread.join();
                all.extend(outcome.map_err(|_panic| anyhow::anyhow!("a client panicked"))??);
            }
            anyhow::Ok(all)
        })?;
        Ok((began.elapsed(), latencies))
    }

    fn close(self) -> anyhow::Result<()> {
        self.server.stop()?;
        self.app.store.close();
        Ok(())
    }
}

/// Milliseconds from the first byte of each post to the last of its answer.
fn drive(mut group: Vec<Connection>, requests: &[Vec<u8>]) -> anyhow::Result<Vec<f64>> {
    let mut sent = Vec::with_capacity(group.len());
    let mut waiting = requests.iter();
    for (connection, request) in group.iter_mut().zip(waiting.by_ref()) {
        sent.push(Instant::now());
        connection.ask(request)?;
    }
    let mut latencies = Vec::with_capacity(requests.len());
    while latencies.len() < requests.len() {
        for (connection, sent) in group.iter_mut().zip(&mut sent) {
            if latencies.len() == requests.len() {
                break;
            }
            let body = connection.body()?;
            anyhow::ensure!(taken(body), "{}", String::from_utf8_lossy(body));
            latencies.push(sent.elapsed().as_secs_f64() * 1e3);
            if let Some(request) = waiting.next() {
                *sent = Instant::now();
                connection.ask(request)?;
            }
        }
    }
    Ok(latencies)
}

/// Whether the one fact of the post was taken in and changed something.
fn taken(body: &[u8]) -> bool {
    let wanted: [&[u8]; 2] = [b"\"created\":1,", b"\"updated\":1,"];
    let stands = |wanted: &[u8]| body.windows(wanted.len()).any(|part| part == wanted);
    wanted.into_iter().any(stands)
}

fn request(address: SocketAddr, kind: Kind, race: usize) -> anyhow::Result<Vec<u8>> {
    let (path, body) = match kind {
        Kind::Results => ("results", result(race, "official")?),
        Kind::Cards => ("cards", card(race)?),
        Kind::Prices | Kind::Night => ("prices", prices_of(race, 0)?),
    };
    Ok(written(address, path, &body))
}

/// What happens to races whose cards are known, and the cards of as many others from `other` on.
fn evening(
    address: SocketAddr,
    races: Range<usize>,
    other: usize,
) -> impl Iterator<Item = anyhow::Result<Vec<u8>>> {
    let count = races.len();
    let cards = (other..other + count).map(move |race| request(address, Kind::Cards, race));
    let out = races.clone().map(move |race| scratching(address, race));
    let ticks = (0..TICKS).flat_map({
        let races = races.clone();
        move |tick| races.clone().map(move |race| (race, tick))
    });
    let ticks =
        ticks.map(move |(race, tick)| Ok(written(address, "prices", &prices_of(race, tick)?)));
    let results = ["interim", "official"].into_iter().flat_map(move |status| {
        races
            .clone()
            .map(move |race| Ok(written(address, "results", &result(race, status)?)))
    });
    cards.chain(out).chain(ticks).chain(results)
}

fn scratching(address: SocketAddr, race: usize) -> anyhow::Result<Vec<u8>> {
    let (day, track, number) = slot(race)?;
    let path = format!("races/{day}-{track}-{number}/scratchings");
    let body = json!({"rug": FIELD, "at": format!("{day}T00:30:00Z")});
    Ok(written(address, &path, &body))
}

pub(super) fn written(address: SocketAddr, path: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST /api/{path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Day, track and number of a race, each used once.
fn slot(race: usize) -> anyhow::Result<(String, &'static str, usize)> {
    let meeting = race / NUMBERS;
    let first = RaceDay::parse("2000-01-01").map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let day = first.plus(i64::try_from(meeting / TRACKS.len())?);
    let track = TRACKS
        .get(meeting % TRACKS.len())
        .copied()
        .unwrap_or("sale");
    Ok((day.to_string(), track, race % NUMBERS + 1))
}

fn dog(race: usize, rug: usize) -> String {
    format!("Runner {}", (race * FIELD + rug) % DOGS)
}

fn result(race: usize, status: &str) -> anyhow::Result<Value> {
    let (day, track, number) = slot(race)?;
    let runners: Vec<Value> = (1..=FIELD)
        .map(|rug| {
            let place = (rug + race) % FIELD + 1;
            let behind = place as f64;
            json!({
                "rug": rug, "box": rug, "dog": dog(race, rug), "place": place,
                "run_time_s": 29.5 + behind * 0.07, "margin_lengths": behind, "sp": 2.0 + behind,
            })
        })
        .collect();
    Ok(json!({
        "source": "bench", "track": track, "day": day, "number": number, "distance_m": 520,
        "grade": "5", "status": status, "runners": runners,
    }))
}

fn card(race: usize) -> anyhow::Result<Value> {
    let (day, track, number) = slot(race)?;
    let runners: Vec<Value> = (1..=FIELD)
        .map(|rug| json!({"rug": rug, "box": rug, "dog": dog(race, rug)}))
        .collect();
    Ok(json!({
        "source": "bench", "track": track, "day": day, "number": number, "distance_m": 520,
        "grade": "5", "runners": runners,
    }))
}

fn prices_of(race: usize, tick: usize) -> anyhow::Result<Value> {
    let (day, track, number) = slot(race)?;
    let prices: Vec<Value> = (1..=FIELD)
        .map(|rug| json!({"rug": rug, "win": 1.5 + rug as f64}))
        .collect();
    Ok(json!({
        "source": "bench", "track": track, "day": day, "number": number, "kind": "fixed",
        "at": format!("{day}T01:{tick:02}:00Z"), "prices": prices,
    }))
}
