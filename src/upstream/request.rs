//! One address to ask, and what it is about.

use super::Template;
use super::template::Gaps;
use crate::domain::RaceDay;

/// Pages of a list that are asked for, at most.
pub const PAGES: u32 = 20;
/// Meetings of a list that are asked for, at most.
pub const MEETINGS: usize = 60;

/// One address to ask, and what it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The address.
    pub url: String,
    /// The day that the answer must tell of, when it must tell of one.
    pub day: Option<RaceDay>,
    /// The track, when the address is of one.
    pub track: Option<String>,
    /// The page, when the address is of one; the first is 1.
    pub page: Option<u32>,
    /// The meeting, when the address is of one that a list named.
    pub meeting: Option<String>,
    template: Template,
}

impl Request {
    /// About a day, and a track if the address has a gap for one: of a list the first page.
    pub(super) fn of(template: &Template, day: RaceDay, track: Option<&String>) -> Self {
        let gaps = Gaps {
            day,
            track: track.map_or("", String::as_str),
            page: 1,
            meeting: "",
        };
        Self {
            url: template.fill(&gaps),
            day: template.has_day().then_some(day),
            track: track.cloned(),
            page: template.has_page().then_some(1),
            meeting: None,
            template: template.clone(),
        }
    }

    /// About a meeting that the answer to `list` named.
    pub(super) fn of_meeting(template: &Template, meeting: &str, list: &Self) -> Self {
        let gaps = Gaps {
            meeting,
            ..list.gaps()
        };
        Self {
            url: template.fill(&gaps),
            day: list.day,
            track: None,
            page: None,
            meeting: Some(meeting.to_owned()),
            template: template.clone(),
        }
    }

    /// The same about the next page; `None` when the address has no gap for it.
    #[must_use]
    pub fn next_page(&self) -> Option<Self> {
        let page = self.page?.saturating_add(1);
        let gaps = Gaps {
            page,
            ..self.gaps()
        };
        Some(Self {
            url: self.template.fill(&gaps),
            page: Some(page),
            ..self.clone()
        })
    }

    fn gaps(&self) -> Gaps<'_> {
        Gaps {
            // Without a day there is no gap for one.
            day: self.day.unwrap_or(RaceDay::CALENDAR.0),
            track: self.track.as_deref().unwrap_or_default(),
            page: self.page.unwrap_or(1),
            meeting: self.meeting.as_deref().unwrap_or_default(),
        }
    }
}
