//! What a payload is called where it is read: some formats keep facts in the name of a file.

/// The last part of where it came from: of a path as it stands, of an address without its query and
/// its percent signs.
pub(super) fn called(from: &str) -> String {
    let is_address = from.contains("://");
    let path = match from.split_once(['?', '#']) {
        Some((path, _query)) if is_address => path,
        _ => from,
    };
    let last = path.trim_end_matches('/').rsplit('/').next();
    let last = last.filter(|last| !last.is_empty()).unwrap_or("payload");
    let plain = is_address.then(|| decoded(last)).flatten();
    plain.unwrap_or_else(|| last.to_owned())
}

/// `None` when it would be no name.
fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (nibble(*high), nibble(*low))
        {
            bytes.push(16 * high + low);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    let plain = |letter: char| !letter.is_control() && !matches!(letter, '/' | '\\');
    name.chars().all(plain).then_some(name)
}

fn nibble(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_query_and_its_percent_signs() {
        let called = |from: &str| called(from);

        assert_eq!(
            called("http://a.example/Race%203%20-%20SAL%20-%2001%20July%202025.csv?key=***"),
            "Race 3 - SAL - 01 July 2025.csv"
        );
        assert_eq!(called("http://a.example/day/2025-07-01/"), "2025-07-01");
        assert_eq!(called("http://a.example/%zz%+1%4"), "%zz%+1%4");
        assert_eq!(called("http://a.example"), "a.example");
    }

    #[test]
    fn what_would_be_no_name_stays_as_it_was_written() {
        for name in ["..%2Fetc", "a%5Cb", "a%00b", "%ff%fe"] {
            assert_eq!(called(&format!("http://a.example/{name}")), name);
        }
    }

    #[test]
    fn a_file_is_called_what_it_is_called() {
        assert_eq!(called("in/Race #3?.csv"), "Race #3?.csv");
        assert_eq!(called("/in/100%25.csv"), "100%25.csv");
    }
}
