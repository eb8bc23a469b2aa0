//! What a dog did: in a race, or in a past run that came with a card.

use super::loose::object;
use super::words::{OutcomeCode, PlainText, SourceName};
use crate::domain::{DogDraft, FormDraft, PerformanceDraft};

object! {
    /// An id at a source.
    RefBody as Reference {
        /// Who gave the id.
        #[schema(value_type = SourceName)]
        source = "source": String,
        /// The id there.
        #[schema(required = true, nullable = false, min_length = 1, max_length = 40, pattern = r"\S")]
        id = "id": String,
    }
}

object! {
    /// A past run of the runner's dog.
    RunBody as PastRun {
        /// Local day at the track.
        #[schema(required = true, nullable = false, format = Date)]
        day = "day": String,
        /// Any known alias.
        #[schema(value_type = PlainText)]
        track = "track": String,
        /// Race number.
        #[schema(minimum = 1, maximum = 60)]
        number = "number": i64,
        /// Metres.
        #[schema(required = true, nullable = false, minimum = 100, maximum = 1500)]
        distance_m = "distance_m": f64,
        /// As written.
        #[schema(value_type = Option<PlainText>)]
        grade = "grade": String,
        /// The rug it wore.
        #[schema(minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// The box it started from.
        #[schema(minimum = 1, maximum = 8)]
        box_no = "box": i64,
        /// Finishing position; 0 is none.
        #[schema(minimum = 0, maximum = 10)]
        place = "place": i64,
        /// What became of it without a place.
        #[schema(value_type = Option<OutcomeCode>)]
        outcome = "outcome": String,
        /// Seconds.
        #[schema(minimum = 0.001, maximum = 300)]
        run_time_s = "run_time_s": f64,
        /// Seconds.
        #[schema(minimum = 0.001, maximum = 300)]
        winner_time_s = "winner_time_s": f64,
        /// Seconds.
        #[schema(minimum = 0.001, maximum = 300)]
        best_of_night_s = "best_of_night_s": f64,
        /// Seconds to the first mark.
        #[schema(minimum = 0.001, maximum = 300)]
        sectional_s = "sectional_s": f64,
        /// Lengths behind the winner; of the winner, before the second.
        #[schema(minimum = 0, maximum = 1000)]
        margin_lengths = "margin_lengths": f64,
        /// Kilograms.
        #[schema(minimum = 10, maximum = 60)]
        weight_kg = "weight_kg": f64,
        /// Positions in running.
        #[schema(pattern = r"^\s*[A-Za-z0-9]{1,12}\s*$")]
        positions = "positions": String,
        /// The winner, or the second when this dog won.
        #[schema(value_type = Option<PlainText>)]
        other = "other": String,
        /// Starting price, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        sp = "sp": f64,
        /// Exchange starting price, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        bsp = "bsp": f64,
        /// How many ran.
        #[schema(minimum = 1, maximum = 10)]
        field_size = "field_size": i64,
    }
}

impl RefBody {
    pub(super) fn draft(self) -> (String, String) {
        (self.source.unwrap_or_default(), self.id.unwrap_or_default())
    }
}

impl RunBody {
    /// The run as the source of the card tells it; whose run it is, the card says.
    pub(super) fn draft(self, source: &str) -> FormDraft {
        FormDraft {
            source: source.to_owned(),
            dog: DogDraft::default(),
            track: self.track.unwrap_or_default(),
            day: self.day.unwrap_or_default(),
            number: self.number,
            distance_m: self.distance_m,
            grade: self.grade,
            rug: self.rug,
            box_no: self.box_no,
            field_size: self.field_size,
            trainer: None,
            trial: false,
            performance: PerformanceDraft {
                place: self.place,
                outcome: self.outcome,
                run_time_s: self.run_time_s,
                winner_time_s: self.winner_time_s,
                best_of_night_s: self.best_of_night_s,
                sectional_s: self.sectional_s,
                margin_lengths: self.margin_lengths,
                weight_kg: self.weight_kg,
                positions: self.positions,
                other: self.other,
                sp: self.sp,
                bsp: self.bsp,
                ..PerformanceDraft::default()
            },
        }
    }
}
