//! What must not be seen: a key or a token of somebody else's.

use std::fmt;

/// A text that says nothing of itself unless it is asked to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes it over; whatever wrote it down before still knows it.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one place that hands it on.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_what_is_printed() {
        let secret = Secret::new("hunter2".to_owned());

        assert_eq!(
            format!("{secret} {secret:?} {:?}", [&secret]),
            "*** *** [***]"
        );
        assert_eq!(secret.reveal(), "hunter2");
    }
}
