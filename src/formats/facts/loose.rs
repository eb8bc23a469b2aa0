//! Reads JSON and goes on after a fault, so that whoever sent it learns of all of them at once.
//!
//! serde's derive stops at the first value of a wrong type, the first unknown key. Here a wrong
//! value is noted with its place and left out. What is not JSON at all ends the reading. `null` is
//! a value that was not given.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::{Fault, printable};

/// The most members of one list; the size of the body bounds the rest.
const MEMBERS: usize = 1_000;
/// Whole numbers up to here are exact in a JSON number (2^53).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Where the reading stands, from the inside out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    /// The whole item.
    Root,
    /// A member of an object.
    Field(&'a Self, &'a str),
    /// A member of a list.
    Index(&'a Self, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Root => Ok(()),
            At::Field(At::Root, name) => f.write_str(name),
            At::Field(outer, name) => write!(f, "{outer}.{name}"),
            At::Index(outer, n) => write!(f, "{outer}[{n}]"),
        }
    }
}

/// What can be read this way. Each kind says which JSON values it takes.
pub(crate) trait Loose: Default {
    /// The rule, for example `must be a whole number`.
    const MUST: &'static str;

    /// From a whole number.
    fn of_int(_value: i64) -> Option<Self> {
        None
    }

    /// From a number with a fraction, or a large one.
    fn of_float(_value: f64) -> Option<Self> {
        None
    }

    /// From a text.
    fn of_text(_value: &str) -> Option<Self> {
        None
    }

    /// From true or false.
    fn of_flag(_value: bool) -> Option<Self> {
        None
    }

    /// From a list.
    fn of_list<'de, A: SeqAccess<'de>>(
        mut list: A,
        at: At<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        note(faults, at, format!("{}, got a list", Self::MUST));
        Ok(None)
    }

    /// From an object.
    fn of_object<'de, A: MapAccess<'de>>(
        mut object: A,
        at: At<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        note(faults, at, format!("{}, got an object", Self::MUST));
        Ok(None)
    }
}

/// Notes a fault.
pub(super) fn note(faults: &mut Vec<Fault>, at: At<'_>, why: impl Into<String>) {
    faults.push(Fault::new(why).under(&at.to_string()));
}

/// Reads a `T` with its place at hand: the value, or `None` when it is null or wrong.
pub(super) struct Seed<'a, T> {
    at: At<'a>,
    faults: &'a mut Vec<Fault>,
    kind: PhantomData<T>,
}

impl<'a, T: Loose> Seed<'a, T> {
    pub(super) const fn new(at: At<'a>, faults: &'a mut Vec<Fault>) -> Self {
        Self {
            at,
            faults,
            kind: PhantomData,
        }
    }

    fn judge(self, value: Option<T>, got: &str) -> Option<T> {
        if value.is_none() {
            note(self.faults, self.at, format!("{}, got {got}", T::MUST));
        }
        value
    }
}

impl<'de, T: Loose> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Option<T>, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de, T: Loose> Visitor<'de> for Seed<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<T>, E> {
        Ok(self.judge(T::of_int(value), "a whole number"))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<T>, E> {
        let value = i64::try_from(value).map_or_else(|_big| T::of_float(value as f64), T::of_int);
        Ok(self.judge(value, "a whole number"))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<T>, E> {
        Ok(self.judge(T::of_float(value), "a number that is not whole"))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(self.judge(T::of_flag(value), "true or false"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<T>, E> {
        Ok(self.judge(T::of_text(value), "a text"))
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<T>, A::Error> {
        T::of_list(list, self.at, self.faults)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Option<T>, A::Error> {
        T::of_object(object, self.at, self.faults)
    }
}

impl Loose for i64 {
    const MUST: &'static str = "must be a whole number";

    fn of_int(value: i64) -> Option<Self> {
        Some(value)
    }

    fn of_float(value: f64) -> Option<Self> {
        let whole = value.fract() == 0.0 && value.abs() <= EXACT;
        #[expect(clippy::cast_possible_truncation, reason = "whole, and at most 2^53")]
        whole.then_some(value as Self)
    }
}

impl Loose for f64 {
    const MUST: &'static str = "must be a number";

    fn of_int(value: i64) -> Option<Self> {
        Some(value as Self)
    }

    fn of_float(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl Loose for String {
    const MUST: &'static str = "must be a text";

    fn of_text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

impl Loose for bool {
    const MUST: &'static str = "must be true or false";

    fn of_flag(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl<T: Loose> Loose for Vec<T> {
    const MUST: &'static str = "must be a list";

    /// A wrong member keeps its seat, so that the places of the others stay true.
    fn of_list<'de, A: SeqAccess<'de>>(
        mut list: A,
        at: At<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Self>, A::Error> {
        let mut found = Self::new();
        while found.len() < MEMBERS {
            let place = At::Index(&at, found.len());
            let before = faults.len();
            let Some(member) = list.next_element_seed(Seed::<T>::new(place, faults))? else {
                return Ok(Some(found));
            };
            if member.is_none() && faults.len() == before {
                note(faults, place, "must not be null");
            }
            found.push(member.unwrap_or_default());
        }
        if list.next_element::<IgnoredAny>()?.is_some() {
            note(faults, at, format!("must have at most {MEMBERS} members"));
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Some(found))
    }
}

/// An object with named members, all of them optional here: what is missing is judged with the
/// values. An unknown or repeated key is a fault.
macro_rules! object {
    (
        $(#[$about:meta])*
        $name:ident as $title:ident {
            $($(#[$note:meta])* $field:ident = $key:literal: $kind:ty,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Default, utoipa::ToSchema)]
        #[schema(as = $title)]
        pub(crate) struct $name {
            $($(#[$note])* #[schema(rename = $key)] pub(crate) $field: Option<$kind>,)+
        }

        impl $crate::formats::facts::loose::Loose for $name {
            const MUST: &'static str = "must be an object";

            fn of_object<'de, A: serde::de::MapAccess<'de>>(
                mut object: A,
                at: $crate::formats::facts::loose::At<'_>,
                faults: &mut Vec<$crate::domain::Fault>,
            ) -> Result<Option<Self>, A::Error> {
                use $crate::formats::facts::loose::{At, Key, Seed, note};
                const KEYS: &[&str] = &[$($key),+];
                let mut found = Self::default();
                let mut seen = [false; KEYS.len()];
                while let Some(key) = object.next_key_seed(Key(KEYS))? {
                    let place = At::Field(&at, &key.name);
                    let fresh = key.index.and_then(|n| seen.get_mut(n));
                    match fresh {
                        Some(seen) if !*seen => *seen = true,
                        Some(_) => note(faults, place, "must stand once"),
                        None => note(faults, place, "is not known here"),
                    }
                    match key.name.as_ref() {
                        $($key => found.$field = object.next_value_seed(Seed::new(place, faults))?,)+
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(Some(found))
            }
        }
    };
}
pub(super) use object;

/// A key of an object, and which of the known ones it is.
pub(super) struct Known {
    /// As written, cut to what a fault may repeat.
    pub(super) name: Cow<'static, str>,
    /// Its place among the known ones.
    pub(super) index: Option<usize>,
}

/// Reads a key among those that are known.
pub(super) struct Key(pub(super) &'static [&'static str]);

/// Characters of an unknown key that a fault repeats.
const REPEATED: usize = 40;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Known;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Known, D::Error> {
        input.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, name: &str) -> Result<Known, E> {
        let known = self
            .0
            .iter()
            .enumerate()
            .find(|(_n, known)| **known == name);
        Ok(match known {
            Some((n, name)) => Known {
                name: Cow::Borrowed(name),
                index: Some(n),
            },
            None => Known {
                name: Cow::Owned(plain(name)),
                index: None,
            },
        })
    }
}

fn plain(name: &str) -> String {
    let shown = name.chars().take(REPEATED);
    shown.map(|c| if printable(c) { c } else { '?' }).collect()
}
