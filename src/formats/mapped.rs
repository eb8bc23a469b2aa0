//! A table read by a mapping.
//!
//! Values may carry what people write around them (`31.9kg`, `2nd`, `$4.50`, `7/2`). A day in an
//! order that could be read in two ways is a fault unless the mapping says which.

use std::collections::BTreeMap;

use super::cells::Cells;
use super::fields::Kind;
use super::mapping::{Mapping, Origin};
use super::races::{self, Race, RaceRows};
use super::spelled::{calls, clock, flag, lengths, number, odds, seconds, sex, whole};
use super::table::{Col, Header, Table};
use super::{Out, Refusal, RowFault, Stop, form_rows};
use crate::domain::{
    CardDraft, CardRunnerDraft, DogDraft, Draft, FormDraft, PerformanceDraft, PriceDraft,
    PriceTickDraft, RaceDraft, ResultRunnerDraft,
};

/// Days that can be read in one way only; a workbook's may have a time behind them.
const DAYS: [&str; 5] = [
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
];

/// Every row or race as the mapping says.
pub(super) fn read(
    mapping: &Mapping,
    table: &mut Table<'_>,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let rows = Rows::new(mapping, table.header())?;
    match mapping.kind {
        Kind::Result | Kind::Card | Kind::Prices => races::read(table, out, &rows),
        Kind::Form => form_rows::read(table, out, |cells| Some(rows.form(cells)), |at| rows.at(at)),
    }
}

struct Rows<'m> {
    mapping: &'m Mapping,
    columns: BTreeMap<&'m str, Col>,
    constants: BTreeMap<&'m str, String>,
    forms: Vec<&'m str>,
}

/// What a card or a list of prices says beside a runner.
struct Beside {
    reserve: bool,
    scratched: bool,
    /// When the price was to be had, and of which kind it is.
    at: String,
    kind: String,
    win: Option<f64>,
    place: Option<f64>,
}

impl<'m> Rows<'m> {
    fn new(mapping: &'m Mapping, header: &Header) -> Result<Self, Refusal> {
        let (mut columns, mut constants) = (BTreeMap::new(), BTreeMap::new());
        let mut absent = Vec::new();
        for (field, origin) in &mapping.columns {
            match origin {
                Origin::Constant(constant) => {
                    constants.insert(field.as_str(), constant.shown());
                }
                Origin::Heading(heading) => {
                    let column = header.find(heading.trim());
                    if column == Col::NONE {
                        absent.push(format!("{heading} (for {field})"));
                    }
                    columns.insert(field.as_str(), column);
                }
            }
        }
        if !absent.is_empty() {
            let reason = format!("the mapping's columns are missing: {}", absent.join(", "));
            return Err(Refusal::new(reason));
        }
        let forms = mapping
            .date_format
            .as_ref()
            .map_or_else(|| DAYS.to_vec(), |form| vec![form.as_str()]);
        Ok(Self {
            mapping,
            columns,
            constants,
            forms,
        })
    }

    fn col(&self, field: &str) -> Col {
        self.columns.get(field).copied().unwrap_or(Col::NONE)
    }

    /// What stands there, or for every row; `None` when blank.
    fn known<'c>(&'c self, cells: &Cells<'c>, field: &str) -> Option<&'c str> {
        match self.constants.get(field) {
            Some(constant) => Some(constant.as_str()),
            None => cells.known(self.col(field)),
        }
    }

    fn words(&self, cells: &Cells<'_>, field: &str) -> Option<String> {
        self.known(cells, field).map(str::to_owned)
    }

    fn parsed<T>(
        &self,
        cells: &mut Cells<'_>,
        field: &str,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(self.known(cells, field)?);
        value.or_else(|| cells.bad(self.col(field), rule))
    }

    fn number(&self, cells: &mut Cells<'_>, field: &str) -> Option<f64> {
        self.parsed(cells, field, "must be a number", number)
    }

    fn whole(&self, cells: &mut Cells<'_>, field: &str) -> Option<i64> {
        self.parsed(cells, field, "must be a whole number", whole)
    }

    fn seconds(&self, cells: &mut Cells<'_>, field: &str) -> Option<f64> {
        let rule = "must be seconds like 29.87 or 0:29.87";
        self.parsed(cells, field, rule, seconds)
            .filter(|time| *time != 0.0)
    }

    fn odds(&self, cells: &mut Cells<'_>, field: &str) -> Option<f64> {
        let rule = "must be a price like 4.50, $4.50 or 7/2";
        self.parsed(cells, field, rule, odds)
            .filter(|price| *price != 0.0)
    }

    fn flag(&self, cells: &mut Cells<'_>, field: &str) -> Option<bool> {
        self.parsed(cells, field, "must be yes or no, 1 or 0", flag)
    }

    fn day(&self, cells: &mut Cells<'_>) -> String {
        let raw = self.words(cells, "day").unwrap_or_default();
        let read = |form: &&str| {
            let day = chrono::NaiveDate::parse_from_str(&raw, form);
            let instant = || chrono::NaiveDateTime::parse_from_str(&raw, form);
            day.or_else(|_no_day| instant().map(|at| at.date())).ok()
        };
        if let Some(day) = self.forms.iter().find_map(read) {
            return day.to_string();
        }
        let rule = match &self.mapping.date_format {
            Some(form) => format!("must be a date like {form}"),
            None => {
                "must be a date like 2026-11-20, or the mapping must say its date_format".to_owned()
            }
        };
        let _: Option<()> = cells.bad(self.col("day"), rule);
        String::new()
    }

    fn dog(&self, cells: &Cells<'_>) -> Option<DogDraft> {
        let draft = DogDraft {
            id: None,
            reference: self
                .words(cells, "dog_id")
                .map(|id| (self.mapping.source.clone(), id)),
            name: self.words(cells, "dog"),
            sex: self.known(cells, "sex").and_then(sex),
            whelped: self.words(cells, "whelped"),
            sire: self.words(cells, "sire"),
            dam: self.words(cells, "dam"),
        };
        (draft != DogDraft::default()).then_some(draft)
    }

    fn performance(&self, cells: &mut Cells<'_>) -> PerformanceDraft {
        let place = self.known(cells, "place").and_then(whole);
        // A code in the column of places says why there is none.
        let code = self.words(cells, "place").filter(|_| place.is_none());
        let outcome = self.words(cells, "outcome").or(code);
        let rule = "must be lengths like 2.25, 2 1/4 or NK";
        PerformanceDraft {
            place: place.filter(|_| outcome.is_none()),
            won: self.flag(cells, "won"),
            placed: self.flag(cells, "placed"),
            outcome,
            run_time_s: self.seconds(cells, "run_time_s"),
            winner_time_s: self.seconds(cells, "winner_time_s"),
            best_of_night_s: self.seconds(cells, "best_of_night_s"),
            sectional_s: self.seconds(cells, "sectional_s"),
            margin_lengths: self.parsed(cells, "margin_lengths", rule, lengths),
            weight_kg: self.number(cells, "weight_kg"),
            positions: self.known(cells, "positions").map(calls),
            other: self.words(cells, "other"),
            sp: self.odds(cells, "sp"),
            bsp: self.odds(cells, "bsp"),
            place_bsp: self.odds(cells, "place_bsp"),
            comment: self.words(cells, "comment"),
        }
    }

    fn form(&self, cells: &mut Cells<'_>) -> FormDraft {
        FormDraft {
            source: self.mapping.source.clone(),
            dog: self.dog(cells).unwrap_or_default(),
            track: self.words(cells, "track").unwrap_or_default(),
            day: self.day(cells),
            number: self.whole(cells, "number"),
            distance_m: self.number(cells, "distance_m"),
            grade: self.words(cells, "grade"),
            rug: self.whole(cells, "rug"),
            box_no: self.whole(cells, "box"),
            field_size: self.whole(cells, "field_size"),
            trainer: self.words(cells, "trainer"),
            trial: false,
            performance: self.performance(cells),
        }
    }
}

impl RaceRows for Rows<'_> {
    type Note = Beside;

    fn key(&self) -> Col {
        let told = ["race_id", "number", "jump_at"].map(|field| self.col(field));
        told.into_iter()
            .find(|column| *column != Col::NONE)
            .unwrap_or(Col::NONE)
    }

    fn id(&self, cells: &Cells<'_>) -> String {
        let parts = [
            "race_id", "track", "day", "session", "number", "jump_at", "at", "kind",
        ];
        parts
            .map(|field| self.known(cells, field).unwrap_or_default())
            .join("\u{1f}")
    }

    fn wanted(&self, _cells: &Cells<'_>) -> bool {
        true
    }

    fn race(&self, cells: &mut Cells<'_>) -> RaceDraft {
        RaceDraft {
            source: self.mapping.source.clone(),
            track: self.words(cells, "track").unwrap_or_default(),
            day: self.day(cells),
            number: self.whole(cells, "number"),
            session: self.whole(cells, "session"),
            jump_at: self.known(cells, "jump_at").map(clock),
            name: self.words(cells, "race_name"),
            distance_m: self.number(cells, "distance_m"),
            grade: self.words(cells, "grade"),
            prize: self.words(cells, "prize"),
            reference: self
                .words(cells, "race_id")
                .map(|id| (self.mapping.source.clone(), id)),
        }
    }

    fn runner(&self, cells: &mut Cells<'_>) -> (ResultRunnerDraft, Beside) {
        let beside = Beside {
            reserve: self.flag(cells, "reserve") == Some(true),
            scratched: self.flag(cells, "scratched") == Some(true),
            at: self.words(cells, "at").unwrap_or_default(),
            kind: self.words(cells, "kind").unwrap_or_default(),
            win: self.odds(cells, "win"),
            place: self.odds(cells, "place_price"),
        };
        let runner = ResultRunnerDraft {
            rug: self.whole(cells, "rug").unwrap_or_default(),
            box_no: self.whole(cells, "box"),
            dog: self.dog(cells),
            trainer: self.words(cells, "trainer"),
            performance: self.performance(cells),
        };
        (runner, beside)
    }

    fn at(&self, field: &str) -> Col {
        match field {
            "ref" => self.col("race_id"),
            "name" => self.col("race_name"),
            "outcome" if self.col("outcome") == Col::NONE => self.col("place"),
            field => self.col(field),
        }
    }

    fn draft(&self, race: Race<Beside>) -> Result<Draft, RowFault> {
        match self.mapping.kind {
            Kind::Result => Ok(race.into_result("official")),
            Kind::Prices => prices(race),
            Kind::Card | Kind::Form => race.undivided("race_id").map(card),
        }
    }
}

fn card(mut race: Race<Beside>) -> Draft {
    Draft::Card(Box::new(CardDraft {
        race: race.take_head(),
        known_at: None,
        runners: race.runners.into_iter().map(card_runner).collect(),
    }))
}

fn prices(mut race: Race<Beside>) -> Result<Draft, RowFault> {
    let head = race.take_head();
    let first = race.runners.first().map(|(_, beside)| beside);
    let draft = PriceDraft {
        source: head.source,
        race: None,
        track: Some(head.track),
        day: Some(head.day),
        number: head.number,
        session: head.session,
        jump_at: head.jump_at,
        distance_m: head.distance_m,
        at: first.map(|beside| beside.at.clone()).unwrap_or_default(),
        kind: first.map(|beside| beside.kind.clone()).unwrap_or_default(),
        prices: race.runners.iter().map(tick).collect(),
    };
    match draft.check().map_err(|faults| faults.into_iter().next()) {
        Err(Some(fault)) => Err(RowFault {
            row: race.row,
            column: fault.at,
            value: String::new(),
            rule: fault.why,
        }),
        Ok(_) | Err(None) => Ok(Draft::Prices(Box::new(draft))),
    }
}

fn tick((runner, beside): &(ResultRunnerDraft, Beside)) -> PriceTickDraft {
    PriceTickDraft {
        rug: runner.rug,
        win: beside.win,
        place: beside.place,
    }
}

fn card_runner((runner, beside): (ResultRunnerDraft, Beside)) -> CardRunnerDraft {
    CardRunnerDraft {
        rug: runner.rug,
        box_no: runner.box_no,
        dog: runner.dog.unwrap_or_default(),
        trainer: runner.trainer,
        weight_kg: runner.performance.weight_kg,
        reserve: beside.reserve,
        scratched: beside.scratched,
        form: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
