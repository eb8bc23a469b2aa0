//! What a market is: its race, its runners, how it was settled.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::SOURCE;
use crate::domain::{
    DogDraft, PerformanceDraft, PriceDraft, RaceDraft, ResultDraft, ResultRunnerDraft,
};
use crate::formats::betfair_model::Market as Name;
use crate::formats::british::session;
use crate::formats::node::Node;

/// The most runners of a market.
pub(super) const RUNNERS: usize = 20;

/// A market as last defined.
pub(super) struct Definition {
    /// Bets are taken, and the race has not begun.
    pub(super) open: bool,
    /// When the race is to begin; milliseconds since 1970.
    pub(super) jump_ms: i64,
    race: RaceDraft,
    runners: Vec<Runner>,
}

struct Runner {
    id: i64,
    rug: i64,
    dog: String,
    status: String,
    bsp: Option<f64>,
}

impl Definition {
    /// Reads it; `None` where its race cannot be told.
    pub(super) fn read(market: &str, node: &Node<'_>) -> Option<Self> {
        let status = node.text("status").unwrap_or_default();
        let (jump, race) = race(market, node)?;
        let runners = node.list("runners", RUNNERS);
        Some(Self {
            open: status == "OPEN" && !node.is_true("inPlay"),
            jump_ms: jump.timestamp_millis(),
            race,
            runners: runners.iter().filter_map(runner).collect(),
        })
    }

    /// Those that run, each with its rug.
    pub(super) fn running(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let active = |runner: &&Runner| runner.status == "ACTIVE";
        self.runners
            .iter()
            .filter(active)
            .map(|runner| (runner.id, runner.rug))
    }

    /// Prices of the race at an instant, still without any.
    pub(super) fn prices(&self, at: DateTime<Utc>) -> PriceDraft {
        let race = &self.race;
        PriceDraft {
            source: SOURCE.to_owned(),
            track: Some(race.track.clone()),
            day: Some(race.day.clone()),
            number: race.number,
            session: race.session,
            jump_at: race.jump_at.clone().filter(|_| race.number.is_none()),
            distance_m: race.distance_m,
            at: at.to_rfc3339(),
            kind: "exchange".to_owned(),
            ..PriceDraft::default()
        }
    }

    /// The result, where somebody won.
    pub(super) fn result(&self) -> Option<ResultDraft> {
        let won = |runner: &Runner| runner.status == "WINNER";
        self.runners.iter().any(won).then(|| ResultDraft {
            race: self.race.clone(),
            known_at: None,
            status: "official".to_owned(),
            partial: false,
            runners: self.runners.iter().map(Runner::result).collect(),
        })
    }
}

impl Runner {
    fn result(&self) -> ResultRunnerDraft {
        let ran = matches!(self.status.as_str(), "WINNER" | "LOSER");
        ResultRunnerDraft {
            rug: self.rug,
            dog: Some(DogDraft::named(&self.dog)),
            performance: PerformanceDraft {
                won: ran.then(|| self.status == "WINNER"),
                outcome: (!ran).then(|| "SCR".to_owned()),
                bsp: self.bsp.filter(|_| ran),
                ..PerformanceDraft::default()
            },
            ..ResultRunnerDraft::default()
        }
    }
}

fn race(market: &str, node: &Node<'_>) -> Option<(DateTime<Utc>, RaceDraft)> {
    let zone = node
        .text("timezone")
        .and_then(|name| name.parse::<Tz>().ok());
    let zone = zone.or_else(|| node.bad("timezone", "must be a time zone like Europe/London"));
    let jump = node.text("marketTime");
    let jump = jump.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    let jump = jump.or_else(|| node.bad("marketTime", "must be an instant"));
    let venue = node
        .text("venue")
        .or_else(|| node.bad("venue", "must be given"));
    let (zone, jump, track) = (zone?, jump?.with_timezone(&Utc), venue?);
    let local = zone.from_utc_datetime(&jump.naive_utc());
    let name = name(&node.text("name").unwrap_or_default());
    let time = local.format("%H:%M").to_string();
    let race = RaceDraft {
        source: SOURCE.to_owned(),
        track,
        day: local.date_naive().to_string(),
        number: name.number,
        session: session(&time).filter(|_| zone == Tz::Europe__London),
        jump_at: Some(name.number.map_or(time, |_| jump.to_rfc3339())),
        name: name.name,
        distance_m: name.distance_m,
        grade: name.grade,
        // The monthly files write the market's id without what stands before the point.
        reference: Some((
            "betfair".to_owned(),
            market.trim_start_matches("1.").to_owned(),
        )),
        ..RaceDraft::default()
    };
    Some((jump, race))
}

/// `R1 395m Mdn`, or the British `A6 462m`.
fn name(text: &str) -> Name {
    let metres = |word: &str| word.strip_suffix('m')?.parse::<u16>().ok();
    if let Some((grade, distance)) = text.split_once(' ')
        && let Some(distance) = metres(distance)
        && grade
            .strip_prefix('R')
            .is_none_or(|n| n.parse::<u8>().is_err())
    {
        return Name {
            distance_m: Some(f64::from(distance)),
            grade: Some(grade.to_owned()),
            ..Name::default()
        };
    }
    Name::parse(text)
}

/// A runner whose name begins with its rug: `4. Bookaloo`.
fn runner(node: &Node<'_>) -> Option<Runner> {
    let name = node.text("name").unwrap_or_default();
    let parts = name.split_once(". ");
    let rug = parts.and_then(|(rug, dog)| Some((rug.parse().ok()?, dog.to_owned())));
    let rug = rug.or_else(|| node.bad("name", "must be a rug and a name like 4. Plain Jane"));
    let id = node.whole("id").or_else(|| node.bad("id", "must be given"));
    let (rug, dog) = rug?;
    Some(Runner {
        id: id?,
        rug,
        dog,
        status: node.text("status").unwrap_or_default(),
        bsp: node.price("bsp"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_number_grade_and_distance_or_some_of_them() {
        let australian = name("R1 395m Mdn");
        let british = name("A6 462m");
        let other = name("Match Race");

        assert_eq!(
            (australian.number, australian.distance_m),
            (Some(1), Some(395.0))
        );
        assert_eq!((british.number, british.distance_m), (None, Some(462.0)));
        assert_eq!(british.grade.as_deref(), Some("A6"));
        assert_eq!(name("R1 395m").number, Some(1));
        assert_eq!(other.name.as_deref(), Some("Match Race"));
    }
}
