//! The prices of a race, for clients: the last one of each source, kind and runner.

use serde::Serialize;
use utoipa::ToSchema;

use super::race_view::{self, instant};
use crate::domain::{DogId, Odds};
use crate::formats::facts::PriceKindWord;
use crate::store::prices::{self, Price};
use crate::store::races::Race;
use crate::store::{self, Reader};

/// A race with its prices.
#[derive(Serialize, ToSchema)]
#[schema(as = PricedRace)]
pub(super) struct Priced {
    #[serde(flatten)]
    race: race_view::View,
    /// The last price of each source, kind and runner.
    prices: Vec<View>,
}

/// A price.
#[derive(Serialize, ToSchema)]
#[schema(as = LastPrice)]
struct View {
    rug: u8,
    /// What it is of.
    #[schema(value_type = PriceKindWord)]
    kind: &'static str,
    source: String,
    /// When it was to be had.
    #[schema(format = DateTime)]
    at: String,
    /// To win, decimal.
    win: Option<f64>,
    /// For a place, decimal.
    place: Option<f64>,
}

impl Priced {
    /// The dogs in the field.
    pub(super) fn dogs(&self) -> impl Iterator<Item = DogId> {
        self.race.dogs()
    }

    /// The race with its field and its prices.
    pub(super) fn load(reader: &Reader<'_>, race: Race) -> Result<Self, store::Error> {
        let found = prices::latest(reader, race.id)?;
        Ok(Self {
            race: race_view::View::load(reader, race)?,
            prices: found.iter().map(View::of).collect(),
        })
    }
}

impl View {
    fn of(price: &Price) -> Self {
        Self {
            rug: price.rug.get(),
            kind: price.kind.as_str(),
            source: price.source.as_str().to_owned(),
            at: instant(price.at),
            win: price.win.map(Odds::get),
            place: price.place.map(Odds::get),
        }
    }
}
