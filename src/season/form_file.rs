//! Form guides in thedogs.com.au's "expert form" CSV: the card of a race is in the file name and
//! the rugs; every other column tells of a past run.

use super::files::{maybe, number};
use super::{Season, SeasonRace, SeasonRunner};
use crate::domain::Millis;

const HEADER: &str =
    "Dog Name,Sex,PLC,BOX,WGT,DIST,DATE,TRACK,G,TIME,WIN,BON,1 SEC,MGN,W/2G,PIR,SP\n";
/// Past runs shown of a dog.
const SHOWN: usize = 5;

/// The finished runs of each dog, oldest first: indexes of race and runner.
pub(super) struct Past(Vec<Vec<(usize, usize)>>);

impl Past {
    /// Of every dog of the season.
    pub(super) fn of(season: &Season) -> Self {
        let mut runs = vec![Vec::new(); season.dogs.len()];
        for (index, race) in season.races.iter().enumerate() {
            for (at, runner) in race.runners.iter().enumerate() {
                if runner.place().is_some() {
                    runs[runner.dog].push((index, at));
                }
            }
        }
        Self(runs)
    }
}

impl Season {
    /// The form guide of a race.
    pub(super) fn card_with(&self, race: &SeasonRace, past: &Past) -> String {
        let dogs = race.runners.iter();
        let rows = dogs.map(|runner| self.form_of(race, runner, past));
        format!("{HEADER}{}", rows.collect::<String>())
    }

    /// The rows of one dog; a dog that never finished a race has one row, blank but for its name.
    fn form_of(&self, race: &SeasonRace, runner: &SeasonRunner, past: &Past) -> String {
        let dog = &self.dogs[runner.dog];
        let before = past.0[runner.dog].iter().rev();
        let runs = before
            .map(|&(index, at)| (&self.races[index], at))
            .filter(|(run, _)| run.day < race.day)
            .take(SHOWN)
            .map(|(run, at)| self.past_run(run, &run.runners[at]))
            .collect::<Vec<_>>();
        let sex = dog.sex.as_str();
        let head = format!("{}. {},{sex},", runner.rug.get(), dog.name);
        if runs.is_empty() {
            return format!("{head},,,,,,,,,,,,,,\n");
        }
        let next = format!("\n\"\",{sex},");
        format!("{head}{}\n", runs.join(&next))
    }

    /// The columns from `PLC` on.
    fn past_run(&self, race: &SeasonRace, runner: &SeasonRunner) -> String {
        let track = &self.tracks[race.track];
        let run = runner.run.as_ref();
        let time = |time: Option<Millis>| maybe(time.map(Millis::get));
        [
            runner
                .place()
                .map_or_else(String::new, |place| place.get().to_string()),
            runner.rug.get().to_string(),
            number(runner.weight.get()),
            race.metres.raw().to_string(),
            race.day.to_string(),
            track.form_code.to_owned(),
            race.grade.form(track.state).to_owned(),
            time(run.and_then(|run| run.time)),
            time(race.winner_time),
            time(race.best_of_night),
            time(run.and_then(|run| run.sectional)),
            maybe(run.and_then(|run| run.margin)),
            self.rival(race, runner).to_owned(),
            run.map_or_else(String::new, |run| run.positions.clone()),
            maybe(runner.prices.map(|prices| prices.sp)),
        ]
        .join(",")
    }

    /// The winner's name; for a winner the name of the second, or of who shared the win.
    fn rival(&self, race: &SeasonRace, runner: &SeasonRunner) -> &str {
        let others = race.starters().filter(|other| other.dog != runner.dog);
        let first = others
            .filter(|other| other.place().is_some())
            .min_by_key(|other| other.place());
        first.map_or("", |other| self.dogs[other.dog].name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::season::SeasonSettings;

    #[test]
    fn a_card_to_come_shows_only_the_past_newest_first() {
        let season = Season::generate(&SeasonSettings::small().unwrap()).unwrap();
        let race = season.to_come().next().unwrap();

        let card = season.card_csv(race);

        let mut dogs = 0;
        let mut newest = String::new();
        for line in card.lines().skip(1) {
            let cells = line.split(',').collect::<Vec<_>>();
            assert_eq!(cells.len(), 17, "{line}");
            let date = cells[6].to_owned();
            assert!(date < race.day.to_string(), "{line}");
            if cells[0] == "\"\"" {
                assert!(date < newest, "{line}");
            } else {
                dogs += 1;
            }
            newest = date;
        }
        assert_eq!(dogs, race.runners.len());
    }
}
