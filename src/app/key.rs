//! `lurcher key`: makes, lists and revokes API keys where no daemon runs; listing works beside one.

use std::io::{Write, stderr, stdout};

use anyhow::Context;

use super::cli::Done;
use super::{App, Config};
use crate::access::KeyDraft;
use crate::http::KeyView;
use crate::runtime::Clock;
use crate::store::audit::Actor;
use crate::store::{self, keys};

/// The key alone goes to stdout, so that it can go straight into a file.
pub(super) fn create(config: &Config, draft: &KeyDraft) -> anyhow::Result<Done> {
    let app = take(config, "with POST /api/keys")?;
    let issue = app.access.issue(draft, Actor::default());
    let issued = super::runtime()?.block_on(issue)?;
    app.store.close();
    writeln!(stdout(), "{}", issued.key.reveal())?;
    writeln!(
        stderr(),
        "key {} for {}: it is shown this once and kept nowhere",
        issued.id,
        issued.name
    )?;
    Ok(Done::Well)
}

/// Prints every key, newest first.
pub(super) fn list(config: &Config, json: bool) -> anyhow::Result<Done> {
    let app = App::build_to_read(config, Clock::system())?;
    let listed = super::runtime()?.block_on(app.access.list(None, keys::MOST))?;
    let views: Vec<_> = listed.into_iter().map(KeyView::of).collect();
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &views)?;
        writeln!(out)?;
        return Ok(Done::Well);
    }
    writeln!(
        out,
        "{:<8}  {:<20}  {:<16}  {:<24}  state",
        "id", "name", "scopes", "last used"
    )?;
    for view in &views {
        let last_used = view.last_used_at.as_deref().unwrap_or("never");
        writeln!(
            out,
            "{:<8}  {:<20}  {:<16}  {last_used:<24}  {}",
            view.id,
            view.name,
            view.scopes.join(" "),
            state(view)
        )?;
    }
    Ok(Done::Well)
}

fn state(view: &KeyView) -> String {
    match (&view.revoked_at, &view.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "in force".to_owned(),
    }
}

/// Revokes a key for good.
pub(super) fn revoke(config: &Config, id: &str) -> anyhow::Result<Done> {
    let app = take(config, "with DELETE /api/keys/{id}")?;
    let revoke = app.access.revoke(id, Actor::default());
    let found = super::runtime()?.block_on(revoke)?;
    app.store.close();
    anyhow::ensure!(found, "no key of that id; `lurcher key list` shows them");
    writeln!(stderr(), "key {id} opens nothing any more")?;
    Ok(Done::Well)
}

/// Takes the data folder; when a daemon holds it, says what to ask it for instead.
fn take(config: &Config, instead: &str) -> anyhow::Result<App> {
    let app = App::build(config, Clock::system());
    let held = app.as_ref().err().is_some_and(|error| {
        let store = error.downcast_ref::<store::Error>();
        matches!(store, Some(store::Error::Held { .. }))
    });
    if held {
        return app.with_context(|| {
            format!("a running daemon changes its keys itself: ask it, {instead}")
        });
    }
    app
}
