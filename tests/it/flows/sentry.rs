//! Errors are told to an error tracker, with the request that met them and without its key.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use lurcher::store::DATABASE;
use rusqlite::Connection;
use ureq::Agent;

use crate::answer::Answer;
use crate::post::receive;
use crate::process::Daemon;
use crate::world::{House, eventually, to_come};

#[test]
fn an_answer_that_is_our_fault_is_told_with_its_request_and_route_and_no_key() {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let dsn = format!("http://s3cret@{}/7", door.local_addr().unwrap());
    let posts = Arc::<Mutex<Vec<(String, String)>>>::default();
    let seen = Arc::clone(&posts);
    // It ends with the tests.
    thread::spawn(move || {
        for stream in door.incoming() {
            let mut stream = stream.unwrap();
            let post = receive(&mut stream, "x-sentry-auth");
            seen.lock().unwrap().push(post);
            let answer = "HTTP/1.1 200 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let data = tempfile::tempdir().unwrap();
    let config = format!("log = 'off'\n[sentry]\ndsn = '{dsn}'\nenvironment = 'stable'\n");
    fs::write(data.path().join("lurcher.toml"), config).unwrap();
    let database = data.path().join(DATABASE);
    fs::write(&database, House::of_season().into_bytes()).unwrap();
    let broken = "UPDATE model SET artifact = x'00'";
    Connection::open(&database)
        .unwrap()
        .execute(broken, [])
        .unwrap();
    let mut daemon = Daemon::start(data.path());
    let url = format!("{}/api/races/{}/prediction", daemon.url, to_come());
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();

    let request = agent.get(&url).header("x-request-id", "mine");
    let answer = request.header("authorization", "Bearer hunter2").call();
    let answer = Answer::of(answer.unwrap());
    let unknown = agent.get(url.replace("-20-", "-21-")).call().unwrap();
    let post = eventually("it is told", || posts.lock().unwrap().first().cloned());
    drop(agent);
    assert!(daemon.stop().success());

    assert_eq!(answer.problem(), (500, "internal".to_owned()));
    assert_eq!(unknown.status().as_u16(), 404);
    let (auth, body) = post;
    assert!(auth.contains("sentry_key=s3cret"), "{auth}");
    for said in [
        "\"request.id\":\"mine\"",
        "\"transaction\":\"/api/races/{race}/prediction\"",
        "\"environment\":\"stable\"",
        "cannot be used",
    ] {
        assert!(body.contains(said), "{said}: {body}");
    }
    for secret in ["hunter2", "s3cret"] {
        assert!(!body.contains(secret), "{body}");
    }
    assert_eq!(posts.lock().unwrap().len(), 1);
}
