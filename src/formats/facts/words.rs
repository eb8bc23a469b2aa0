//! The fixed words and the plain texts of the bodies, for the document that describes them. What
//! they mean, and how they are read, is in `domain`.

use utoipa::ToSchema;

/// How final a result is.
#[derive(ToSchema)]
#[schema(as = ResultStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::RaceStatus`, of results")]
pub(crate) enum ResultStatusWord {
    Interim,
    Official,
    Amended,
    NoRace,
    Abandoned,
}

/// What a price is of.
#[derive(ToSchema)]
#[schema(as = PriceKind, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::PriceKind`")]
pub(crate) enum PriceKindWord {
    Fixed,
    Exchange,
    Sp,
    Bsp,
}

/// What became of a bet.
#[derive(ToSchema)]
#[schema(as = BetOutcome, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `http::settlements`, of bets")]
pub(crate) enum BetOutcomeWord {
    Won,
    Lost,
    Void,
}

/// The outcome as senders write it: `LSCR` is `SCR`, `DIS` is `T`, capitals do not matter.
#[derive(ToSchema)]
#[schema(
    as = OutcomeCode,
    pattern = r"^\s*(DNF|F|B|DSQ|T|BO|L?SCR|U|DIS|dnf|f|b|dsq|t|bo|l?scr|u|dis)\s*$"
)]
#[expect(dead_code, reason = "describes what `domain::Outcome` parses")]
pub(crate) struct OutcomeCode(String);

/// Who says so: the name of a feed, a format or a collector. Capitals do not matter.
#[derive(ToSchema)]
#[schema(as = SourceName, pattern = r"^\s*[A-Za-z0-9][A-Za-z0-9._-]{0,31}\s*$")]
#[expect(dead_code, reason = "describes `domain::Source`")]
pub(crate) struct SourceName(String);

/// Free text, printable.
#[derive(ToSchema)]
#[schema(as = PlainText, min_length = 1, max_length = 200, pattern = r"\S")]
#[expect(dead_code, reason = "describes what `domain` takes as text")]
pub(crate) struct PlainText(String);

/// The name of a dog, printable, with a letter or a digit.
#[derive(ToSchema)]
#[schema(as = DogName, min_length = 1, max_length = 60, pattern = "[A-Za-z0-9]")]
#[expect(dead_code, reason = "describes `domain::DogName`")]
pub(crate) struct NameOfDog(String);

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;
    use crate::domain::{PriceKind, RaceStatus};

    fn words<T: PartialSchema>() -> Vec<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let words = schema["enum"].as_array().unwrap().iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn every_word_of_the_document_is_one_of_ours() {
        for word in words::<ResultStatusWord>() {
            assert_eq!(RaceStatus::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<PriceKindWord>() {
            assert_eq!(PriceKind::parse(&word).unwrap().as_str(), word);
        }
    }
}
