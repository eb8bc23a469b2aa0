//! The walk: finished races in strict order of time, each leaving ratings with a date.
//!
//! The walk begins at the first day whose results changed since it last passed (the debt, noted by
//! every result in its own transaction), from the state at the end of the day before. Each day is
//! one change, and the debt moves with it, so a kill costs the days that were being written and
//! walking again gives the same rows. A result that comes between the reading of a day and its
//! writing is seen when it is written: the walk begins again there.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, Utc};

use super::dataset::market;
use super::{Error, Trainer};
use crate::domain::{BoxNo, BoxSum, Chance, Chances, Class, DogId, RaceDay, grade_class};
use crate::model::discount::Discounts;
use crate::model::placing;
use crate::model::rating::{
    BoxKey, COMPANY_DAYS, ClassPrior, DogState, RatedRace, RatedRunner, RatingSettings, Walker,
};
use crate::runtime::Lane;
use crate::store::ratings::{
    self, Before, BoxRow, DayRows, DogRow, HindsightRow, ParRow, PriorRow, RatableRace,
};
use crate::store::runners::Runner;
use crate::store::{self, Reader, Tx, races, runners, walk};

/// Days that are read, and then written, at a time.
const DAYS_AT_A_TIME: usize = 7;

/// A race to observe, and since when its result could be known.
struct Due {
    race: RatedRace,
    known_at: DateTime<Utc>,
}

/// The races of a day, and the number that goes up when one of them changes.
struct DueDay {
    day: RaceDay,
    revisions: u64,
    due: Vec<Due>,
}

/// A walk under way: its state, and the newest knowledge in it.
struct Walk {
    walker: Walker,
    known_at: DateTime<Utc>,
}

impl Trainer {
    /// Brings ratings up to date; says how many days were walked.
    pub async fn rate(&self) -> Result<u32, Error> {
        let alone = self.walking.lock().await;
        let began = Instant::now();
        let mut walked = 0;
        while let Some(from) = self.debt().await? {
            walked += self.walk(from).await?;
        }
        drop(alone);
        if walked > 0 {
            let ms = began.elapsed().as_millis();
            tracing::info!(days = walked, ms, "ratings walked");
        }
        Ok(walked)
    }

    async fn debt(&self) -> Result<Option<RaceDay>, Error> {
        let debt = self.store.read(Lane::Batch, ratings::debt).await;
        debt.map_err(Error::Store)
    }

    /// Walks from `from` to the last race, or until somebody owes an earlier day or changes one
    /// that was read already. The days to come are read while those before them are written.
    async fn walk(&self, from: RaceDay) -> Result<u32, Error> {
        let before = self
            .store
            .read(Lane::Batch, move |reader| {
                ratings::before(reader, from, from.plus(-COMPANY_DAYS))
            })
            .await
            .map_err(Error::Store)?;
        let mut walk = Walk {
            walker: seeded(&before)?,
            known_at: before.known_at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
        };
        let mut walked = 0;
        let mut some = self.due_from(Some(from)).await?;
        while let Some(last) = some.last().map(|day| day.day) {
            let (state, rows) = self
                .workers
                .ask(Lane::Batch, move |()| {
                    let rows = walk.over(&some);
                    (walk, rows)
                })
                .await?;
            walk = state;
            let days = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let (written, next) = tokio::join!(self.put(rows), self.due_after(last));
            if !written? {
                return Ok(walked);
            }
            walked += days;
            some = next?;
        }
        Ok(walked)
    }

    async fn due_after(&self, day: RaceDay) -> Result<Vec<DueDay>, Error> {
        let next = self
            .store
            .read(Lane::Batch, move |reader| races::day_after(reader, day))
            .await
            .map_err(Error::Store)?;
        self.due_from(next).await
    }

    async fn due_from(&self, first: Option<RaceDay>) -> Result<Vec<DueDay>, Error> {
        self.store
            .read(Lane::Batch, move |reader| {
                let mut days = Vec::with_capacity(DAYS_AT_A_TIME);
                let mut next = first;
                while let Some(day) = next
                    && days.len() < DAYS_AT_A_TIME
                {
                    days.push(due_on(reader, day)?);
                    next = races::day_after(reader, day)?;
                }
                Ok(days)
            })
            .await
            .map_err(Error::Store)
    }

    /// Writes days, each a change of its own: whoever waits for the writer goes first. Says
    /// whether all of them were still owed as they were read.
    async fn put(&self, days: Vec<(RaceDay, DayRows)>) -> Result<bool, Error> {
        let changes = days.into_iter().map(|(day, rows)| {
            let change = move |tx: &mut Tx<'_>| walk::put_day(tx, day, &rows);
            (store::Class::Backfill, change)
        });
        let written = self.store.write_all_in_turn(changes.collect()).await?;
        let advanced: Vec<bool> = written
            .await
            .into_iter()
            .collect::<Result<_, store::Error>>()?;
        Ok(advanced.into_iter().all(|advanced| advanced))
    }
}

impl Walk {
    fn over(&mut self, days: &[DueDay]) -> Vec<(RaceDay, DayRows)> {
        let mut walked = Vec::with_capacity(days.len());
        for day in days {
            let rows = observe(&mut self.walker, day, self.known_at);
            self.known_at = rows.known_at;
            walked.push((day.day, rows));
        }
        walked
    }
}

fn seeded(before: &Before) -> Result<Walker, Error> {
    let mut walker = Walker::new(RatingSettings::default())?;
    for row in &before.dogs {
        let state = DogState {
            strengths: row.strengths,
            race: row.race,
            day: row.day,
            races: row.races,
            look: row.look,
        };
        walker.seed_dog(row.dog, state);
    }
    for row in &before.looks {
        walker.seed_look(row.dog, row.race, row.day, row.look);
    }
    for row in &before.hindsight {
        walker.seed_hindsight(row.race, row.seen);
    }
    for row in &before.pars {
        walker.seed_par(row.circuit, row.distance, row.par);
    }
    for row in &before.boxes {
        seed_box(&mut walker, row)?;
    }
    for row in &before.priors {
        let prior = ClassPrior {
            means: row.means,
            n: row.dogs,
        };
        if let Some(class) = Class::from_code(row.class) {
            walker.seed_prior(class, prior);
        }
    }
    Ok(walker)
}

fn seed_box(walker: &mut Walker, row: &BoxRow) -> Result<(), Error> {
    let cell = BoxSum {
        win: row.total,
        place: row.place_total,
        starts: f64::from(row.starts),
    };
    if row.circuit == 0 {
        walker.seed_global_box(row.box_no, cell);
        return Ok(());
    }
    let key = BoxKey {
        circuit: crate::domain::CircuitId::new(row.circuit),
        distance: crate::domain::Metres::new(f64::from(row.distance_m))?,
        box_no: row.box_no,
    };
    walker.seed_box(key, cell);
    Ok(())
}

/// The races of a day in which every starter has a dog and a closing price.
fn due_on(reader: &Reader<'_>, day: RaceDay) -> Result<DueDay, store::Error> {
    let revisions = ratings::revisions(reader, day)?;
    let mut fields = runners::finished_on(reader, day)?;
    let mut due = Vec::new();
    for ratable in ratings::races(reader, day)? {
        let field = fields.remove(&ratable.id).unwrap_or_default();
        let ran: Vec<&Runner> = field.iter().filter(|runner| !runner.scratched).collect();
        if let Some(race) = rated(&ratable, &ran) {
            due.push(Due {
                race,
                known_at: ratable.known_at,
            });
        }
    }
    Ok(DueDay {
        day,
        revisions,
        due,
    })
}

fn rated(ratable: &RatableRace, ran: &[&Runner]) -> Option<RatedRace> {
    let winners = ran.iter().filter(|runner| runner.won == Some(true)).count();
    if ran.len() < 2 || winners == 0 {
        return None;
    }
    let chances = market(ran)?;
    let places = place_chances(ran, &chances)?;
    let mut runners = Vec::with_capacity(ran.len());
    for ((runner, chance), place_chance) in ran.iter().zip(chances).zip(places) {
        let box_no = runner
            .box_no
            .or_else(|| BoxNo::new(i64::from(runner.rug.get())).ok());
        runners.push(RatedRunner {
            dog: runner.dog_id?,
            box_no: box_no.map(BoxNo::get),
            chance,
            place_chance,
            placed: runner
                .placed
                .map_or(place_chance, |placed| f64::from(u8::from(placed))),
            won: if runner.won == Some(true) {
                1.0 / winners as f64
            } else {
                0.0
            },
        });
    }
    let own_time = |runner: &&Runner| runner.won == Some(true);
    let winner = ran.iter().copied().find(own_time);
    let winner_time = winner.and_then(|winner| winner.winner_time.or(winner.run_time));
    Some(RatedRace {
        id: ratable.id,
        class: ratable.grade.as_deref().map_or(Class::Unknown, grade_class),
        circuit: ratable.circuit,
        distance: ratable.distance,
        day: ratable.day,
        runners,
        winner_time_s: winner_time.map(crate::domain::Millis::get),
    })
}

/// Chances of a paid place: inverse closing place prices, scaled to the number of places that were
/// paid; what the win chances say where a price is missing.
fn place_chances(ran: &[&Runner], chances: &[f64]) -> Option<Vec<f64>> {
    let paid = ran
        .iter()
        .filter(|runner| runner.placed == Some(true))
        .count();
    let priced: Option<Vec<f64>> = ran
        .iter()
        .map(|runner| runner.place_bsp.map(|odds| 1.0 / odds.get()))
        .collect();
    if let Some(priced) = priced.filter(|_| paid > 0) {
        let scale = paid as f64 / priced.iter().sum::<f64>();
        return Some(priced.into_iter().map(|p| (p * scale).min(1.0)).collect());
    }
    let places = placing::paid_places(ran.len());
    let field = Chances::new(chances).ok()?;
    let discount = Discounts::AUSTRALIA.of(ran.len());
    let placed = placing::place_chances(&field, places, discount).ok()?;
    Some(placed.into_iter().map(Chance::get).collect())
}

/// Observes a day's races and keeps the day's last word on everything that changed. Nothing of it
/// could be known before what it rests on was, the results of this day and those before.
fn observe(walker: &mut Walker, day: &DueDay, known_before: DateTime<Utc>) -> DayRows {
    let mut dogs: BTreeMap<DogId, DogRow> = BTreeMap::new();
    let mut pars = BTreeMap::new();
    let mut boxes = BTreeMap::new();
    let mut priors = BTreeMap::new();
    let first = DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::milliseconds(1);
    let mut known_at = known_before.max(first);
    for Due { race, known_at: at } in &day.due {
        let observed = match walker.observe(race) {
            Ok(observed) => observed,
            Err(fault) => {
                tracing::warn!(day = %day.day, %fault, "a race cannot be rated");
                continue;
            }
        };
        known_at = known_at.max(*at);
        for (dog, state) in observed.dogs {
            dogs.insert(dog, dog_row(dog, &state));
        }
        for (key, cell) in observed.boxes {
            let place = (key.circuit.get(), key.distance.raw(), key.box_no);
            boxes.insert(place, cell);
        }
        for (box_no, cell) in observed.global_boxes {
            boxes.insert((0, 0, box_no), cell);
        }
        if let Some((class, prior)) = observed.prior {
            priors.insert(class.code(), prior);
        }
        if let Some(par) = observed.par {
            pars.insert((race.circuit, race.distance), par);
        }
    }
    let hindsight = walker.close(day.day).into_iter();
    DayRows {
        hindsight: hindsight
            .map(|(race, seen)| HindsightRow { race, seen })
            .collect(),
        dogs: dogs.into_values().collect(),
        pars: pars
            .into_iter()
            .map(|((circuit, distance), par)| ParRow {
                circuit,
                distance,
                par,
            })
            .collect(),
        boxes: boxes.into_iter().map(box_row).collect(),
        priors: priors
            .into_iter()
            .map(|(class, prior)| PriorRow {
                class,
                means: prior.means,
                dogs: prior.n,
            })
            .collect(),
        known_at,
        revisions: day.revisions,
    }
}

const fn dog_row(dog: DogId, state: &DogState) -> DogRow {
    DogRow {
        dog,
        race: state.race,
        day: state.day,
        strengths: state.strengths,
        races: state.races,
        look: state.look,
    }
}

fn box_row(((circuit, distance_m, box_no), cell): ((i64, u16, u8), BoxSum)) -> BoxRow {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of starts, held as a float by the walk"
    )]
    let starts = cell.starts as u32;
    BoxRow {
        circuit,
        distance_m,
        box_no,
        total: cell.win,
        place_total: cell.place,
        starts,
    }
}
