//! A past run of a dog, and what a dog did in one race.
//!
//! [`Performance`] is the part that a race result and a form line have in common; a form line adds
//! where and when, because its race may be known by nothing else.

use super::text::text;
use super::{
    BoxNo, DogClaim, DogDraft, Fault, Faults, Grams, Lengths, Metres, Millis, Odds, Outcome, Place,
    RaceDay, RaceSlot, Rug, Source,
};

/// What somebody sent about one dog in one race. Anything may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PerformanceDraft {
    /// Finishing position; 0 is no place.
    pub place: Option<i64>,
    /// Won, where a source says only that.
    pub won: Option<bool>,
    /// Finished in a paid place, where a source says only that.
    pub placed: Option<bool>,
    /// Code of what became of an unplaced runner.
    pub outcome: Option<String>,
    /// Own time, seconds.
    pub run_time_s: Option<f64>,
    /// Winner's time, seconds.
    pub winner_time_s: Option<f64>,
    /// Best winning time of the night at the distance, seconds.
    pub best_of_night_s: Option<f64>,
    /// Own time to the first mark, seconds.
    pub sectional_s: Option<f64>,
    /// Lengths behind the winner; for the winner the margin to the second.
    pub margin_lengths: Option<f64>,
    /// Weight on the day, kilograms.
    pub weight_kg: Option<f64>,
    /// Positions in running as digits and letters, the last is the finish.
    pub positions: Option<String>,
    /// The winner, or the second when this dog won.
    pub other: Option<String>,
    /// Starting price, decimal.
    pub sp: Option<f64>,
    /// Exchange starting price, decimal.
    pub bsp: Option<f64>,
    /// Exchange starting price for a place, decimal.
    pub place_bsp: Option<f64>,
    /// Remarks on the running.
    pub comment: Option<String>,
}

/// What one dog did in one race, checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Performance {
    /// Finishing position.
    pub place: Option<Place>,
    /// Whether it won.
    pub won: Option<bool>,
    /// Whether it finished in a paid place.
    pub placed: Option<bool>,
    /// What became of it otherwise.
    pub outcome: Option<Outcome>,
    /// Own time.
    pub run_time: Option<Millis>,
    /// Winner's time.
    pub winner_time: Option<Millis>,
    /// Best of the night.
    pub best_of_night: Option<Millis>,
    /// First sectional.
    pub sectional: Option<Millis>,
    /// Margin.
    pub margin: Option<Lengths>,
    /// Weight.
    pub weight: Option<Grams>,
    /// Positions in running.
    pub positions: Option<String>,
    /// Winner or second.
    pub other: Option<String>,
    /// Starting price.
    pub sp: Option<Odds>,
    /// Exchange starting price.
    pub bsp: Option<Odds>,
    /// Exchange starting price for a place.
    pub place_bsp: Option<Odds>,
    /// Remarks.
    pub comment: Option<String>,
}

impl PerformanceDraft {
    /// The performance, or every fault of it. A place of 1 settles `won`.
    pub fn check(&self) -> Result<Performance, Vec<Fault>> {
        let mut faults = Faults::default();
        let place = faults.maybe("place", self.place.filter(|&place| place != 0), Place::new);
        let performance = Performance {
            place,
            won: place.map(|place| place.get() == 1).or(self.won),
            placed: self.placed,
            outcome: faults.maybe("outcome", self.outcome.as_deref(), Outcome::parse),
            run_time: faults.maybe("run_time_s", self.run_time_s, Millis::new),
            winner_time: faults.maybe("winner_time_s", self.winner_time_s, Millis::new),
            best_of_night: faults.maybe("best_of_night_s", self.best_of_night_s, Millis::new),
            sectional: faults.maybe("sectional_s", self.sectional_s, Millis::new),
            margin: faults.maybe("margin_lengths", self.margin_lengths, Lengths::new),
            weight: faults.maybe("weight_kg", self.weight_kg, Grams::new),
            positions: faults.maybe("positions", self.positions.as_deref(), positions),
            other: faults.maybe("other", self.other.as_deref(), text),
            sp: faults.maybe("sp", self.sp, Odds::new),
            bsp: faults.maybe("bsp", self.bsp, Odds::new),
            place_bsp: faults.maybe("place_bsp", self.place_bsp, Odds::new),
            comment: faults.maybe("comment", self.comment.as_deref(), text),
        };
        if let (Some(won), Some(place)) = (self.won, place)
            && won != (place.get() == 1)
        {
            faults.add("won", format!("must agree with place {}", place.get()));
        }
        faults.done()?;
        Ok(performance)
    }
}

impl Performance {
    /// Whether no field that both know differs.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.clone(), other.clone());
        mine.fill_from(other);
        theirs.fill_from(self);
        mine == theirs
    }

    /// Fills what is missing here from `other`.
    pub fn fill_from(&mut self, other: &Self) {
        self.place = self.place.or(other.place);
        self.won = self.won.or(other.won);
        self.placed = self.placed.or(other.placed);
        self.outcome = self.outcome.or(other.outcome);
        self.run_time = self.run_time.or(other.run_time);
        self.winner_time = self.winner_time.or(other.winner_time);
        self.best_of_night = self.best_of_night.or(other.best_of_night);
        self.sectional = self.sectional.or(other.sectional);
        self.margin = self.margin.or(other.margin);
        self.weight = self.weight.or(other.weight);
        self.sp = self.sp.or(other.sp);
        self.bsp = self.bsp.or(other.bsp);
        self.place_bsp = self.place_bsp.or(other.place_bsp);
        if self.positions.is_none() {
            self.positions.clone_from(&other.positions);
        }
        if self.other.is_none() {
            self.other.clone_from(&other.other);
        }
        if self.comment.is_none() {
            self.comment.clone_from(&other.comment);
        }
    }
}

fn positions(raw: &str) -> Result<String, Fault> {
    let text = raw.trim();
    let known = |c: char| c.is_ascii_alphanumeric();
    if text.is_empty() || text.len() > 12 || !text.chars().all(known) {
        return Err(Fault::new("must be 1 to 12 digits or letters"));
    }
    Ok(text.to_owned())
}

/// What somebody sent about a past run of a dog.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormDraft {
    /// Who says so.
    pub source: String,
    /// Which dog; left empty inside a card, where the runner's dog is meant.
    pub dog: DogDraft,
    /// Track alias of the source.
    pub track: String,
    /// Local day, `2026-11-20`.
    pub day: String,
    /// Race number, where known.
    pub number: Option<i64>,
    /// Metres.
    pub distance_m: Option<f64>,
    /// Grade as written.
    pub grade: Option<String>,
    /// Rug in that run.
    pub rug: Option<i64>,
    /// Box in that run.
    pub box_no: Option<i64>,
    /// How many ran.
    pub field_size: Option<i64>,
    /// Trainer on the day.
    pub trainer: Option<String>,
    /// A trial: a timed run, not a race.
    pub trial: bool,
    /// What the dog did.
    pub performance: PerformanceDraft,
}

/// A checked past run, its dog apart.
#[derive(Debug, Clone, PartialEq)]
pub struct FormRun {
    /// Who says so.
    pub source: Source,
    /// Track alias, still to be understood.
    pub track: String,
    /// Local day.
    pub day: RaceDay,
    /// Race number, where known.
    pub number: Option<u8>,
    /// Distance.
    pub distance: Metres,
    /// Grade as written.
    pub grade: Option<String>,
    /// Rug in that run.
    pub rug: Option<Rug>,
    /// Box in that run.
    pub box_no: Option<BoxNo>,
    /// How many ran.
    pub field_size: Option<u8>,
    /// Trainer on the day.
    pub trainer: Option<String>,
    /// A trial, not a race.
    pub trial: bool,
    /// What the dog did.
    pub performance: Performance,
}

impl FormDraft {
    /// The run without its dog, or every fault of it.
    pub fn check(&self) -> Result<FormRun, Vec<Fault>> {
        let mut faults = Faults::default();
        let source = faults.note("source", Source::new(&self.source));
        let track = faults.note("track", text(&self.track));
        let day = faults.note("day", RaceDay::parse(&self.day));
        let number = faults.maybe("number", self.number, RaceSlot::number);
        let distance = match self.distance_m {
            Some(metres) => faults.note("distance_m", Metres::new(metres)),
            None => faults.note("distance_m", Err(Fault::new("must be given"))),
        };
        let grade = faults.maybe("grade", self.grade.as_deref(), text);
        let rug = faults.maybe("rug", self.rug, Rug::new);
        let box_no = faults.maybe("box", self.box_no, BoxNo::new);
        let field_size = faults.maybe("field_size", self.field_size, Place::new);
        let trainer = faults.maybe("trainer", self.trainer.as_deref(), text);
        let performance = self.performance.check();
        let performance = match performance {
            Ok(performance) => performance,
            Err(inner) => {
                faults.take("", inner);
                Performance::default()
            }
        };
        faults.done()?;
        let (Some(source), Some(track), Some(day), Some(distance)) = (source, track, day, distance)
        else {
            return Err(Vec::new());
        };
        Ok(FormRun {
            source,
            track,
            day,
            number: number.and_then(|slot| match slot {
                RaceSlot::Number(number) => Some(number),
                RaceSlot::Time(_) => None,
            }),
            distance,
            grade,
            rug,
            box_no,
            field_size: field_size.map(Place::get),
            trainer,
            trial: self.trial,
            performance,
        })
    }

    /// The run and its dog, or every fault of both.
    pub fn check_with_dog(&self) -> Result<(DogClaim, FormRun), Vec<Fault>> {
        match (self.dog.check(), self.check()) {
            (Ok(dog), Ok(run)) => Ok((dog, run)),
            (dog, run) => {
                let mut faults = dog.err().unwrap_or_default();
                faults.extend(run.err().unwrap_or_default());
                Err(faults)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_tells_all_its_faults() {
        let draft = FormDraft {
            source: "thedogs".to_owned(),
            track: "SAL".to_owned(),
            day: "2025-07-06".to_owned(),
            performance: PerformanceDraft {
                run_time_s: Some(-6.345),
                sp: Some(0.5),
                ..PerformanceDraft::default()
            },
            ..FormDraft::default()
        };

        let places: Vec<_> = draft
            .check()
            .unwrap_err()
            .into_iter()
            .map(|fault| fault.at)
            .collect();

        assert_eq!(places, ["distance_m", "run_time_s", "sp"]);
    }

    #[test]
    fn what_one_leaves_out_contradicts_nobody() {
        let timed = Performance {
            run_time: Millis::new(26.437).ok(),
            ..Performance::default()
        };
        let placed = Performance {
            place: Place::new(6).ok(),
            ..Performance::default()
        };
        let slower = Performance {
            run_time: Millis::new(26.5).ok(),
            ..placed.clone()
        };

        assert!(timed.agrees(&placed) && placed.agrees(&timed));
        assert!(!timed.agrees(&slower));
    }

    #[test]
    fn a_winner_is_a_winner_whoever_says_so() {
        let first = PerformanceDraft {
            place: Some(1),
            ..PerformanceDraft::default()
        };
        let contradiction = PerformanceDraft {
            won: Some(false),
            ..first.clone()
        };

        assert_eq!(first.check().unwrap().won, Some(true));
        assert!(contradiction.check().is_err());
    }
}
