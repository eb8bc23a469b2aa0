//! Made-up names for dogs and people, each given once.

use std::collections::BTreeSet;

use super::luck::Luck;
use crate::domain::{DogName, Fault};

const FIRST: &str = "Abbey Amber Arctic Atomic Azure Bandit Barrel Basil Birch Blazing Bold Brass \
    Brindle Bright Canny Cedar Chalky Cinder Clever Cobalt Copper Coral Cosmic Crisp Daring Dr. \
    Dusty Ember Fabled Fancy Fen Fierce Flash Fleet Frosty Gentle Ginger Glass Golden Granite \
    Hazel Hidden Honey Humble Iron Ivory Jade Jolly Juniper Keen Kelpie Lively Lucky Lunar Maple \
    Marble Mellow Merry Misty Moon's Mossy Nimble Noble Oaken Onyx Paper Pearl Pepper Pilot Plum \
    Polar Prim Quartz Quiet Rapid Raven's Ready Rowdy Ruby Rustic Sable Saffron Sandy Scarlet \
    Shady Silver Smoky Solar Spicy Steady Stormy Sunny Swift Tawny Tidal Tinsel Topaz Twilight \
    Velvet Vivid Wandering Wattle Wild Willow Windy Witty Zephyr Zesty";

const SECOND: &str = "Acorn Anvil Arrow Badger Bailey Banjo Beacon Biscuit Boots Bramble Brook \
    Bugle Button Caper Castle Chaser Comet Cricket Crumpet Dancer Dingo Drifter Echo Falcon Fable \
    Fern Fiddle Finch Flicker Flyer Fox Gadget Galah Garnet Ghost Glider Gully Hammer Harbour \
    Harrier Hatter Heron Hustle Jester Jigsaw Jumper Kestrel Kite Ladder Lantern Legend Linnet \
    Locket Magpie Marvel Mason Meadow Minstrel Monarch Nugget Oracle Otter Paddle Parade Pebble \
    Piper Plover Pocket Possum Potter Puzzle Quest Quill Ranger Rascal Ripple Robin Rocket Rover \
    Runner Saddle Sailor Scout Shadow Signal Skipper Socks Sparrow Spinner Sprite Squire Thistle \
    Ticket Timber Tinker Trinket Tumble Turnip Vale Vandal Voyager Waltz Warbler Whistle Wombat \
    Wren Yarn";

const GIVEN: &str =
    "Ada Ben Cleo Dan Edie Fred Gwen Hal Ines Jack Kath Leo May Ned Olive Pat Rhys Sal Tess Vern";
const FAMILY: &str = "Ashdown Birtles Corrigan Dunleavy Eastway Farrow Gilmour Hobday Ingleby \
    Jessup Kirkwall Lonsdale Merrick Norbury Oakhill Pettigrew Quennell Rudge Stapley Tolliver";

/// A book of names in random order.
pub(super) struct Names {
    left: Vec<String>,
    given: BTreeSet<String>,
}

impl Names {
    /// Names of dogs: at most 16 characters and three words, in capitals as cards print them.
    pub(super) fn of_dogs(luck: &mut Luck) -> Self {
        let names = pairs(FIRST, SECOND).map(|name| name.to_uppercase());
        Self::shuffled(names.filter(|name| name.len() <= 16).collect(), luck)
    }

    /// Names of trainers.
    pub(super) fn of_people(luck: &mut Luck) -> Self {
        Self::shuffled(pairs(GIVEN, FAMILY).collect(), luck)
    }

    fn shuffled(mut left: Vec<String>, luck: &mut Luck) -> Self {
        luck.shuffle(&mut left);
        Self {
            left,
            given: BTreeSet::new(),
        }
    }

    /// A name whose letters and digits nobody else has; fails when the book is used up.
    pub(super) fn give(&mut self) -> Result<String, Fault> {
        while let Some(name) = self.left.pop() {
            if self.given.insert(DogName::new(&name)?.key()) {
                return Ok(name);
            }
        }
        Err(Fault::new("must be a season of fewer dogs: out of names").under("kennels"))
    }
}

fn pairs(first: &'static str, second: &'static str) -> impl Iterator<Item = String> {
    first.split_whitespace().flat_map(move |one| {
        let join = move |two| format!("{one} {two}");
        second.split_whitespace().map(join)
    })
}

/// `DR. EMILIA` as `Dr. Emilia`.
pub(super) fn title_case(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        format!("{head}{}", tail.to_lowercase())
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_dogs_share_their_letters_and_digits() {
        let mut names = Names::of_dogs(&mut Luck::new(3));
        let mut keys = BTreeSet::new();

        while let Ok(name) = names.give() {
            assert!(name.len() <= 16 && name.split(' ').count() <= 3, "{name}");
            assert!(keys.insert(DogName::new(&name).unwrap().key()), "{name}");
        }

        assert!(keys.len() > 8_000, "{}", keys.len());
    }

    #[test]
    fn a_name_can_be_written_softly() {
        assert_eq!(title_case("DR. EMILIA"), "Dr. Emilia");
    }
}
