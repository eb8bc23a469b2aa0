//! One route: its first answers, many with caches beside a bare server, and many without.

use std::time::{Duration, Instant};

use super::report::Row;
use crate::bench::{self, Figures, Plan, Server, says};
use crate::http::benchmark::{CONNECTIONS, Course, Stand};

/// First answers, at least: of a route with few names the caches are emptied again and again.
const FIRST: usize = 200;
/// How long first answers may take all together.
const FIRST_TIME: Duration = Duration::from_secs(20);
/// Turns that the route and the bare server take, so that a busy box is busy for both.
const ROUNDS: usize = 5;
/// How long answers without caches may take all together.
const OFF_TIME: Duration = Duration::from_secs(30);

/// Measures one route.
pub(super) fn measure(
    stand: &Stand,
    course: &Course,
    requests: usize,
) -> Result<Row, bench::Error> {
    stand.switch(true);
    let cold = cold(stand, course, requests.min(FIRST))?;
    let Beside { warm, bare, ratio } = beside(stand, course, requests)?;
    stand.switch(false);
    let off = stand.drive(
        course,
        Plan {
            connections: CONNECTIONS,
            requests,
            until: Some(Instant::now() + OFF_TIME),
        },
    )?;
    stand.switch(true);
    Ok(Row {
        route: course.route.to_owned(),
        keys: course.keys(),
        bytes: course.first.len(),
        cold: cold.summary(),
        warm: warm.summary(),
        off: off.summary(),
        bare: bare.summary(),
        ratio,
    })
}

/// Each name once after the caches were emptied, one after the other, and again until there are
/// enough.
fn cold(stand: &Stand, course: &Course, enough: usize) -> Result<Figures, bench::Error> {
    let until = Instant::now() + FIRST_TIME;
    let mut all = Figures::default();
    let mut asked = 0;
    while asked < enough && Instant::now() < until {
        stand.empty();
        let plan = Plan {
            connections: 1,
            requests: course.keys(),
            until: Some(until),
        };
        all.after(stand.drive(course, plan)?);
        asked += course.keys();
    }
    Ok(all)
}

/// The route and the bare server, measured in turns.
struct Beside {
    warm: Figures,
    bare: Figures,
    ratio: f64,
}

fn beside(stand: &Stand, course: &Course, requests: usize) -> Result<Beside, bench::Error> {
    let bytes = course.first.clone();
    let server = Server::start(move |listener| says(listener, bytes))?;
    let same = [stand.request(server.address, "/")];
    let plan = Plan {
        connections: CONNECTIONS,
        requests: requests.div_ceil(ROUNDS),
        until: None,
    };
    stand.warm(course, plan)?;
    let (mut warm, mut bare) = (Figures::default(), Figures::default());
    let mut ratios = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let ours = stand.drive(course, plan)?;
        let theirs = bench::drive(server.address, &same, plan)?;
        ratios.push(ours.per_second() / theirs.per_second());
        warm.after(ours);
        bare.after(theirs);
    }
    server.stop()?;
    Ok(Beside {
        warm,
        bare,
        ratio: median(ratios),
    })
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}
