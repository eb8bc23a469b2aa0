//! The British results API: a list of meetings, page by page, and then each meeting.

use std::sync::{Arc, Mutex};

use lurcher::collect::{Error, Report};
use lurcher::domain::Source;
use lurcher::upstream::{Reach, SourceKind, SourceSpec, Template};
use serde_json::{Value, json};

use super::draft;
use crate::upstream::chaos::{Chaos, Reply};
use crate::world::{House, World, day, wait};

/// The day that is asked about.
const DAY: &str = "2026-11-19";

/// Meetings on each page of the list, each with two rows.
type Pages = Vec<Vec<u32>>;

/// A meeting of one race, with the keys of the API.
fn meeting(id: u32) -> Value {
    let trap = |trap: u32, place: u32, behind: &str| {
        json!({
            "trapNumber": trap.to_string(), "dogId": id * 10 + trap,
            "dogName": format!("Paper Dog {id} {trap}"), "dogSire": "Old Hat", "dogDam": "Old Shoe",
            "dogBorn": "Oct-2024", "dogSex": "b", "trainerName": "A Maker", "SP": "2/1",
            "resultPosition": place.to_string(), "resultBtnDistance": behind,
            "resultSectionalTime": "03.82", "resultRunTime": format!("25.0{place}"),
            "resultDogWeight": "24.1", "resultComment": "QAw",
        })
    };
    let tracks = [
        "Romford",
        "Monmore",
        "Hove",
        "Sheffield",
        "Oxford",
        "Nottingham",
    ];
    let track = tracks[usize::try_from(id).unwrap() % tracks.len()];
    json!([{
        "meetingDate": "19/11/2026", "meetingId": id, "trackName": track,
        "races": [{
            "raceTime": "18:38:00", "raceDate": "19/11/2026", "raceId": id * 100, "raceNumber": 1,
            "raceClass": "A5", "raceDistance": 480, "racePrizes": "1st",
            "traps": [trap(1, 1, ""), trap(2, 2, "SH"), trap(3, 3, "1 1/4")],
        }],
    }])
}

/// A page of the list, as rows of runners.
fn page(meetings: &[u32], count: Option<usize>) -> Value {
    let row = |id: &u32| json!({"meetingId": id, "trackName": "Paper", "dogName": "Paper Dog"});
    let items: Vec<_> = meetings.iter().flat_map(|id| [row(id), row(id)]).collect();
    match count {
        Some(count) => json!({"items": items, "meta": {"pageCount": count, "itemsPerPage": 2}}),
        None => json!({"items": items}),
    }
}

/// Serves lists by their pages; beyond the last stands an empty one.
fn server(pages: Pages, counts: bool) -> Chaos {
    Chaos::start(move |request| {
        if let Some(id) = request.path.strip_prefix("/api/results/meeting/") {
            return Reply::ok(meeting(id.parse().unwrap()).to_string());
        }
        let (_, number) = request.path.split_once("page=").unwrap();
        let number: usize = number.split('&').next().unwrap().parse().unwrap();
        let empty = Vec::new();
        let meetings = pages.get(number - 1).unwrap_or(&empty);
        Reply::ok(page(meetings, counts.then_some(pages.len())).to_string())
    })
}

fn source(server: &Chaos, list: &str) -> SourceSpec {
    let mut source = draft("gbgb", &[]);
    source.kind = Some(SourceKind::Gbgb);
    source.reach = Reach {
        urls: [list, "/api/results/meeting/{meeting}"]
            .map(|path| Template::parse(&server.url(path)).unwrap())
            .into(),
        days_back: 0,
        ..Reach::default()
    };
    source.check().unwrap()
}

/// The list of a day, page by page.
const LIST: &str = "/api/results?page={page}&itemsPerPage=2&date={day}&race_type=race";

fn collect(house: &House) -> Report {
    let gbgb = Source::new("gbgb").unwrap();
    let asked = house
        .app()
        .collector
        .collect(&gbgb, Some(day(DAY)), |_, _| ());
    match wait(asked) {
        Ok(report) => report,
        Err(Error::Broken(report)) => *report,
        Err(error) => panic!("{error}"),
    }
}

/// The last letters of what was asked: `page=2` or a meeting.
fn asked(server: &Chaos) -> Vec<String> {
    let short = |path: &str| {
        let list = path.strip_prefix("/api/results?");
        let list = list.and_then(|rest| rest.split('&').next());
        let meeting = path.rsplit('/').next().unwrap();
        list.unwrap_or(meeting).to_owned()
    };
    let requests = server.requests();
    requests
        .iter()
        .map(|request| short(&request.path))
        .collect()
}

fn error(report: &Report) -> String {
    report.error.clone().unwrap_or_default()
}

#[test]
fn the_list_of_a_day_is_asked_page_by_page_and_then_each_meeting_once() {
    let server = server(vec![vec![1, 2], vec![2, 3]], true);
    let house = House::asking(vec![source(&server, LIST)]);

    let report = collect(&house);
    let first = asked(&server);
    let again = collect(&house);

    assert_eq!(report.error, None);
    assert_eq!(first, ["page=1", "page=2", "3", "1", "2"]);
    assert_eq!(report.counts.created, 3);
    assert_eq!(house.number("SELECT count(*) FROM result_line"), 9);
    let outcomes: Vec<_> = again
        .fetches
        .iter()
        .map(|one| one.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["taken", "taken", "same", "same", "same"]);
    assert_eq!(again.counts.created, 0);
    let days = report.fetches.iter().all(|one| one.day == Some(day(DAY)));
    assert!(days, "{:#?}", report.fetches);
    // Lists are nothing to be read again.
    assert_eq!(house.number("SELECT count(*) FROM payload"), 3);
    let world = World::serve(house);
    let today = world.get("/api/sources").json()["items"][0].clone();
    assert_eq!(today["failures"], 0, "{today:#}");
}

#[test]
fn a_list_that_does_not_say_how_many_pages_it_has_ends_with_an_empty_one() {
    let server = server(vec![vec![1], vec![2]], false);
    let house = House::asking(vec![source(&server, LIST)]);

    let report = collect(&house);

    assert_eq!(report.error, None);
    assert_eq!(asked(&server), ["page=1", "page=2", "page=3", "2", "1"]);
    assert_eq!(report.fetches[2].outcome.as_str(), "empty");
}

#[test]
fn a_day_without_meetings_is_an_empty_day_and_no_failure() {
    let server = server(vec![vec![]], true);
    let house = House::asking(vec![source(&server, LIST)]);

    let report = collect(&house);

    assert_eq!((report.asked, report.broken), (1, 0));
    assert_eq!(report.fetches[0].outcome.as_str(), "empty");
}

#[test]
fn a_server_that_turns_in_circles_is_left_and_told() {
    // The same page for ever, with and without a count of pages.
    for (count, requests, why) in [
        (None, 3, ""),
        (Some(9), 3, "page 2 of 9 is the one before it again"),
    ] {
        let server =
            Chaos::start(
                move |request| match request.path.strip_prefix("/api/results/meeting/") {
                    Some(id) => Reply::ok(meeting(id.parse().unwrap()).to_string()),
                    None => Reply::ok(page(&[1], count).to_string()),
                },
            );
        let house = House::asking(vec![source(&server, LIST)]);

        let report = collect(&house);

        assert_eq!(error(&report), why);
        assert_eq!(asked(&server).len(), requests, "{count:?}");
        assert_eq!(report.counts.created, 1);
    }
}

#[test]
fn what_is_too_long_is_followed_to_its_bound_and_told() {
    let pages = server((1..=25).map(|id| vec![id]).collect(), true);
    let house = House::asking(vec![source(&pages, LIST)]);
    let crowd = server(vec![(1..=61).collect()], true);
    let crowded = House::asking(vec![source(&crowd, LIST)]);
    let hidden = server(vec![vec![1], vec![2]], true);
    let blind = source(&hidden, "/api/results?page=1&date={day}");
    let blind = House::asking(vec![blind]);

    let report = collect(&house);
    let crowd_report = collect(&crowded);
    let blind_report = collect(&blind);

    assert_eq!(error(&report), "it has more than 20 pages");
    let lists = asked(&pages)
        .iter()
        .filter(|one| one.starts_with("page"))
        .count();
    assert_eq!((lists, report.asked), (20, 40));
    assert_eq!(error(&crowd_report), "it names more than 60 meetings");
    assert_eq!(crowd.accepted(), 1);
    assert_eq!(
        error(&blind_report),
        "it has more pages, and its address has no {page}"
    );
    assert_eq!(asked(&hidden), ["page=1", "1"]);
}

#[test]
fn a_list_or_meeting_that_fails_is_told_and_the_others_are_asked() {
    let broken = Arc::new(Mutex::new(true));
    let shared = Arc::clone(&broken);
    let server = Chaos::start(move |request| {
        match request.path.strip_prefix("/api/results/meeting/") {
            Some("1") if *shared.lock().unwrap() => Reply::status(404),
            // Another day than was asked about.
            Some("2") if *shared.lock().unwrap() => {
                Reply::ok(meeting(2).to_string().replace("19/11/2026", "18/11/2026"))
            }
            Some(id) => Reply::ok(meeting(id.parse().unwrap()).to_string()),
            None => Reply::ok(page(&[1, 2, 3], Some(1)).to_string()),
        }
    });
    let house = House::asking(vec![source(&server, LIST)]);
    let odd = Chaos::always(Reply::ok(r#"{"items":[{"meetingId":"../../etc"}]}"#));
    let odd_house = House::asking(vec![source(&odd, LIST)]);

    let report = collect(&house);
    let races = house.number("SELECT count(*) FROM race");
    let odd_report = collect(&odd_house);

    assert_eq!((report.asked, report.broken), (4, 2));
    assert!(error(&report).contains("has no such page"), "{report:#?}");
    let second = report.fetches[2].error.clone().unwrap();
    assert!(second.contains("tells of 2026-11-18"), "{second}");
    assert_eq!((report.counts.created, races), (1, 1));
    assert!(error(&odd_report).contains("a meetingId must be"));
    assert_eq!(odd.accepted(), 1);
}
