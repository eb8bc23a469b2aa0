//! The season in the files that lurcher imports: canonical runs, form guides, model results.
//!
//! The same season writes the same bytes. Texts are made here and in the two rooms below; only
//! [`Season::write`] touches the disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::form_file::Past;
use super::{Season, SeasonRace, SeasonRunner};

/// How hard zstd squeezes; part of "the same bytes".
const ZSTD_LEVEL: i32 = 6;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeasonFiles {
    /// Canonical runs, `runs.csv.zst`.
    pub runs: PathBuf,
    /// Form guides, one a race, in the order of races.
    pub cards: Vec<PathBuf>,
    /// Model results of the month asked for.
    pub model: Option<PathBuf>,
}

impl Season {
    /// Writes `runs.csv.zst`, `cards/` for the last `card_days` days with the day to come, and the
    /// model results of `model_month` (like `2026-10`).
    ///
    /// Makes the folder where it is missing and overwrites files of the same name.
    pub fn write(
        &self,
        folder: &Path,
        card_days: u32,
        model_month: Option<&str>,
    ) -> io::Result<SeasonFiles> {
        let cards = folder.join("cards");
        fs::create_dir_all(&cards)?;
        let runs = folder.join("runs.csv.zst");
        let packed = zstd::bulk::compress(self.runs_csv(card_days).as_bytes(), ZSTD_LEVEL)?;
        fs::write(&runs, packed)?;
        let past = Past::of(self);
        let carded = self.carded(card_days);
        let cards = carded
            .map(|race| {
                let path = cards.join(self.card_name(race));
                fs::write(&path, self.card_with(race, &past)).map(|()| path)
            })
            .collect::<io::Result<Vec<_>>>()?;
        let model = model_month.map(|month| {
            let name = format!("betfair_model_results_{}.csv", month.replace('-', "_"));
            let path = folder.join(name);
            fs::write(&path, self.model_csv(month)).map(|()| path)
        });
        Ok(SeasonFiles {
            runs,
            cards,
            model: model.transpose()?,
        })
    }

    /// The races of the last `days` days, the day to come among them.
    pub fn carded(&self, days: u32) -> impl Iterator<Item = &SeasonRace> {
        let from = self.settings.last_day().plus(1 - i64::from(days));
        self.races.iter().filter(move |race| race.day >= from)
    }

    /// The form guide of a race as thedogs.com.au would have published it that morning: every dog
    /// on the card, at most five past runs each, newest first.
    ///
    /// Builds an index of the season each time; [`Season::write`] builds it once.
    #[must_use]
    pub fn card_csv(&self, race: &SeasonRace) -> String {
        self.card_with(race, &Past::of(self))
    }

    /// The name of its file: `Race 3 - SAL - 20 November 2026.csv`.
    #[must_use]
    pub fn card_name(&self, race: &SeasonRace) -> String {
        let code = self.tracks[race.track].file_code;
        let date = race.day.date().format("%d %B %Y");
        format!("Race {} - {code} - {date}.csv", race.number)
    }

    /// Betfair's id of the win market, without the `1.`.
    pub(super) fn market_id(race: &SeasonRace) -> String {
        let digits = race.id.trim_start_matches("sim");
        format!("900{digits}")
    }

    /// Betfair's id of a runner, which is the race's own.
    pub(super) fn selection_id(race: &SeasonRace, runner: &SeasonRunner) -> String {
        let digits = race.id.trim_start_matches("sim");
        format!("{digits}{:02}", runner.rug.get())
            .trim_start_matches('0')
            .to_owned()
    }
}

/// A number as Python and pandas print it: `22.0`, `0.25`.
pub(super) fn number(value: f64) -> String {
    format!("{value:?}")
}

/// A number that may be missing.
pub(super) fn maybe(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}
