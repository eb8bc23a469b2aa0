//! Prices of one race, as posted.

use super::given;
use super::loose::object;
use super::words::{PlainText, PriceKindWord, SourceName};
use crate::domain::{Draft, Fault, PriceDraft, PriceTickDraft};

object! {
    /// Prices seen at one instant. The race is named by `race`, or by `track`, `day` and `number`.
    PricesBody as Prices {
        /// Who says so.
        #[schema(value_type = SourceName)]
        source = "source": String,
        /// The race's natural key.
        race = "race": String,
        /// Any known alias.
        #[schema(value_type = Option<PlainText>)]
        track = "track": String,
        /// Local day at the track.
        #[schema(format = Date)]
        day = "day": String,
        /// Race number.
        #[schema(minimum = 1, maximum = 60)]
        number = "number": i64,
        /// Meeting of the day, 1 when left out.
        #[schema(minimum = 1, maximum = 4)]
        session = "session": i64,
        /// Metres; tells tracks of one alias apart.
        #[schema(minimum = 100, maximum = 1500)]
        distance_m = "distance_m": f64,
        /// When they were seen.
        #[schema(required = true, nullable = false, format = DateTime)]
        at = "at": String,
        /// What the prices are of.
        #[schema(value_type = PriceKindWord)]
        kind = "kind": String,
        /// One price or two for each rug.
        #[schema(required = true, nullable = false, min_items = 1, max_items = 20)]
        prices = "prices": Vec<TickBody>,
    }
}

object! {
    /// The prices of one runner.
    TickBody as Price {
        /// The number worn.
        #[schema(required = true, nullable = false, minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// To win, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        win = "win": f64,
        /// For a place, decimal.
        #[schema(exclusive_minimum = 1, maximum = 100_000)]
        place = "place": f64,
    }
}

impl PricesBody {
    /// What it says, unchecked; what must be given and is not is noted.
    pub(crate) fn draft(self, faults: &mut Vec<Fault>) -> Draft {
        let ticks = given(self.prices, "prices", faults).into_iter();
        let prices = ticks
            .enumerate()
            .map(|(n, tick)| PriceTickDraft {
                rug: given(tick.rug, &format!("prices[{n}].rug"), faults),
                win: tick.win,
                place: tick.place,
            })
            .collect();
        Draft::Prices(Box::new(PriceDraft {
            source: given(self.source, "source", faults),
            race: self.race,
            track: self.track,
            day: self.day,
            number: self.number,
            session: self.session,
            jump_at: None,
            distance_m: self.distance_m,
            at: given(self.at, "at", faults),
            kind: given(self.kind, "kind", faults),
            prices,
        }))
    }
}
