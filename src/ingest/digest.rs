//! What a version says, as sixteen bytes.
//!
//! The text that is hashed is part of the stored format: two versions with the same text are the
//! same fact, across restarts and releases. Fields stand in a fixed order, each closed by a unit
//! separator; a missing one is empty.

use std::fmt::{Display, Write};

use sha2::{Digest as _, Sha256};

use crate::domain::{
    BoxNo, Card, DogClaim, DogName, Grams, Jump, Lengths, Metres, Millis, Odds, Outcome,
    Performance, Place, RaceHead, RaceResult, Sex,
};
use crate::store::versions::Digest;

pub(super) fn of_card(card: &Card) -> Digest {
    let mut text = Text::default();
    text.head(&card.race);
    for runner in &card.runners {
        text.put(Some(runner.rug.get()));
        text.put(runner.box_no.map(BoxNo::get));
        text.dog(&runner.dog);
        text.put(runner.trainer.as_ref());
        text.put(runner.weight.map(Grams::raw));
        text.put(Some(runner.reserve));
        text.put(Some(runner.scratched));
    }
    text.digest()
}

pub(super) fn of_result(result: &RaceResult) -> Digest {
    let mut text = Text::default();
    text.head(&result.race);
    text.put(Some(result.status.as_str()));
    text.put(Some(result.partial));
    for runner in &result.runners {
        text.put(Some(runner.rug.get()));
        text.put(runner.box_no.map(BoxNo::get));
        match &runner.dog {
            Some(dog) => text.dog(dog),
            None => text.put(None::<u8>),
        }
        text.put(runner.trainer.as_ref());
        text.performance(&runner.performance);
    }
    text.digest()
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn put(&mut self, value: Option<impl Display>) {
        if let Some(value) = value {
            write!(self.0, "{value}").expect("a String takes whatever is written to it");
        }
        self.0.push('\u{1f}');
    }

    fn head(&mut self, head: &RaceHead) {
        match head.jump {
            Some(Jump::At(at)) => self.put(Some(at.timestamp_millis())),
            Some(Jump::Local(time)) => self.put(Some(time)),
            None => self.put(None::<u8>),
        }
        self.put(head.distance.map(Metres::raw));
        self.put(head.grade.as_ref());
        self.put(head.name.as_ref());
        self.put(head.prize.as_ref());
    }

    fn dog(&mut self, dog: &DogClaim) {
        self.put(dog.id);
        self.put(dog.reference.as_ref().map(|(source, _)| source));
        self.put(dog.reference.as_ref().map(|(_, id)| id));
        self.put(dog.name.as_ref().map(DogName::as_str));
        self.put(dog.sex.map(Sex::as_str));
        self.put(dog.whelped.as_ref());
        self.put(dog.sire.as_ref().map(DogName::as_str));
        self.put(dog.dam.as_ref().map(DogName::as_str));
    }

    fn performance(&mut self, done: &Performance) {
        self.put(done.place.map(Place::get));
        self.put(done.won);
        self.put(done.placed);
        self.put(done.outcome.map(Outcome::as_str));
        self.put(done.run_time.map(Millis::raw));
        self.put(done.winner_time.map(Millis::raw));
        self.put(done.best_of_night.map(Millis::raw));
        self.put(done.sectional.map(Millis::raw));
        self.put(done.margin.map(Lengths::raw));
        self.put(done.weight.map(Grams::raw));
        self.put(done.positions.as_ref());
        self.put(done.other.as_ref());
        self.put(done.sp.map(Odds::get));
        self.put(done.bsp.map(Odds::get));
        self.put(done.place_bsp.map(Odds::get));
        self.put(done.comment.as_ref());
    }

    fn digest(&self) -> Digest {
        let whole = Sha256::digest(self.0.as_bytes());
        let mut half = Digest::default();
        half.iter_mut()
            .zip(whole.iter())
            .for_each(|(to, from)| *to = *from);
        half
    }
}
