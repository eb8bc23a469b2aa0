//! Sources that will do and sources that will not.

use super::*;

fn draft(kind: SourceKind, urls: &[&str]) -> SourceDraft {
    let mut draft = SourceDraft {
        name: Some(Source::new("mine").unwrap()),
        kind: Some(kind),
        enabled: true,
        timezone: Some(chrono_tz::Australia::Melbourne),
        ..SourceDraft::default()
    };
    draft.reach.urls = urls
        .iter()
        .map(|url| Template::parse(url).unwrap())
        .collect();
    draft
}

fn wrongs(draft: SourceDraft) -> Vec<String> {
    let faults = draft.check().unwrap_err();
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn a_source_is_asked_for_each_day_and_track_once_with_the_latest_day_first() {
    let mut draft = draft(
        SourceKind::HttpJson,
        &[
            "https://a.example/{day}/{track}",
            "https://a.example/tracks",
        ],
    );
    draft.reach.tracks = vec!["sal".to_owned(), "mt g".to_owned()];
    (draft.reach.days_back, draft.reach.days_ahead) = (1, 1);
    let spec = draft.check().unwrap();

    // In Melbourne it is the next day already.
    let days = spec.days("2026-03-01T20:00:00Z".parse().unwrap());
    let requests = spec.requests(&days);

    let asked: Vec<_> = requests
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    assert_eq!(
        asked,
        [
            "https://a.example/2026-03-03/sal",
            "https://a.example/2026-03-03/mt%20g",
            "https://a.example/tracks",
            "https://a.example/2026-03-02/sal",
            "https://a.example/2026-03-02/mt%20g",
            "https://a.example/2026-03-01/sal",
            "https://a.example/2026-03-01/mt%20g",
        ]
    );
    assert_eq!(requests[1].track.as_deref(), Some("mt g"));
    assert_eq!(requests[1].day, Some(days[0]));
    assert_eq!((requests[2].day, &requests[2].track), (None, &None));
}

#[test]
fn the_schedule_is_in_the_zone_of_the_source() {
    let mut draft = draft(SourceKind::Gbgb, &["https://a.example/"]);
    draft.cron = Some(Cron::parse("0 6 * * *").unwrap());

    let schedule = draft.check().unwrap().schedule.unwrap();

    let next = schedule.next_after("2026-07-01T00:00:00Z".parse().unwrap());
    assert_eq!(next, Some("2026-07-01T20:00:00Z".parse().unwrap()));
}

#[test]
fn what_an_enabled_source_lacks_is_told_and_of_a_disabled_one_it_is_not_asked() {
    let mut folder = draft(SourceKind::Folder, &[]);
    let web = draft(SourceKind::Topaz, &[]);

    assert_eq!(wrongs(web), ["url: is missing, and the source is enabled"]);
    assert_eq!(
        wrongs(folder.clone()),
        ["path: is missing, and the source is enabled"]
    );
    folder.enabled = false;
    assert!(folder.check().is_ok());
    assert_eq!(
        wrongs(SourceDraft::default()),
        ["name: is missing", "kind: is missing"]
    );
}

#[test]
fn values_that_do_not_go_together_are_told_all_at_once() {
    let mut folder = draft(SourceKind::Folder, &["https://a.example/"]);
    folder.reach.tracks = vec!["sal".to_owned()];
    let mut gbgb = draft(SourceKind::Gbgb, &["https://a.example/{track}"]);
    gbgb.reach.path = Some(PathBuf::from("in"));
    gbgb.expected.mapping = Some(PathBuf::from("map.toml"));

    let mut both = draft(SourceKind::BetfairFiles, &["https://a.example/"]);
    both.reach.path = Some(PathBuf::from("in"));

    assert_eq!(wrongs(both), ["path: is for a source that has no url"]);
    assert_eq!(
        wrongs(folder),
        [
            "url: is not for folder, which has a path",
            "tracks: is of no use: no url has a {track}",
        ]
    );
    assert_eq!(
        wrongs(gbgb),
        [
            "path: is not for gbgb, which has a url",
            "mapping: is not for gbgb, whose form is known",
            "tracks: is missing: the url has a {track}",
        ]
    );
}

#[test]
fn a_collection_that_would_make_too_many_requests_is_refused_with_the_count() {
    let mut draft = draft(SourceKind::HttpCsv, &["https://a.example/{day}/{track}"]);
    draft.reach.tracks = (0..100).map(|n| format!("t{n}")).collect();
    draft.reach.days_back = 19;
    assert!(draft.clone().check().is_ok());

    draft.reach.days_back = 20;

    assert_eq!(
        wrongs(draft),
        ["url: makes up to 2100 requests with days, tracks, pages and meetings, more than 2000"]
    );
}

#[test]
fn a_list_is_asked_for_by_pages_and_then_for_its_meetings() {
    let mut draft = draft(
        SourceKind::Gbgb,
        &[
            "https://a.example/results?page={page}&date={day}",
            "https://a.example/results/meeting/{meeting}",
        ],
    );
    draft.reach.days_back = 0;
    let spec = draft.check().unwrap();
    let day = RaceDay::parse("2026-03-02").unwrap();

    let [list] = spec.requests(&[day]).try_into().unwrap();
    let next = list.next_page().unwrap();
    let [meeting] = spec.of_meeting("41/7", &next).try_into().unwrap();

    assert!(spec.lists_meetings());
    assert_eq!(list.url, "https://a.example/results?page=1&date=2026-03-02");
    assert_eq!(next.url, "https://a.example/results?page=2&date=2026-03-02");
    assert_eq!(meeting.url, "https://a.example/results/meeting/41%2F7");
    assert_eq!((meeting.day, meeting.page), (Some(day), None));
    assert_eq!(meeting.next_page(), None);
}

#[test]
fn a_meeting_needs_a_list_and_a_page_needs_meetings() {
    let csv = draft(
        SourceKind::HttpCsv,
        &["https://a.example/{day}", "https://a.example/{meeting}"],
    );
    let alone = draft(SourceKind::Gbgb, &["https://a.example/{meeting}/{page}"]);
    let pages = draft(SourceKind::Gbgb, &["https://a.example/{page}"]);
    let mut many = draft(
        SourceKind::Gbgb,
        &[
            "https://a.example/{day}/{page}",
            "https://a.example/{meeting}",
        ],
    );
    many.reach.days_back = 25;

    assert_eq!(
        wrongs(csv),
        ["url: must have no {meeting}, which is not for http-csv"]
    );
    assert_eq!(
        wrongs(alone),
        [
            "url: must have another address, which lists the meetings",
            "url: must have no {track} and no {page} beside a {meeting}"
        ]
    );
    assert_eq!(
        wrongs(pages),
        ["url: must have another address with a {meeting}: a {page} is of a list of them"]
    );
    assert_eq!(
        wrongs(many),
        ["url: makes up to 2080 requests with days, tracks, pages and meetings, more than 2000"]
    );
}

#[test]
fn a_kind_is_known_by_its_name() {
    for kind in SourceKind::ALL {
        assert_eq!(SourceKind::parse(kind.name()), Ok(kind));
    }
    let fault = SourceKind::parse("ftp").unwrap_err();
    assert!(
        fault.why.contains("`ftp`") && fault.why.contains("betfair-files"),
        "{fault}"
    );
}
