//! Prices: what a source paid on the runners of a race at one instant.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::race::instant;
use super::{Fault, Faults, Odds, RaceDay, RaceDraft, RaceHead, RaceKey, Rug, Source};

/// The most runners that are priced at once.
const TICK_LIMIT: usize = 20;

/// What kind of price it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PriceKind {
    /// A bookmaker's offer.
    Fixed,
    /// The best offer on an exchange.
    Exchange,
    /// Starting price.
    Sp,
    /// Exchange starting price.
    Bsp,
}

const KINDS: [(PriceKind, &str); 4] = [
    (PriceKind::Fixed, "fixed"),
    (PriceKind::Exchange, "exchange"),
    (PriceKind::Sp, "sp"),
    (PriceKind::Bsp, "bsp"),
];

impl PriceKind {
    /// From its name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        KINDS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(kind, _)| *kind)
            .ok_or_else(|| Fault::new("must be fixed, exchange, sp or bsp"))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("fixed", |(_, name)| name)
    }

    /// Whether it is settled by the start: nobody knows it before.
    #[must_use]
    pub const fn is_starting(self) -> bool {
        matches!(self, Self::Sp | Self::Bsp)
    }
}

/// What somebody sent about prices.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceDraft {
    /// Who says so.
    pub source: String,
    /// The race's name, or else its track, day and number.
    pub race: Option<String>,
    /// Track: any known alias of the source.
    pub track: Option<String>,
    /// Local day, `2026-11-20`.
    pub day: Option<String>,
    /// Race number in its meeting.
    pub number: Option<i64>,
    /// Meeting of the day, 1 when left out.
    pub session: Option<i64>,
    /// Local `HH:MM[:SS]` of the jump, where the source does not number its races.
    pub jump_at: Option<String>,
    /// Metres, where the track's alias needs them.
    pub distance_m: Option<f64>,
    /// When the prices were to be had; RFC 3339.
    pub at: String,
    /// `fixed`, `exchange`, `sp` or `bsp`.
    pub kind: String,
    /// One a runner.
    pub prices: Vec<PriceTickDraft>,
}

/// What somebody sent about the price of one runner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceTickDraft {
    /// Rug.
    pub rug: i64,
    /// To win, decimal.
    pub win: Option<f64>,
    /// For a place, decimal.
    pub place: Option<f64>,
}

/// Checked prices.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceFact {
    /// Who says so.
    pub source: Source,
    /// Of which race.
    pub race: PricedRace,
    /// When they were to be had.
    pub at: DateTime<Utc>,
    /// What kind.
    pub kind: PriceKind,
    /// Each rug once, in the order of rugs.
    pub prices: Vec<PriceTick>,
}

/// Which race is priced.
#[derive(Debug, Clone, PartialEq)]
pub enum PricedRace {
    /// One that must be known.
    Known(RaceKey),
    /// One that is added when nobody has heard of it.
    Told(Box<RaceHead>),
}

impl PricedRace {
    /// Its day.
    #[must_use]
    pub const fn day(&self) -> RaceDay {
        match self {
            Self::Known(race) => race.day,
            Self::Told(head) => head.day,
        }
    }
}

/// The checked price of one runner; at least one of the two is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceTick {
    /// Rug.
    pub rug: Rug,
    /// To win.
    pub win: Option<Odds>,
    /// For a place.
    pub place: Option<Odds>,
}

impl PriceDraft {
    /// The prices, or every fault of them.
    pub fn check(&self) -> Result<PriceFact, Vec<Fault>> {
        let mut faults = Faults::default();
        let source = faults.note("source", Source::new(&self.source));
        let race = self.race(&mut faults);
        let at = faults.note("at", instant(&self.at));
        let kind = faults.note("kind", PriceKind::parse(&self.kind));
        let prices = self.ticks(&mut faults);
        faults.done()?;
        let (Some(source), Some(race), Some(at), Some(kind)) = (source, race, at, kind) else {
            return Err(Vec::new());
        };
        Ok(PriceFact {
            source,
            race,
            at,
            kind,
            prices,
        })
    }

    fn race(&self, faults: &mut Faults) -> Option<PricedRace> {
        let told = self.track.is_some() || self.day.is_some() || self.number.is_some();
        let Some(name) = self.race.as_deref() else {
            if !told {
                faults.add("race", "must be given, or else track, day and number");
                return None;
            }
            return self.head(faults);
        };
        if told {
            faults.add("race", "must not be given with track, day or number");
        }
        let key = faults.note("race", name.parse())?;
        Some(PricedRace::Known(key))
    }

    fn head(&self, faults: &mut Faults) -> Option<PricedRace> {
        let draft = RaceDraft {
            source: self.source.clone(),
            track: self.track.clone().unwrap_or_default(),
            day: self.day.clone().unwrap_or_default(),
            number: self.number,
            session: self.session,
            jump_at: self.jump_at.clone(),
            distance_m: self.distance_m,
            ..RaceDraft::default()
        };
        match draft.check() {
            Ok(head) => Some(PricedRace::Told(Box::new(head))),
            Err(inner) => {
                // The source is checked, and its fault told, whichever way the race is named.
                let of_race = inner.into_iter().filter(|fault| fault.at != "source");
                faults.take("", of_race.collect());
                None
            }
        }
    }

    fn ticks(&self, faults: &mut Faults) -> Vec<PriceTick> {
        if self.prices.is_empty() || self.prices.len() > TICK_LIMIT {
            faults.add("prices", format!("must be 1 to {TICK_LIMIT}"));
        }
        let mut ticks = Vec::with_capacity(self.prices.len().min(TICK_LIMIT));
        let mut rugs = BTreeSet::new();
        for (n, draft) in self.prices.iter().take(TICK_LIMIT).enumerate() {
            let place = format!("prices[{n}]");
            match draft.check() {
                Ok(tick) if rugs.insert(tick.rug) => ticks.push(tick),
                Ok(tick) => {
                    let why = format!("must be priced once, {} is twice", tick.rug.get());
                    faults.add(&format!("{place}.rug"), why);
                }
                Err(inner) => faults.take(&place, inner),
            }
        }
        ticks.sort_by_key(|tick| tick.rug);
        ticks
    }
}

impl PriceTickDraft {
    fn check(&self) -> Result<PriceTick, Vec<Fault>> {
        let mut faults = Faults::default();
        let rug = faults.note("rug", Rug::new(self.rug));
        let win = faults.maybe("win", self.win, Odds::new);
        let place = faults.maybe("place", self.place, Odds::new);
        if self.win.is_none() && self.place.is_none() {
            faults.add("win", "must be given where there is no place price");
        }
        faults.done()?;
        let rug = rug.ok_or_else(Vec::new)?;
        Ok(PriceTick { rug, win, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(rug: i64, win: Option<f64>) -> PriceTickDraft {
        PriceTickDraft {
            rug,
            win,
            place: None,
        }
    }

    fn draft() -> PriceDraft {
        PriceDraft {
            source: "bookie".to_owned(),
            race: Some("2026-11-20-sale-3".to_owned()),
            at: "2026-11-20T09:00:00Z".to_owned(),
            kind: "fixed".to_owned(),
            prices: vec![tick(8, Some(3.5)), tick(1, Some(2.0))],
            ..PriceDraft::default()
        }
    }

    fn places(draft: &PriceDraft) -> Vec<String> {
        let faults = draft.check().unwrap_err();
        faults.into_iter().map(|fault| fault.at).collect()
    }

    #[test]
    fn ticks_stand_in_the_order_of_rugs() {
        let fact = draft().check().unwrap();

        let rugs: Vec<_> = fact.prices.iter().map(|tick| tick.rug.get()).collect();
        assert_eq!(rugs, [1, 8]);
        assert!(matches!(fact.race, PricedRace::Known(_)));
    }

    #[test]
    fn a_race_is_named_in_one_way() {
        let both = PriceDraft {
            track: Some("Sale".to_owned()),
            ..draft()
        };
        let neither = PriceDraft {
            race: None,
            ..draft()
        };
        let half = PriceDraft {
            race: None,
            track: Some("Sale".to_owned()),
            ..draft()
        };

        assert_eq!(places(&both), ["race"]);
        assert_eq!(places(&neither), ["race"]);
        assert_eq!(places(&half), ["day", "number"]);
    }

    #[test]
    fn a_race_without_number_has_a_local_time() {
        let timed = PriceDraft {
            race: None,
            track: Some("Kinsley".to_owned()),
            day: Some("2024-06-27".to_owned()),
            jump_at: Some("14:36".to_owned()),
            ..draft()
        };

        let fact = timed.check().unwrap();

        assert!(matches!(fact.race, PricedRace::Told(_)));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let bad = PriceDraft {
            source: "?".to_owned(),
            at: "noon".to_owned(),
            kind: "tote".to_owned(),
            prices: vec![
                tick(1, Some(1.0)),
                tick(2, None),
                tick(3, Some(2.0)),
                tick(3, Some(2.0)),
            ],
            ..draft()
        };

        assert_eq!(
            places(&bad),
            [
                "source",
                "at",
                "kind",
                "prices[0].win",
                "prices[1].win",
                "prices[3].rug"
            ]
        );
        let none = PriceDraft {
            prices: Vec::new(),
            ..draft()
        };
        assert_eq!(places(&none), ["prices"]);
    }

    #[test]
    fn every_kind_reads_back() {
        for (kind, name) in KINDS {
            assert_eq!(PriceKind::parse(name), Ok(kind));
            assert_eq!(kind.as_str(), name);
        }
    }
}
