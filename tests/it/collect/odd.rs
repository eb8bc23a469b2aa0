//! Payloads as odd as they come: each is told with its place and its rule, and takes nothing away.

use std::fmt::Write;

use lurcher::collect::Report;
use lurcher::upstream::SourceKind;

use super::{DAY, Feed, HEAD, dump, outcome, results};
use crate::facts::{assert_same, facts};
use crate::upstream::chaos::Reply;
use crate::world::House;

/// What is sent, how the fetch must end, and what must be said of it.
struct Case {
    what: &'static str,
    sent: Reply,
    outcome: &'static str,
    says: &'static str,
}

fn case(
    what: &'static str,
    sent: impl AsRef<[u8]>,
    outcome: &'static str,
    says: &'static str,
) -> Case {
    Case {
        what,
        sent: Reply::ok(sent),
        outcome,
        says,
    }
}

fn cases() -> Vec<Case> {
    let good = results(DAY);
    let cut = good.get(..good.len() - 30).unwrap();
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut crowd = HEAD.to_owned();
    for n in 11..50_011_u32 {
        writeln!(
            crowd,
            "t{DAY}x1,{DAY},Angle Park,1,530,Gr5,{n},1,DOG {n},0,2,3.5"
        )
        .unwrap();
    }
    let spoiled = |from: &str, to: &str| good.replacen(from, to, 1);
    vec![
        case(
            "a web page",
            "<!DOCTYPE html><p>Sorry</p>",
            "stale",
            "looks like a web page",
        ),
        case("nothing", "", "stale", "it is empty"),
        case("white space", " \r\n ", "stale", "it is empty"),
        case("a list of nothing", HEAD, "empty", ""),
        case("a table that was cut off", cut, "taken", ".csv:9: "),
        case(
            "a renamed column",
            spoiled("dog_name", "runner"),
            "failed",
            "dog_name",
        ),
        case(
            "every page twice",
            format!("{good}{}", good.trim_start_matches(HEAD)),
            "taken",
            "",
        ),
        case(
            "box 0",
            spoiled("1,1,DOG 1 1", "1,0,DOG 1 1"),
            "taken",
            ".csv:2: box ",
        ),
        case(
            "box 255",
            spoiled("1,1,DOG 1 1", "1,255,DOG 1 1"),
            "taken",
            ".csv:2: box ",
        ),
        case(
            "rug 0",
            spoiled("1,1,DOG 1 1", "0,1,DOG 1 1"),
            "taken",
            ".csv:2: rug \"0\"",
        ),
        case(
            "a price with a comma",
            spoiled(",1.5\n", ",\"1,5\"\n"),
            "taken",
            ".csv:2: bsp \"1,5\": must be a number",
        ),
        case(
            "a field of 50,000",
            crowd,
            "taken",
            "rug \"11\": must be a rug, 1 to 10",
        ),
        case("UTF-16", utf16, "stale", "no text"),
        case("a mark of UTF-8", format!("\u{feff}{good}"), "taken", ""),
        case("JSON", "{\"races\": []}", "stale", "looks like JSON"),
    ]
}

/// What must stay as it is: facts, and how the races stand. A race that was told of again has
/// another date.
fn kept(house: &House) -> Vec<String> {
    let mut lines = dump(house);
    lines.retain(|line| !line.starts_with("race: ") && !line.starts_with("run: "));
    lines
}

/// All that was said of a fetch.
fn said(report: &Report) -> String {
    let fetch = &report.fetches[0];
    let error = fetch.error.clone().unwrap_or_default();
    format!("{error} {}", fetch.faults.join("; "))
}

#[test]
fn odd_payloads_are_told_and_take_nothing_away() {
    let mut wrong = Vec::new();

    for case in cases() {
        let feed = Feed::new(|_| {});
        assert_eq!(outcome(&feed.collect()), "taken");
        let before = kept(&feed.house);
        feed.says(case.sent);

        let report = feed.collect();

        let said = said(&report);
        if outcome(&report) != case.outcome || !said.contains(case.says) {
            wrong.push(format!("{}: {}: {said}", case.what, outcome(&report)));
        }
        let after = kept(&feed.house);
        let lost: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
        if !lost.is_empty() {
            wrong.push(format!("{}: lost {lost:#?}; {said}", case.what));
        }
        feed.says(Reply::ok(results(DAY)));
        assert!(feed.collect().fetches[0].outcome.is_good(), "{}", case.what);
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_that_are_not_in_order_are_the_races_they_were() {
    let (ordered, mixed) = (Feed::new(|_| {}), Feed::new(|_| {}));
    let mut rows: Vec<_> = results(DAY).lines().skip(1).map(str::to_owned).collect();
    ordered.says(Reply::ok(results(DAY)));
    rows.swap(1, 5);
    mixed.says(Reply::ok(format!("{HEAD}{}\n", rows.join("\n"))));

    let report = (ordered.collect(), mixed.collect()).1;

    assert_eq!((report.counts.created, report.counts.failed), (2, 0));
    assert_same(
        &facts(&mixed.house.database()),
        &facts(&ordered.house.database()),
    );
}

#[test]
fn more_than_a_source_may_send_is_not_taken() {
    let feed = Feed::new(|draft| draft.manners.max_bytes = 1 << 20);
    let mut million = HEAD.to_owned();
    for _ in 0..1_000_000 {
        million.push_str("t1,2026-11-19,Angle Park,1,530,Gr5,1,1,DOG,0,2,3.5\n");
    }
    feed.says(Reply::ok(million));

    let report = feed.collect();

    assert_eq!(outcome(&report), "failed");
    assert!(said(&report).contains("1048576"), "{}", said(&report));
    assert_eq!(feed.house.number("SELECT count(*) FROM race"), 0);
}

#[test]
fn a_connection_that_breaks_is_no_short_day() {
    let feed = Feed::new(|_| {});
    let body = results(DAY);
    let short =
        Reply::head(200, &[("Content-Length", &(body.len() + 100).to_string())]).send(&body);
    feed.says(short);

    let report = feed.collect();

    assert_eq!(outcome(&report), "failed", "{}", said(&report));
    assert_eq!(feed.house.number("SELECT count(*) FROM race"), 0);
}

#[test]
fn an_answer_about_another_day_than_was_asked_about_changes_nothing() {
    for told in ["2026-11-18", "2027-06-01"] {
        let feed = Feed::new(|_| {});
        feed.collect();
        let before = dump(&feed.house);
        feed.says(Reply::ok(results(told)));

        let report = feed.collect();

        assert_eq!(outcome(&report), "failed", "{}", said(&report));
        let why = format!("it was asked about 2026-11-19 and tells of {told}");
        assert!(said(&report).contains(&why), "{}", said(&report));
        assert_eq!(dump(&feed.house), before, "{told}");
        assert_eq!(report.counts.failed, 1);
    }
}

#[test]
fn an_answer_that_tells_of_a_far_future_beside_its_day_changes_nothing() {
    let feed = Feed::new(|_| {});
    let far = results("2026-12-22");
    let both = format!("{}{}", results(DAY), far.trim_start_matches(HEAD));
    feed.says(Reply::ok(&both));

    let report = feed.collect();
    let nothing = dump(&feed.house);
    feed.house.set_clock("2026-11-21T00:00:00Z");
    let a_day_later = feed.collect();

    assert_eq!(outcome(&report), "failed", "{}", said(&report));
    let why = "it tells of 2026-12-22, which is further ahead than any card";
    assert!(said(&report).contains(why), "{}", said(&report));
    assert_eq!(nothing, [] as [String; 0]);
    assert_eq!(outcome(&a_day_later), "taken", "{}", said(&a_day_later));
    assert_eq!(a_day_later.counts.created, 4);
}

#[test]
fn a_large_file_of_a_far_future_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("far.csv"), results("2027-06-01")).unwrap();
    let feed = Feed::new(|draft| {
        draft.kind = Some(SourceKind::Folder);
        draft.reach.urls = Vec::new();
        draft.reach.path = Some(folder.path().to_owned());
        draft.manners.max_bytes = 100;
    });

    let report = feed.collect();

    assert_eq!(outcome(&report), "failed", "{}", said(&report));
    assert!(
        said(&report).contains("it tells of 2027-06-01"),
        "{}",
        said(&report)
    );
    assert_eq!(dump(&feed.house), [] as [String; 0]);
}

#[test]
fn the_same_again_is_same_and_an_old_copy_is_stale() {
    let feed = Feed::new(|_| {});

    let first = feed.collect();
    let again = feed.collect();
    feed.says(Reply::status(500));
    let third = feed.collect();

    assert_eq!(
        [outcome(&first), outcome(&again), outcome(&third)],
        ["taken", "same", "stale"]
    );
    assert_eq!((first.counts.created, again.counts.created), (2, 0));
    assert!(
        said(&third).contains("only an old copy"),
        "{}",
        said(&third)
    );
    assert_eq!(feed.house.number("SELECT count(*) FROM payload"), 1);
}
