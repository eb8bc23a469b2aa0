//! One thing wrong with an input, and where.
//!
//! Faults are collected, never thrown one at a time: whoever sent the input learns everything that
//! is wrong with it from one answer.

use std::fmt;

/// What is wrong, at which place of the input.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Path of the value, for example `runners[3].box`; empty when the whole input is meant.
    pub at: String,
    /// The rule that was broken, for example `must be 1 to 8`.
    pub why: String,
}

impl Fault {
    /// A fault of the value at hand; the caller adds the place with [`Fault::under`].
    pub fn new(why: impl Into<String>) -> Self {
        Self {
            at: String::new(),
            why: why.into(),
        }
    }

    /// The same fault, seen from `outer`: `box` under `runners[3]` is `runners[3].box`.
    #[must_use]
    pub fn under(mut self, outer: &str) -> Self {
        self.at = match (outer.is_empty(), self.at.is_empty()) {
            (true, _) => self.at,
            (false, true) => outer.to_owned(),
            (false, false) => format!("{outer}.{}", self.at),
        };
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            return f.write_str(&self.why);
        }
        write!(f, "{}: {}", self.at, self.why)
    }
}

impl std::error::Error for Fault {}

/// The faults found so far while one input is being checked.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The value, or `None` after noting the fault at `place`.
    pub fn note<T>(&mut self, place: &str, outcome: Result<T, Fault>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(fault) => {
                self.0.push(fault.under(place));
                None
            }
        }
    }

    /// Checks a value that may be missing; a missing one is no fault.
    pub fn maybe<R, T>(
        &mut self,
        place: &str,
        raw: Option<R>,
        check: impl FnOnce(R) -> Result<T, Fault>,
    ) -> Option<T> {
        raw.and_then(|raw| self.note(place, check(raw)))
    }

    /// Notes a fault at `place`.
    pub fn add(&mut self, place: &str, why: impl Into<String>) {
        self.0.push(Fault::new(why).under(place));
    }

    /// Takes over the faults of a part of the input, seen from `outer`.
    pub fn take(&mut self, outer: &str, inner: Vec<Fault>) {
        self.0
            .extend(inner.into_iter().map(|fault| fault.under(outer)));
    }

    /// `Ok` when nothing was noted, else everything.
    pub fn done(self) -> Result<(), Vec<Fault>> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_knows_its_whole_path() {
        let fault = Fault::new("must be 1 to 8")
            .under("box")
            .under("runners[3]")
            .under("");

        assert_eq!(fault.to_string(), "runners[3].box: must be 1 to 8");
    }
}
