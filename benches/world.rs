//! The season, imported and trained: what most benches ask questions of.
//!
//! The clock stands still on the morning of the last day, so the same questions have the same
//! answers on any day. The database is on the disk of the target folder: a folder for temporary
//! files may be memory, where a durable commit costs nothing.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, NaiveTime, Utc};
use lurcher::app::{App, Config};
use lurcher::domain::{RaceKey, RaceSlot, Session};
use lurcher::ingest::file::{Progress, Request};
use lurcher::runtime::Clock;
use lurcher::season::{Season, SeasonRace, SeasonSettings};
use lurcher::train::TrainSpec;
use tempfile::TempDir;

/// Days at the end that also come as cards.
const CARD_DAYS: u32 = 7;
/// Days of the small season that judge its model.
const JUDGE_DAYS: i64 = 5;
/// Newest races that are known; as many as one request of the contract asks about.
const NEWEST: usize = 50;
/// The morning of the last day in Australia.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(1, 0, 0).unwrap();

/// A race to ask about.
pub(crate) struct Known {
    /// Its name.
    pub(crate) key: RaceKey,
    /// Runners on its card, scratched ones among them.
    pub(crate) field: usize,
}

/// See the module.
pub(crate) struct World {
    folder: TempDir,
    /// When every question is asked.
    pub(crate) now: DateTime<Utc>,
    /// The races to come.
    pub(crate) races: Vec<Known>,
    /// The newest races, those to come among them.
    pub(crate) newest: Vec<Known>,
}

/// A folder on a real disk that goes when it is dropped.
pub(crate) fn folder() -> anyhow::Result<TempDir> {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).context("could not make a folder")
}

/// What waits for crews.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?)
}

/// The season of the demo, or one that is just large enough to be trained on.
pub(crate) fn season(tiny: bool) -> anyhow::Result<Season> {
    let settings = if tiny {
        SeasonSettings {
            days: 60,
            ..SeasonSettings::small()?
        }
    } else {
        SeasonSettings::demo()?
    };
    Ok(Season::generate(&settings)?)
}

impl World {
    pub(crate) fn make(tiny: bool) -> anyhow::Result<Self> {
        let season = season(tiny)?;
        let folder = folder()?;
        let files = season.write(folder.path(), CARD_DAYS, None)?;
        let today = season.settings.last_day();
        let world = Self {
            folder,
            now: today.date().and_time(MORNING).and_utc(),
            races: season
                .to_come()
                .map(|race| known(&season, race))
                .collect::<anyhow::Result<_>>()?,
            newest: season
                .races
                .iter()
                .rev()
                .take(NEWEST)
                .map(|race| known(&season, race))
                .collect::<anyhow::Result<_>>()?,
        };
        let app = world.app()?;
        let request = Request {
            paths: vec![files.runs, world.folder.path().join("cards")],
            ..Request::default()
        };
        runtime()?.block_on(async {
            let report = app
                .ingest
                .files(request, Arc::new(Progress::default()))
                .await?;
            anyhow::ensure!(report.counts.failed == 0, "{:?}", report.faults);
            let until = tiny.then(|| today.plus(-JUDGE_DAYS));
            let spec = TrainSpec {
                until,
                ..TrainSpec::default()
            };
            let trained = app.trainer.train(spec).await?;
            anyhow::ensure!(trained.activated, "the first model must be put in force");
            Ok(())
        })?;
        Ok(world)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The house, with nothing in its caches. Only one at a time: it holds the folder.
    pub(crate) fn app(&self) -> anyhow::Result<App> {
        App::build(&Config::new(self.data()), Clock::fixed(self.now))
    }

    /// The first race to come.
    pub(crate) fn race(&self) -> anyhow::Result<&Known> {
        self.races.first().context("no race is to come")
    }
}

fn known(season: &Season, race: &SeasonRace) -> anyhow::Result<Known> {
    let track = season.tracks.get(race.track).context("no such track")?;
    Ok(Known {
        key: RaceKey {
            day: race.day,
            track: track.slug.to_owned(),
            session: Session::FIRST,
            slot: RaceSlot::Number(race.number),
        },
        field: race.runners.len(),
    })
}
