//! Whatever a file or a caller may bring, before it is checked.

use super::{CardDraft, Fault, FormDraft, PriceDraft, ResultDraft};

/// One unchecked fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// A race to come with its field, and perhaps the form of its dogs.
    Card(Box<CardDraft>),
    /// A race that is over.
    Result(Box<ResultDraft>),
    /// A past run of one dog, its race unknown.
    Form(Box<FormDraft>),
    /// What was paid on the runners of a race at one instant.
    Prices(Box<PriceDraft>),
}

impl Draft {
    /// Every fault of it.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let outcome = match self {
            Self::Card(card) => card.check().err(),
            Self::Result(result) => result.check().err(),
            Self::Form(form) => form.check_with_dog().err(),
            Self::Prices(prices) => prices.check().err(),
        };
        outcome.unwrap_or_default()
    }
}
