//! The form book, as far as some races need it, in memory.
//!
//! A season has a few runs a dog and asks for them before each race: reading them once for many
//! races costs a tenth of reading them for each. What a race may see of it is decided as in SQL,
//! by the day of the race and by `as_of` ([`Dated::stands`]).

use std::collections::{BTreeSet, HashMap};

use super::past::{self, Dated, Moment, RatingRow, RunRow, Window};
use super::{Error, Reader};
use crate::domain::{
    BoxBias, BoxNo, BoxSum, CircuitId, Class, DogId, Four, Metres, Par, RaceId, WinPlace,
};

/// Rows of one dog's past that a race sees at most; several sources may tell one run.
pub(super) const PAST_ROWS: usize = 90;
/// Runs of one dog that a snapshot holds at most.
pub(super) const PAST_RUNS: usize = 30;
/// Rows of one dog that are read for many races together. A dog with so many might have more, and
/// is read for each of its races.
const MOST_ROWS: usize = 4 * PAST_ROWS;

/// A box at a circuit and distance; circuit and distance 0 are the box wherever it stands.
type BoxPlace = (i64, i64, BoxNo);

/// One race, as far as the book has to know it.
pub(super) struct Page {
    /// From where it looks back.
    pub(super) moment: Moment,
    /// Where it is run.
    pub(super) circuit: CircuitId,
    /// Over which distance, where known.
    pub(super) distance: Option<Metres>,
    /// Its class.
    pub(super) class: Class,
    /// Its dogs.
    pub(super) dogs: Vec<DogId>,
    /// The boxes that they start from.
    pub(super) boxes: Vec<BoxNo>,
}

/// What was said and thought of one dog, newest first.
#[derive(Default)]
struct Dog {
    runs: Vec<Dated<RunRow>>,
    rated: Vec<Dated<RatingRow>>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Book {
    dogs: HashMap<DogId, Dog>,
    /// Dogs with a long past, at one moment each.
    long: HashMap<(DogId, usize), Dog>,
    pars: HashMap<(CircuitId, Metres), Vec<Dated<Par>>>,
    boxes: HashMap<BoxPlace, Vec<Dated<BoxSum>>>,
    priors: HashMap<u8, Vec<Dated<past::Prior>>>,
    hindsight: HashMap<RaceId, Vec<Dated<WinPlace>>>,
}

impl Book {
    /// Reads what the races on these pages may see.
    pub(super) fn open(reader: &Reader<'_>, pages: &[Page]) -> Result<Self, Error> {
        let mut book = Self::default();
        let moments = pages.iter().map(|page| Window::at(page.moment));
        let Some(window) = moments.reduce(Window::joined) else {
            return Ok(book);
        };
        book.read_dogs(reader, pages, &window)?;
        book.read_pars(reader, &window)?;
        book.read_hindsight(reader, &window)?;
        book.read_boxes(reader, pages, &window)?;
        let classes: BTreeSet<u8> = pages.iter().map(|page| page.class.code()).collect();
        for class in classes {
            let priors = past::priors(reader, class, &window)?;
            book.priors.insert(class, priors);
        }
        Ok(book)
    }

    fn read_dogs(
        &mut self,
        reader: &Reader<'_>,
        pages: &[Page],
        window: &Window,
    ) -> Result<(), Error> {
        let mut asked: Vec<(DogId, usize)> = Vec::new();
        for (at, page) in pages.iter().enumerate() {
            asked.extend(page.dogs.iter().map(|dog| (*dog, at)));
        }
        asked.sort_unstable();
        for races in asked.chunk_by(|one, other| one.0 == other.0) {
            let &[(dog, _), ..] = races else { continue };
            if let Some(known) = whole(reader, dog, window)? {
                self.dogs.insert(dog, known);
                continue;
            }
            for &(dog, at) in races {
                let moment = Window::at(pages[at].moment);
                self.long
                    .insert((dog, at), newest_of(reader, dog, &moment)?);
            }
        }
        Ok(())
    }

    fn read_pars(&mut self, reader: &Reader<'_>, window: &Window) -> Result<(), Error> {
        let dogs = self.dogs.values().chain(self.long.values());
        let lines = dogs.flat_map(|dog| dog.runs.iter().map(|run| &run.row.line));
        let run_at: BTreeSet<_> = lines.map(|line| (line.circuit, line.distance)).collect();
        for place in run_at {
            self.pars.insert(place, past::pars(reader, place, window)?);
        }
        Ok(())
    }

    fn read_hindsight(&mut self, reader: &Reader<'_>, window: &Window) -> Result<(), Error> {
        let dogs = self.dogs.values().chain(self.long.values());
        let rated = dogs.flat_map(|dog| dog.rated.iter().map(|rating| rating.row.race));
        self.hindsight = past::hindsight(reader, &rated.collect(), window)?;
        Ok(())
    }

    fn read_boxes(
        &mut self,
        reader: &Reader<'_>,
        pages: &[Page],
        window: &Window,
    ) -> Result<(), Error> {
        let mut places: BTreeSet<BoxPlace> = BTreeSet::new();
        for page in pages {
            let Some(distance) = page.distance else {
                continue;
            };
            for box_no in &page.boxes {
                places.insert(box_place(page.circuit, distance, *box_no));
                places.insert((0, 0, *box_no));
            }
        }
        for place in places {
            self.boxes
                .insert(place, past::boxes(reader, place, window)?);
        }
        Ok(())
    }

    /// What was known of a dog before the race on a page: of its runs what each source said, and
    /// its rated days, both newest first.
    pub(super) fn known_of(
        &self,
        dog: DogId,
        at: usize,
        moment: Moment,
    ) -> (Vec<&Dated<RunRow>>, Vec<&Dated<RatingRow>>) {
        let Some(dog) = self.long.get(&(dog, at)).or_else(|| self.dogs.get(&dog)) else {
            return (Vec::new(), Vec::new());
        };
        let runs = dog.runs.iter().filter(|run| run.stands(moment));
        let rated = dog.rated.iter().filter(|rating| rating.stands(moment));
        (
            runs.take(PAST_ROWS).collect(),
            rated.take(PAST_RUNS).collect(),
        )
    }

    /// What the average winner ran at a circuit and distance.
    pub(super) fn par(&self, circuit: CircuitId, distance: Metres, moment: Moment) -> Option<Par> {
        let rows = self.pars.get(&(circuit, distance))?;
        past::newest(rows, moment).copied()
    }

    /// By how much the company of a race was seen stronger than it was taken for.
    pub(super) fn hindsight(&self, race: RaceId, moment: Moment) -> WinPlace {
        let rows = self.hindsight.get(&race);
        let newest = rows.and_then(|rows| past::newest(rows, moment));
        newest.copied().unwrap_or_default()
    }

    /// What an unraced dog of a class was worth.
    pub(super) fn prior(&self, class: Class, moment: Moment) -> Four<f64> {
        let rows = self.priors.get(&class.code());
        let prior = rows.and_then(|rows| past::newest(rows, moment));
        prior.map(|prior| prior.0).unwrap_or_default()
    }

    /// What a box did at a circuit and distance.
    pub(super) fn bias(
        &self,
        circuit: CircuitId,
        distance: Metres,
        box_no: BoxNo,
        moment: Moment,
    ) -> BoxBias {
        let sum = |place: BoxPlace| {
            let rows = self.boxes.get(&place);
            let newest = rows.and_then(|rows| past::newest(rows, moment));
            newest.copied().unwrap_or_default()
        };
        sum(box_place(circuit, distance, box_no)).shrunk_to(&sum((0, 0, box_no)))
    }
}

fn box_place(circuit: CircuitId, distance: Metres, box_no: BoxNo) -> BoxPlace {
    (circuit.get(), i64::from(distance.raw()), box_no)
}

/// Everything that may be seen of a dog at the moments of a window, unless it is too much.
fn whole(reader: &Reader<'_>, dog: DogId, window: &Window) -> Result<Option<Dog>, Error> {
    if window.is_moment() {
        return newest_of(reader, dog, window).map(Some);
    }
    let known = Dog {
        runs: past::runs(reader, dog, window, MOST_ROWS)?,
        rated: past::rated(reader, dog, window, MOST_ROWS)?,
    };
    let is_whole = known.runs.len() < MOST_ROWS && known.rated.len() < MOST_ROWS;
    Ok(is_whole.then_some(known))
}

/// What may be seen of a dog at one moment.
fn newest_of(reader: &Reader<'_>, dog: DogId, moment: &Window) -> Result<Dog, Error> {
    Ok(Dog {
        runs: past::runs(reader, dog, moment, PAST_ROWS)?,
        rated: past::rated(reader, dog, moment, PAST_RUNS)?,
    })
}
