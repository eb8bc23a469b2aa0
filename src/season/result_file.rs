//! What happened, in two formats: lurcher's canonical runs and Betfair's monthly model results.
//!
//! Canonical runs hold those who ran; the model results also hold the withdrawn, with blanks.

use super::files::{maybe, number};
use super::names::title_case;
use super::{Season, SeasonDetail, SeasonRace, SeasonRun, SeasonRunner};
use crate::domain::{Millis, Outcome};

const RUNS: &str = "race_id,date,race_time,track,race_number,distance_m,grade,rug,box,dog_name,\
    dog_key,selection_id,trainer,weight_kg,won,placed,finish_pos,finish_note,run_time_s,\
    run_time_src,winner_time_s,sectional_s,race_best_sectional_s,margin_lengths,pir,sp_decimal,bsp,\
    place_bsp,runners,bsp_book,field_complete,detail_src,has_thedogs_card\n";
const MODEL: &str = "Date,Track,Race Name,Race,MarketId,SelectionId,Rug,Dog,Rated Price,\
    Early Speed,WIN_RESULT,WIN_BSP,PLACE_RESULT,PLACE_BSP,WIN_VALUE\n";
/// Seconds a length in derived times.
const DERIVED_LENGTH: f64 = 0.0685;
/// The rated price of a dog that was withdrawn before anybody priced it.
const UNPRICED: f64 = 8.0;

impl Season {
    /// Every run of every finished race in the canonical columns; the races of the last `card_days`
    /// days say that they have a card.
    #[must_use]
    pub fn runs_csv(&self, card_days: u32) -> String {
        let carded = self.settings.last_day().plus(1 - i64::from(card_days));
        let mut text = RUNS.to_owned();
        for race in self.finished() {
            let tail = RaceTail::of(race, race.day >= carded);
            for runner in race.starters() {
                text.push_str(&self.run_row(race, runner, &tail));
                text.push('\n');
            }
        }
        text
    }

    fn run_row(&self, race: &SeasonRace, runner: &SeasonRunner, tail: &RaceTail) -> String {
        let dog = &self.dogs[runner.dog];
        let key: String = dog
            .name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let known = race.detail != SeasonDetail::Bare;
        let if_known = |text: String| if known { text } else { String::new() };
        let placed = runner.place().is_some_and(|p| p.get() <= race.places());
        let head = [
            race.id.clone(),
            race.day.to_string(),
            String::new(),
            self.tracks[race.track].name.to_owned(),
            race.number.to_string(),
            race.metres.raw().to_string(),
            race.grade.betfair().to_owned(),
            runner.rug.get().to_string(),
            runner
                .box_no
                .map_or_else(String::new, |b| b.get().to_string()),
            dog.name.clone(),
            key,
            Self::selection_id(race, runner),
            if_known(self.kennels[dog.kennel].trainer.clone()),
            if_known(number(runner.weight.get())),
            u8::from(runner.won()).to_string(),
            u8::from(placed).to_string(),
        ];
        let performance = performance(race, runner, tail);
        let prices = runner.prices;
        let foot = [
            if_known(maybe(prices.map(|p| p.sp))),
            maybe(prices.map(|p| p.bsp)),
            maybe(prices.and_then(|p| p.place_bsp)),
            tail.shared.clone(),
        ];
        [head.join(","), performance.join(","), foot.join(",")].join(",")
    }

    /// The finished races of a month like `2026-10` as Betfair's model results.
    #[must_use]
    pub fn model_csv(&self, month: &str) -> String {
        let mut text = MODEL.to_owned();
        let races = self.finished();
        for race in races.filter(|race| race.day.to_string().starts_with(month)) {
            for runner in race.runners.iter().filter(|runner| runner.box_no.is_some()) {
                text.push_str(&self.model_row(race, runner));
                text.push('\n');
            }
        }
        text
    }

    fn model_row(&self, race: &SeasonRace, runner: &SeasonRunner) -> String {
        let dog = &self.dogs[runner.dog];
        let (number_, metres) = (race.number, race.metres.raw());
        let rated = runner.prices.map_or(UNPRICED, |prices| prices.rated);
        let flag = |yes: bool| runner.run.as_ref().map(|_| f64::from(u8::from(yes)));
        let placed = runner.place().is_some_and(|p| p.get() <= race.places());
        let bsp = runner.prices.map(|prices| prices.bsp);
        [
            race.day.to_string(),
            self.tracks[race.track].name.to_owned(),
            format!("R{number_} {metres}m {}", race.grade.betfair()),
            number_.to_string(),
            Self::market_id(race),
            Self::selection_id(race, runner),
            runner.rug.get().to_string(),
            title_case(&dog.name),
            number(rated),
            format!("{:.4}", (0.5 + dog.early).clamp(0.0, 1.0)),
            maybe(flag(runner.won())),
            maybe(bsp),
            maybe(flag(placed)),
            maybe(runner.prices.and_then(|prices| prices.place_bsp)),
            bsp.map_or_else(String::new, |bsp| format!("{:.6}", 1.0 / rated - 1.0 / bsp)),
        ]
        .join(",")
    }
}

/// What all rows of a race share.
struct RaceTail {
    best_sectional: Option<Millis>,
    shared: String,
}

impl RaceTail {
    fn of(race: &SeasonRace, has_card: bool) -> Self {
        let sectionals = race
            .starters()
            .filter_map(|runner| runner.run.as_ref()?.sectional);
        let prices = race.starters().filter_map(|runner| runner.prices);
        let book: f64 = prices.map(|prices| 1.0 / prices.bsp).sum();
        let source = match race.detail {
            SeasonDetail::Official => "thedogs_form",
            SeasonDetail::Derived => "rns_pdf",
            SeasonDetail::Bare => "",
        };
        let runners = race.starters().count();
        Self {
            best_sectional: sectionals.min(),
            shared: format!("{runners},{book:.4},1,{source},{}", u8::from(has_card)),
        }
    }
}

/// The columns from `finish_pos` to `pir`, as far as the race's detail goes.
fn performance(race: &SeasonRace, runner: &SeasonRunner, tail: &RaceTail) -> [String; 9] {
    let mut cells: [String; 9] = Default::default();
    let Some(run) = &runner.run else {
        return cells;
    };
    let [
        place,
        note,
        time,
        source,
        winner,
        sectional,
        best,
        margin,
        pir,
    ] = &mut cells;
    let seconds = |time: Option<Millis>| maybe(time.map(Millis::get));
    if race.detail == SeasonDetail::Bare {
        if runner.won() {
            "1".clone_into(place);
        }
        return cells;
    }
    *place = run.place.map_or_else(String::new, |p| p.get().to_string());
    run.outcome.map_or("", Outcome::as_str).clone_into(note);
    *winner = seconds(race.winner_time);
    *margin = maybe(run.margin);
    if race.detail == SeasonDetail::Derived {
        *time = derived(race, runner, run);
        mark(source, time, "derived");
        return cells;
    }
    *time = seconds(run.time);
    mark(source, time, "official");
    *sectional = seconds(run.sectional);
    *best = seconds(tail.best_sectional);
    pir.clone_from(&run.positions);
    cells
}

fn mark(source: &mut String, time: &str, name: &str) {
    if !time.is_empty() {
        name.clone_into(source);
    }
}

/// The winner's time plus the margin's worth, to the thousandth.
fn derived(race: &SeasonRace, runner: &SeasonRunner, run: &SeasonRun) -> String {
    let behind = if runner.won() { Some(0.0) } else { run.margin };
    let time = race.winner_time.zip(behind).map(|(winner, lengths)| {
        let seconds = winner.get() + lengths * DERIVED_LENGTH;
        (seconds * 1_000.0).round() / 1_000.0
    });
    maybe(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::season::SeasonSettings;

    #[test]
    fn canonical_rows_are_those_who_ran() {
        let season = Season::generate(&SeasonSettings::small().unwrap()).unwrap();

        let text = season.runs_csv(7);

        let ran: usize = season.finished().map(|race| race.starters().count()).sum();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(rows.len(), ran);
        for row in rows {
            assert_eq!(row.len(), 33);
            assert_eq!(row[14] == *"1", row[16] == *"1", "{row:?}");
            let book = row[29].parse::<f64>().unwrap();
            assert!((0.93..1.1).contains(&book), "{row:?}");
        }
    }

    #[test]
    fn the_withdrawn_have_no_result_in_the_model_file() {
        let season = Season::generate(&SeasonSettings::small().unwrap()).unwrap();

        let text = season.model_csv("2026-10");

        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.records().collect::<Result<Vec<_>, _>>().unwrap();
        assert!(
            rows.iter()
                .any(|row| row[10].is_empty() && row[11].is_empty())
        );
        assert!(rows.iter().all(|row| row[0].starts_with("2026-10")));
    }
}
