//! Issue, recognise, expire, revoke, remember.

use tempfile::TempDir;

use super::*;
use crate::store::Settings;

struct Office {
    access: Access,
    clock: Clock,
    // Last: the store goes before its folder.
    folder: TempDir,
}

fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn open(folder: TempDir) -> Office {
    let clock = Clock::fixed(instant("2026-11-20T00:00:30Z"));
    let settings = Settings::new(folder.path());
    let store = Store::open(settings, |_touched| ()).unwrap();
    Office {
        access: Access::new(store, clock.clone()),
        clock,
        folder,
    }
}

fn office() -> Office {
    open(tempfile::tempdir().unwrap())
}

fn draft(scopes: &[&str], expires_at: Option<&str>) -> KeyDraft {
    KeyDraft {
        name: " collector ".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        expires_at: expires_at.map(str::to_owned),
    }
}

async fn issue(office: &Office, scopes: &[&str]) -> Issued {
    let draft = draft(scopes, None);
    office.access.issue(&draft, Actor::default()).await.unwrap()
}

#[tokio::test]
async fn a_key_is_recognised_with_the_largest_of_its_scopes() {
    let office = office();
    assert!(!office.access.any().await.unwrap());

    let issued = issue(&office, &["write", "read", "write"]).await;

    let known = office.access.recognise(issued.key.reveal()).await.unwrap();
    let expected = Known {
        id: issued.id,
        scope: Scope::Write,
        name: "collector".to_owned(),
    };
    assert_eq!(known, Some(expected));
    assert_eq!(issued.scopes, [Scope::Read, Scope::Write]);
    assert!(office.access.any().await.unwrap());
}

#[tokio::test]
async fn the_right_id_with_another_secret_opens_nothing() {
    let office = office();
    let issued = issue(&office, &["admin"]).await;
    let (other_id, other) = Secret::random();
    let body = other.reveal().replace(&other_id, &issued.id);
    let body = body.split_at(body.len() - 6).0.to_owned();
    let [one, two, three, ..] = secret::digest(&body);
    let forged = format!("{body}{one:02x}{two:02x}{three:02x}");

    assert_eq!(secret::id_of(&forged), Some(issued.id.as_str()));
    assert_eq!(office.access.recognise(&forged).await.unwrap(), None);
    let unknown = office.access.recognise(other.reveal()).await.unwrap();
    assert_eq!(unknown, None);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_from_then_on() {
    let office = office();
    let issued = issue(&office, &["read"]).await;
    let key = issued.key.reveal();
    assert!(office.access.recognise(key).await.unwrap().is_some());

    let by = Actor::default();
    assert!(office.access.revoke(&issued.id, by.clone()).await.unwrap());

    assert_eq!(office.access.recognise(key).await.unwrap(), None);
    assert!(!office.access.any().await.unwrap());
    assert!(office.access.revoke(&issued.id, by.clone()).await.unwrap());
    assert!(!office.access.revoke("nobody00", by).await.unwrap());
    let acts = office.access.acts(None, 9).await.unwrap();
    let acts: Vec<_> = acts.iter().map(|act| act.action.as_str()).collect();
    assert_eq!(acts, ["key.revoke", "key.create"]);
}

#[tokio::test]
async fn a_revocation_stands_though_nobody_waits_for_it() {
    let office = office();
    let issued = issue(&office, &["read"]).await;
    let key = issued.key.reveal();
    assert!(office.access.recognise(key).await.unwrap().is_some());

    let revoke = office.access.revoke(&issued.id, Actor::default());
    drop(tokio::time::timeout(Duration::ZERO, revoke).await);

    // The writer goes by the order of the calls, so what was dropped is done when this is.
    issue(&office, &["read"]).await;
    assert_eq!(office.access.recognise(key).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_expires_while_it_is_remembered_and_still_locks_the_house() {
    let office = office();
    let draft = draft(&["read"], Some("2026-11-20T11:01:00+11:00"));
    let issued = office.access.issue(&draft, Actor::default()).await.unwrap();
    let key = issued.key.reveal();
    assert!(office.access.recognise(key).await.unwrap().is_some());

    office.clock.set(instant("2026-11-20T00:01:00Z"));

    assert_eq!(office.access.recognise(key).await.unwrap(), None);
    assert!(office.access.any().await.unwrap());
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute_and_outlives_a_restart() {
    let office = office();
    let issued = issue(&office, &["read"]).await;
    let key = issued.key.reveal().to_owned();
    for at in ["00:01:10", "00:01:50", "00:02:05", "00:02:06"] {
        office.clock.set(instant(&format!("2026-11-20T{at}Z")));
        assert!(office.access.recognise(&key).await.unwrap().is_some());
    }
    office.access.store.close();
    let noted = office.access.store.profile().queries();
    let noted = noted.iter().find(|query| query.name == "key/used").unwrap();
    assert_eq!(noted.count, 2);

    let office = open(office.folder);

    let listed = office.access.list(None, 9).await.unwrap();
    assert_eq!(
        listed[0].last_used_at,
        Some(instant("2026-11-20T00:02:00Z"))
    );
    assert!(office.access.recognise(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn everything_wrong_with_a_draft_is_told_at_once() {
    let office = office();
    let draft = KeyDraft {
        name: "a\nb".to_owned(),
        scopes: vec!["read".to_owned(), "fly".to_owned()],
        expires_at: Some("2026-11-20T00:00:30Z".to_owned()),
    };

    let refused = office.access.issue(&draft, Actor::default()).await;

    let Err(Error::Invalid(faults)) = refused else {
        panic!("{refused:?}");
    };
    let places: Vec<_> = faults.iter().map(|fault| fault.at.as_str()).collect();
    assert_eq!(places, ["name", "scopes[1]", "expires_at"]);
    let nothing = office
        .access
        .issue(&KeyDraft::default(), Actor::default())
        .await;
    assert!(matches!(nothing, Err(Error::Invalid(faults)) if faults.len() == 2));
}

#[tokio::test]
async fn a_revoked_key_makes_room_and_one_in_force_does_not() {
    let office = office();
    let first = issue(&office, &["read"]).await;
    for _ in 1..keys::MOST {
        issue(&office, &["read"]).await;
    }

    let draft = draft(&["read"], None);
    let refused = office.access.issue(&draft, Actor::default()).await;
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");

    office
        .access
        .revoke(&first.id, Actor::default())
        .await
        .unwrap();
    issue(&office, &["read"]).await;
    assert!(
        !office
            .access
            .revoke(&first.id, Actor::default())
            .await
            .unwrap()
    );
}
