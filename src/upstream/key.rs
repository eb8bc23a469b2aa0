//! What makes two asks the same.
//!
//! The digest is keyed with 32 random bytes that never leave the folder. So asks with different
//! secrets never share a copy, and the names of the files tell nothing about the secrets.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Ask;
use super::target::Target;
use crate::runtime::hex;

/// The random bytes.
pub(super) type Salt = [u8; 32];

/// See the module.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key(pub(super) [u8; 32]);

impl Key {
    /// Under which a copy is kept: for whom, what, and with which headers.
    pub(super) fn of_copy(salt: &Salt, ask: &Ask, target: &Target) -> Self {
        let mut sum = Sum::new(salt);
        sum.add(ask.source.as_str());
        sum.add(if ask.allow_private {
            "private"
        } else {
            "public"
        });
        sum.add("GET");
        let url = target.sorted();
        sum.add(&url.len().to_string());
        for part in &url {
            sum.add(part);
        }
        let mut headers: Vec<_> = ask
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.reveal()))
            .collect();
        headers.sort_unstable();
        for (name, value) in headers {
            sum.add(&name);
            sum.add(value);
        }
        sum.done()
    }

    /// Under which a fetch is in the air: the copy's key, and what is thought good enough.
    pub(super) fn of_flight(&self, ask: &Ask) -> Self {
        let mut sum = Sum::new(&self.0);
        sum.add(ask.expect.name());
        sum.add(&ask.ttl.as_nanos().to_string());
        sum.add(&ask.max_bytes.unwrap_or(u64::MAX).to_string());
        sum.done()
    }

    /// The name of its file.
    pub(super) fn hex(&self) -> String {
        hex(&self.0)
    }

    /// The key that a file's name spells.
    pub(super) fn from_hex(name: &str) -> Option<Self> {
        let bytes: Option<Vec<u8>> = (0..32)
            .map(|n| u8::from_str_radix(name.get(2 * n..2 * n + 2)?, 16).ok())
            .collect();
        let key = Self(bytes?.try_into().ok()?);
        (key.hex() == name).then_some(key)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// A digest of parts whose borders count.
struct Sum(Sha256);

impl Sum {
    fn new(salt: &[u8; 32]) -> Self {
        Self(Sha256::new_with_prefix(salt))
    }

    fn add(&mut self, part: &str) {
        self.0.update(part.len().to_string());
        self.0.update(":");
        self.0.update(part);
    }

    fn done(self) -> Key {
        // Once more over the digest, so that it cannot be carried on from.
        Key(Sha256::digest(self.0.finalize()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Source;
    use crate::runtime::Secret;

    fn ask(source: &str, url: &str, headers: &[(&str, &str)]) -> Ask {
        let headers = headers.iter();
        Ask {
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
                .collect(),
            ..Ask::new(Source::new(source).unwrap(), url)
        }
    }

    fn key(ask: &Ask) -> Key {
        Key::of_copy(&[7; 32], ask, &Target::parse(&ask.url).unwrap())
    }

    #[test]
    fn whatever_makes_a_difference_makes_another_key() {
        let url = "http://dogs.example/a?x=1&y=2";
        let asks = [
            ask("one", url, &[]),
            ask("two", url, &[]),
            ask("one", "http://dogs.example/a?x=1&y=3", &[]),
            ask("one", "http://dogs.example/a?x=1&y=2&key=a", &[]),
            ask("one", "http://dogs.example/a?x=1&y=2&key=b", &[]),
            ask("one", url, &[("x-key", "a")]),
            ask("one", url, &[("x-key", "b")]),
            ask("one", url, &[("x-key", "a"), ("x-key", "b")]),
            Ask {
                allow_private: true,
                ..ask("one", url, &[])
            },
        ];

        for (n, one) in asks.iter().enumerate() {
            for (m, other) in asks.iter().enumerate() {
                assert_eq!(key(one) == key(other), n == m, "{n} {m}");
            }
        }
        let salted = Key::of_copy(&[8; 32], &asks[0], &Target::parse(url).unwrap());
        assert_ne!(key(&asks[0]), salted);
    }

    #[test]
    fn order_and_capitals_make_no_difference() {
        let url = "http://Dogs.Example/a?y=2&x=1#top";
        let one = ask("one", url, &[("B", "2"), ("A", "1")]);
        let other = ask(
            "one",
            "http://dogs.example:80/a?x=1&y=2",
            &[("a", "1"), ("b", "2")],
        );

        assert_eq!(key(&one), key(&other));
    }

    #[test]
    fn a_key_is_the_name_of_its_file() {
        let key = key(&ask("one", "http://dogs.example/", &[]));

        assert_eq!(Key::from_hex(&key.hex()), Some(key.clone()));
        for name in [
            "",
            "salt",
            &key.hex().to_uppercase(),
            &format!("{}0", key.hex()),
        ] {
            assert_eq!(Key::from_hex(name), None, "{name}");
        }
    }
}
