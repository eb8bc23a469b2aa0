//! Takes out of a text what nobody outside may read: keys, what follows `Bearer`, what is asked in
//! addresses.

/// What stands for a secret.
const HIDDEN: &str = "***";
/// What the API keys of the house begin with.
const KEY: &str = "lur_";
/// Words after which a secret comes.
const SCHEMES: &[&str] = &["bearer", "basic"];
/// Names whose values are secret, wherever one of them is part of a name.
const SECRET: &[&str] = &[
    "api_key",
    "api-key",
    "apikey",
    "auth",
    "cookie",
    "dsn",
    "passw",
    "secret",
    "signature",
    "token",
];
/// Letters of a text that are kept.
const MOST: usize = 4_096;

/// Whether what goes by that name is secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "key" || SECRET.iter().any(|secret| name.contains(secret))
}

/// The text without them.
pub(super) fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MOST));
    let mut hides_next = false;
    let is_edge = |letter: char| letter.is_whitespace() || "\"'`,;()[]{}<>".contains(letter);
    for piece in text.split_inclusive(is_edge) {
        if clean.len() + piece.len() > MOST {
            clean.push('…');
            break;
        }
        let word = piece.trim_end_matches(is_edge);
        let edge = piece.strip_prefix(word).unwrap_or_default();
        if word.is_empty() {
            clean.push_str(edge);
            continue;
        }
        clean.push_str(&if hides_next {
            HIDDEN.to_owned()
        } else {
            scrubbed(word)
        });
        clean.push_str(edge);
        let name = word.trim_end_matches([':', '=']);
        let is_scheme = SCHEMES
            .iter()
            .any(|scheme| name.eq_ignore_ascii_case(scheme));
        // `Authorization: Bearer x` hides the scheme and then what follows it.
        hides_next = is_scheme || (name.len() < word.len() && is_secret(name));
    }
    clean
}

fn scrubbed(word: &str) -> String {
    if word.contains(KEY) {
        return HIDDEN.to_owned();
    }
    if let Some((scheme, rest)) = word.split_once("://") {
        let plain = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = plain
            .split_once('/')
            .map_or((plain, None), |(host, path)| (host, Some(path)));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let path = path.map(|path| format!("/{path}")).unwrap_or_default();
        let asked = if plain.len() < rest.len() { "?***" } else { "" };
        return format!("{scheme}://{host}{path}{asked}");
    }
    match word.split_once(['=', ':', '?']) {
        Some((name, value)) if is_secret(name) && !value.is_empty() => format!("{name}={HIDDEN}"),
        _ if word.starts_with('/') => match word.split_once('?') {
            Some((path, _)) => format!("{path}?{HIDDEN}"),
            None => word.to_owned(),
        },
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_left_in_a_text() {
        for (text, clean) in [
            ("the disk is full", "the disk is full"),
            ("Authorization: Bearer abc.def", "Authorization: *** ***"),
            ("it said `Basic dXNlcjpw`", "it said `Basic ***`"),
            ("key lur_0123abcd_s3cret is bad", "key *** is bad"),
            ("token=s3cret&day=1 was sent", "token=*** was sent"),
            ("X-API-Key: s3cret", "X-API-Key: ***"),
            (
                "https://user:s3cret@example.org/a/b?key=s3cret failed",
                "https://example.org/a/b?*** failed",
            ),
            ("GET /api/races?key=s3cret", "GET /api/races?***"),
            (
                "race 2026-11-20-sale-2 at 12:30:00",
                "race 2026-11-20-sale-2 at 12:30:00",
            ),
        ] {
            assert_eq!(scrub(text), clean);
        }
    }

    #[test]
    fn a_text_is_not_longer_than_it_may_be() {
        let long = "word ".repeat(MOST);

        assert!(scrub(&long).len() <= MOST + '…'.len_utf8());
        assert!(scrub(&"x".repeat(MOST * 2)).len() <= MOST);
    }

    #[test]
    fn names_that_hold_secrets_are_known() {
        for name in ["Authorization", "webhook_secret", "key", "X-API-Key", "dsn"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["error", "race", "monkey", "request.id"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
