//! What is kept on disk, for whom, for how long, and what happens to it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use lurcher::domain::Source;
use lurcher::runtime::Secret;
use lurcher::upstream::{Ask, Error, Expect};

use super::chaos::{Chaos, Reply};
use super::{Kennel, ask};

const MINUTE: Duration = Duration::from_mins(1);

/// Files of the cache with this ending.
fn files(kennel: &Kennel, kind: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(kennel.folder.path().join("upstream")).unwrap();
    let paths = folder.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == kind))
        .collect()
}

fn with_key(url: String, key: &str) -> Ask {
    Ask {
        headers: vec![("X-Key".to_owned(), Secret::new(key))],
        ..ask(url)
    }
}

#[test]
fn while_copies_are_switched_off_every_ask_goes_out() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::of(200, &[("Content-Type", "text/csv")], "dogs"));
    let url = server.url("/");
    kennel.fetch(ask(url.clone())).unwrap();

    kennel.client.switch_copies(false);
    let anew = kennel.fetch(ask(url.clone())).unwrap();
    kennel.client.switch_copies(true);
    let again = kennel.fetch(ask(url)).unwrap();

    assert_eq!((anew.from_cache, again.from_cache), (false, true));
    assert_eq!(server.accepted(), 2);
}

#[test]
fn a_copy_is_as_good_as_new_until_its_time_is_up() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::of(200, &[("Content-Type", "text/csv")], "dogs"));
    let first = kennel.fetch(ask(server.url("/?b=2&a=1"))).unwrap();
    kennel.later(Duration::from_secs(59));

    let again = kennel.fetch(ask(server.url("/?a=1&b=2"))).unwrap();

    assert_eq!((first.from_cache, again.from_cache), (false, true));
    assert_eq!(
        (&again.body, &again.media, again.fetched_at),
        (&first.body, &first.media, first.fetched_at)
    );
    assert_eq!((again.age, &again.stale), (Duration::from_secs(59), &None));
    assert_eq!(server.accepted(), 1);
    kennel.later(Duration::from_secs(2));
    assert!(
        !kennel
            .fetch(ask(server.url("/?a=1&b=2")))
            .unwrap()
            .from_cache
    );
    let tally = kennel.tally();
    assert_eq!((tally.hits, tally.misses, tally.bytes), (1, 2, 8));
}

#[test]
fn an_old_copy_is_asked_about_and_renewed() {
    let kennel = Kennel::new();
    let server = Chaos::start(|request| {
        let old = request.header("if-none-match") == "\"7\""
            && request.header("if-modified-since") == "Thu, 19 Nov 2026 00:00:00 GMT";
        let headers = [
            ("ETag", "\"7\""),
            ("Last-Modified", "Thu, 19 Nov 2026 00:00:00 GMT"),
        ];
        if old {
            Reply::of(304, &[], "")
        } else {
            Reply::of(200, &headers, "dogs")
        }
    });
    kennel.fetch(ask(server.url("/"))).unwrap();

    for _ in 0..2 {
        kennel.later(2 * MINUTE);
        let renewed = kennel.fetch(ask(server.url("/"))).unwrap();
        assert_eq!(
            (renewed.body.as_slice(), renewed.age),
            (&b"dogs"[..], Duration::ZERO)
        );
        assert_eq!(
            (renewed.from_cache, renewed.fetched_at),
            (false, kennel.clock.now())
        );
    }

    assert_eq!((server.accepted(), kennel.tally().revalidated), (3, 2));
    assert!(kennel.fetch(ask(server.url("/"))).unwrap().from_cache);
}

#[test]
fn a_copy_outlives_a_restart_and_no_longer_than_it_may() {
    let server = Chaos::always(Reply::ok("dogs"));
    let url = server.url("/");
    let kennel = Kennel::new();
    kennel.fetch(ask(&url)).unwrap();
    let kennel = kennel.restart();
    assert!(kennel.fetch(ask(&url)).unwrap().from_cache);
    assert_eq!(server.accepted(), 1);
    drop(server);

    kennel.later((7 * 24 * 60 - 1) * MINUTE);
    let old = kennel.fetch(ask(&url)).unwrap();
    assert!(matches!(old.stale, Some(Error::Transport { .. })));

    kennel.later(2 * MINUTE);
    assert!(kennel.fetch(ask(&url)).is_err());
    assert_eq!(files(&kennel, "copy"), Vec::<PathBuf>::new());
}

#[test]
fn a_damaged_file_is_no_copy() {
    let server = Chaos::always(Reply::ok("dogs"));
    let damages: [fn(Vec<u8>) -> Vec<u8>; 4] = [
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |_| Vec::new(),
        |_| b"<html>".repeat(99),
        |mut bytes| {
            let at = bytes.len() - 34;
            bytes[at] ^= 1;
            bytes
        },
    ];

    for (n, damage) in damages.into_iter().enumerate() {
        let kennel = Kennel::new();
        kennel.fetch(ask(server.url("/"))).unwrap();
        let path = files(&kennel, "copy").pop().unwrap();
        fs::write(&path, damage(fs::read(&path).unwrap())).unwrap();
        let kennel = if n % 2 == 0 { kennel } else { kennel.restart() };

        let fetched = kennel.fetch(ask(server.url("/"))).unwrap();

        assert_eq!(
            (fetched.from_cache, fetched.body.as_slice()),
            (false, &b"dogs"[..]),
            "{n}"
        );
        assert!(
            kennel.fetch(ask(server.url("/"))).unwrap().from_cache,
            "{n}"
        );
    }
}

#[test]
fn what_broke_off_is_cleared_away_and_strange_files_are_left_alone() {
    let kennel = Kennel::new();
    let folder = kennel.folder.path().join("upstream");
    for name in ["a.part", "notes.txt", "x.copy"] {
        fs::write(folder.join(name), "?").unwrap();
    }

    let kennel = kennel.restart();

    assert_eq!(files(&kennel, "part"), Vec::<PathBuf>::new());
    assert!(folder.join("notes.txt").exists() && folder.join("x.copy").exists());
}

#[test]
fn two_secrets_never_share_and_none_is_written_down_or_told() {
    let kennel = Kennel::new();
    let server =
        Chaos::start(|request| Reply::ok(format!("for {}", request.header("x-key").len())));
    let secrets = ["hunter2", "correct-horse"];
    let url = |key: &str| server.url(&format!("/?day=1&apikey={key}"));

    for secret in secrets {
        let fetched = kennel.fetch(with_key(server.url("/"), secret)).unwrap();
        assert_eq!(fetched.body, format!("for {}", secret.len()).into_bytes());
        let fetched = kennel.fetch(ask(url(secret))).unwrap();
        assert!(
            fetched.url.ends_with("/?day=1&apikey=***"),
            "{}",
            fetched.url
        );
    }

    assert_eq!(server.accepted(), 4);
    assert_eq!(files(&kennel, "copy").len(), 4);
    for path in files(&kennel, "copy") {
        let file = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&file).into_owned() + &path.display().to_string();
        assert!(
            secrets.iter().all(|secret| !text.contains(secret)),
            "{text}"
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let folder = fs::metadata(kennel.folder.path().join("upstream")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    let shown = format!("{:?}", with_key(server.url("/"), "hunter2"));
    assert!(!shown.contains("hunter2"), "{shown}");
    drop(server);
    kennel.later(60 * 24 * 30 * MINUTE);
    let error = kennel
        .fetch(ask("http://127.0.0.1:9/?apikey=hunter2"))
        .unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );
}

#[test]
fn a_source_has_its_copies_to_itself() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::ok("dogs"));

    for name in ["one", "two"] {
        let source = Source::new(name).unwrap();
        let fetched = kennel
            .fetch(Ask {
                source,
                ..ask(server.url("/"))
            })
            .unwrap();
        assert!(!fetched.from_cache, "{name}");
    }
}

#[test]
fn a_missing_page_is_believed_to_be_missing_for_a_short_while() {
    let kennel = Kennel::new();
    let server = Chaos::always(Reply::status(404));

    for _ in 0..3 {
        assert!(matches!(
            kennel.fetch(ask(server.url("/"))),
            Err(Error::Missing { .. })
        ));
    }
    assert_eq!(server.accepted(), 1);
    kennel.later(6 * MINUTE);
    assert!(kennel.fetch(ask(server.url("/"))).is_err());

    assert_eq!(server.accepted(), 2);
}

#[test]
fn only_what_may_be_kept_and_is_good_enough_comes_from_the_cache() {
    let kennel = Kennel::new();
    let server = Chaos::start(|request| match request.path.as_str() {
        "/private" => Reply::of(200, &[("Cache-Control", "no-store")], "dogs"),
        _ => Reply::ok("dogs"),
    });
    for _ in 0..2 {
        assert!(
            !kennel
                .fetch(ask(server.url("/private")))
                .unwrap()
                .from_cache
        );
    }
    kennel.fetch(ask(server.url("/"))).unwrap();

    // The copy is no JSON, too long, or too old for these; the server has nothing better.
    let strict = Ask {
        expect: Expect::Json,
        ..ask(server.url("/"))
    };
    assert!(matches!(
        kennel.fetch(strict),
        Err(Error::Unexpected { .. })
    ));
    let short = Ask {
        max_bytes: Some(3),
        ..ask(server.url("/"))
    };
    assert!(matches!(kennel.fetch(short), Err(Error::TooLarge { .. })));
    let new = Ask {
        ttl: Duration::ZERO,
        ..ask(server.url("/"))
    };
    assert!(!kennel.fetch(new).unwrap().from_cache);
}

#[test]
fn the_cache_has_a_size_and_the_oldest_go_first() {
    let kennel = Kennel::with(|settings| settings.cache_bytes = 10_000);
    let server = Chaos::always(Reply::ok([b'a'; 1_000]));
    for n in 0..20 {
        kennel.later(Duration::from_millis(1));
        kennel.fetch(ask(server.url(&format!("/{n}")))).unwrap();
    }

    let lengths = files(&kennel, "copy")
        .into_iter()
        .map(|path| fs::metadata(path).unwrap().len());
    let bytes: u64 = lengths.sum();

    assert!((6_000..=10_000).contains(&bytes), "{bytes}");
    assert!(kennel.fetch(ask(server.url("/19"))).unwrap().from_cache);
    assert!(!kennel.fetch(ask(server.url("/0"))).unwrap().from_cache);
}
