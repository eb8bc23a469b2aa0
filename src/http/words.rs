//! The fixed words that answers say, for the document. What they mean is in `domain`; the words that
//! bodies bring are in `formats::facts`.

use utoipa::ToSchema;

/// How far a race has come.
#[derive(ToSchema)]
#[schema(as = RaceStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::RaceStatus`")]
pub(super) enum RaceStatusWord {
    Open,
    Interim,
    Official,
    Amended,
    NoRace,
    Abandoned,
}

/// Who is on a leaderboard.
#[derive(ToSchema)]
#[schema(as = Subject, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `store::summaries::Subject`")]
pub(super) enum SubjectWord {
    Dogs,
    Trainers,
    Tracks,
}

/// In which order a leaderboard is.
#[derive(ToSchema)]
#[schema(as = Measure, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `store::leaderboards::Measure`")]
pub(super) enum MeasureWord {
    Rating,
    StrikeRate,
    Wins,
    Profit,
    Starts,
}

/// Whether a race's own prices are looked at.
#[derive(ToSchema)]
#[schema(as = Market, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `predict::Market`")]
pub(super) enum MarketWord {
    Latest,
    None,
}

/// The kinds of jobs.
#[derive(ToSchema)]
#[schema(as = JobKind, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::JobKind`")]
pub(super) enum JobKindWord {
    Import,
    Collect,
    Reparse,
    Rate,
    Predict,
    Train,
    Warm,
    Backtest,
}

/// How far a job has come.
#[derive(ToSchema)]
#[schema(as = JobState, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::JobState`")]
pub(super) enum JobStateWord {
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

/// Whether bets are settled.
#[derive(ToSchema)]
#[schema(as = Settlement, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes `domain::Settlement`")]
pub(super) enum SettlementWord {
    Pending,
    Provisional,
    Final,
    Void,
}

/// What became of a runner without a place.
#[derive(ToSchema)]
#[schema(as = Outcome, rename_all = "UPPERCASE")]
#[expect(dead_code, reason = "describes `domain::Outcome`")]
pub(super) enum OutcomeWord {
    Dnf,
    F,
    B,
    Dsq,
    T,
    Bo,
    Scr,
    U,
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;
    use crate::domain::{Outcome, RaceStatus};

    fn words<T: PartialSchema>() -> Vec<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let words = schema["enum"].as_array().unwrap().iter();
        words
            .map(|word| word.as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn every_word_of_the_document_is_one_of_ours() {
        for word in words::<RaceStatusWord>() {
            assert_eq!(RaceStatus::parse(&word).unwrap().as_str(), word);
        }
        for word in words::<OutcomeWord>() {
            assert_eq!(Outcome::parse(&word).unwrap().as_str(), word);
        }
    }
}
