//! The facts that a bench asks about: those of the data folder, which it only reads, or a season that
//! is made, imported and trained on in a folder of its own.

use std::sync::Arc;

use anyhow::Context;
use tempfile::TempDir;

use crate::app::{App, Config, runtime};
use crate::domain::RaceDay;
use crate::ingest::file::{Progress, Request};
use crate::runtime::{Clock, Lane};
use crate::season::{Season, SeasonSettings};
use crate::store::maintenance::{self, Counts};
use crate::store::{self, DATABASE};
use crate::train::TrainSpec;

/// Days at the end of the season whose races also come as cards with form.
const CARD_DAYS: u32 = 7;

/// See the module.
pub(super) struct Stage {
    /// The house.
    pub(super) app: App,
    /// What it knows: `database` or `season`.
    pub(super) data: &'static str,
    /// Goes when the stage does.
    _folder: Option<TempDir>,
}

impl Stage {
    /// The data folder when it holds a race, else a season. A daemon may run beside it.
    pub(super) fn find(config: &Config) -> anyhow::Result<Self> {
        let config = &quiet(config);
        if config.folder().join(DATABASE).exists() {
            let stage = Self {
                app: App::build_to_read(config, Clock::system())?,
                data: "database",
                _folder: None,
            };
            if stage.counts()?.races > 0 {
                return Ok(stage);
            }
        }
        let today = RaceDay::new(Clock::system().now().date_naive())?;
        Self::made(config, &SeasonSettings::demo()?.ending(today))
    }

    /// A season, imported and trained on as any other facts.
    pub(super) fn made(config: &Config, settings: &SeasonSettings) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("lurcher-bench-").tempdir();
        let folder = folder.context("could not make a folder for a season")?;
        let mut config = config.clone();
        config.store.folder = folder.path().join("data");
        let app = App::build(&config, Clock::system())?;
        let files = Season::generate(settings)?.write(folder.path(), CARD_DAYS, None)?;
        let request = Request {
            paths: vec![files.runs, folder.path().join("cards")],
            ..Request::default()
        };
        runtime()?.block_on(async {
            let progress = Arc::new(Progress::default());
            let report = app.ingest.files(request, progress).await?;
            anyhow::ensure!(report.counts.failed == 0, "{:?}", report.faults);
            let spec = TrainSpec {
                activate: true,
                ..TrainSpec::default()
            };
            app.trainer.train(spec).await?;
            anyhow::Ok(())
        })?;
        Ok(Self {
            app,
            data: "season",
            _folder: Some(folder),
        })
    }

    /// How much it knows.
    pub(super) fn counts(&self) -> Result<Counts, anyhow::Error> {
        let counted = self.app.store.read(Lane::Live, maintenance::counts);
        let counts: Result<Counts, store::Error> = runtime()?.block_on(counted);
        Ok(counts?)
    }
}

/// A box that is driven as hard as it goes has slow statements; they are in the report.
fn quiet(config: &Config) -> Config {
    let mut config = config.clone();
    config.store.slow = config.store.deadline;
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_season_is_known_and_its_folder_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::new(folder.path());

        let settings = SeasonSettings {
            days: 70,
            ..SeasonSettings::small().unwrap()
        };
        let settings = settings.ending(RaceDay::parse("2026-11-20").unwrap());

        let stage = Stage::made(&config, &settings).unwrap();

        let made = stage.app.store.folder().to_owned();
        assert!(stage.counts().unwrap().races > 300);
        assert_eq!(stage.counts().unwrap().models, 1);
        stage.app.store.close();
        drop(stage);
        assert!(!made.exists());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
