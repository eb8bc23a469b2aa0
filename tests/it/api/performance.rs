//! A daemon that can say how fast it is, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::world::{House, World, to_come};

/// The samples of a page of metrics: name with labels, and value. Fails where the page is not what
/// OpenMetrics says.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let body = page.strip_suffix("# EOF\n").unwrap();
    let (mut types, mut family) = (BTreeMap::new(), String::new());
    let mut samples = BTreeMap::new();
    for line in body.lines() {
        if let Some(meta) = line.strip_prefix("# ") {
            let mut words = meta.splitn(3, ' ');
            let what = words.next().unwrap();
            let (name, said) = (words.next().unwrap(), words.next().unwrap());
            match what {
                "TYPE" => {
                    let before = types.insert(name.to_owned(), said.to_owned());
                    assert_eq!(before, None, "{name} comes twice");
                    name.clone_into(&mut family);
                }
                "UNIT" => assert!(name.ends_with(&format!("_{said}")), "{line}"),
                "HELP" => assert!(!said.is_empty()),
                other => panic!("{other}"),
            }
            assert_eq!(name, family, "{line}");
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let suffix = name.split('{').next().unwrap().strip_prefix(&family);
        let allowed: &[&str] = match types[&family].as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_bucket", "_count", "_sum"],
            "summary" => &["_count", "_sum"],
            "info" => &["_info"],
            other => panic!("{other}"),
        };
        assert!(allowed.contains(&suffix.unwrap()), "{line}");
        let before = samples.insert(name.to_owned(), value.parse().unwrap());
        assert_eq!(before, None, "{name} comes twice");
    }
    samples
}

/// The values of a label.
fn labels<'p>(page: &'p BTreeMap<String, f64>, label: &str) -> BTreeSet<&'p str> {
    let named = format!("{label}=\"");
    let found = page.keys().filter_map(|name| name.split(&named).nth(1));
    found.map(|rest| rest.split('"').next().unwrap()).collect()
}

fn numbers(object: &Value, names: &[&str]) {
    for name in names {
        assert!(object[name].is_number(), "{name}: {object}");
    }
}

fn item<'v>(list: &'v Value, name: &str, value: &str) -> &'v Value {
    let items = list.as_array().unwrap();
    let found = items.iter().find(|item| item[name] == value);
    found.unwrap_or_else(|| panic!("no {value} in {list}"))
}

#[test]
fn metrics_are_open_metrics_and_say_what_was_asked() {
    let world = World::of_season();
    for limit in 1..=5 {
        world.get(&format!("/api/races?limit={limit}"));
    }
    world.get("/api/races/2020-01-01-nowhere-1");
    world.get(&format!("/api/races/{}/prediction", to_come()));

    let answer = world.get("/metrics");

    assert_eq!(
        answer.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let page = samples(&answer.body);
    for (name, value) in [
        (
            r#"http_requests_total{method="GET",route="/api/races",status="2xx"}"#,
            5.0,
        ),
        (
            r#"http_requests_total{method="GET",route="/api/races/{race}",status="4xx"}"#,
            1.0,
        ),
        (
            r#"http_request_duration_seconds_bucket{route="/api/races",le="+Inf"}"#,
            5.0,
        ),
        (
            r#"http_request_duration_seconds_count{route="/api/races"}"#,
            5.0,
        ),
        (r#"cache_misses_total{cache="predictions"}"#, 1.0),
        (r#"store_writer_waiting{class="price"}"#, 0.0),
        (r#"jobs{state="queued"}"#, 0.0),
        ("store_readers", 20.0),
    ] {
        assert_eq!(page.get(name), Some(&value), "{name}\n{}", answer.body);
    }
    assert!(page[r#"store_query_seconds_count{query="race/page"}"#] >= 5.0);
    assert!(page[r#"store_query_seconds_sum{query="race/page"}"#] > 0.0);
    assert!(page["process_resident_memory_bytes"] > 1e6);
    assert!(page["process_cpu_seconds_total"] > 0.0);
    assert!(page["process_open_fds"] > 3.0);
    assert!(
        page.keys()
            .any(|name| name.starts_with("lurcher_build_info{version="))
    );
    let buckets = page
        .iter()
        .filter(|(name, _)| name.contains(r#"_bucket{route="/api/races","#))
        .map(|(name, count)| {
            let edge = name
                .split("le=\"")
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap();
            (edge.replace("+Inf", "inf").parse::<f64>().unwrap(), *count)
        });
    let mut buckets: Vec<_> = buckets.collect();
    buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(buckets.len() > 10);
    assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1));
}

#[test]
fn no_client_can_make_a_label() {
    let world = World::empty();
    let ask = |n: u32| {
        world.get(&format!("/api/races/x{n}"));
        world.get(&format!("/nothing/{n}?q={n}"));
    };
    ask(0);
    world.get("/metrics");
    let before = samples(&world.get("/metrics").body);

    for n in 1..=500 {
        ask(n);
    }

    let after = samples(&world.get("/metrics").body);
    assert_eq!(labels(&after, "route"), labels(&before, "route"));
    assert_eq!(labels(&after, "method"), BTreeSet::from(["GET"]));
    assert_eq!(after.len(), before.len());
    let unmatched = r#"http_requests_total{method="GET",route="unmatched",status="4xx"}"#;
    assert_eq!(after.get(unmatched), Some(&501.0));
}

#[test]
fn a_head_and_a_wrong_method_are_counted_where_they_were_asked() {
    let world = World::empty();
    world.delete("/api/races");

    let page = samples(&world.get("/metrics").body);

    let wrong = r#"http_requests_total{method="DELETE",route="/api/races",status="4xx"}"#;
    assert_eq!(page.get(wrong), Some(&1.0), "{page:?}");
}

#[test]
fn the_page_of_performance_holds_all_that_was_promised() {
    let world = World::of_season();
    for limit in 1..=25 {
        world.get(&format!("/api/races?limit={limit}"));
    }
    let race = format!("/api/races/{}/prediction", to_come());
    for _ in 0..27 {
        world.get(&race);
    }

    let page = world.get("/api/performance").json();

    numbers(&page["cache"], &["hits", "misses", "total_requests"]);
    assert_eq!(page["cache"]["hit_rate_percent"], 50.0);
    numbers(&page["api_cache"], &["hits", "misses", "total_requests"]);
    assert!(page["models"]["active"].is_string());
    numbers(&page["system"], &["memory_percent", "disk_percent"]);
    numbers(&page["system"], &["rss_mb", "open_files", "uptime_s"]);
    assert!(page["system"].get("cpu_percent").is_some());
    assert_eq!(page["timestamp"], "2026-11-20T00:00:00.000Z");
    numbers(&page["pool"], &["readers", "in_use", "waiting_live"]);
    numbers(&page["pool"], &["wait_p95_ms", "held_max_ms", "refused"]);
    numbers(&page["writer"]["waiting"], &["admin", "result", "backfill"]);
    numbers(&page["workers"], &["threads", "waiting_live"]);
    numbers(&page["jobs"], &["queued", "running", "succeeded", "failed"]);
    let queries = page["queries"].as_array().unwrap();
    assert!((1..=10).contains(&queries.len()));
    let route = item(&page["routes"], "route", "/api/races");
    assert_eq!((&route["count"], &route["errors"]), (&25.into(), &0.into()));
    numbers(route, &["mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"]);
    let grade = item(&page["grades"], "route", "/api/races");
    assert!("ABCDF".contains(grade["grade"].as_str().unwrap()));
    assert_eq!(grade["budget_ms"], 5.0);
    assert!(page["recommendations"].is_array());
    let same = world.get("/admin/performance").json();
    let keys =
        |page: &Value| -> Vec<String> { page.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&same), keys(&page));
}

#[test]
fn statements_are_listed_dearest_first() {
    let world = World::of_season();
    world.get("/api/races");

    let items = world.get("/api/queries").json()["items"].clone();

    let items = items.as_array().unwrap();
    let totals = items.iter().map(|item| item["total_ms"].as_f64().unwrap());
    assert!(totals.is_sorted_by(|one, other| one >= other));
    for item in items {
        numbers(item, &["count", "p50_ms", "p95_ms", "p99_ms", "max_ms"]);
        numbers(item, &["rows", "steps", "full_scans", "wait_ms"]);
        let quantiles = ["p50_ms", "p95_ms", "p99_ms", "max_ms"];
        let quantiles = quantiles.map(|name| item[name].as_f64().unwrap());
        assert!(quantiles.is_sorted(), "{item}");
    }
    assert!(items.len() <= crate::files::statements().len() + 2);
}

#[test]
fn a_slow_statement_is_shown_with_its_plan_newest_first() {
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.store.slow = Duration::ZERO;
    });
    let world = World::serve(house);
    for limit in 1..=150 {
        world.get(&format!("/api/races?limit={limit}"));
    }

    let items = world.get("/api/queries/slow").json()["items"].clone();

    assert_eq!(items.as_array().unwrap().len(), 100);
    let slow = item(&items, "name", "race/page");
    numbers(slow, &["wait_ms", "run_ms", "rows", "steps", "full_scans"]);
    assert!(slow["plan"].as_str().unwrap().contains("race"), "{slow}");
    assert!(slow["plan_changed"].is_null());
    let ats: Vec<_> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["at"].as_str().unwrap())
        .collect();
    assert!(ats[0].ends_with('Z') && ats[0] >= ats[99], "{ats:?}");
}

#[test]
fn a_slow_statement_is_told_with_the_request_that_it_ran_for() {
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.store.slow = Duration::ZERO;
    });
    let world = World::serve(house);
    let named = |id| [("x-request-id", id)];
    world.get_with("/api/races?limit=7", &named("who-asked"));
    world.get_with("/api/dogs/77", &named("no-such-dog"));
    let card = serde_json::json!({"name": "a key", "scopes": ["admin"]});
    let made = world.post_with(
        "/api/keys",
        card.to_string().as_bytes(),
        &named("who-wrote"),
    );
    let key = [("x-api-key", made.json()["key"].as_str().unwrap().to_owned())];
    let key = key.each_ref().map(|(name, key)| (*name, key.as_str()));

    let items = world.get_with("/api/queries/slow", &key).json()["items"].clone();

    let told = |id: &str| {
        let all = items.as_array().unwrap().iter();
        let of = all.filter(|item| item["request_id"] == id);
        let told: BTreeSet<_> = of.map(|item| item["route"].as_str().unwrap()).collect();
        told.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(told("who-asked"), ["/api/races"]);
    assert_eq!(told("no-such-dog"), ["/api/dogs/{dog}"]);
    assert_eq!(told("who-wrote"), ["/api/keys"]);
    let written = item(&items, "name", "key/insert");
    assert_eq!(written["request_id"], "who-wrote", "{written}");
    assert!(
        written["sql"].as_str().unwrap().contains(":digest"),
        "{written}"
    );
    // A commit is for all that share it.
    assert!(item(&items, "name", "commit")["route"].is_null());
}

#[test]
fn a_statement_that_reads_a_whole_table_is_named_and_nothing_is_made() {
    let world = World::of_season();
    let indexes = "SELECT count(*) FROM sqlite_schema WHERE type = 'index'";
    let before = world.house.number(indexes);
    world.get("/api/races?dog=1");

    let answer = world.get("/api/admin/indexes").json();

    let items = answer["items"].as_array().unwrap();
    let sorted = item(&answer["items"], "query", "race/page_of_dog");
    assert!(sorted["sorts"].as_u64().unwrap() > 0, "{sorted}");
    for item in items {
        let plan = item["plan"].as_str().unwrap();
        assert!(
            plan.contains("SCAN") || plan.contains("TEMP B-TREE"),
            "{item}"
        );
        numbers(item, &["count", "steps", "full_scans", "sorts"]);
        let index = &item["index"];
        assert!(index.is_null() || index["columns"][0].is_string(), "{item}");
    }
    assert_eq!(world.house.number(indexes), before);
}
