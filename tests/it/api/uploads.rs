//! Files in, and their history.

use serde_json::{Value, json};

use crate::collect::{DAY, HEAD, results, row};
use crate::world::{Answer, House, World};

const OCTETS: [(&str, &str); 1] = [("content-type", "application/octet-stream")];

fn upload(world: &World, name: &str, body: &str) -> Answer {
    world.post_with(
        &format!("/api/uploads?name={name}"),
        body.as_bytes(),
        &OCTETS,
    )
}

fn form(boundary: &str, parts: &[(&str, &str)]) -> String {
    let part = |(head, body): &(&str, &str)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    format!(
        "{}--{boundary}--\r\n",
        parts.iter().map(part).collect::<String>()
    )
}

#[test]
fn a_file_as_body_and_one_in_a_form_come_to_the_same() {
    let world = World::working(House::empty());
    let file = results(DAY);
    let body = form(
        "x1",
        &[
            ("name=\"note\"", "hello"),
            ("name=\"f\"; filename=\"b.csv\"", &file),
        ],
    );

    let plain = upload(&world, "a.csv", &file);
    let first = world.over(&plain.json()["job"]);
    let formed = world.post_with(
        "/api/uploads",
        body.as_bytes(),
        &[("content-type", "multipart/form-data; boundary=x1")],
    );
    let second = world.over(&formed.json()["job"]);

    assert_eq!((plain.status, formed.status), (202, 202));
    let job = plain.json()["job"].clone();
    assert_eq!(plain.header("location"), format!("/api/jobs/{job}"));
    assert_eq!(plain.json()["size_bytes"], file.len());
    assert_eq!(first["upload"], plain.json()["upload"]);
    assert_eq!(
        (&first["state"], &first["report"]["created"]),
        (&json!("succeeded"), &json!(2))
    );
    assert_eq!(
        (&second["report"]["created"], &second["report"]["unchanged"]),
        (&json!(0), &json!(2))
    );
    let list = world.get("/api/uploads").json();
    assert_eq!(list["items"][0]["name"], "b.csv");
    assert_eq!(list["items"][1]["name"], "a.csv");
    assert_eq!(list["items"][0]["sha256"], list["items"][1]["sha256"]);
    assert_eq!(list["items"][0]["state"], "succeeded");
    assert_eq!(
        (&list["items"][1]["rows"], &list["items"][1]["created"]),
        (&json!(8), &json!(2))
    );
}

#[test]
fn uploads_are_paged_by_number_and_by_cursor() {
    let world = World::empty();
    for n in 0..5 {
        assert_eq!(
            upload(&world, &format!("{n}.csv"), "a,b\n1,2\n").status,
            202
        );
    }
    let names = |body: &Value| -> Vec<String> {
        let items = body["items"].as_array().unwrap().iter();
        items
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };

    let second = world.get("/api/uploads?limit=2&page=2").json();
    let first = world.get("/api/uploads?limit=3").json();
    let rest = world.get(&format!(
        "/api/uploads?limit=3&after={}",
        first["next"].as_str().unwrap()
    ));
    let both = world.get("/api/uploads?page=1&after=3");

    assert_eq!(names(&second), ["2.csv", "1.csv"]);
    assert_eq!(
        second["pagination"],
        json!({"page": 2, "limit": 2, "total": 5, "pages": 3})
    );
    assert_eq!(first.get("pagination"), None);
    assert_eq!(names(&rest.json()), ["1.csv", "0.csv"]);
    assert_eq!(rest.json()["next"], Value::Null);
    assert_eq!(both.problem(), (422, "invalid".to_owned()));
}

#[test]
fn what_is_wrong_with_rows_is_kept_and_paged() {
    let world = World::working(House::empty());
    let mut file = format!("{HEAD}{}", row(DAY, 1, 1, 1));
    for rug in 2..7 {
        file.push_str(&row(DAY, 1, rug, rug).replace(".5\n", ".x\n"));
    }

    let answer = upload(&world, "odd.csv", &file).json();
    world.over(&answer["job"]);
    let path = format!("/api/uploads/{}", answer["upload"]);
    let first = world.get(&format!("{path}?limit=3")).json();
    let rest = world
        .get(&format!(
            "{path}?limit=3&after={}",
            first["next"].as_str().unwrap()
        ))
        .json();

    let faults: Vec<Value> = [&first, &rest]
        .iter()
        .flat_map(|page| page["faults"].as_array().unwrap().clone())
        .collect();
    assert_eq!(faults.len(), 5, "{faults:#?}");
    let rows: Vec<_> = faults
        .iter()
        .map(|fault| fault["row"].as_u64().unwrap())
        .collect();
    assert_eq!(rows, [3, 4, 5, 6, 7]);
    assert_eq!(faults[0]["column"], "bsp");
    assert_eq!(faults[0]["value"], "2.x");
    assert_eq!(faults[0]["file"], "odd.csv");
    assert_eq!(rest["next"], Value::Null);
    assert_eq!(first["failed"], rest["failed"]);
}

#[test]
fn the_same_file_under_the_same_idempotency_key_is_one_upload() {
    let world = World::empty();
    let send = |body: &str, name: &str| {
        let headers = [OCTETS[0], ("idempotency-key", "night-17")];
        world.post_with(
            &format!("/api/uploads?name={name}"),
            body.as_bytes(),
            &headers,
        )
    };

    let first = send("a,b\n", "a.csv");
    let again = send("a,b\n", "a.csv");
    let other_body = send("a,c\n", "a.csv");
    let other_name = send("a,b\n", "b.csv");

    assert_eq!((again.status, &again.body), (202, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let mismatch = (422, "idempotency_mismatch".to_owned());
    assert_eq!(
        [other_body.problem(), other_name.problem()],
        [mismatch.clone(), mismatch]
    );
    assert_eq!(world.house.number("SELECT count(*) FROM upload"), 1);
}

#[test]
fn what_is_no_file_is_refused_and_leaves_nothing() {
    let house = House::configured(tempfile::tempdir().unwrap(), |config| {
        config.collect.upload_bytes = 1_000;
    });
    let world = World::serve(house);
    let multipart = |body: &str| {
        let kind = [("content-type", "multipart/form-data; boundary=x1")];
        world.post_with("/api/uploads", body.as_bytes(), &kind)
    };
    let kind = |kind: &str| world.post_with("/api/uploads", b"a,b", &[("content-type", kind)]);
    let file = "name=\"f\"; filename=\"a.csv\"";
    let long = "x".repeat(1_001);

    let problems = [
        (upload(&world, "a.csv", &long).problem(), (413, "too_large")),
        (
            multipart(&form("x1", &[(file, &long)])).problem(),
            (413, "too_large"),
        ),
        (kind("text/plain").problem(), (415, "unsupported_format")),
        (
            kind("application/x-www-form-urlencoded").problem(),
            (415, "unsupported_format"),
        ),
        (upload(&world, "a.csv", "").problem(), (400, "malformed")),
        (
            multipart(&form("x1", &[("name=\"note\"", "hi")])).problem(),
            (400, "malformed"),
        ),
        (
            multipart(&form("x1", &[(file, "a"), (file, "b")])).problem(),
            (400, "malformed"),
        ),
        (multipart("--x1\r\n").problem(), (400, "malformed")),
        (
            world.get("/api/uploads/7").problem(),
            (404, "unknown_upload"),
        ),
        (world.get("/api/uploads/x").problem(), (400, "malformed")),
        (
            world.get("/api/uploads?limit=501").problem(),
            (422, "invalid"),
        ),
    ];

    for (seen, (status, code)) in problems {
        assert_eq!(seen, (status, code.to_owned()));
    }
    assert_eq!(world.house.number("SELECT count(*) FROM upload"), 0);
    let spool = world.house.database().with_file_name("spool");
    assert_eq!(std::fs::read_dir(spool).unwrap().count(), 0);
}
