//! Files, the environment and flags, good and bad.

use std::collections::BTreeSet;
use std::time::Duration;

use super::schema::KEYS;
use super::*;
use crate::upstream::{Manners, Reach, SourceKind};

const DOCUMENTED: &str = include_str!("../../../deploy/lurcher.toml");

fn read(file: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(NAME), file).unwrap();
    let own = |text: &&str| (*text).to_owned();
    let sources = Sources {
        folder: folder.path().to_owned(),
        file: None,
        environment: environment.iter().map(|(n, v)| (own(n), own(v))).collect(),
        flags: Vec::new(),
    };
    let place = format!("{}/", folder.path().display());
    load(sources)
        .map(|loaded| loaded.config)
        .map_err(|error| error.0)
        .map_err(|wrongs| {
            let wrongs = wrongs.iter();
            wrongs
                .map(|wrong| wrong.to_string().replace(&place, ""))
                .collect()
        })
}

#[test]
fn the_documented_file_says_what_is_so_without_it() {
    let defaults = Config::new("");

    let mut config = read(DOCUMENTED, &[]).unwrap();

    config.store.folder = PathBuf::new();
    let sources = std::mem::take(&mut config.sources);
    assert_eq!(config, defaults);
    assert!(sources.iter().all(|source| !source.enabled));
    let kinds: Vec<_> = sources.iter().map(|source| source.kind).collect();
    assert_eq!(kinds, SourceKind::ALL);
    let Manners {
        headers,
        user_agent,
        ..
    } = &sources[0].manners;
    let manners = Manners {
        headers: headers.clone(),
        user_agent: user_agent.clone(),
        ..Manners::default()
    };
    assert_eq!(sources[0].manners, manners);
    let days = |source: &Reach| (source.days_back, source.days_ahead);
    assert_eq!(days(&sources[0].reach), days(&Reach::default()));
}

#[test]
fn every_key_is_documented_with_a_line_that_says_why() {
    let table = DeTable::parse(DOCUMENTED).unwrap();
    let mut found = BTreeSet::new();
    for (name, value) in table.get_ref() {
        let keys = |section: &DeTable<'_>| -> Vec<_> {
            let keys = section.iter();
            keys.map(|(key, _)| format!("{}.{}", name.get_ref(), key.get_ref()))
                .collect()
        };
        match value.get_ref() {
            DeValue::Table(section) => found.extend(keys(section)),
            DeValue::Array(items) if name.get_ref() == SOURCE => {
                let tables = items.iter().filter_map(|item| item.get_ref().as_table());
                found.extend(tables.flat_map(keys));
            }
            _ => drop(found.insert(name.get_ref().to_string())),
        }
    }

    let of_sources = source::KEYS
        .iter()
        .map(|key| format!("{SOURCE}.{}", key.name));
    let known = KEYS.iter().map(|key| key.name.to_owned());
    assert_eq!(found, known.chain(of_sources).collect());
    let lines: Vec<_> = DOCUMENTED.lines().collect();
    let mut section = "";
    let mut met = BTreeSet::new();
    for pair in lines.windows(2) {
        if pair[1].starts_with('[') {
            section = pair[1];
        }
        let key = pair[1].split_once(" = ").map(|(key, _)| key);
        if let Some(key) = key.filter(|key| !key.starts_with('#'))
            && met.insert((section, key))
        {
            let why = pair[0].starts_with("# ");
            assert!(why, "{} has no line above it", pair[1]);
        }
    }
}

#[test]
fn the_file_is_over_the_defaults_the_environment_over_the_file_and_a_flag_over_both() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "log = 'info'\n[store]\nslow_ms = 5\nreaders = 0x0a\n[limits]\nread = 7\n",
    )
    .unwrap();
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let environment = [
        ("LURCHER_STORE__SLOW_MS", "6"),
        ("LURCHER_LOG", "debug"),
        ("LURCHER_HTTP__HOSTS", "One.example.org, two.example.org"),
        ("LURCHER_HTTP__TRUSTED_PROXIES", "10.0.0.0/8"),
        ("LURCHER_REAL_DATA", "anything"),
    ];

    let loaded = load(Sources {
        folder: PathBuf::from("nowhere"),
        file: Some(file.path().to_owned()),
        environment: environment.map(own).to_vec(),
        flags: vec![("--log", "log", "error".to_owned())],
    });

    let config = loaded.unwrap().config;
    assert_eq!(config.log, "error");
    assert_eq!(config.store.slow, Duration::from_millis(6));
    assert_eq!(config.store.readers, 10);
    assert_eq!(config.http.quotas.read, 7);
    assert_eq!(config.http.quotas.admin, 60);
    assert_eq!(config.http.hosts, ["one.example.org", "two.example.org"]);
    assert_eq!(config.http.trusted_proxies.len(), 1);
}

#[test]
fn everything_wrong_is_told_at_once_with_its_line() {
    let file = "\
listen = 'here'
log = 7
lisen = '127.0.0.1:1'
http = 3
[limits]
reed = 5
read = -1
admin = 1.5
[store]
cache_mb = 'much'
hosts = []
[limit]
read = 5
[store.deep]
er = 1
";
    let environment = [
        ("LURCHER_LIMITS__PREDCT", "1"),
        ("LURCHER_STORE__SLOW_MS", "soon"),
        ("LURCHER_HTTP__TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
    ];

    let wrongs = read(file, &environment).unwrap_err();

    let expected = [
        "lurcher.toml:1: listen: must be an address like 127.0.0.1:8080",
        "lurcher.toml:2: log: must be a filter like info or lurcher=debug",
        "lurcher.toml:3: unknown key `lisen`, did you mean `listen`?",
        "lurcher.toml:4: http: must be a section: [http]",
        "lurcher.toml:6: unknown key `limits.reed`, did you mean `limits.read`?",
        "lurcher.toml:7: limits.read: must be a number, 0 to 1000000",
        "lurcher.toml:8: limits.admin: must be a number, 0 to 1000000",
        "lurcher.toml:10: store.cache_mb: must be a number, 1 to 65536",
        "lurcher.toml:11: unknown key `store.hosts`, did you mean `http.hosts`?",
        "lurcher.toml:12: unknown section `limit`, did you mean `limits`?",
        "lurcher.toml:14: unknown key `store.deep`",
        "LURCHER_HTTP__TRUSTED_PROXIES: http.trusted_proxies: `proxy` must be a network like \
         10.0.0.0/8 or an address",
        "LURCHER_LIMITS__PREDCT: unknown key `limits.predct`, did you mean `limits.predict`?",
        "LURCHER_STORE__SLOW_MS: store.slow_ms: must be a number, 0 to 600000",
    ];
    assert_eq!(wrongs, expected);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let wrongs = read(
        "listen = '127.0.0.1:1'\n\nlog =\n[limits]\nread = 1\nread = 2\n",
        &[],
    )
    .unwrap_err();

    let lines: Vec<_> = wrongs
        .iter()
        .filter_map(|wrong| wrong.split(": ").next())
        .collect();
    assert_eq!(lines, ["lurcher.toml:3", "lurcher.toml:6"], "{wrongs:?}");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let sources = Sources {
        folder: PathBuf::from("nowhere"),
        file: Some(PathBuf::from("no-such-file.toml")),
        environment: Vec::new(),
        flags: Vec::new(),
    };

    let error = load(sources).map(drop).unwrap_err();

    assert!(error.to_string().contains("no-such-file.toml"), "{error}");
}

#[test]
fn what_is_posted_to_may_be_secret_and_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("hook");
    std::fs::write(&secret, " hunter2\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&secret, private).unwrap();
    let file = format!(
        "[alerts]\nfor_s = 60\nwebhook_url = 'http://127.0.0.1:9/s3cret'\n\
         webhook_secret = {{ file = '{}' }}\n",
        secret.display()
    );

    let config = read(&file, &[("LURCHER_ALERTS__ENABLED", "false")]).unwrap();
    let wrong = read(
        "[alerts]\nwebhook_url = 'ftp://s3cret'\nerror_percent = 101\n",
        &[],
    );

    assert_eq!(config.alerts.lasting, Duration::from_mins(1));
    assert!(!config.alerts.enabled);
    let (url, key) = (
        config.alerts.webhook_url.clone(),
        config.alerts.webhook_secret.clone(),
    );
    assert_eq!(url.unwrap().reveal(), "http://127.0.0.1:9/s3cret");
    assert_eq!(key.unwrap().reveal(), "hunter2");
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("s3cret") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert_eq!(
        wrong.unwrap_err(),
        [
            "lurcher.toml:2: alerts.webhook_url: must be an address that begins with http:// or https://",
            "lurcher.toml:3: alerts.error_percent: must be a number, 0 to 100",
        ]
    );
}
