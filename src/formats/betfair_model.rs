//! Betfair's monthly model results: who won, at which exchange prices.
//!
//! The file also carries Betfair's own rating; that is a benchmark to compare with, so it is not
//! read. A market without any result was not run yet, as far as the file knows: it is a card.

use super::cells::Cells;
use super::races::{Race, Races};
use super::table::{Col, Table, columns};
use super::{Out, RowFault, Stop};
use crate::domain::{
    CardDraft, CardRunnerDraft, DogDraft, Draft, PerformanceDraft, RaceDraft, ResultRunnerDraft,
};

const SOURCE: &str = "betfair";

columns! {
    must {
        date: "Date" => "day",
        track: "Track" => "track",
        name: "Race Name" => "name",
        number: "Race" => "number",
        market: "MarketId" => "ref",
        rug: "Rug" => "rug",
        dog: "Dog" => "dog",
        won: "WIN_RESULT" => "won",
        bsp: "WIN_BSP" => "bsp",
    }
    may {
        placed: "PLACE_RESULT" => "placed",
        place_bsp: "PLACE_BSP" => "place_bsp",
    }
}

impl Columns {
    fn at(&self, field: &str) -> Col {
        match field {
            "distance_m" | "grade" => self.name,
            field => self.of(field),
        }
    }
}

/// Every market as an official result, or as a card where it has no result at all.
pub(super) fn read(table: &mut Table<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    let columns = Columns::find(table.header());
    let mut races = Races::by(columns.market);
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if let Some(over) = races.turn(&mut cells) {
            out.outcome(over.row, draft(over))?;
        }
        if cells.clean() {
            if races.headless() {
                let head = race(&columns, &mut cells);
                races.head(head, &mut cells, |at| columns.at(at));
            }
            let runner = runner(&columns, &mut cells);
            races.add(runner, (), &mut cells, |at| columns.at(at));
        }
        out.faults(cells.faults())?;
    }
    let lost = table.lost_its_end();
    for over in races.last(lost) {
        out.outcome(over.row, draft(over))?;
    }
    Ok(())
}

fn race(columns: &Columns, cells: &mut Cells<'_>) -> RaceDraft {
    let market = Market::parse(cells.raw(columns.name));
    let number = cells.whole(columns.number);
    RaceDraft {
        source: SOURCE.to_owned(),
        track: cells.raw(columns.track).to_owned(),
        day: cells.day(columns.date, &["%Y-%m-%d", "%d/%m/%Y"]),
        number: market.number.or(number),
        name: market.name,
        distance_m: market.distance_m,
        grade: market.grade,
        reference: cells
            .words(columns.market)
            .map(|id| (SOURCE.to_owned(), id)),
        ..RaceDraft::default()
    }
}

/// What a market's name tells: `R1 530m Gr5`, sometimes without the `m`, rarely free text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Market {
    /// In its meeting.
    pub(super) number: Option<i64>,
    /// Metres.
    pub(super) distance_m: Option<f64>,
    /// As written.
    pub(super) grade: Option<String>,
    /// The whole text, where it tells nothing else.
    pub(super) name: Option<String>,
}

impl Market {
    /// What the text tells.
    pub(super) fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace().peekable();
        let number = words
            .next()
            .and_then(|word| word.strip_prefix(['R', 'r']))
            .and_then(|digits| digits.parse().ok());
        if number.is_none() {
            return Self {
                name: Some(text.to_owned()).filter(|text| !text.is_empty()),
                ..Self::default()
            };
        }
        let distance_m = words.peek().and_then(|word| {
            let digits = word.strip_suffix(['m', 'M']).unwrap_or(word);
            digits.parse::<u16>().ok().map(f64::from)
        });
        if distance_m.is_some() {
            words.next();
        }
        let grade = words.collect::<Vec<_>>().join(" ");
        Self {
            number,
            distance_m,
            grade: Some(grade).filter(|grade| !grade.is_empty()),
            name: None,
        }
    }
}

fn runner(columns: &Columns, cells: &mut Cells<'_>) -> ResultRunnerDraft {
    let won = cells.flag(columns.won);
    let ran = !cells.raw(columns.won).is_empty();
    let placed = cells.flag(columns.placed);
    let bsp = cells.price(columns.bsp);
    let place_bsp = cells.price(columns.place_bsp);
    ResultRunnerDraft {
        rug: cells.whole(columns.rug).unwrap_or_default(),
        dog: Some(DogDraft::named(cells.raw(columns.dog))),
        performance: PerformanceDraft {
            won,
            placed: placed.filter(|_| ran),
            outcome: (!ran).then(|| "SCR".to_owned()),
            bsp: bsp.filter(|_| ran),
            place_bsp: place_bsp.filter(|_| ran),
            ..PerformanceDraft::default()
        },
        ..ResultRunnerDraft::default()
    }
}

fn draft(race: Race<()>) -> Result<Draft, RowFault> {
    let ran = |(runner, ()): &(ResultRunnerDraft, ())| runner.performance.outcome.is_none();
    if race.runners.iter().any(ran) {
        return Ok(race.into_result("official"));
    }
    race.undivided("MarketId").map(card)
}

/// A market lists those who run: rug 9 has been given a box.
fn card(mut race: Race<()>) -> Draft {
    Draft::Card(Box::new(CardDraft {
        race: race.take_head(),
        known_at: None,
        runners: race
            .runners
            .into_iter()
            .map(|(runner, ())| CardRunnerDraft {
                rug: runner.rug,
                dog: runner.dog.unwrap_or_default(),
                ..CardRunnerDraft::default()
            })
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    const HEAD: &str = "Date,Track,Race Name,Race,MarketId,Rug,Dog,WIN_RESULT,WIN_BSP\n";

    #[test]
    fn a_market_with_results_is_a_result_and_one_without_a_card() {
        let (drafts, faults) = fixture("betfair-model.csv");

        let [Draft::Result(result), Draft::Card(card)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(result.race.grade.as_deref(), Some("Gr5"));
        assert_eq!(result.runners.len(), 3);
        assert_eq!(result.runners[0].performance.won, Some(true));
        assert_eq!(result.runners[1].performance.bsp, None);
        assert_eq!(
            result.runners[2].performance.outcome.as_deref(),
            Some("SCR")
        );
        assert_eq!(card.race.day, "2026-08-05");
        assert_eq!(card.race.distance_m, Some(295.0));
        assert_eq!(card.race.grade.as_deref(), Some("C0 Heat"));
        assert!(card.runners.iter().all(|runner| !runner.scratched));
    }

    #[test]
    fn a_market_without_number_in_its_name_has_one_in_its_column() {
        let market = Market::parse("Match Race Outright Winner");

        assert_eq!((market.number, market.distance_m), (None, None));
        assert_eq!(market.name.as_deref(), Some("Match Race Outright Winner"));
    }

    #[test]
    fn a_rug_worn_by_two_that_ran_is_a_fault_of_the_second() {
        let (drafts, faults) = text(&format!(
            "{HEAD}2026-01-01,Sale,R1 400m Mdn,1,7,1,A,1,2\n2026-01-01,Sale,R1 400m Mdn,1,7,1,B,0,3\n"
        ));

        assert_eq!(drafts.len(), 1);
        assert_eq!(
            faults,
            ["row 3: Rug must be worn once, 1 is twice (found \"1\")"]
        );
    }

    #[test]
    fn a_replacement_in_the_rug_of_a_scratched_dog_is_the_one_that_ran() {
        let (drafts, faults) = text(&format!(
            "{HEAD}2026-01-01,Sale,R1 400m Mdn,1,7,1,A,,\n2026-01-01,Sale,R1 400m Mdn,1,7,1,B,1,3\n2026-01-01,Sale,R1 400m Mdn,1,7,1,C,,\n"
        ));

        let [Draft::Result(result)] = drafts.as_slice() else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(result.runners.len(), 1);
        assert_eq!(result.runners[0].dog, Some(DogDraft::named("B")));
    }
}
