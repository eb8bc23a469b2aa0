//! The names of the columns or keys of a payload: when they change, somebody has changed a feed.

use std::collections::BTreeSet;

use serde_json::Value;

/// Names that are kept of one payload.
const NAMES: usize = 500;
/// Members of a list that are looked at.
const MEMBERS: usize = 20;
/// Objects inside objects that are looked at.
const DEPTH: usize = 6;
/// The longest name, in characters.
const NAME: usize = 80;
/// The longest header, in bytes.
const HEADER: usize = 64 * 1_024;

/// Columns of a table, or paths of keys; nothing when it is neither.
pub(super) fn of(body: &[u8]) -> BTreeSet<String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = body.trim_ascii_start();
    let mut names = BTreeSet::new();
    match text.first() {
        Some(b'{' | b'[') => {
            // Of JSON lines the first speaks for all.
            let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Value>();
            if let Some(Ok(value)) = values.next() {
                keys(&value, "", 0, &mut names);
            }
        }
        Some(_) => columns(text, &mut names),
        None => {}
    }
    names
}

fn keys(value: &Value, path: &str, depth: usize, names: &mut BTreeSet<String>) {
    if depth > DEPTH || names.len() >= NAMES {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                if names.len() < NAMES {
                    names.insert(path.chars().take(NAME).collect());
                }
                keys(value, &path, depth + 1, names);
            }
        }
        Value::Array(list) => {
            for member in list.iter().take(MEMBERS) {
                keys(member, &format!("{path}[]"), depth + 1, names);
            }
        }
        _ => {}
    }
}

/// Whatever stands in the first line; a binary file has none.
fn columns(text: &[u8], names: &mut BTreeSet<String>) {
    let line = text.split(|byte| b"\r\n".contains(byte)).next();
    let line = line.unwrap_or_default();
    if line.len() > HEADER || line.contains(&0) {
        return;
    }
    let line = String::from_utf8_lossy(line);
    let count = |mark: char| line.matches(mark).count();
    let mark = [',', ';', '\t', '|']
        .into_iter()
        .max_by_key(|mark| count(*mark));
    let cells = line.split(mark.unwrap_or(',')).take(NAMES);
    let plain = |cell: &str| cell.trim().trim_matches('"').chars().take(NAME).collect();
    names.extend(cells.map(plain).filter(|name: &String| !name.is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str) -> Vec<String> {
        of(body.as_bytes()).into_iter().collect()
    }

    #[test]
    fn keys_and_columns_are_names() {
        assert_eq!(
            names(r#"{"races":[{"no":1,"dogs":[{"trap":1},{"name":"x"}]}],"day":"d"}"#),
            [
                "day",
                "races",
                "races[].dogs",
                "races[].dogs[].name",
                "races[].dogs[].trap",
                "races[].no"
            ]
        );
        assert_eq!(names("\u{feff}Track;\"Day\";\r\n1;2;\n"), ["Day", "Track"]);
        assert_eq!(names("{\"a\":1}\n{\"b\":1}\n"), ["a"]);
    }

    #[test]
    fn nothing_is_unbounded() {
        let wide = (0..10_000)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",");
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));

        assert_eq!(of(wide.as_bytes()).len(), NAMES);
        assert!(of(deep.as_bytes()).len() <= DEPTH + 1);
        assert!(of(b"\x00\x01").is_empty());
        assert!(of(b"{broken").is_empty());
    }
}
