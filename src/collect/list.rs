//! A list of meetings, as the British results API has it: which meetings it names, and whether
//! another page of it is to be asked for.

use std::collections::BTreeSet;

use serde::Deserialize;

/// Letters of the id of a meeting, at most.
const ID: usize = 40;

/// One page of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    /// Each meeting once.
    pub(super) meetings: BTreeSet<String>,
    /// Items on the page; a meeting has several.
    pub(super) items: u64,
    /// How many pages the list says that it has.
    pages: Option<u64>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    meeting_id: Id,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    page_count: Option<u64>,
}

impl List {
    /// Reads a page, or says why it is none.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let page: Page = serde_json::from_slice(body)
            .map_err(|error| format!("it is no list of meetings: {error}"))?;
        let items = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
        let meetings = page.items.into_iter().map(|item| item.meeting_id.text());
        Ok(Self {
            meetings: meetings.collect::<Result<_, _>>()?,
            items,
            pages: page.meta.and_then(|meta| meta.page_count),
        })
    }

    /// Whether a page follows this one; `repeated` says that it was the same as the one before.
    ///
    /// A list that does not say how many pages it has ends with one that is empty, or with one that
    /// comes again because the server does not know pages.
    pub(super) fn goes_on(&self, page: u32, repeated: bool) -> Result<bool, String> {
        match self.pages {
            Some(pages) if repeated => {
                Err(format!("page {page} of {pages} is the one before it again"))
            }
            Some(pages) => Ok(u64::from(page) < pages),
            None => Ok(self.items > 0 && !repeated),
        }
    }
}

impl Id {
    /// Nothing that would lead anywhere else in an address.
    fn text(self) -> Result<String, String> {
        let text = match self {
            Self::Number(number) => return Ok(number.to_string()),
            Self::Text(text) => text,
        };
        let known = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
        if text.is_empty() || text.len() > ID || !text.bytes().all(known) {
            let why = format!("a meetingId must be 1 to {ID} of letters, digits, - and _");
            return Err(why);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<List, String> {
        List::read(text.as_bytes())
    }

    #[test]
    fn a_list_names_each_meeting_once_and_says_how_long_it_is() {
        let list = read(
            r#"{"items":[{"meetingId":7,"dogName":"x"},{"meetingId":"8"},{"meetingId":7}],
                "meta":{"pageCount":3,"page":1}}"#,
        )
        .unwrap();

        assert_eq!((list.items, list.pages), (3, Some(3)));
        assert_eq!(list.meetings, ["7", "8"].map(str::to_owned).into());
        assert_eq!(list.goes_on(2, false), Ok(true));
        assert_eq!(list.goes_on(3, false), Ok(false));
        let again = list.goes_on(2, true).unwrap_err();
        assert_eq!(again, "page 2 of 3 is the one before it again");
    }

    #[test]
    fn a_list_that_does_not_say_how_long_it_is_ends_with_nothing_new() {
        let list = read(r#"{"items":[{"meetingId":7}]}"#).unwrap();
        let empty = read(r#"{"items":[],"meta":{}}"#).unwrap();

        assert_eq!(list.goes_on(1, false), Ok(true));
        assert_eq!(list.goes_on(2, true), Ok(false));
        assert_eq!(empty.goes_on(1, false), Ok(false));
    }

    #[test]
    fn what_is_no_list_is_told() {
        for (text, why) in [
            ("[]", "it is no list of meetings: "),
            ("{}", "missing field `items`"),
            (r#"{"items":[{"raceId":1}]}"#, "missing field `meetingId`"),
            (r#"{"items":[{"meetingId":".."}]}"#, "a meetingId must be"),
            (r#"{"items":[{"meetingId":""}]}"#, "a meetingId must be"),
            (r#"{"items":[{"meetingId":-1}]}"#, "it is no list"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
