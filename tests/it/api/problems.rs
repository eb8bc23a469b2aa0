//! Every error that leaves the house looks alike.

use serde_json::json;

use crate::world::World;

#[test]
fn an_unknown_path_is_a_problem_with_the_callers_request_id() {
    let world = World::empty();

    let answer = world.get_with("/api/cats", &[("X-Request-Id", "my-request.7")]);

    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("x-request-id"), "my-request.7");
    insta::assert_json_snapshot!("unknown_path", answer.json());
}

#[test]
fn a_request_without_an_id_gets_one_and_a_strange_one_is_replaced() {
    let world = World::empty();

    let none = world.get("/api/cats");
    let strange = world.get_with("/api/cats", &[("X-Request-Id", "a b<c>")]);

    for answer in [none, strange] {
        let id = answer.header("x-request-id").to_owned();
        assert_eq!(id.len(), 32, "{id}");
        assert_eq!(answer.json()["request_id"], id);
    }
}

#[test]
fn a_method_that_is_not_there_says_which_is() {
    let world = World::empty();

    for path in ["/api/races", "/api/health", "/livez"] {
        let answer = world.post(path);

        assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
}

#[test]
fn every_answer_tells_how_long_it_took() {
    let world = World::empty();

    for path in ["/livez", "/api/races", "/api/cats"] {
        let answer = world.get(path);

        assert!(
            answer.header("x-process-time").parse::<f64>().is_ok(),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn a_list_is_no_object_whatever_stands_in_it() {
    let world = World::empty();

    for path in [
        "/api/benchmark",
        "/api/cache/warm",
        "/api/keys",
        "/api/models",
        "/api/backtests",
        "/api/collections",
        "/api/reparses",
    ] {
        let answer = world.post_json(path, &json!([null, null]));

        assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{path}");
        assert!(
            answer.json()["detail"].to_string().contains("body"),
            "{path}"
        );
    }
}
