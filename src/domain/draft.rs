//! Whatever a file or a caller may bring, before it is checked.

use super::{CardDraft, FormDraft, ResultDraft};

/// One unchecked fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// A race to come with its field, and perhaps the form of its dogs.
    Card(Box<CardDraft>),
    /// A race that is over.
    Result(Box<ResultDraft>),
    /// A past run of one dog, its race unknown.
    Form(Box<FormDraft>),
}
