//! Sources of a file, good and bad, and the secrets beside it.

use std::fs;

use tempfile::TempDir;

use super::super::{Config, NAME, Sources, load};
use super::*;

/// What stands around the folder of a test is left out of what is told.
fn read(folder: &TempDir, file: &str) -> Result<Config, Vec<String>> {
    fs::write(folder.path().join(NAME), file).unwrap();
    let sources = Sources {
        folder: folder.path().to_owned(),
        file: None,
        environment: Vec::new(),
        flags: Vec::new(),
    };
    let place = format!("{}/", folder.path().display());
    let loaded = load(sources).map(|loaded| loaded.config);
    loaded.map_err(|error| {
        let wrongs = error.0.iter();
        wrongs
            .map(|wrong| wrong.to_string().replace(&place, ""))
            .collect()
    })
}

fn wrongs(file: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    read(&folder, file).map(drop).unwrap_err()
}

/// Writes a secret that only its owner can read.
fn keep(folder: &TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    mode(&path, 0o600);
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn mode(_path: &Path, _mode: u32) {}

const WITH_SECRET: &str = "\
[[source]]
name = 'Mine'
kind = 'http-json'
enabled = true
url = 'https://a.example/{day}'
headers = { Accept = 'text/plain', Authorization = { file = 'secrets/mine' } }
";

#[test]
fn a_source_is_read_as_it_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    keep(&folder, "secrets/mine", "\n Bearer hunter2 \n");
    let file = format!(
        "{WITH_SECRET}schedule = '*/15 9-23 * * *'\ntimezone = 'Australia/Melbourne'\n\
         requests_per_second = 0.5\nttl_s = 0\nmax_mb = 2\ndays_back = 7\n\
         [[source]]\nname = 'files'\nkind = 'folder'\npath = 'in'\n"
    );

    let sources = read(&folder, &file).unwrap().sources;

    let [mine, files] = sources.as_slice() else {
        panic!("{sources:?}");
    };
    assert_eq!(
        (mine.name.as_str(), mine.kind),
        ("mine", SourceKind::HttpJson)
    );
    let schedule = mine.schedule.as_ref().unwrap();
    assert_eq!(schedule.cron.to_string(), "*/15 9-23 * * *");
    assert_eq!(schedule.zone, chrono_tz::Australia::Melbourne);
    let manners = &mine.manners;
    assert!((manners.requests_per_second - 0.5).abs() < 1e-9);
    assert_eq!(
        (manners.ttl, manners.max_bytes),
        (Duration::ZERO, 2_097_152)
    );
    let revealed = |(name, value): &(String, Secret)| format!("{name}: {}", value.reveal());
    let headers: Vec<_> = manners.headers.iter().map(revealed).collect();
    assert_eq!(
        headers,
        ["Accept: text/plain", "Authorization: Bearer hunter2"]
    );
    assert!(!format!("{sources:?}").contains("hunter2"));
    assert_eq!(files.reach.path, Some(folder.path().join("in")));
    assert!(!files.enabled);
}

#[test]
fn everything_wrong_with_sources_is_told_at_once_with_its_line() {
    let told = wrongs(
        "\
[[source]]
name = 'a b'
kind = 'ftp'
enabled = 'yes'
url = ['https://a.example/{daye}']
tracks = ['..']
scedule = '0 6 * * *'
schedule = '0 25 * * *'
timezone = 'Australia/Melborne'
days_back = 32
format = 'runes'
requests_per_second = 11
timeout_s = 0
max_mb = 1.5
headers = { Host = 'x', Odd = 7, 'a b' = 'x', Late = { path = 'x' }, Break = \"a\\nb\" }
[limits]
read = -1
[[source]]
kind = 'gbgb'
headers = 'none'
",
    );

    let expected = [
        "2: source.name: must be 1 to 32 of a-z 0-9 - _ .",
        "3: source.kind: `ftp` is no kind of source; there are http-json, http-csv, gbgb, topaz, \
         betfair-files, folder",
        "4: source.enabled: must be true or false",
        "5: source.url: `https://a.example/{daye}` `{daye}` is nothing that is known: {day}, \
         {day:%d%m%Y}, {track}, {page} and {meeting} are",
        "6: source.tracks: `..` must be 1 to 60 printable characters",
        "7: source.scedule: is no key of a source, did you mean `schedule`?",
        "8: source.schedule: `25` is no hour: must be 0 to 23, like 7, 7-9, 2,5 or */2",
        "9: source.timezone: `Australia/Melborne` is no time zone, did you mean \
         `Australia/Melbourne`?",
        "10: source.days_back: must be a number, 0 to 31",
        "12: source.requests_per_second: must be a number, 0.01 to 10",
        "13: source.timeout_s: must be a number, 1 to 30",
        "14: source.max_mb: must be a number, 1 to 64",
        "15: source.headers.Host: is a header that lurcher sets itself",
        "15: source.headers.Odd: must be a string, or { file = \"…\" }",
        "15: source.headers.a b: is no name of a header",
        "15: source.headers.Late: must be a string, or { file = \"…\" }",
        "15: source.headers.Break: must be 1 to 4096 plain characters on one line",
        "17: limits.read: must be a number, 0 to 1000000",
        "20: source.headers: must be a table like { Authorization = { file = \"secrets/key\" } }",
    ];
    // Which formats there are is not of this test.
    let (format, told): (Vec<_>, Vec<_>) = told
        .into_iter()
        .partition(|wrong| wrong.starts_with("lurcher.toml:11: source.format: "));
    assert_eq!(format.len(), 1);
    assert_eq!(told, expected.map(|wrong| format!("lurcher.toml:{wrong}")));
}

#[test]
fn what_the_values_mean_together_is_told_at_the_line_of_the_key() {
    let told = wrongs(
        "\
[[source]]
name = 'one'
kind = 'folder'
enabled = true

[[source]]
name = 'two'
kind = 'http-csv'
url = 'https://a.example/{track}'
mapping = 'no-such.toml'

[[source]]
name = 'three'
kind = 'http-csv'
enabled = true
url = 'https://a.example/'
mapping = 'no-such.toml'

[[source]]
kind = 'folder'

[[source]]
name = 'four'
kind = 'folder'

[[source]]
kind = 'folder'
name = 'FOUR'
",
    );

    let expected = [
        "1: source.path: is missing, and the source is enabled",
        "6: source.tracks: is missing: the url has a {track}",
        "17: source.mapping: there is no file no-such.toml",
        "19: source.name: is missing",
        "28: source.name: there is a source `four` already",
    ];
    assert_eq!(told, expected.map(|wrong| format!("lurcher.toml:{wrong}")));
}

#[test]
fn a_source_is_a_table_of_a_list_and_of_those_there_is_an_end() {
    let one = "must be a table for each source: [[source]]";
    assert_eq!(
        wrongs("[source]\nname = 'x'\n"),
        [format!("lurcher.toml:1: source: {one}")]
    );
    assert_eq!(
        wrongs("source = [1]\n"),
        [format!("lurcher.toml:1: source: {one}")]
    );
    assert_eq!(
        wrongs("log = 'info'\nsource = 3\n"),
        [format!("lurcher.toml:2: source: {one}")]
    );

    let table = |n| format!("[[source]]\nname = 'n{n}'\nkind = 'folder'\n");
    let many: Vec<_> = (0..=super::super::MOST_SOURCES).map(table).collect();
    let many = many.concat();
    assert_eq!(
        wrongs(&many),
        ["lurcher.toml:301: source: there are more than 100"]
    );
}

#[test]
fn a_secret_that_is_not_there_ends_it_only_for_a_source_that_is_enabled() {
    let folder = tempfile::tempdir().unwrap();
    let off = WITH_SECRET.replace("enabled = true", "enabled = false");

    let told = read(&folder, WITH_SECRET).map(drop).unwrap_err();

    assert_eq!(told.len(), 1, "{told:?}");
    let at = "lurcher.toml:6: source.headers.Authorization: secrets/mine: ";
    assert!(told[0].starts_with(at), "{told:?}");
    assert!(read(&folder, &off).is_ok());
}

#[cfg(unix)]
#[test]
fn a_secret_that_everybody_can_read_is_none() {
    let folder = tempfile::tempdir().unwrap();
    keep(&folder, "secrets/mine", "hunter2");
    let path = folder.path().join("secrets/mine");

    for (permissions, will_do) in [(0o600, true), (0o640, true), (0o644, false), (0o602, false)] {
        mode(&path, permissions);
        assert_eq!(
            read(&folder, WITH_SECRET).is_ok(),
            will_do,
            "{permissions:o}"
        );
    }
    let told = read(&folder, WITH_SECRET).map(drop).unwrap_err();
    let why = "everybody can read secrets/mine; chmod 600 it";
    assert_eq!(
        told,
        [format!(
            "lurcher.toml:6: source.headers.Authorization: {why}"
        )]
    );
}

#[test]
fn what_cannot_be_a_header_is_told_without_showing_it() {
    let folder = tempfile::tempdir().unwrap();

    for text in [
        "",
        " \n",
        "hunter2\nX-Evil: 1",
        "hunter2\u{e9}",
        &"x".repeat(10_000),
    ] {
        keep(&folder, "secrets/mine", text);
        let told = read(&folder, WITH_SECRET).map(drop).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("plain characters on one line"), "{told:?}");
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}

#[test]
fn a_header_that_is_there_twice_is_told_however_it_is_written() {
    let told = wrongs(
        "[[source]]\nname = 'x'\nkind = 'gbgb'\n[source.headers]\nX-Key = '1'\nx-key = '2'\n",
    );

    assert_eq!(
        told,
        ["lurcher.toml:6: source.headers.x-key: is there twice"]
    );
}
