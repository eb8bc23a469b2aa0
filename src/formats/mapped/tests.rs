use crate::domain::{Draft, Fault};
use crate::formats::{Item, Mapping, Refusal, Summary, explain, read_mapped};
use std::ops::ControlFlow;

const RESULTS: &str = r#"
format = "result"
source = "mine"
date_format = "%d/%m/%Y"

[columns]
track = { value = "Sale" }
day = "Date"
number = "Race No"
distance_m = "Dist"
rug = "Trap"
dog = "Dog"
place = "Pos"
run_time_s = "Time"
margin_lengths = "Behind"
weight_kg = "Kilos"
sp = "Odds"
"#;

fn mapping(text: &str) -> Mapping {
    Mapping::parse(text)
        .map_err(|faults| faults.iter().map(Fault::to_string).collect::<Vec<_>>())
        .unwrap()
}

fn read(map: &str, bytes: &[u8]) -> (Result<Summary, Refusal>, Vec<Draft>, Vec<String>) {
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    let mut bytes = bytes;
    let summary = read_mapped(&mut bytes, &mapping(map), &mut |item| {
        match item {
            Item::Draft { draft, .. } => drafts.push(draft),
            Item::Fault(fault) => faults.push(fault.to_string()),
        }
        ControlFlow::Continue(())
    });
    (summary, drafts, faults)
}

#[test]
fn values_are_read_with_what_people_write_around_them() {
    let (summary, drafts, faults) = read(
        RESULTS,
        "Pos;Race No;Date;Dist;Trap;Dog;Time;Behind;Kilos;Odds\n\
         1st;R2;3/11/2026;450m;[4];Paper Lantern;25.10;;31.9kg;7/2F\n\
         2;R2;3/11/2026;450m;Rug 9;Tin Whistle;0:25.31;2 1/4;30;$4.50\n\
         DNF;R2;3/11/2026;450m;1;Wet Match;;;n/a;$0.00\n"
            .as_bytes(),
    );

    assert_eq!(faults, [""; 0]);
    assert_eq!(summary.unwrap().rows, 3);
    let [Draft::Result(result)] = drafts.as_slice() else {
        panic!("{drafts:?}");
    };
    let race = &result.race;
    assert_eq!(
        (race.track.as_str(), race.day.as_str()),
        ("Sale", "2026-11-03")
    );
    assert_eq!((race.number, race.distance_m), (Some(2), Some(450.0)));
    let [won, second, faller] = result.runners.as_slice() else {
        panic!("{:?}", result.runners);
    };
    assert_eq!((won.rug, won.performance.sp), (4, Some(4.5)));
    assert_eq!(won.performance.weight_kg, Some(31.9));
    assert_eq!(
        (second.rug, second.performance.run_time_s),
        (9, Some(25.31))
    );
    assert_eq!(second.performance.margin_lengths, Some(2.25));
    assert_eq!(second.performance.sp, Some(4.5));
    assert_eq!(faller.performance.outcome.as_deref(), Some("DNF"));
    assert_eq!(
        (faller.performance.place, faller.performance.sp),
        (None, None)
    );
}

#[test]
fn a_day_in_either_order_is_a_fault_until_the_mapping_says_which() {
    let map = RESULTS.replace("date_format", "# date_format");
    let text = "Pos;Race No;Date;Dist;Trap;Dog;Time;Behind;Kilos;Odds\n\
                1;2;3/11/2026;450;4;Paper Lantern;25.10;;;\n";

    let (_, drafts, faults) = read(&map, text.as_bytes());

    assert_eq!(drafts, []);
    assert!(
        faults[0].contains("the mapping must say its date_format"),
        "{faults:?}"
    );
}

#[test]
fn columns_that_are_not_there_refuse_the_file() {
    let (summary, _, _) = read(RESULTS, b"Pos,Date,Race No\n");

    let reason = summary.unwrap_err().reason;
    assert!(reason.contains("Trap (for rug)"), "{reason}");
}

#[test]
fn a_card_and_a_past_run_are_read_too() {
    let card = "format = \"card\"\nsource = \"mine\"\n[columns]\ntrack = \"T\"\nday = \"D\"\n\
                number = \"N\"\nrug = \"R\"\ndog = \"Dog\"\nscratched = \"Out\"\nweight_kg = \"Kg\"\n";
    let form = "format = \"form\"\nsource = \"mine\"\n[columns]\ntrack = \"T\"\nday = \"D\"\n\
                distance_m = { value = 450 }\ndog_id = \"Dog\"\n";
    let text = "T,D,N,R,Dog,Out,Kg\nSale,2026-11-03,1,1,A,,30\nSale,2026-11-03,1,2,B,yes,31\n\
                Sale,2026-11-03,2,1,C,no,32\n";

    let (_, cards, card_faults) = read(card, text.as_bytes());
    let (_, runs, run_faults) = read(form, text.as_bytes());

    assert_eq!((card_faults.len(), run_faults.len()), (0, 0));
    let [Draft::Card(first), Draft::Card(_)] = cards.as_slice() else {
        panic!("{cards:?}");
    };
    let out: Vec<_> = first
        .runners
        .iter()
        .map(|dog| (dog.scratched, dog.weight_kg))
        .collect();
    assert_eq!(out, [(false, Some(30.0)), (true, Some(31.0))]);
    let [Draft::Form(run), ..] = runs.as_slice() else {
        panic!("{runs:?}");
    };
    assert_eq!((runs.len(), run.distance_m), (3, Some(450.0)));
    assert_eq!(run.dog.reference, Some(("mine".to_owned(), "A".to_owned())));
}

#[test]
fn a_proposed_mapping_is_one_that_reads_its_file() {
    let text = "Course,Race Date,Race,Trap,Greyhound,Pos,Time,\"S\\P \"\"x\"\"\"\n\
                Sale,2026-11-03,1,1,Paper Lantern,1,25.10,x\n";
    let mut bytes = text.as_bytes();

    let proposed = explain("x.csv", &mut bytes, None).mapping.unwrap();

    let (_, drafts, faults) = read(&proposed, text.as_bytes());
    assert_eq!((drafts.len(), faults.len()), (1, 0), "{proposed}");
    let mut bytes = text.as_bytes();
    let again = explain("x.csv", &mut bytes, Some(&mapping(&proposed)));
    assert_eq!((again.format, again.rows_sampled), (Some("mapped"), 1));
}

#[test]
fn prices_of_one_instant_stand_together() {
    let map = "format = \"prices\"\nsource = \"mine\"\n[columns]\ntrack = \"T\"\nday = \"D\"\n\
               number = \"N\"\nrug = \"R\"\nat = \"At\"\nkind = { value = \"fixed\" }\nwin = \"Win\"\n";
    let text = "T,D,N,R,At,Win\nSale,2026-11-03,1,1,2026-11-03T08:00:00Z,$2.50\n\
                Sale,2026-11-03,1,2,2026-11-03T08:00:00Z,3/1\n\
                Sale,2026-11-03,1,1,2026-11-03T08:05:00Z,2.4\nSale,2026-11-03,1,2,soon,2.4\n";

    let (_, drafts, faults) = read(map, text.as_bytes());

    let [Draft::Prices(first), Draft::Prices(second)] = drafts.as_slice() else {
        panic!("{drafts:?}");
    };
    let wins: Vec<_> = first
        .prices
        .iter()
        .map(|tick| (tick.rug, tick.win))
        .collect();
    assert_eq!(wins, [(1, Some(2.5)), (2, Some(4.0))]);
    assert_eq!(second.prices.len(), 1);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].starts_with("row 5: at must be an instant"),
        "{faults:?}"
    );
}

#[test]
fn a_card_that_comes_back_late_is_refused_because_a_card_is_always_whole() {
    let map = "format = \"card\"\nsource = \"mine\"\n[columns]\ntrack = \"Track\"\nday = \"Date\"\n\
               number = \"No\"\nrug = \"Trap\"\ndog = \"Dog\"\nrace_id = \"Id\"\n";
    let row = |id: u32, trap: u32| format!("{id},Sale,2026-11-03,2,{trap},Dog {id} {trap}\n");
    let apart = |races: u32| {
        let between: String = (2..2 + races).map(|id| row(id, 1)).collect();
        let text = format!(
            "Id,Track,Date,No,Trap,Dog\n{}{between}{}",
            row(1, 1),
            row(1, 2)
        );
        let (_, drafts, faults) = read(map, text.as_bytes());
        (drafts.len(), faults)
    };

    let rule = "row 260: race_id rows of one race must stand together, at most 256 races apart";
    assert_eq!(apart(256), (257, Vec::new()));
    let (cards, faults) = apart(257);
    assert_eq!((cards, faults.len()), (258, 1));
    assert!(faults[0].starts_with(rule), "{faults:?}");
}
