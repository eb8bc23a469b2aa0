//! One item of a body or a file: as far as it could be read, and everything that is wrong with it.

use std::collections::HashSet;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer};

use super::loose::{At, Loose, Seed};
use crate::domain::Fault;

/// One item as far as it could be read, and what is wrong with its form.
pub(crate) struct Item<T> {
    value: Option<T>,
    faults: Vec<Fault>,
}

impl<T: Loose> Item<T> {
    /// Reads one; only what is not JSON at all is an error.
    pub(crate) fn read<'de, D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        One::default().deserialize(input)
    }

    /// One of which nothing could be read.
    pub(crate) fn unread(fault: Fault) -> Self {
        Self {
            value: None,
            faults: vec![fault],
        }
    }

    /// What `make` makes of it, or everything that is wrong with it: its form first, then its
    /// values.
    pub(crate) fn checked<F>(
        self,
        make: impl FnOnce(T, &mut Vec<Fault>) -> Result<F, Vec<Fault>>,
    ) -> Result<F, Vec<Fault>> {
        let Self { value, mut faults } = self;
        let Some(value) = value else {
            return Err(faults);
        };
        let made = make(value, &mut faults);
        if faults.is_empty() {
            return made;
        }
        // A value that could not be read was left out; what is said of its absence is an echo.
        let form: HashSet<_> = faults.iter().map(|fault| fault.at.clone()).collect();
        let echo = |at: &str| {
            let whole = |end: &usize| matches!(at.as_bytes().get(*end), None | Some(b'.' | b'['));
            let ends = (0..=at.len()).filter(whole);
            let mut beginnings = ends.filter_map(|end| at.get(..end));
            beginnings.any(|beginning| form.contains(beginning))
        };
        let values = made.err().into_iter().flatten();
        faults.extend(values.filter(|fault| !echo(&fault.at)));
        Err(faults)
    }
}

/// Reads one item, alone or among others.
pub(crate) struct One<T>(PhantomData<T>);

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Loose> DeserializeSeed<'de> for One<T> {
    type Value = Item<T>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Item<T>, D::Error> {
        let mut faults = Vec::new();
        let value = Seed::<T>::new(At::Root, &mut faults).deserialize(input)?;
        if value.is_none() && faults.is_empty() {
            faults.push(Fault::new(T::MUST));
        }
        Ok(Item { value, faults })
    }
}
