//! `lurcher demo`: a simulated season through the real path: files on disk, the same import, the
//! same training, the same server. Beside the prediction stands the truth, which only a simulator
//! can know.

use std::io::{Write, stdout};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::Context;

use super::cli::{Done, Shape};
use super::{App, Config, import, predict, serve, train};
use crate::domain::{RaceDay, RaceKey, RaceSlot, Session};
use crate::ingest::file::Request;
use crate::predict::Question;
use crate::runtime::Clock;
use crate::season::{Season, SeasonRace, SeasonSettings};
use crate::train::TrainSpec;

/// Days at the end whose races also come as cards with form, the day to come among them.
const CARD_DAYS: u32 = 7;
/// Ports that are tried after the one asked for.
const PORTS: u16 = 100;

pub(super) fn run(config: &Config, listen: SocketAddr, once: bool) -> anyhow::Result<Done> {
    let clock = Clock::system();
    let today = RaceDay::new(clock.now().date_naive())?;
    let settings = SeasonSettings::demo()?.ending(today);
    let season = Season::generate(&settings)?;
    let mut config = config.clone();
    config.store.folder.push(format!("demo-{today}"));
    let config = &config;
    let folder = config.folder().join("season");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("could not make {}", folder.display()))?;
    let files = season.write(&folder, CARD_DAYS, None)?;
    say(&format!(
        "made {} races of {} dogs in {}",
        season.races.len(),
        season.dogs.len(),
        folder.display()
    ))?;
    let app = App::build(config, clock)?;
    let request = Request {
        paths: vec![files.runs, folder.join("cards")],
        ..Request::default()
    };
    let report = import::import(&app, request, false)?;
    say(&format!(
        "imported {} rows: {} created, {} unchanged, {} failed",
        report.rows, report.counts.created, report.counts.unchanged, report.counts.failed
    ))?;
    let spec = TrainSpec::default();
    let trained = super::runtime()?.block_on(app.trainer.train(spec))?;
    train::print(&trained)?;
    show(&app, &season)?;
    if once {
        return Ok(Done::Well);
    }
    let listener = bind(listen)?;
    let address = listener.local_addr()?;
    let announce = || {
        say(&format!(
            "listening on http://{address}\ntry http://{address}/api/races?day={today}"
        ))
    };
    serve::until_stopped(&app, listener, announce)?;
    Ok(Done::Well)
}

/// The first race to come: what the model says, and what the simulator knows.
fn show(app: &App, season: &Season) -> anyhow::Result<()> {
    let Some(race) = season.to_come().next() else {
        anyhow::bail!("the season has no race to come");
    };
    let question = Question {
        race: key(season, race)?,
        as_of: None,
    };
    let prediction = super::runtime()?
        .block_on(app.predictor.race(question))
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    predict::print(&[Arc::clone(&prediction)], Shape::Table)?;
    let truth: Vec<String> = race
        .starters()
        .map(|runner| format!("{}: {:.1}%", runner.rug.get(), runner.truth * 100.0))
        .collect();
    say(&format!("the simulator's truth: {}", truth.join("  ")))
}

fn key(season: &Season, race: &SeasonRace) -> anyhow::Result<RaceKey> {
    let track = season.tracks.get(race.track).context("no such track")?;
    Ok(RaceKey {
        day: race.day,
        track: track.slug.to_owned(),
        session: Session::FIRST,
        slot: RaceSlot::Number(race.number),
    })
}

/// The address asked for, or the next free port after it.
fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    let mut tried = listen;
    for _ in 0..PORTS {
        if let Ok(listener) = TcpListener::bind(tried) {
            return Ok(listener);
        }
        tried.set_port(tried.port().checked_add(1).context("no port is free")?);
    }
    anyhow::bail!("no port is free from {listen} on")
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(stdout(), "{line}")?;
    Ok(())
}
