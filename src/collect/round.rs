//! One round at a source: address after address, page after page and meeting after meeting of its
//! lists, or its folder.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::{DateTime, Utc};

use super::fetch::{Brought, Place, reading};
use super::list::List;
use super::{Collector, Error, Report, shape};
use crate::domain::RaceDay;
use crate::ingest::payload::Reading;
use crate::runtime::Lane;
use crate::store;
use crate::store::collections::{Collection, Fetch};
use crate::upstream::{MEETINGS, PAGES, Request, SourceSpec};

/// Files of a folder that are looked at in one go.
const FILES: usize = 10_000;
/// Folders inside folders that are looked into.
const DEPTH: usize = 4;

/// What is still to be asked, and what must not be asked again.
struct Round<'a> {
    collector: &'a Collector,
    source: &'a SourceSpec,
    reading: Reading,
    waiting: VecDeque<Place>,
    /// Addresses of meetings that lists have named.
    named: BTreeSet<String>,
    /// How many of them the list named that is being asked for.
    of_list: usize,
    /// What its last page was.
    last: [u8; 32],
}

impl Collector {
    pub(super) async fn ask(
        &self,
        source: &SourceSpec,
        days: &[RaceDay],
        told: impl Fn(u64, u64) + Send,
    ) -> Result<Report, Error> {
        let mut round = Round {
            collector: self,
            source,
            reading: reading(source)?,
            waiting: self.places(source, days).await?.into(),
            named: BTreeSet::new(),
            of_list: 0,
            last: [0; 32],
        };
        let mut report = Report::of(source.name.clone());
        while let Some(place) = round.waiting.pop_front() {
            let waiting = u64::try_from(round.waiting.len()).unwrap_or(u64::MAX);
            told(report.asked, report.asked + 1 + waiting);
            let (line, until) = round.one(place).await?;
            report.add(&line);
            report.retry_at = report.retry_at.max(until);
            self.note(line).await?;
        }
        told(report.asked, report.asked);
        Ok(report)
    }

    async fn places(&self, source: &SourceSpec, days: &[RaceDay]) -> Result<Vec<Place>, Error> {
        let mut places: Vec<_> = source
            .requests(days)
            .into_iter()
            .map(Place::Address)
            .collect();
        if let Some(folder) = source.reach.path.clone() {
            let shown = folder.display().to_string();
            let listed = self
                .hands
                .ask(Lane::Batch, move |()| files(&folder, 0))
                .await
                .map_err(store::Error::Crew)?;
            let listed = listed.map_err(|error| {
                Error::Ingest(crate::ingest::Error::File {
                    path: shown,
                    why: error.to_string(),
                })
            })?;
            places.extend(listed.into_iter().map(Place::File));
        }
        Ok(places)
    }
}

impl Round<'_> {
    async fn one(&mut self, place: Place) -> Result<(Collection, Option<DateTime<Utc>>), Error> {
        let (collector, source) = (self.collector, self.source);
        let mut line = collector.line(source, &place);
        let brought = collector.bring(source, &place, &mut line).await;
        let mut until = None;
        match (brought, place) {
            (Err(later), _) => until = later,
            (Ok(brought), Place::Address(request))
                if source.lists_meetings() && request.meeting.is_none() =>
            {
                self.follow(&request, brought, &mut line).await?;
            }
            (Ok(brought), _) => {
                let reading = &self.reading;
                collector.read(source, reading, &mut line, brought).await?;
            }
        }
        line.ended_at = collector.now();
        Ok((line, until))
    }

    /// A list brings no facts, and is not kept: it says what is asked next.
    async fn follow(
        &mut self,
        request: &Request,
        brought: Brought,
        line: &mut Collection,
    ) -> Result<(), Error> {
        line.shape = shape::of(&brought.body);
        let Brought { body, digest, .. } = brought;
        let list = self
            .collector
            .hands
            .ask(Lane::Batch, move |()| List::read(&body));
        let list = list.await.map_err(store::Error::Crew)?;
        let followed = list.and_then(|list| {
            line.rows = list.items;
            self.queue(request, &list, digest)
        });
        match followed {
            Ok(()) if line.rows == 0 => line.outcome = Fetch::Empty,
            Ok(()) => line.outcome = Fetch::Taken,
            Err(why) => {
                tracing::warn!(source = %self.source.name, fetch = line.name, error = why, "a list is odd");
                line.error = Some(why);
            }
        }
        Ok(())
    }

    /// The next page first, then the meetings of this one.
    fn queue(&mut self, request: &Request, list: &List, digest: [u8; 32]) -> Result<(), String> {
        let page = request.page.unwrap_or(1);
        if page == 1 {
            self.of_list = 0;
        }
        let repeated = page > 1 && self.last == digest;
        self.last = digest;
        let meetings = list.meetings.iter();
        let new: Vec<_> = meetings
            .flat_map(|meeting| self.source.of_meeting(meeting, request))
            .filter(|request| self.named.insert(request.url.clone()))
            .collect();
        self.of_list += new.len();
        if self.of_list > MEETINGS {
            return Err(format!("it names more than {MEETINGS} meetings"));
        }
        for request in new.into_iter().rev() {
            self.waiting.push_front(Place::Address(request));
        }
        if !list.goes_on(page, repeated)? {
            return Ok(());
        }
        let Some(next) = request.next_page() else {
            return Err("it has more pages, and its address has no {page}".to_owned());
        };
        if page >= PAGES {
            return Err(format!("it has more than {PAGES} pages"));
        }
        self.waiting.push_front(Place::Address(next));
        Ok(())
    }
}

/// The files of a folder, in the order of names; hidden ones are somebody's business.
fn files(folder: &Path, depth: usize) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && depth < DEPTH {
            found.extend(files(&entry.path(), depth + 1)?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
        if found.len() > FILES {
            let why = format!("holds more than {FILES} files");
            return Err(io::Error::other(why));
        }
    }
    found.sort();
    Ok(found)
}
