//! Clocks that change, in places where they do it differently, and expressions good and bad.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveTime, Timelike};
use chrono_tz::America::{Santiago, St_Johns};
use chrono_tz::Australia::{Brisbane, Lord_Howe, Sydney};
use chrono_tz::Europe::London;
use chrono_tz::{Asia::Beirut, Pacific::Apia};
use proptest::prelude::*;

use super::*;

const ZONES: [Tz; 7] = [
    Sydney, London, Brisbane, Lord_Howe, Santiago, St_Johns, Beirut,
];
/// Around these days of 2026 clocks change in one or another of the zones.
const DAYS: [(u32, u32); 8] = [
    (3, 8),
    (3, 29),
    (4, 5),
    (7, 1),
    (9, 6),
    (10, 4),
    (10, 25),
    (11, 1),
];

/// Instants at which a clock changes.
const CHANGES: [(Tz, &str); 12] = [
    (Sydney, "2026-04-04T16:00:00Z"),
    (Sydney, "2026-10-03T16:00:00Z"),
    (London, "2026-03-29T01:00:00Z"),
    (London, "2026-10-25T01:00:00Z"),
    (Lord_Howe, "2026-04-04T15:00:00Z"),
    (Lord_Howe, "2026-10-03T15:30:00Z"),
    (Santiago, "2026-04-05T03:00:00Z"),
    (Santiago, "2026-09-06T04:00:00Z"),
    (St_Johns, "2026-03-08T05:30:00Z"),
    (St_Johns, "2026-11-01T04:30:00Z"),
    (Beirut, "2026-03-28T22:00:00Z"),
    (Beirut, "2026-10-24T21:00:00Z"),
];

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The instants after `from` until `to`.
fn firings(cron: &Cron, zone: Tz, from: &str, to: &str) -> Vec<String> {
    let (mut now, to) = (at(from), at(to));
    let mut all = Vec::new();
    while let Some(next) = cron.next_after(now, zone).filter(|next| *next <= to) {
        all.push(next.with_timezone(&zone).format("%d %H:%M %z").to_string());
        now = next;
    }
    all
}

fn of_year(cron: &Cron, zone: Tz) -> BTreeMap<NaiveDate, usize> {
    let mut days = BTreeMap::new();
    let mut now = at("2025-12-31T00:00:00Z");
    while let Some(next) = cron.next_after(now, zone) {
        assert!(next > now, "{next} is not after {now}");
        if next > at("2027-01-01T00:00:00Z") {
            break;
        }
        *days
            .entry(next.with_timezone(&zone).date_naive())
            .or_default() += 1;
        now = next;
    }
    days
}

#[test]
fn a_daily_job_runs_once_on_each_local_day_of_a_year_wherever_it_is() {
    let times = [
        "0 0", "30 0", "15 1", "0 2", "30 2", "59 2", "0 3", "0 12", "59 23",
    ];
    for zone in ZONES {
        for time in times {
            let days = of_year(&cron(&format!("{time} * * *")), zone);

            let wrong: Vec<_> = days.iter().filter(|(_, count)| **count != 1).collect();
            assert!(wrong.is_empty(), "{time} in {zone}: {wrong:?}");
            assert!((364..=367).contains(&days.len()), "{time} in {zone}");
            let (first, last) = (days.keys().min().unwrap(), days.keys().max().unwrap());
            assert_eq!(
                (*last - *first).num_days() + 1,
                i64::try_from(days.len()).unwrap()
            );
        }
    }
}

#[test]
fn a_time_that_is_skipped_comes_when_the_clock_resumes_and_several_come_together() {
    let sydney = ("2026-10-03T12:00:00Z", "2026-10-04T12:00:00Z");
    let london = ("2026-03-28T20:00:00Z", "2026-03-29T20:00:00Z");

    let one = firings(&cron("30 2 * * *"), Sydney, sydney.0, sydney.1);
    let many = firings(&cron("*/20 2 * * *"), Sydney, sydney.0, sydney.1);
    let british = firings(&cron("30 1 * * *"), London, london.0, london.1);

    assert_eq!(one, ["04 03:00 +1100"]);
    assert_eq!(many, ["04 03:00 +1100"]);
    assert_eq!(british, ["29 02:00 +0100"]);
}

#[test]
fn a_time_that_is_shown_twice_comes_the_first_time_and_not_the_second() {
    let sydney = ("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z");
    let london = ("2026-10-24T20:00:00Z", "2026-10-25T20:00:00Z");

    let one = firings(&cron("30 2 * * *"), Sydney, sydney.0, sydney.1);
    let hours = firings(&cron("0 1-3 * * *"), Sydney, sydney.0, sydney.1);
    let british = firings(&cron("30 1 * * *"), London, london.0, london.1);
    let nowhere = firings(&cron("30 2 * * *"), Brisbane, sydney.0, sydney.1);

    assert_eq!(one, ["05 02:30 +1100"]);
    assert_eq!(
        hours,
        ["05 01:00 +1100", "05 02:00 +1100", "05 03:00 +1000"]
    );
    assert_eq!(british, ["25 01:30 +0100"]);
    assert_eq!(nowhere, ["05 02:30 +1000"]);
}

#[test]
fn while_an_hour_is_shown_again_all_of_it_is_past() {
    let cron = cron("*/20 2 * * *");
    let last = Some(at("2026-04-04T15:40:00Z"));

    for minute in 0..60 {
        let again = at("2026-04-04T16:00:00Z") + TimeDelta::minutes(minute);
        assert_eq!(cron.last_at(again, Sydney), last, "{again}");
        assert_eq!(
            cron.next_after(again, Sydney),
            Some(at("2026-04-05T16:00:00Z"))
        );
    }
}

#[test]
fn the_instants_that_are_tried_are_those_at_which_clocks_change() {
    for (zone, change) in CHANGES {
        let offset = |ms| {
            (at(change) + TimeDelta::milliseconds(ms))
                .with_timezone(&zone)
                .format("%z")
                .to_string()
        };
        assert_ne!(offset(-1), offset(0), "{change} in {zone}");
    }
}

#[test]
fn a_job_of_every_hour_follows_the_time_that_passes() {
    let cron = cron("30 * * * *");

    let forward = firings(
        &cron,
        Sydney,
        "2026-10-03T15:00:00Z",
        "2026-10-03T17:59:00Z",
    );
    let back = firings(
        &cron,
        Sydney,
        "2026-04-04T14:00:00Z",
        "2026-04-04T17:59:00Z",
    );

    assert_eq!(
        forward,
        ["04 01:30 +1000", "04 03:30 +1100", "04 04:30 +1100"]
    );
    assert_eq!(
        back,
        [
            "05 01:30 +1100",
            "05 02:30 +1100",
            "05 02:30 +1000",
            "05 03:30 +1000"
        ]
    );
}

#[test]
fn an_interval_in_the_evening_does_not_feel_the_night() {
    for zone in [Sydney, London, Brisbane] {
        let days = of_year(&cron("*/15 9-23 * * *"), zone);

        let whole = days.values().filter(|count| **count == 60).count();
        assert!(whole >= days.len() - 2, "{zone}: {days:?}");
    }
}

#[test]
fn a_day_that_a_place_left_out_is_made_up_for_on_the_next() {
    let missed = firings(
        &cron("0 10 * * *"),
        Apia,
        "2011-12-29T12:00:00Z",
        "2012-01-01T00:00:00Z",
    );

    assert_eq!(
        missed,
        [
            "29 10:00 -1000",
            "31 00:00 +1400",
            "31 10:00 +1400",
            "01 10:00 +1400"
        ]
    );
}

#[test]
fn what_is_wrong_with_an_expression_is_told_by_field() {
    let said = |text: &str| Cron::parse(text).unwrap_err().to_string();

    assert_eq!(
        said("*/15 9-25 * * *"),
        "`9-25` is no hour: must be 0 to 23, like 7, 7-9, 2,5 or */2"
    );
    assert!(
        said("61 * * * *").starts_with("`61` is no minute"),
        "{}",
        said("61 * * * *")
    );
    assert!(
        said("0 0 * * FUN").starts_with("`FUN` is no weekday"),
        "{}",
        said("0 0 * * FUN")
    );
    assert!(
        said("*/0 * * * *").starts_with("`*/0` is no minute"),
        "{}",
        said("*/0 * * * *")
    );
    assert!(
        said("99 0 0 * * *").starts_with("`99` is no second"),
        "{}",
        said("99 0 0 * * *")
    );
    assert_eq!(said("0 0 30 2 *"), "never comes: there is no such day");
    for shapeless in [
        "",
        "* * * *",
        "0 0 * * * * 2030",
        "@fortnightly",
        "@daily @daily",
        &"* ".repeat(60),
    ] {
        assert_eq!(Cron::parse(shapeless), Err(CronError::Shape), "{shapeless}");
    }
}

#[test]
fn seconds_names_and_nicknames_are_understood() {
    let from = at("2026-01-01T00:00:30Z");
    let next = |text: &str| cron(text).next_after(from, Tz::UTC).unwrap();

    assert_eq!(next("*/20 * * * * *"), at("2026-01-01T00:00:40Z"));
    assert_eq!(next(" 0 12 * * sun "), at("2026-01-04T12:00:00Z"));
    assert_eq!(next("0 0 29 FEB *"), at("2028-02-29T00:00:00Z"));
    assert_eq!(next("@hourly"), at("2026-01-01T01:00:00Z"));
    assert_eq!(next("@Weekly"), at("2026-01-04T00:00:00Z"));
    assert_eq!(cron(" @Weekly").to_string(), "@Weekly");
}

#[test]
fn the_crontab_that_is_shipped_is_one() {
    let lines = include_str!("../../../deploy/crontab").lines();
    let jobs = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_digit() || c == '*'));
    let mut count = 0;

    for job in jobs {
        let words: Vec<_> = job.split_whitespace().collect();
        cron(&words[..5].join(" "));
        assert_eq!(words[5..7], ["lurcher", "/usr/local/bin/lurcher"], "{job}");
        count += 1;
    }

    assert!(count > 0);
}

/// The minutes or hours that a field means: one of the shapes that are made below.
fn meant(field: &str, most: u32) -> Vec<u32> {
    let number = |text: &str| text.parse::<u32>().unwrap();
    if let Some(step) = field.strip_prefix("*/") {
        return (0..most).step_by(number(step) as usize).collect();
    }
    match (field, field.split_once('-')) {
        ("*", _) => (0..most).collect(),
        (_, Some((from, to))) => (number(from)..=number(to)).collect(),
        _ => field.split(',').map(number).collect(),
    }
}

/// What a person would do who looks at the clock on the wall once a minute.
fn by_looking(minute: &str, hour: &str, zone: Tz, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let (minutes, hours) = (meant(minute, 60), meant(hour, 24));
    let matches =
        |wall: NaiveDateTime| minutes.contains(&wall.minute()) && hours.contains(&wall.hour());
    let mut seen = from.with_timezone(&zone).naive_local();
    let mut fired = Vec::new();
    for passed in 1..=3 * 1_440 {
        let now = from + TimeDelta::minutes(passed);
        let wall = now.with_timezone(&zone).naive_local();
        if hours.len() == HOURS {
            fired.extend(matches(wall).then_some(now));
            continue;
        }
        let mut any = false;
        while seen < wall {
            seen += TimeDelta::minutes(1);
            any |= matches(seen);
        }
        fired.extend(any.then_some(now));
    }
    fired
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn it_fires_when_somebody_who_looks_at_the_clock_would(
        minute in prop::sample::select(vec!["0", "30", "7,37", "*/15", "*", "59", "20-40"]),
        hour in prop::sample::select(vec!["*", "0", "1", "2", "3", "23", "0,2", "1-3", "9-23", "*/2", "0-23"]),
        zone in prop::sample::select(ZONES.to_vec()),
        day in prop::sample::select(DAYS.to_vec()),
    ) {
        let date = NaiveDate::from_ymd_opt(2026, day.0, day.1).unwrap() - Days::new(1);
        // An hour at which no clock is about to be set back.
        let from = date.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap());
        let from = from.and_local_timezone(zone).unwrap().to_utc();
        let expected = by_looking(minute, hour, zone, from);
        let cron = cron(&format!("{minute} {hour} * * *"));

        let mut walked = Vec::new();
        let mut now = from;
        for _ in &expected {
            now = cron.next_after(now, zone).unwrap();
            walked.push(now);
        }

        prop_assert_eq!(&walked, &expected);
    }

    #[test]
    fn the_next_is_later_and_the_last_before_it_is_the_one_before(
        text in prop::sample::select(vec![
            "30 2 * * *", "*/7 * * * *", "*/15 0-4 * * *", "*/20 30 2 * * *", "0 0 1 * *",
            "0 2 * * SUN", "0 12 29 2 *", "15 1,2,3 5 4,10 *", "*/10 * * * * *", "0 5 L * *",
        ]),
        change in prop::sample::select(CHANGES.to_vec()),
        seconds in -3 * 3_600_i64..3 * 3_600,
        days in prop::sample::select(vec![0, 0, 0, 1, 91, 400]),
    ) {
        let (zone, change) = change;
        let from = at(change) + TimeDelta::days(days) + TimeDelta::seconds(seconds);
        let cron = cron(text);

        let next = cron.next_after(from, zone).unwrap();
        let last = cron.last_at(from, zone).unwrap();

        prop_assert!(last <= from && from < next);
        prop_assert_eq!(cron.next_after(last, zone), Some(next));
        prop_assert_eq!(cron.last_at(next, zone), Some(next));
        prop_assert_eq!(cron.last_at(next - TimeDelta::milliseconds(1), zone), Some(last));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-0-9*/,#?LWa-z@+ ]{0,40}", other in ".{0,30}") {
        for text in [text, other] {
            if let Ok(cron) = Cron::parse(&text) {
                prop_assert!(cron.next_after(at("2026-01-01T00:00:00Z"), Sydney).is_some());
            }
        }
    }
}
