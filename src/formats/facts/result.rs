//! A result, as posted.

use super::given;
use super::loose::object;
use super::run::RefBody;
use super::words::{NameOfDog, OutcomeCode, PlainText, ResultStatusWord, SourceName};
use crate::domain::{
    DogDraft, Draft, Fault, PerformanceDraft, RaceDraft, ResultDraft, ResultRunnerDraft,
};

object! {
    /// What happened in a race. A race not seen before is created from it.
    ResultBody as Result {
        /// Who says so.
        #[schema(value_type = SourceName)]
        source = "source": String,
        /// Any known alias.
        #[schema(value_type = PlainText)]
        track = "track": String,
        /// Local day at the track.
        #[schema(required = true, nullable = false, format = Date)]
        day = "day": String,
        /// Race number; may be left out where `jump_at` is a local time.
        #[schema(minimum = 1, maximum = 60)]
        number = "number": i64,
        /// Meeting of the day, 1 when left out.
        #[schema(minimum = 1, maximum = 4)]
        session = "session": i64,
        /// Metres.
        #[schema(minimum = 100, maximum = 1500)]
        distance_m = "distance_m": f64,
        /// As written.
        #[schema(value_type = Option<PlainText>)]
        grade = "grade": String,
        /// Title.
        #[schema(value_type = Option<PlainText>)]
        name = "name": String,
        /// RFC 3339, or local `HH:MM`.
        jump_at = "jump_at": String,
        /// When it could be known in the world, where that is not now.
        #[schema(format = DateTime)]
        known_at = "known_at": String,
        /// How final.
        #[schema(value_type = ResultStatusWord)]
        status = "status": String,
        /// Some who ran are missing from the list.
        partial = "partial": bool,
        /// Those who ran, and those who were withdrawn with outcome `SCR`.
        #[schema(required = true, nullable = false, max_items = 20)]
        runners = "runners": Vec<LineBody>,
    }
}

object! {
    /// What one runner did.
    LineBody as ResultRunner {
        /// The number worn.
        #[schema(required = true, nullable = false, minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// The box it started from.
        #[schema(minimum = 1, maximum = 8)]
        box_no = "box": i64,
        /// Its name; may be left out when a card tells.
        #[schema(value_type = Option<NameOfDog>)]
        dog = "dog": String,
        /// Our own id.
        dog_id = "dog_id": i64,
        /// Its id at a source.
        reference = "ref": RefBody,
        /// Trainer.
        #[schema(value_type = Option<PlainText>)]
        trainer = "trainer": String,
        /// Finishing position; dogs in a dead heat share one; 0 is none.
        #[schema(minimum = 0, maximum = 10)]
        place = "place": i64,
        /// What became of it without a place.
        #[schema(value_type = Option<OutcomeCode>)]
        outcome = "outcome": String,
        /// Seconds.
        #[schema(minimum = 0.001, maximum = 300)]
        run_time_s = "run_time_s": f64,
        /// Seconds to the first mark.
        #[schema(minimum = 0.001, maximum = 300)]
        sectional_s = "sectional_s": f64,
        /// Lengths behind the winner; of the winner, before the second.
        #[schema(minimum = 0, maximum = 1000)]
        margin_lengths = "margin_lengths": f64,
        /// Kilograms.
        #[schema(minimum = 10, maximum = 60)]
        weight_kg = "weight_kg": f64,
        /// Starting price, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        sp = "sp": f64,
        /// Exchange starting price, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        bsp = "bsp": f64,
        /// Positions in running.
        #[schema(pattern = r"^\s*[A-Za-z0-9]{1,12}\s*$")]
        positions = "positions": String,
    }
}

impl ResultBody {
    /// What it says, unchecked; what must be given and is not is noted.
    pub(crate) fn draft(self, faults: &mut Vec<Fault>) -> Draft {
        let runners = given(self.runners, "runners", faults).into_iter();
        let runners = runners
            .enumerate()
            .map(|(n, line)| line.draft(n, faults))
            .collect();
        Draft::Result(Box::new(ResultDraft {
            race: RaceDraft {
                source: given(self.source, "source", faults),
                track: given(self.track, "track", faults),
                day: given(self.day, "day", faults),
                number: self.number,
                session: self.session,
                jump_at: self.jump_at,
                name: self.name,
                distance_m: self.distance_m,
                grade: self.grade,
                prize: None,
                reference: None,
            },
            known_at: self.known_at,
            status: given(self.status, "status", faults),
            partial: self.partial.unwrap_or_default(),
            runners,
        }))
    }
}

impl LineBody {
    fn draft(self, n: usize, faults: &mut Vec<Fault>) -> ResultRunnerDraft {
        let named = self.dog.is_some() || self.dog_id.is_some() || self.reference.is_some();
        ResultRunnerDraft {
            rug: given(self.rug, &format!("runners[{n}].rug"), faults),
            box_no: self.box_no,
            dog: named.then(|| DogDraft {
                id: self.dog_id,
                reference: self.reference.map(RefBody::draft),
                name: self.dog,
                ..DogDraft::default()
            }),
            trainer: self.trainer,
            performance: PerformanceDraft {
                place: self.place,
                outcome: self.outcome,
                run_time_s: self.run_time_s,
                sectional_s: self.sectional_s,
                margin_lengths: self.margin_lengths,
                weight_kg: self.weight_kg,
                positions: self.positions,
                sp: self.sp,
                bsp: self.bsp,
                ..PerformanceDraft::default()
            },
        }
    }
}
