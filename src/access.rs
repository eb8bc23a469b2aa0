//! Who may do what: API keys are issued, recognised and revoked here.
//!
//! All keys in force are held in memory, so a request costs no question to the database, whatever
//! key it brings. The commit that changes a key makes them be forgotten; nobody has to remember.

mod secret;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;

pub use secret::Secret;

use crate::domain::{Fault, Faults, Scope, printable};
use crate::runtime::{Cache, CacheStats, Cached, Clock, Lane, Limits};
use crate::store::audit::{self, Act, Actor};
use crate::store::keys::{self, ApiKey, InForce, NewKey};
use crate::store::{self, Class, Store, Tag};

/// There is one table of keys, and it is held until a key changes, for an hour at most.
const KEPT: Limits = Limits {
    entries: NonZeroUsize::MIN,
    bytes: 16 * 1_024 * 1_024,
    ttl: Duration::from_hours(1),
};
/// Characters of a key's name.
const NAME: usize = 60;
/// What an unknown key is compared with, so that it takes the time of a known one.
const NOBODY: [u8; 32] = [0; 32];

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The draft breaks rules.
    #[error("{}", faults(.0))]
    Invalid(Vec<Fault>),
    /// No key can make room.
    #[error(
        "there are {} keys and none of them is revoked; revoke one first",
        keys::MOST
    )]
    Full,
    /// Below.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn faults(faults: &[Fault]) -> String {
    let faults: Vec<_> = faults.iter().map(Fault::to_string).collect();
    faults.join("; ")
}

/// A key to be, unchecked.
#[derive(Debug, Clone, Default)]
pub struct KeyDraft {
    /// What people call it.
    pub name: String,
    /// What it is for: names of scopes.
    pub scopes: Vec<String>,
    /// From when on it opens nothing, RFC 3339.
    pub expires_at: Option<String>,
}

struct Checked {
    name: String,
    scopes: Vec<Scope>,
    expires_at: Option<DateTime<Utc>>,
}

/// A new key. This is the only time it can be seen.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The public part.
    pub id: String,
    /// The whole.
    pub key: Secret,
    /// What people call it.
    pub name: String,
    /// What was granted.
    pub scopes: Vec<Scope>,
    /// From when on it opens nothing.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The bearer of a key in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The public part of the key.
    pub id: String,
    /// The most it may do.
    pub scope: Scope,
    /// What people call it.
    pub name: String,
}

/// The key of the one table in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Whole;

/// The keys in force by their ids.
struct Table(HashMap<String, Entry>);

impl Cached for Table {
    type Tag = Tag;

    fn tags(&self) -> &[Tag] {
        &[Tag::Keys]
    }

    fn bytes(&self) -> usize {
        self.0.len() * (size_of::<String>() + size_of::<Entry>() + NAME)
    }
}

type Tables = Cache<Whole, Table, store::Error>;

struct Entry {
    key: InForce,
    scope: Scope,
    /// The minute, counted from 1970, in which the last use was noted.
    noted: AtomicI64,
}

/// The desk. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    store: Store,
    clock: Clock,
    tables: Arc<Tables>,
    lent: Option<Arc<Lent>>,
}

/// A key that is stored nowhere.
struct Lent {
    known: Known,
    digest: [u8; 32],
}

impl Access {
    /// Opens the desk.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        let tables = Cache::new("keys", KEPT, store.changes());
        Self {
            store,
            clock,
            tables: Arc::new(tables),
            lent: None,
        }
    }

    /// Opens a desk that also knows a key to read by, which no other desk does: it is stored nowhere
    /// and ends with this one. It is for a house that asks at a door of its own.
    #[must_use]
    pub fn lending(store: Store, clock: Clock) -> (Self, Secret) {
        let (id, key) = Secret::random();
        let lent = Lent {
            known: Known {
                name: "lent".to_owned(),
                scope: Scope::Read,
                id,
            },
            digest: secret::digest(key.reveal()),
        };
        let desk = Self {
            lent: Some(Arc::new(lent)),
            ..Self::new(store, clock)
        };
        (desk, key)
    }

    /// How the cache of keys has done.
    #[must_use]
    pub fn cache_stats(&self) -> CacheStats {
        self.tables.stats()
    }

    /// Drops the keys that are held; says how many tables that were.
    #[must_use]
    pub fn clear_cache(&self) -> usize {
        self.tables.clear()
    }

    /// Switches the cache on or off; off, every request asks the database who it comes from.
    pub fn switch_cache(&self, on: bool) {
        self.tables.switch(on);
    }

    /// Whether a key is configured: one that is not revoked. An expired one counts, or the house
    /// would stand open when its last key expires.
    pub async fn any(&self) -> Result<bool, Arc<store::Error>> {
        Ok(!self.table().await?.0.is_empty())
    }

    /// Whose key this is; `None` when it is unknown, revoked or expired.
    pub async fn recognise(&self, raw: &str) -> Result<Option<Known>, Arc<store::Error>> {
        let Some(id) = secret::id_of(raw) else {
            return Ok(None);
        };
        if let Some(lent) = &self.lent
            && lent.known.id == id
        {
            return Ok(lent.opens(raw).then(|| lent.known.clone()));
        }
        let table = self.table().await?;
        let entry = table.0.get(id);
        let stored = entry.map_or(&NOBODY, |entry| &entry.key.digest);
        let same = secret::digest(raw).as_slice().ct_eq(stored.as_slice());
        let now = self.clock.now();
        let good = |entry: &&Entry| {
            bool::from(same) && entry.key.expires_at.is_none_or(|expires| now < expires)
        };
        let Some(entry) = entry.filter(good) else {
            return Ok(None);
        };
        self.note_use(entry, now);
        Ok(Some(Known {
            id: entry.key.id.clone(),
            scope: entry.scope,
            name: entry.key.name.clone(),
        }))
    }

    /// Issues a key, all faults of the draft at once.
    pub async fn issue(&self, draft: &KeyDraft, by: Actor) -> Result<Issued, Error> {
        let now = self.clock.now();
        let Checked {
            name,
            scopes,
            expires_at,
        } = draft.check(now).map_err(Error::Invalid)?;
        let (id, key) = Secret::random();
        let digest = secret::digest(key.reveal());
        let issued = Issued {
            id: id.clone(),
            key,
            name: name.clone(),
            scopes: scopes.clone(),
            expires_at,
        };
        self.store
            .write(Class::Admin, move |tx| {
                let new = NewKey {
                    id: &id,
                    name: &name,
                    scopes: &scopes,
                    digest,
                    expires_at,
                };
                if !keys::add(tx, &new, now)? {
                    return Err(Error::Full);
                }
                Ok(audit::record(tx, &by, "key.create", &id, now)?)
            })
            .await?;
        Ok(issued)
    }

    /// Revokes a key, at once; `false` when there is none of that id. Again changes nothing.
    pub async fn revoke(&self, id: &str, by: Actor) -> Result<bool, Error> {
        let id = id.to_owned();
        let now = self.clock.now();
        self.store
            .write(Class::Admin, move |tx| {
                if keys::revoke(tx, &id, now)? {
                    audit::record(tx, &by, "key.revoke", &id, now)?;
                    return Ok(true);
                }
                Ok(keys::stands(tx, &id)?)
            })
            .await
    }

    /// Keys made before the one in row `after`, newest first, revoked ones among them.
    pub async fn list(&self, after: Option<i64>, limit: u32) -> Result<Vec<ApiKey>, Error> {
        let ask = move |reader: &store::Reader<'_>| Ok(keys::page(reader, after, limit)?);
        self.store.read(Lane::Live, ask).await
    }

    /// What was done to the house before the act numbered `after`, newest first.
    pub async fn acts(&self, after: Option<i64>, limit: u32) -> Result<Vec<Act>, Error> {
        let ask = move |reader: &store::Reader<'_>| Ok(audit::page(reader, after, limit)?);
        self.store.read(Lane::Live, ask).await
    }

    async fn table(&self) -> Result<Arc<Table>, Arc<store::Error>> {
        let store = self.store.clone();
        let load = || async move {
            let keys = store.read(Lane::Live, keys::in_force).await?;
            Ok(Table(keys.into_iter().filter_map(Entry::of).collect()))
        };
        self.tables.get_or(Whole, load).await
    }

    /// At most one write a minute and key, and nobody waits for it.
    fn note_use(&self, entry: &Entry, now: DateTime<Utc>) {
        let minute = minute(now);
        if entry.noted.fetch_max(minute, Ordering::Relaxed) >= minute {
            return;
        }
        let id = entry.key.id.clone();
        let at = DateTime::from_timestamp_secs(minute * 60).unwrap_or(now);
        drop(self.store.write(Class::Admin, move |tx| {
            keys::used(tx, &id, at)?;
            Ok::<_, store::Error>(())
        }));
    }
}

impl Lent {
    fn opens(&self, raw: &str) -> bool {
        let same = secret::digest(raw).ct_eq(&self.digest);
        bool::from(same)
    }
}

impl Entry {
    /// A key without a scope cannot be issued; one that has none opens nothing.
    fn of(key: InForce) -> Option<(String, Self)> {
        let scope = key.scopes.iter().copied().max()?;
        let entry = Self {
            scope,
            noted: AtomicI64::new(key.last_used_at.map_or(0, minute)),
            key,
        };
        Some((entry.key.id.clone(), entry))
    }
}

fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

impl KeyDraft {
    fn check(&self, now: DateTime<Utc>) -> Result<Checked, Vec<Fault>> {
        let mut faults = Faults::default();
        let name = self.name.trim();
        if name.is_empty() || self.name.chars().count() > NAME || !self.name.chars().all(printable)
        {
            faults.add("name", format!("must be 1 to {NAME} printable characters"));
        }
        let scopes = self.scopes(&mut faults);
        let expires_at = faults.maybe("expires_at", self.expires_at.as_deref(), |raw| {
            let at = DateTime::parse_from_rfc3339(raw).map(|at| at.to_utc());
            let at = at.map_err(|_raw| Fault::new("must be like 2026-11-20T09:30:00Z"))?;
            let later = at > now;
            later
                .then_some(at)
                .ok_or_else(|| Fault::new("must be still to come"))
        });
        faults.done()?;
        Ok(Checked {
            name: name.to_owned(),
            scopes,
            expires_at,
        })
    }
    fn scopes(&self, faults: &mut Faults) -> Vec<Scope> {
        if !(1..=3).contains(&self.scopes.len()) {
            faults.add("scopes", "must be one to three of read, write and admin");
            return Vec::new();
        }
        let scopes = self.scopes.iter().enumerate();
        let mut scopes: Vec<_> = scopes
            .filter_map(|(n, scope)| faults.note(&format!("scopes[{n}]"), Scope::parse(scope)))
            .collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }
}

#[cfg(test)]
mod tests;
