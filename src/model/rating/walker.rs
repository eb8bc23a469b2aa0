//! The walk itself: what is known, and how one race changes it.

use std::collections::HashMap;

use super::company::Companies;
use super::{
    BoxKey, ClassPrior, DogState, Observed, RatedRace, RatedRunner, RatingSettings, days_between,
};
use crate::domain::{
    BoxBias, BoxSum, CircuitId, Class, DogId, Fault, Filter, Four, Look, Metres, Par, RaceDay,
    RaceId, Strength, WinPlace,
};

/// The smallest chance that is believed; a price beyond 500 says nothing more.
const CHANCE_FLOOR: f64 = 0.002;

/// A place chance is believed between this and one less this.
const PLACE_FLOOR: f64 = 0.005;

/// The slowest step of a class prior, so that it never stops following the times.
const PRIOR_STEP: f64 = 0.000_3;

/// The chance at which a look has the noise of its filter, and how noise grows for the lesser ones:
/// the price of an outsider says little.
const USUAL_CHANCE: f64 = 0.12;
const NOISE_GROWS: f64 = 0.2;

/// Winners that a par remembers; each new one fades the older ones by one part in this.
const PAR_MEMORY: f64 = 200.0;

/// Average speed of a winner that is believed, metres a second; the rest are misprints.
const PLAUSIBLE_SPEED: std::ops::RangeInclusive<f64> = 13.0..=20.0;

/// What is known of a runner before the race.
struct Before {
    strengths: Four<Strength>,
    races: u32,
    bias: BoxBias,
    /// Log chance and log odds of a place, less the box effects.
    looks: Four<f64>,
    /// Noise of this runner's looks, in parts of the filter's.
    noise: f64,
}

/// The state of the walk.
#[derive(Debug, Clone, Default)]
pub struct Walker {
    settings: RatingSettings,
    dogs: HashMap<DogId, DogState>,
    boxes: HashMap<BoxKey, BoxSum>,
    global_boxes: HashMap<u8, BoxSum>,
    priors: HashMap<Class, ClassPrior>,
    pars: HashMap<(CircuitId, Metres), Par>,
    companies: Companies,
}

impl Walker {
    /// A walk that knows nothing yet; fails on settings that make no sense.
    pub fn new(settings: RatingSettings) -> Result<Self, Fault> {
        Ok(Self {
            settings: settings.check()?,
            ..Self::default()
        })
    }

    /// Sets what is known of a dog.
    pub fn seed_dog(&mut self, dog: DogId, state: DogState) {
        self.dogs.insert(dog, state);
    }

    /// Sets what is known of a box at one circuit and distance.
    pub fn seed_box(&mut self, key: BoxKey, cell: BoxSum) {
        self.boxes.insert(key, cell);
    }

    /// Sets what is known of a box over all circuits.
    pub fn seed_global_box(&mut self, box_no: u8, cell: BoxSum) {
        self.global_boxes.insert(box_no, cell);
    }

    /// Sets the prior of a class.
    pub fn seed_prior(&mut self, class: Class, prior: ClassPrior) {
        self.priors.insert(class, prior);
    }

    /// Sets a par.
    pub fn seed_par(&mut self, circuit: CircuitId, distance: Metres, par: Par) {
        self.pars.insert((circuit, distance), par);
    }

    /// Puts back what a race of the last [`super::COMPANY_DAYS`] days said of a dog.
    pub fn seed_look(&mut self, dog: DogId, race: RaceId, day: RaceDay, look: Look) {
        self.companies.add(dog, race, day, look);
    }

    /// Sets how the company of a race is seen by now.
    pub fn seed_hindsight(&mut self, race: RaceId, hindsight: WinPlace) {
        self.companies.seed(race, hindsight);
    }

    /// Ends a day: says which companies are seen differently now, and how. Once a day, after its
    /// last race.
    pub fn close(&mut self, day: RaceDay) -> Vec<(RaceId, WinPlace)> {
        self.companies.close(&self.settings, day)
    }

    /// What is known of a dog; `None` before its first rated race, or where it was not seeded.
    #[must_use]
    pub fn dog(&self, dog: DogId) -> Option<&DogState> {
        self.dogs.get(&dog)
    }

    /// The effect of a box, shrunk to that of the box everywhere; 0 for an unknown box.
    #[must_use]
    pub fn bias(&self, circuit: CircuitId, distance: Metres, box_no: Option<u8>) -> BoxBias {
        let Some(box_no) = box_no else {
            return BoxBias::default();
        };
        let key = BoxKey {
            circuit,
            distance,
            box_no,
        };
        let here = self.boxes.get(&key).copied().unwrap_or_default();
        let anywhere = self.global_boxes.get(&box_no).copied().unwrap_or_default();
        here.shrunk_to(&anywhere)
    }

    /// What the average winner runs; `None` before the first.
    #[must_use]
    pub fn par(&self, circuit: CircuitId, distance: Metres) -> Option<Par> {
        self.pars.get(&(circuit, distance)).copied()
    }

    /// Learns from one race and returns everything that changed. Fails, and learns nothing, from a
    /// race without runners, whose chances or wins do not sum to 1, or with a dog twice.
    pub fn observe(&mut self, race: &RatedRace) -> Result<Observed, Fault> {
        race.check()?;
        let field: Vec<Before> = race
            .runners
            .iter()
            .map(|runner| self.before(race, runner))
            .collect();
        let opposition = Filter::ALL.map(|filter| self.opposition(&field, filter));
        let looks: Vec<Four<f64>> = field
            .iter()
            .map(|before| Filter::ALL.map(|f| before.looks[f.index()] + opposition[f.index()]))
            .collect();
        let even = Filter::Even.index();
        let company = looks.iter().map(|look| look[even]).sum::<f64>() / looks.len() as f64;
        let mut observed = Observed::default();
        for ((runner, before), looks) in race.runners.iter().zip(&field).zip(&looks) {
            if before.races == 0 {
                observed.prior = Some((race.class, self.learn_prior(race.class, looks)));
            }
            let state = self.learn_dog(race, runner, before, looks, company);
            observed.dogs.push((runner.dog, state));
            if let Some(box_no) = runner.box_no {
                // With the effect put back, so that the mean of a cell is the whole effect.
                let residuals = (
                    state.look.surprise + before.bias.effect,
                    state.look.place_surprise + before.bias.place_effect,
                );
                let (here, anywhere) = self.learn_box(race, box_no, residuals);
                observed.boxes.push(here);
                observed.global_boxes.push(anywhere);
            }
        }
        observed.par = self.learn_par(race);
        Ok(observed)
    }

    fn before(&self, race: &RatedRace, runner: &RatedRunner) -> Before {
        let bias = self.bias(race.circuit, race.distance, runner.box_no);
        let chance = runner.chance.max(CHANCE_FLOOR);
        let win = chance.ln() - bias.effect;
        let place = runner.place_chance.clamp(PLACE_FLOOR, 1.0 - PLACE_FLOOR);
        let place = (place / (1.0 - place)).ln() - bias.place_effect;
        let (strengths, races) = self.strengths(race, runner.dog);
        Before {
            strengths,
            races,
            bias,
            looks: [win, win, win, place],
            noise: (USUAL_CHANCE / chance).powf(NOISE_GROWS),
        }
    }

    /// What each filter thinks at the start of the race, and after how many.
    fn strengths(&self, race: &RatedRace, dog: DogId) -> (Four<Strength>, u32) {
        let filters = &self.settings.filters;
        let Some(state) = self.dogs.get(&dog) else {
            let prior = self.priors.get(&race.class).copied().unwrap_or_default();
            let strengths = Filter::ALL.map(|filter| Strength {
                mean: prior.means[filter.index()],
                variance: filters[filter.index()].unknown,
            });
            return (strengths, 0);
        };
        let days = days_between(state.day, race.day);
        let strengths = Filter::ALL.map(|filter| {
            let Strength { mean, variance } = state.strengths[filter.index()];
            Strength {
                mean,
                variance: filters[filter.index()].grown(variance, days),
            }
        });
        (strengths, state.races)
    }

    /// The constant that carries the looks of this race to the scale of the ratings: the
    /// precision-weighted mean of rating less look.
    fn opposition(&self, field: &[Before], filter: Filter) -> f64 {
        let n = filter.index();
        let noise = self.settings.filters[n].noise;
        let (mut sum, mut weights) = (0.0, 0.0);
        for before in field {
            let weight = 1.0 / (before.strengths[n].variance + noise * before.noise);
            sum += weight * (before.strengths[n].mean - before.looks[n]);
            weights += weight;
        }
        if weights > 0.0 { sum / weights } else { 0.0 }
    }

    fn learn_dog(
        &mut self,
        race: &RatedRace,
        runner: &RatedRunner,
        before: &Before,
        looks: &Four<f64>,
        company: f64,
    ) -> DogState {
        let strengths = Filter::ALL.map(|filter| {
            let n = filter.index();
            let settings = &self.settings.filters[n];
            let Strength { mean, variance } = before.strengths[n];
            let gain = variance / (variance + settings.noise * before.noise);
            let surprise = settings.win * (runner.won - runner.chance)
                + settings.place * (runner.placed - runner.place_chance);
            Strength {
                mean: mean + gain * (looks[n] - mean) + surprise,
                variance: variance * (1.0 - gain),
            }
        });
        let beyond = |filter: Filter| looks[filter.index()] - before.strengths[filter.index()].mean;
        let state = DogState {
            strengths,
            race: race.id,
            day: race.day,
            races: before.races.saturating_add(1),
            look: Look {
                win: looks[Filter::Even.index()],
                place: looks[Filter::Place.index()],
                surprise: beyond(Filter::Even),
                place_surprise: beyond(Filter::Place),
                field: company,
                noise: before.noise,
                luck: WinPlace {
                    win: runner.won - runner.chance,
                    place: runner.placed - runner.place_chance,
                },
                hindsight: WinPlace::default(),
            },
        };
        self.companies
            .add(runner.dog, race.id, race.day, state.look);
        self.dogs.insert(runner.dog, state);
        state
    }

    fn learn_box(
        &mut self,
        race: &RatedRace,
        box_no: u8,
        (win, place): (f64, f64),
    ) -> ((BoxKey, BoxSum), (u8, BoxSum)) {
        let key = BoxKey {
            circuit: race.circuit,
            distance: race.distance,
            box_no,
        };
        let here = self.boxes.entry(key).or_default();
        here.win += win;
        here.place += place;
        here.starts += 1.0;
        let anywhere = self.global_boxes.entry(box_no).or_default();
        anywhere.win += win;
        anywhere.place += place;
        anywhere.starts += 1.0;
        ((key, *here), (box_no, *anywhere))
    }

    fn learn_prior(&mut self, class: Class, looks: &Four<f64>) -> ClassPrior {
        let prior = self.priors.entry(class).or_default();
        let step = PRIOR_STEP.max(1.0 / (1.0 + f64::from(prior.n)));
        for (mean, look) in prior.means.iter_mut().zip(looks) {
            *mean += step * (look - *mean);
        }
        prior.n = prior.n.saturating_add(1);
        *prior
    }

    fn learn_par(&mut self, race: &RatedRace) -> Option<Par> {
        let time_s = race
            .winner_time_s
            .filter(|time_s| PLAUSIBLE_SPEED.contains(&(race.distance.get() / time_s)))?;
        let par = self
            .pars
            .entry((race.circuit, race.distance))
            .or_insert(Par { time_s, races: 0.0 });
        par.races = par.races * (1.0 - 1.0 / PAR_MEMORY) + 1.0;
        par.time_s += (time_s - par.time_s) / par.races;
        Some(*par)
    }
}

#[cfg(test)]
mod tests;
