//! Facts in lurcher's own JSON: the bodies that the HTTP interface takes, which a file or a source
//! may hold as well.
//!
//! Cards, results and prices may stand together; each item is told by its keys. Reading goes on
//! past a fault. A key that stands twice is a fault of a body only: in a file the last one counts.

mod card;
mod item;
mod loose;
mod money;
mod price;
mod question;
mod result;
mod run;
mod scratching;
mod words;

use serde_json::Value;

pub(crate) use card::CardBody;
pub(crate) use item::{Item, One};
pub(crate) use loose::Loose;
pub(crate) use money::{BetBody, DeadHeatBody, SettlementBody, StakesBody};
pub(crate) use price::PricesBody;
pub(crate) use question::PredictionsBody;
pub(crate) use result::ResultBody;
pub(crate) use scratching::ScratchingBody;
pub(crate) use words::{PriceKindWord, ResultStatusWord, SourceName};

use super::json::Documents;
use super::table::shown;
use super::{Out, RowFault, Stop};
use crate::domain::{Draft, Fault};

/// What an item tells.
#[derive(Clone, Copy)]
enum Kind {
    Card,
    Result,
    Prices,
}

/// Whether an item is meant to be one of ours, whole or not.
pub(super) fn is(item: &Value) -> bool {
    let any = |keys: &[&str]| keys.iter().any(|key| item.get(key).is_some());
    let race = any(&["track", "race"]);
    any(&["source"]) && race || any(&["runners", "prices"]) && (race || any(&["source"]))
}

/// Every item as the fact that it tells.
pub(super) fn read(documents: &mut Documents<'_>, out: &mut Out<'_>) -> Result<(), Stop> {
    while let Some((row, item)) = documents.good(out)? {
        match draft(&item) {
            Ok(draft) => out.draft(row, draft)?,
            Err(faults) => {
                let faults = faults.into_iter().map(|fault| placed(row, &item, fault));
                out.faults(faults.collect())?;
            }
        }
    }
    Ok(())
}

fn draft(item: &Value) -> Result<Draft, Vec<Fault>> {
    match kind(item).map_err(|fault| vec![fault])? {
        Kind::Card => checked(item, CardBody::draft),
        Kind::Result => checked(item, ResultBody::draft),
        Kind::Prices => checked(item, PricesBody::draft),
    }
}

fn kind(item: &Value) -> Result<Kind, Fault> {
    let has = |key: &str| item.get(key).is_some();
    match (has("prices"), has("runners"), has("status")) {
        (true, ..) => Ok(Kind::Prices),
        (false, true, true) => Ok(Kind::Result),
        (false, true, false) => Ok(Kind::Card),
        (false, false, true) => Err(Fault::new("must be given, of a result").under("runners")),
        (false, false, false) if has("kind") || has("at") => {
            Err(Fault::new("must be given, of prices").under("prices"))
        }
        (false, false, false) if item.is_object() => Err(Fault::new(
            "must have runners (a card; with status a result) or prices",
        )),
        (false, false, false) => Err(Fault::new("must be an object")),
    }
}

fn checked<T: Loose>(
    item: &Value,
    draft: impl FnOnce(T, &mut Vec<Fault>) -> Draft,
) -> Result<Draft, Vec<Fault>> {
    let read = Item::<T>::read(item)
        .map_err(|error: serde_json::Error| vec![Fault::new(error.to_string())])?;
    read.checked(|body, faults| {
        let draft = draft(body, faults);
        let wrong = draft.faults();
        if wrong.is_empty() {
            return Ok(draft);
        }
        Err(wrong)
    })
}

/// A fault of an item, with what stands there.
fn placed(row: u64, item: &Value, fault: Fault) -> RowFault {
    let pointer = fault.at.replace(['.', '['], "/").replace(']', "");
    let value = match item.pointer(&format!("/{pointer}")) {
        Some(Value::String(text)) => shown(text),
        Some(Value::Array(_) | Value::Object(_) | Value::Null) | None => String::new(),
        Some(value) => shown(&value.to_string()),
    };
    RowFault {
        row,
        column: fault.at,
        value,
        rule: fault.why,
    }
}

/// The value, or a placeholder after noting that it must be given.
fn given<T: Default>(value: Option<T>, place: &str, faults: &mut Vec<Fault>) -> T {
    value.unwrap_or_else(|| {
        if !faults.iter().any(|fault| fault.at == place) {
            faults.push(Fault::new("must be given").under(place));
        }
        T::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::tests::{fixture, text};

    #[test]
    fn cards_results_and_prices_stand_together() {
        let (drafts, faults) = fixture("facts.json");

        let [
            Draft::Card(card),
            Draft::Result(result),
            Draft::Prices(prices),
        ] = drafts.as_slice()
        else {
            panic!("{drafts:?}");
        };
        assert_eq!(faults, [""; 0]);
        assert_eq!(card.runners[0].form[0].performance.run_time_s, Some(29.87));
        assert_eq!(card.runners[0].form[0].source, "mine");
        assert_eq!(card.runners[1].box_no, Some(2));
        assert_eq!(result.status, "official");
        assert_eq!(result.runners[1].performance.outcome.as_deref(), Some("F"));
        assert_eq!(prices.prices[0].win, Some(3.6));
    }

    #[test]
    fn one_object_a_list_and_lines_are_read_alike() {
        let item = r#"{"source":"mine","track":"sale","day":"2026-01-02","number":1,"runners":[{"rug":1,"dog":"A"}]}"#;

        for form in [
            item.to_owned(),
            format!("[{item},{item}]"),
            format!("{item}\n\n{item}\n"),
            format!("{{\"items\":[{item}]}}"),
        ] {
            let (drafts, faults) = text(&form);
            assert!(matches!(drafts.as_slice(), [Draft::Card(_), ..]), "{form}");
            assert_eq!(faults, [""; 0]);
        }
    }

    #[test]
    fn every_fault_of_an_item_is_told_with_its_path_and_what_stands_there() {
        let (drafts, faults) = text(
            r#"[{"track":"sale","day":"2026-01-02","number":1,
              "runners":[{"rug":1,"dog":"A","box":9},{"dog":"B","weight_kg":"30"},{"rug":2,"dog":"C","colour":"b"}]}]"#,
        );

        assert_eq!(drafts, []);
        assert_eq!(
            faults,
            [
                r#"row 1: runners[1].weight_kg must be a number, got a text (found "30")"#,
                r#"row 1: runners[2].colour is not known here (found "b")"#,
                r#"row 1: source must be given (found "")"#,
                r#"row 1: runners[1].rug must be given (found "")"#,
                r#"row 1: runners[0].box must be a box, 1 to 8 (found "9")"#,
            ]
        );
    }

    #[test]
    fn an_item_that_is_none_of_ours_says_what_it_lacks() {
        let race = r#""source":"mine","track":"sale","day":"2026-01-02","number":1"#;

        let (_, faults) = text(&format!(
            "[{{{race}}},{{{race},\"status\":\"official\"}},{{{race},\"kind\":\"fixed\"}},7]"
        ));

        let [whole, result, prices, number] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert!(whole.starts_with("row 1:  must have runners"), "{whole}");
        assert!(result.starts_with("row 2: runners must be given"));
        assert!(prices.starts_with("row 3: prices must be given"));
        assert!(number.starts_with("row 4:  must be an object"), "{number}");
    }

    #[test]
    fn foreign_json_with_runners_is_not_taken_for_ours() {
        let mut bytes = br#"{"runners":[{"id":1}],"event":"x"}"#.as_slice();
        let read = crate::formats::read("x", &mut bytes, None, &mut |_item| {
            std::ops::ControlFlow::Continue(())
        });

        assert!(read.unwrap_err().reason.starts_with("no known JSON"));
    }
}
