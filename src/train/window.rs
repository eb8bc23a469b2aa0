//! Which days are fitted on and which judge: for each set of rules its own, since one country's data
//! may end a year before another's.

use super::{Error, Trainer};
use crate::domain::RaceDay;
use crate::model::Rules;
use crate::runtime::Lane;
use crate::store::races::{self, ZoneSpan};

/// Days before the last training day that are fitted on at most: racing changes, and tracks of
/// another country years ago are no warm-up for this season.
const WINDOW_DAYS: i64 = 365;
/// Days at the start whose races only feed the ratings: a rating that has seen one race teaches
/// the fit to distrust ratings.
const WARM_UP_DAYS: i64 = 45;
/// A season shorter than this many warm-ups gives up a third of its days to it instead.
const SHORT_SEASON: i64 = 3;
/// Days that judge a fit when nobody says until when to train.
const JUDGE_DAYS: i64 = 28;
/// The longest time after training that judges a fit; a model is meant to be fitted anew by then.
const JUDGE_DAYS_MOST: i64 = 31;

/// The days of a training on the races of one set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Whose rules.
    pub(super) rules: Rules,
    /// First day that is fitted on.
    pub(super) from: RaceDay,
    /// Last day that is fitted on.
    pub(super) until: RaceDay,
    /// Last day that judges; `until` when none does.
    pub(super) judge_until: RaceDay,
}

impl Window {
    /// The last day of the first half of those that judge.
    pub(super) fn half(&self) -> RaceDay {
        self.until.plus(self.judge_until.since(self.until) / 2)
    }
}

impl Trainer {
    /// The windows of a training until that day; `None` keeps the last 28 days of each for judging.
    /// A country whose results end before `until` is fitted on up to their end.
    pub(super) async fn windows(&self, until: Option<RaceDay>) -> Result<Vec<Window>, Error> {
        let span = self
            .store
            .read(Lane::Batch, races::span)
            .await
            .map_err(Error::Store)?;
        let (Some(first), Some(last)) = (span.first, span.last) else {
            return Err(Error::Nothing);
        };
        let outside = |until| Error::Outside { until, first, last };
        if let Some(until) = until.filter(|until| *until < first || *until > last) {
            return Err(outside(until));
        }
        let all = self.spans(first).await?;
        let mut windows = Vec::new();
        for rules in Rules::ALL {
            let Some((first, last)) = span_of(&all, rules) else {
                continue;
            };
            let until = until.map_or_else(|| last.plus(-JUDGE_DAYS), |until| until.min(last));
            if until >= first {
                windows.push(self.window(rules, until, last).await?);
            }
        }
        if windows.is_empty() {
            return Err(outside(until.unwrap_or_else(|| last.plus(-JUDGE_DAYS))));
        }
        Ok(windows)
    }

    async fn window(&self, rules: Rules, until: RaceDay, last: RaceDay) -> Result<Window, Error> {
        let earliest = until.plus(-WINDOW_DAYS);
        let within = self.spans(earliest).await?;
        let begins = span_of(&within, rules).map_or(earliest, |(first, _)| first);
        let warm_up = WARM_UP_DAYS.min(until.since(begins) / SHORT_SEASON);
        Ok(Window {
            rules,
            from: begins.plus(warm_up),
            until,
            judge_until: last.min(until.plus(JUDGE_DAYS_MOST)),
        })
    }

    async fn spans(&self, from: RaceDay) -> Result<Vec<ZoneSpan>, Error> {
        self.store
            .read(Lane::Batch, move |reader| races::spans(reader, from))
            .await
            .map_err(Error::Store)
    }
}

/// The first day and the last of the races under these rules.
fn span_of(spans: &[ZoneSpan], rules: Rules) -> Option<(RaceDay, RaceDay)> {
    let of = || spans.iter().filter(|span| Rules::of(span.zone) == rules);
    let first = of().filter_map(|zone| zone.span.first).min()?;
    Some((first, of().filter_map(|zone| zone.span.last).max()?))
}
