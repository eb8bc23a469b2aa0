//! An address with gaps, to be filled with a day, a track, a page or a meeting.
//!
//! What is filled in is percent-encoded whole, slashes too, so that no value can lead anywhere
//! else; and the host has no gaps.

use std::fmt::{self, Write};

use chrono::NaiveDate;

use crate::domain::{Fault, RaceDay};

/// Letters of an address, at most.
const LETTERS: usize = 2_000;
/// Letters of the form of a day, at most.
const FORM: usize = 40;
/// How a day is written unless it is said otherwise.
const ISO: &str = "%Y-%m-%d";

/// An address like `https://example.org/results?date={day:%d%m%Y}&track={track}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// In this form of strftime.
    Day(String),
    Track,
    Page,
    Meeting,
}

/// What gaps are filled with; what an address has no gap for is not used.
#[derive(Debug, Clone, Copy)]
pub struct Gaps<'a> {
    /// The day.
    pub day: RaceDay,
    /// The track, as the source calls it.
    pub track: &'a str,
    /// The page of a list; the first is 1.
    pub page: u32,
    /// The meeting, as the source calls it.
    pub meeting: &'a str,
}

impl Template {
    /// Reads an address; fails on anything but http and https, on names and passwords in it, and
    /// on a gap that nothing fills.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let plain = |letter: char| letter.is_ascii_graphic();
        // The form of a day may have spaces in it.
        if text.is_empty() || text.len() > LETTERS || !text.chars().all(|c| plain(c) || c == ' ') {
            return Err(Fault::new(
                "must be an address of at most 2000 plain letters",
            ));
        }
        host(text)?;
        let parts = parts(text)?;
        let text = text.to_owned();
        Ok(Self { text, parts })
    }

    /// The name of the host, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        let rest = self
            .text
            .split_once("://")
            .map_or("", |(_scheme, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => authority,
        }
    }

    /// Whether it is another address on another day.
    #[must_use]
    pub fn has_day(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Day(_)))
    }

    /// Whether it is another address for another track.
    #[must_use]
    pub fn has_track(&self) -> bool {
        self.parts.contains(&Part::Track)
    }

    /// Whether it is another address for another page of a list.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.parts.contains(&Part::Page)
    }

    /// Whether it is the address of a meeting that a list names.
    #[must_use]
    pub fn has_meeting(&self) -> bool {
        self.parts.contains(&Part::Meeting)
    }

    /// The address with its gaps filled.
    #[must_use]
    pub fn fill(&self, gaps: &Gaps<'_>) -> String {
        let mut address = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => address.push_str(text),
                Part::Day(form) => {
                    encode(&mut address, &gaps.day.date().format(form).to_string());
                }
                Part::Track => encode(&mut address, gaps.track),
                Part::Page => encode(&mut address, &gaps.page.to_string()),
                Part::Meeting => encode(&mut address, gaps.meeting),
            }
        }
        address
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where it leads must not depend on what is filled in.
fn host(text: &str) -> Result<(), Fault> {
    let rest = text.strip_prefix("https://");
    let Some(rest) = rest.or_else(|| text.strip_prefix("http://")) else {
        return Err(Fault::new("must begin with https:// or http://"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        let why = "must not have a name or password in it; a header can carry them";
        return Err(Fault::new(why));
    }
    if host.is_empty() || host.contains(['{', '}', ' ', '\\']) {
        return Err(Fault::new("must have a host, written out"));
    }
    if text.contains('#') {
        return Err(Fault::new("must not have a fragment, which no server sees"));
    }
    Ok(())
}

fn parts(text: &str) -> Result<Vec<Part>, Fault> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((gap, after)) = after.split_once('}') else {
            return Err(Fault::new("must close what `{` opens"));
        };
        parts.push(plain(before)?);
        parts.push(part(gap)?);
        rest = after;
    }
    parts.push(plain(rest)?);
    Ok(parts)
}

fn plain(text: &str) -> Result<Part, Fault> {
    if text.contains([' ', '}']) {
        return Err(Fault::new("must have no space or `}` outside of `{…}`"));
    }
    Ok(Part::Text(text.to_owned()))
}

fn part(gap: &str) -> Result<Part, Fault> {
    let (name, form) = gap.split_once(':').unwrap_or((gap, ""));
    match (name, form) {
        ("day", "") => Ok(Part::Day(ISO.to_owned())),
        ("day", form) => form_of_day(form).map(Part::Day),
        ("track", "") => Ok(Part::Track),
        ("page", "") => Ok(Part::Page),
        ("meeting", "") => Ok(Part::Meeting),
        _ => Err(Fault::new(format!(
            "`{{{gap}}}` is nothing that is known: {{day}}, {{day:%d%m%Y}}, {{track}}, {{page}} and \
             {{meeting}} are"
        ))),
    }
}

/// A form with hours in it has no meaning for a day, and says so only when it is used.
fn form_of_day(form: &str) -> Result<String, Fault> {
    let mut written = String::new();
    let day = NaiveDate::default().format(form);
    if form.len() > FORM || write!(written, "{day}").is_err() || written == form {
        let why = format!("`{form}` is no form of a day, like %d%m%Y (strftime)");
        return Err(Fault::new(why));
    }
    Ok(form.to_owned())
}

/// Everything but the unreserved letters of RFC 3986.
fn encode(address: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            write!(address, "%{byte:02X}").unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day() -> RaceDay {
        RaceDay::parse("2026-03-09").unwrap()
    }

    fn gaps(track: &str) -> Gaps<'_> {
        Gaps {
            day: day(),
            track,
            page: 7,
            meeting: "m/1",
        }
    }

    fn fill(text: &str) -> String {
        Template::parse(text).unwrap().fill(&gaps("Mt Gambier/é"))
    }

    #[test]
    fn days_and_tracks_are_filled_in_and_encoded() {
        assert_eq!(fill("https://a.example/x"), "https://a.example/x");
        assert_eq!(
            fill("https://a.example:8443/{day}/r?d={day:%d%m%Y}&t={track}&u=%20"),
            "https://a.example:8443/2026-03-09/r?d=09032026&t=Mt%20Gambier%2F%C3%A9&u=%20"
        );
        assert_eq!(
            fill("http://a.example/{meeting}?page={page}"),
            "http://a.example/m%2F1?page=7"
        );
        assert_eq!(
            fill("http://a.example/?d={day:%-d %B %y}"),
            "http://a.example/?d=9%20March%2026"
        );
    }

    #[test]
    fn what_will_not_do_is_told() {
        let said = |text: &str| Template::parse(text).unwrap_err().why;

        assert_eq!(
            said("https://a.example/{race}"),
            "`{race}` is nothing that is known: {day}, {day:%d%m%Y}, {track}, {page} and {meeting} are"
        );
        for (text, part) in [
            ("", "at most 2000"),
            ("ftp://a.example/", "must begin with https://"),
            ("https:///x", "must have a host"),
            ("https://{track}.example/x", "must have a host, written out"),
            ("https://me:secret@a.example/", "name or password"),
            ("https://a.example/#{day}", "fragment"),
            ("https://a.example/{day", "must close"),
            ("https://a.example/day}", "outside of"),
            ("https://a.example/a b", "outside of"),
            ("https://a.example/é", "plain letters"),
            ("https://a.example/{day:%H}", "`%H` is no form of a day"),
            ("https://a.example/{day:%Q}", "`%Q` is no form of a day"),
            ("https://a.example/{day:week}", "`week` is no form of a day"),
            ("https://a.example/{track:x}", "`{track:x}` is nothing"),
        ] {
            assert!(said(text).contains(part), "{text}: {}", said(text));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_filled_is_an_address(
            rest in "[-a-z0-9{}:%dmYHfts/?&=. ]{0,60}",
            odd in "\\PC{0,40}",
            track in "\\PC{0,20}",
        ) {
            let address = format!("https://a.example/{rest}");
            for text in [&address, &odd] {
                if let Ok(template) = Template::parse(text) {
                    let filled = template.fill(&gaps(&track));
                    prop_assert!(filled.chars().all(|c| c.is_ascii_graphic()), "{}", filled);
                }
            }
        }

        #[test]
        fn no_track_leads_anywhere_else(track in "\\PC{0,30}") {
            let template = Template::parse("https://a.example/r/{track}/x?t={track}").unwrap();

            let filled = template.fill(&gaps(&track));

            let inner = filled.strip_prefix("https://a.example/r/").unwrap();
            prop_assert!(inner.split_once("/x?t=").is_some_and(|(one, other)| {
                one == other && !one.contains(['/', '?', '&', '#'])
            }), "{}", filled);
        }
    }
}
