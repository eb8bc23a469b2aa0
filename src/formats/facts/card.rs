//! A card, as posted.

use super::given;
use super::loose::object;
use super::run::{RefBody, RunBody};
use super::words::{NameOfDog, PlainText, SourceName};
use crate::domain::{CardDraft, CardRunnerDraft, DogDraft, Draft, Fault, RaceDraft};

object! {
    /// A race to come with its whole field. A rug missing from a newer card of the same source is
    /// scratched.
    CardBody as Card {
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
        /// RFC 3339, or local `HH:MM`.
        jump_at = "jump_at": String,
        /// Title.
        #[schema(value_type = Option<PlainText>)]
        name = "name": String,
        /// Metres.
        #[schema(minimum = 100, maximum = 1500)]
        distance_m = "distance_m": f64,
        /// As written.
        #[schema(value_type = Option<PlainText>)]
        grade = "grade": String,
        /// As written.
        #[schema(value_type = Option<PlainText>)]
        prize = "prize": String,
        /// When it could be known in the world, where that is not now.
        #[schema(format = DateTime)]
        known_at = "known_at": String,
        /// The whole field.
        #[schema(required = true, nullable = false, max_items = 20)]
        runners = "runners": Vec<RunnerBody>,
    }
}

object! {
    /// A dog's entry in a card.
    RunnerBody as CardRunner {
        /// The number worn; reserves wear 9 and 10.
        #[schema(required = true, nullable = false, minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// Starting box, where it is known apart from the rug.
        #[schema(minimum = 1, maximum = 8)]
        box_no = "box": i64,
        /// Its name. One of `dog`, `dog_id` and `ref` must be given.
        #[schema(value_type = Option<NameOfDog>)]
        dog = "dog": String,
        /// Our own id.
        dog_id = "dog_id": i64,
        /// Its id at a source.
        reference = "ref": RefBody,
        /// Trainer.
        #[schema(value_type = Option<PlainText>)]
        trainer = "trainer": String,
        /// Kilograms.
        #[schema(minimum = 10, maximum = 60)]
        weight_kg = "weight_kg": f64,
        /// Stands by for a scratching.
        reserve = "reserve": bool,
        /// Withdrawn.
        scratched = "scratched": bool,
        /// Father.
        #[schema(value_type = Option<NameOfDog>)]
        sire = "sire": String,
        /// Mother.
        #[schema(value_type = Option<NameOfDog>)]
        dam = "dam": String,
        /// Month of birth, `2022-10`.
        #[schema(pattern = "^[0-9]{4}-[0-9]{1,2}$")]
        whelped = "whelped": String,
        /// `D` or `B`.
        #[schema(pattern = r"^\s*[DBdb]\s*$")]
        sex = "sex": String,
        /// Past runs.
        #[schema(max_items = 1000)]
        form = "form": Vec<RunBody>,
    }
}

impl CardBody {
    /// What it says, unchecked; what must be given and is not is noted.
    pub(crate) fn draft(self, faults: &mut Vec<Fault>) -> Draft {
        let source = given(self.source, "source", faults);
        let runners = given(self.runners, "runners", faults).into_iter();
        let runners = runners
            .enumerate()
            .map(|(n, runner)| runner.draft(n, &source, faults))
            .collect();
        Draft::Card(Box::new(CardDraft {
            race: RaceDraft {
                source,
                track: given(self.track, "track", faults),
                day: given(self.day, "day", faults),
                number: self.number,
                session: self.session,
                jump_at: self.jump_at,
                name: self.name,
                distance_m: self.distance_m,
                grade: self.grade,
                prize: self.prize,
                reference: None,
            },
            known_at: self.known_at,
            runners,
        }))
    }
}

impl RunnerBody {
    fn draft(self, n: usize, source: &str, faults: &mut Vec<Fault>) -> CardRunnerDraft {
        let form = self.form.unwrap_or_default().into_iter();
        CardRunnerDraft {
            rug: given(self.rug, &format!("runners[{n}].rug"), faults),
            box_no: self.box_no,
            dog: DogDraft {
                id: self.dog_id,
                reference: self.reference.map(RefBody::draft),
                name: self.dog,
                sex: self.sex,
                whelped: self.whelped,
                sire: self.sire,
                dam: self.dam,
            },
            trainer: self.trainer,
            weight_kg: self.weight_kg,
            reserve: self.reserve.unwrap_or_default(),
            scratched: self.scratched.unwrap_or_default(),
            form: form.map(|run| run.draft(source)).collect(),
        }
    }
}
