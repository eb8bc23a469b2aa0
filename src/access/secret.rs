//! How a key looks: `lur_<id>_<secret><checksum>`.
//!
//! The id is public: lists, logs and quotas name it. The secret is 43 random letters of base64url,
//! 258 bits, so a plain SHA-256 of the whole is safe to store. The checksum is no secret either: it
//! lets a mistyped key be refused without looking anywhere.

use std::fmt;
use std::iter;

use rand::RngExt;
use sha2::{Digest, Sha256};

const PREFIX: &str = "lur_";
/// No letters that are taken for others.
const ID_LETTERS: &[u8] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ID: usize = 8;
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SECRET: usize = 43;
const CHECKSUM: usize = 6;

/// A whole key. Says nothing of itself unless it is asked to.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new key and its id.
    pub(super) fn random() -> (String, Self) {
        let id = letters(ID_LETTERS, ID);
        let body = format!("{PREFIX}{id}_{}", letters(SECRET_LETTERS, SECRET));
        let checksum = checksum(&body);
        (id, Self(body + &checksum))
    }

    /// The key itself, to be shown once and kept nowhere.
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

/// The public id of what looks like a key; `None` for anything else.
pub(super) fn id_of(raw: &str) -> Option<&str> {
    let (body, sum) = raw.split_at_checked(raw.len().checked_sub(CHECKSUM)?)?;
    let (id, secret) = body.strip_prefix(PREFIX)?.split_once('_')?;
    let shaped = id.len() == ID && secret.len() == SECRET;
    let spelt = spelt(ID_LETTERS, id) && spelt(SECRET_LETTERS, secret);
    (shaped && spelt && checksum(body) == sum).then_some(id)
}

/// What is stored of a key.
pub(super) fn digest(raw: &str) -> [u8; 32] {
    Sha256::digest(raw.as_bytes()).into()
}

fn letters(alphabet: &[u8], count: usize) -> String {
    // The generator is a cryptographic one, seeded by the system.
    let mut random = rand::rng();
    let letter = || char::from(alphabet[random.random_range(0..alphabet.len())]);
    iter::repeat_with(letter).take(count).collect()
}

fn spelt(alphabet: &[u8], text: &str) -> bool {
    text.bytes().all(|letter| alphabet.contains(&letter))
}

fn checksum(body: &str) -> String {
    let [one, two, three, ..] = digest(body);
    format!("{one:02x}{two:02x}{three:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_id_and_nothing_in_a_log() {
        let (id, secret) = Secret::random();

        assert_eq!(id_of(secret.reveal()), Some(id.as_str()));
        assert_eq!(secret.reveal().len(), 62);
        assert_eq!(format!("{secret:?}"), "***");
    }

    #[test]
    fn any_single_letter_that_is_mistyped_shows() {
        let (_, secret) = Secret::random();
        let key = secret.reveal();

        for at in 0..key.len() {
            let typed = key.char_indices();
            let wrong: String = typed
                .map(|(n, letter)| match letter {
                    _ if n != at => letter,
                    '0' => '1',
                    _ => '0',
                })
                .collect();
            assert_eq!(id_of(&wrong), None, "{at}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let (_, secret) = Secret::random();
        let doubled = secret.reveal().repeat(2);

        for raw in ["", "lur_", "lur__", "ключключ", " ", &doubled] {
            assert_eq!(id_of(raw), None, "{raw}");
        }
    }
}
