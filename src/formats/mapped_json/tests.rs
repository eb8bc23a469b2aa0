use std::ops::ControlFlow;

use crate::domain::{Draft, Fault};
use crate::formats::{Item, Mapping, Refusal, Summary, read_mapped};

const RACES: &str = r#"
format = "result"
source = "mine"
items = "data.races"
runners = "entries"

[columns]
track = "meeting.venue.code"
day = "meeting.day"
number = "number"
distance_m = { value = 440 }
rug = "number"
dog = "dog.name"
place = "finish"
sp = "prices.0"
"#;

fn read(map: &str, text: &str) -> (Result<Summary, Refusal>, Vec<Draft>, Vec<String>) {
    let mapping = Mapping::parse(map)
        .map_err(|faults| faults.iter().map(Fault::to_string).collect::<Vec<_>>())
        .unwrap();
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    let mut bytes = text.as_bytes();
    let summary = read_mapped(&mut bytes, &mapping, &mut |item| {
        match item {
            Item::Draft { draft, .. } => drafts.push(draft),
            Item::Fault(fault) => faults.push(fault.to_string()),
        }
        ControlFlow::Continue(())
    });
    (summary, drafts, faults)
}

#[test]
fn an_item_with_runners_is_a_race_and_its_number_is_not_theirs() {
    let (summary, drafts, faults) = read(
        RACES,
        r#"{"data":{"races":[
            {"meeting":{"venue":{"code":"Sale"},"day":"2026-01-02"},"number":7,"dog":{"name":"No Dog"},"entries":[
              {"number":1,"dog":{"name":"Oat Biscuit"},"finish":1,"prices":["$2.70",9]},
              {"number":2,"dog":{"name":"Plum; Duff, \"P\""},"finish":"DNF"}]},
            {"meeting":{"venue":{"code":"Sale"},"day":"2026-01-02"},"number":8,"entries":[
              {"number":4,"dog":{"name":"Tea Loaf"},"finish":1}]}]}}"#,
    );

    assert_eq!(faults, [""; 0]);
    assert_eq!(summary.unwrap().rows, 1);
    let [Draft::Result(seven), Draft::Result(eight)] = drafts.as_slice() else {
        panic!("{drafts:?}");
    };
    assert_eq!((seven.race.number, eight.race.number), (Some(7), Some(8)));
    assert_eq!((seven.runners[0].rug, seven.runners[1].rug), (1, 2));
    assert_eq!(seven.runners[0].performance.sp, Some(2.7));
    let second = &seven.runners[1];
    let name = second.dog.as_ref().and_then(|dog| dog.name.as_deref());
    assert_eq!(name, Some("Plum; Duff, \"P\""));
    assert_eq!(second.performance.outcome.as_deref(), Some("DNF"));
}

#[test]
fn a_fault_names_the_item_and_the_path_in_it() {
    let (_, drafts, faults) = read(
        RACES,
        r#"[{"data":{"races":[{"number":1},
            {"meeting":{"venue":{"code":"Sale"},"day":"2 Jan"},"number":1,"entries":[{"number":1,"finish":1}]},
            {"meeting":{"venue":{"code":"Sale"},"day":"2026-01-02"},"number":1,"entries":[
              {"number":1,"finish":1},{"number":2,"finish":2,"prices":["evens-ish"]}]}]}},
            {"data":7}]"#,
    );

    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!(
        faults,
        [
            r#"row 1: entries must be a list, not empty (found "")"#,
            r#"row 2: meeting.day must be a date like 2026-11-20, or the mapping must say its date_format (found "2 Jan")"#,
            r#"row 3: entries[1].prices.0 must be a price like 4.50, $4.50 or 7/2 (found "evens-ish")"#,
            r#"row 2: data.races must be a list (found "")"#,
        ]
    );
}

#[test]
fn without_runners_every_line_is_a_row_and_a_bad_one_is_not_the_end() {
    let map = "format = \"result\"\nsource = \"mine\"\n[columns]\ntrack = \"at.track\"\nday = \"at.day\"\n\
               number = \"race\"\nrug = \"trap\"\ndog = \"dog\"\nplace = \"pos\"\n";

    let (_, drafts, faults) = read(
        map,
        "{\"at\":{\"track\":\"Sale\",\"day\":\"2026-01-02\"},\"race\":1,\"trap\":1,\"dog\":\"A\",\"pos\":1}\n\
         {oops}\n\n\
         {\"at\":{\"track\":\"Sale\",\"day\":\"2026-01-02\"},\"race\":1,\"trap\":\"two\",\"dog\":\"B\",\"pos\":2}\n\
         {\"at\":{\"track\":\"Sale\",\"day\":\"2026-01-02\"},\"race\":2,\"trap\":1,\"dog\":\"C\",\"pos\":1}\n",
    );

    let [Draft::Result(first), Draft::Result(second)] = drafts.as_slice() else {
        panic!("{drafts:?}");
    };
    assert_eq!((first.race.number, second.race.number), (Some(1), Some(2)));
    assert!(faults[0].starts_with("row 2:  not JSON"), "{faults:?}");
    assert_eq!(
        faults[1..],
        [r#"row 4: trap must be a whole number (found "two")"#]
    );
}

#[test]
fn past_runs_may_lie_under_their_dog() {
    let map = "format = \"form\"\nsource = \"mine\"\nrunners = \"runs\"\n[columns]\ntrack = \"track\"\n\
               day = \"day\"\ndistance_m = \"m\"\ndog = \"name\"\nplace = \"pos\"\n";

    let (_, drafts, faults) = read(
        map,
        r#"{"name":"Oat Biscuit","runs":[{"track":"Sale","day":"2026-01-02","m":440,"pos":3},
            {"track":"Sale","day":"2026-01-09","m":440,"pos":1}]}"#,
    );

    assert_eq!(faults, [""; 0]);
    assert!(matches!(drafts.as_slice(), [Draft::Form(a), Draft::Form(b)]
            if a.dog == b.dog && a.dog.name.as_deref() == Some("Oat Biscuit")));
}

#[test]
fn a_mapping_of_json_reads_no_table_and_its_paths_are_checked() {
    let (summary, ..) = read(RACES, "meeting,number\nSale,1\n");
    let wrong = Mapping::parse(&RACES.replace("data.races", "data..races")).unwrap_err();

    assert!(summary.unwrap_err().reason.contains("is for JSON"));
    assert_eq!(
        wrong.iter().map(Fault::to_string).collect::<Vec<_>>(),
        ["items: must be keys with dots between"]
    );
}
