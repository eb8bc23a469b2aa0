//! One source is asked, address after address, or its folder is looked through.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::doctor::meeting_name;
use super::name::called;
use super::{Collector, Error, shape};
use crate::domain::{RaceDay, RaceKey};
use crate::formats::Format;
use crate::ingest::Counts;
use crate::ingest::payload::{Days, Reading};
use crate::runtime::Lane;
use crate::store::collections::{self, Collection, Fetch};
use crate::store::payloads::{self, NewPayload};
use crate::store::{self, Class};
use crate::upstream::{self, Ask, Expect, Request, SourceKind, SourceSpec};

/// How hard payloads are packed; they are packed once and seldom read.
const PACKED: i32 = 9;
/// Days after today that a card can be of; a source that tells of later ones has its days wrong.
const AHEAD: TimeDelta = TimeDelta::days(31);
/// How much of a large file is read at a time, bytes.
const PIECE: usize = 1 << 20;
/// Faults of rows that a line of the log of fetches keeps.
const FAULTS: usize = 10;

/// Something to ask for.
pub(super) enum Place {
    Address(Request),
    File(PathBuf),
}

/// What came.
pub(super) struct Brought {
    pub(super) body: Vec<u8>,
    pub(super) digest: [u8; 32],
    size: u64,
    /// Too large to be held: it is read from where it lies.
    path: Option<PathBuf>,
    /// Why it is an old copy.
    stale: Option<String>,
}

/// Why nothing came.
struct Nothing {
    why: String,
    until: Option<DateTime<Utc>>,
}

impl Collector {
    /// What came, when it is to be looked at. When not, the line says why, and what is returned is
    /// when the host will be asked again.
    pub(super) async fn bring(
        &self,
        source: &SourceSpec,
        place: &Place,
        line: &mut Collection,
    ) -> Result<Brought, Option<DateTime<Utc>>> {
        let brought = match place {
            Place::Address(request) => self.address(source, request).await,
            Place::File(path) => self.file(source, path).await,
        };
        let brought = brought.map_err(|Nothing { why, until }| {
            tracing::warn!(source = %source.name, fetch = line.name, error = why, "a fetch failed");
            line.error = Some(why);
            until
        })?;
        if let Some(why) = &brought.stale {
            line.outcome = Fetch::Stale;
            line.error = Some(format!("only an old copy was to be had: {why}"));
            return Err(None);
        }
        Ok(brought)
    }

    /// Takes in what came, unless it was taken in when it last came.
    pub(super) async fn read(
        &self,
        source: &SourceSpec,
        reading: &Reading,
        line: &mut Collection,
        brought: Brought,
    ) -> Result<(), Error> {
        if self.is_known(line, &brought).await? {
            return Ok(());
        }
        self.take(source, reading, line, brought).await
    }

    pub(super) fn line(&self, source: &SourceSpec, place: &Place) -> Collection {
        let (name, day) = match place {
            Place::Address(request) => (ask(source, request).shown(), request.day),
            Place::File(path) => (path.display().to_string(), None),
        };
        let now = self.now();
        Collection {
            id: 0,
            source: source.name.clone(),
            name,
            day,
            began_at: now,
            ended_at: now,
            outcome: Fetch::Failed,
            error: None,
            payload: None,
            rows: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            failed: 0,
            shape: BTreeSet::new(),
            meetings: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    async fn address(&self, source: &SourceSpec, request: &Request) -> Result<Brought, Nothing> {
        let fetched = self.client.fetch(ask(source, request)).await;
        let fetched = fetched.map_err(|error| Nothing {
            until: until(&error),
            why: error.to_string(),
        })?;
        Ok(Brought {
            digest: Sha256::digest(&fetched.body).into(),
            size: u64::try_from(fetched.body.len()).unwrap_or(u64::MAX),
            stale: fetched.stale.as_ref().map(ToString::to_string),
            body: fetched.body.clone(),
            path: None,
        })
    }

    async fn file(&self, source: &SourceSpec, path: &Path) -> Result<Brought, Nothing> {
        let (path, most) = (path.to_owned(), source.manners.max_bytes);
        let read = self.hands.ask(Lane::Batch, move |()| read(path, most));
        let nothing = |why: String| Nothing { why, until: None };
        match read.await {
            Ok(read) => read.map_err(|error| nothing(error.to_string())),
            Err(refused) => Err(nothing(refused.to_string())),
        }
    }

    /// Whether this very body was taken in when it last came under this name.
    async fn is_known(&self, line: &mut Collection, brought: &Brought) -> Result<bool, Error> {
        let (source, name) = (line.source.clone(), line.name.clone());
        let known = self.store.read(Lane::Batch, move |reader| {
            let last = collections::last_good(reader, &source, &name)?;
            Ok::<_, store::Error>((last, payloads::newest(reader, &source, &name)?))
        });
        let (Some(last), Some((id, digest))) = known.await.map_err(Error::Store)? else {
            return Ok(false);
        };
        if last.payload != Some(id) || digest != brought.digest {
            return Ok(false);
        }
        line.outcome = match last.outcome {
            Fetch::Empty => Fetch::Empty,
            _ => Fetch::Same,
        };
        line.payload = Some(id);
        line.rows = last.rows;
        line.shape = last.shape;
        line.meetings = last.meetings;
        Ok(true)
    }

    /// Keeps what came, then takes it in: a parser that fails can be mended, what was thrown away
    /// cannot.
    async fn take(
        &self,
        source: &SourceSpec,
        reading: &Reading,
        line: &mut Collection,
        brought: Brought,
    ) -> Result<(), Error> {
        line.payload = Some(self.keep(line, &brought).await?);
        line.shape = shape::of(&brought.body);
        let called = called(&line.name);
        let reading = &Reading {
            days: Some(days(line.day, self.now())),
            ..reading.clone()
        };
        let taken = match &brought.path {
            Some(path) => self.ingest.file_of(&called, path, reading).await,
            None => self.ingest.payload(&called, brought.body, reading).await,
        };
        let taken = match taken {
            Ok(taken) => taken,
            Err(error @ crate::ingest::Error::File { .. }) => {
                line.error = Some(error.to_string());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        line.rows = taken.rows;
        line.created = taken.counts.created;
        line.updated = taken.counts.updated;
        line.unchanged = taken.counts.unchanged;
        line.failed = taken.counts.failed;
        line.meetings = taken.races.iter().map(|(race, _)| meeting(race)).collect();
        let faults = taken.faults.iter().take(FAULTS);
        line.faults = faults.map(ToString::to_string).collect();
        let wrong = taken.faults.iter().find(|fault| fault.row == 0);
        line.error = wrong.map(|fault| fault.rule.clone());
        line.outcome = match &line.error {
            Some(_) => Fetch::Failed,
            None if taken.races.is_empty() && taken.counts == Counts::default() => Fetch::Empty,
            None => Fetch::Taken,
        };
        if let Some(error) = &line.error {
            tracing::warn!(source = %source.name, fetch = line.name, error, "a payload is odd");
        }
        Ok(())
    }

    async fn keep(&self, line: &Collection, brought: &Brought) -> Result<i64, Error> {
        let packing = {
            let body = brought.body.clone();
            self.hands
                .ask(Lane::Batch, move |()| zstd::bulk::compress(&body, PACKED))
        };
        let packed = packing
            .await
            .map_err(store::Error::Crew)?
            .map_err(crate::ingest::Error::Spool)?;
        let (source, name, now) = (line.source.clone(), line.name.clone(), self.now());
        let (digest, size_bytes) = (brought.digest, brought.size);
        let kept = self.store.write(Class::Backfill, move |tx| {
            let payload = NewPayload {
                source: &source,
                name: &name,
                digest,
                size_bytes,
                body: &packed,
            };
            payloads::add(tx, &payload, now)
        });
        kept.await.map_err(Error::Store)
    }
}

/// How the answers of a source are read.
pub(super) fn reading(source: &SourceSpec) -> Result<Reading, Error> {
    let format = source.expected.format.as_deref().map(Format::parse);
    let format = format.transpose().map_err(|fault| Error::Configured {
        name: source.name.clone(),
        fault: fault.under("format"),
    })?;
    Ok(Reading {
        format,
        mapping: source.expected.mapping.clone(),
        ..Reading::default()
    })
}

fn ask(source: &SourceSpec, request: &Request) -> Ask {
    let manners = &source.manners;
    Ask {
        headers: manners.headers.clone(),
        requests_per_second: manners.requests_per_second,
        allow_private: manners.allow_private,
        ttl: manners.ttl,
        max_bytes: Some(manners.max_bytes),
        timeout: Some(manners.timeout),
        user_agent: manners.user_agent.clone(),
        expect: match source.kind {
            SourceKind::HttpJson | SourceKind::Gbgb | SourceKind::Topaz => Expect::Json,
            SourceKind::HttpCsv => Expect::Csv,
            SourceKind::BetfairFiles | SourceKind::Folder => Expect::Any,
        },
        ..Ask::new(source.name.clone(), request.url.clone())
    }
}

/// When the host will be asked again.
fn until(error: &upstream::Error) -> Option<DateTime<Utc>> {
    match error {
        upstream::Error::Unwelcome { until, .. }
        | upstream::Error::Later { until, .. }
        | upstream::Error::Open { until, .. } => Some(*until),
        _ => None,
    }
}

/// Which days an answer that came at `now` may tell of.
pub(super) fn days(asked: Option<RaceDay>, now: DateTime<Utc>) -> Days {
    Days {
        asked,
        latest: (now + AHEAD).date_naive(),
    }
}

/// The meeting of a race, as the interface names it.
pub(super) fn meeting(race: &RaceKey) -> String {
    meeting_name(race.day, &race.track, race.session.get())
}

fn read(path: PathBuf, most: u64) -> io::Result<Brought> {
    let mut file = fs::File::open(&path)?;
    let size = file.metadata()?.len();
    let mut digest = Sha256::new();
    if size > most {
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            digest.update(piece.get(..read).unwrap_or_default());
        }
        return Ok(Brought {
            body: Vec::new(),
            digest: digest.finalize().into(),
            size,
            path: Some(path),
            stale: None,
        });
    }
    let mut body = Vec::new();
    file.take(most).read_to_end(&mut body)?;
    digest.update(&body);
    Ok(Brought {
        size: u64::try_from(body.len()).unwrap_or(u64::MAX),
        digest: digest.finalize().into(),
        body,
        path: None,
        stale: None,
    })
}
