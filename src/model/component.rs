//! What a model is made of, and how much of it each piece is.

use serde::Serialize;

use super::Fitted;
use super::artifact::{self, Error};
use super::part::Part;
use super::rules::Rules;

/// A piece of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// By whose rules the races are run that it is for.
    pub rules: Rules,
    /// What it does.
    pub kind: ComponentKind,
    /// Its size in the artifact, bytes.
    pub bytes: usize,
    /// SHA-256 of those bytes.
    pub sha256: String,
}

/// What a piece of a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentKind {
    /// Chances to win.
    Win,
    /// Powers for places by size of field.
    Places,
    /// Powers of chances and prices.
    Blend,
}

impl ComponentKind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Win => "win",
            Self::Places => "places",
            Self::Blend => "blend",
        }
    }
}

/// The pieces of every part of a model; what was not fitted is no piece.
pub fn components(fitted: &Fitted) -> Result<Vec<Component>, Error> {
    let mut found = Vec::new();
    for part in fitted.parts() {
        of_part(part, &mut found)?;
    }
    Ok(found)
}

fn of_part(part: &Part, found: &mut Vec<Component>) -> Result<(), Error> {
    let pipeline = part.pipeline();
    let win = (&pipeline.settings, &pipeline.logit, &pipeline.trees);
    found.push(piece(part.rules(), ComponentKind::Win, &win)?);
    let Some(rehearsal) = part.rehearsal() else {
        return Ok(());
    };
    let places = &rehearsal.discounts;
    found.push(piece(part.rules(), ComponentKind::Places, places)?);
    if let Some(blend) = &rehearsal.blend {
        found.push(piece(part.rules(), ComponentKind::Blend, blend)?);
    }
    Ok(())
}

fn piece(
    rules: Rules,
    kind: ComponentKind,
    what: &impl Serialize,
) -> Result<Component, serde_json::Error> {
    let bytes = serde_json::to_vec(what)?;
    Ok(Component {
        rules,
        kind,
        bytes: bytes.len(),
        sha256: artifact::digest(&bytes),
    })
}
