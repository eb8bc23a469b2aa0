//! A snapshot with every rating and every look as they are seen now.

use super::RatingSettings;
use super::company::{COMPANY_DAYS, MOST_LOOKS};
use super::lens::Lens;
use super::smoother::Smoothed;
use crate::domain::{DogRating, Entry, Filter, FormLine, RaceDay, Snapshot, WinPlace};

/// The snapshot in hindsight: each surprise is what a look said beyond all looks at the dog taken
/// together, and each rated dog has its [`DogRating::hindsight`].
#[must_use]
pub fn reviewed(snapshot: &Snapshot) -> Snapshot {
    let mut reviewed = snapshot.clone();
    for entry in &mut reviewed.entries {
        review(entry, snapshot.race.day);
    }
    reviewed
}

fn review(entry: &mut Entry, today: RaceDay) {
    let Some(rating) = &mut entry.rating else {
        return;
    };
    let mut looked: Vec<&mut FormLine> = entry.history.runs.iter_mut().collect();
    looked.retain(|run| run.look.is_some() && today.since(run.day) <= COMPANY_DAYS);
    looked.truncate(MOST_LOOKS);
    looked.reverse();
    let [win, place] = Lens::both(&RatingSettings::MEASURED).map(|lens| smoothed(lens, &looked));
    rating.hindsight = now(rating, win.as_ref(), place.as_ref());
    let (Some(win), Some(place)) = (win, place) else {
        return;
    };
    for ((run, win), place) in looked.into_iter().zip(win.at).zip(place.at) {
        if let Some(look) = &mut run.look {
            look.surprise = look.win + look.hindsight.win - win;
            look.place_surprise = look.place + look.hindsight.place - place;
        }
    }
}

fn smoothed(lens: Lens, looked: &[&mut FormLine]) -> Option<Smoothed> {
    let looks = looked.iter().filter_map(|run| Some((run.day, run.look?)));
    lens.smooth(looks.map(|(day, look)| (day, look, (lens.of)(&look.hindsight))))
}

/// A dog that nobody looked at for long is what it was.
fn now(rating: &DogRating, win: Option<&Smoothed>, place: Option<&Smoothed>) -> WinPlace {
    let or = |seen: Option<&Smoothed>, filter| seen.map_or(rating.of(filter).mean, |all| all.now);
    WinPlace {
        win: or(win, Filter::Even),
        place: or(place, Filter::Place),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Look;
    use crate::model::fixture::{any_snapshot, day};

    fn looks(entry: &mut Entry) -> impl Iterator<Item = (i64, &mut Look)> {
        let runs = entry.history.runs.iter_mut();
        runs.filter_map(|run| Some((day().since(run.day), run.look.as_mut()?)))
    }

    proptest! {
        #[test]
        fn a_dog_whose_companies_were_stronger_is_stronger(field in any_snapshot()) {
            let mut stronger = field.clone();
            for entry in &mut stronger.entries {
                for (_, look) in looks(entry) {
                    look.hindsight.win += 0.5;
                }
            }

            let pairs = reviewed(&field).entries.into_iter().zip(reviewed(&stronger).entries);
            for (mut before, after) in pairs {
                let lately = looks(&mut before).any(|(age, _)| age <= COMPANY_DAYS);
                let (Some(old), Some(new)) = (before.rating, after.rating) else { continue };
                let more = new.hindsight.win - old.hindsight.win;
                prop_assert_eq!(lately, more > 1e-9, "{}", more);
                prop_assert!(more < 0.5 + 1e-9);
                prop_assert!((new.hindsight.place - old.hindsight.place).abs() < 1e-12);
            }
        }

        #[test]
        fn a_look_of_long_ago_and_an_unrated_dog_are_left_alone(mut field in any_snapshot()) {
            let mut after = reviewed(&field);
            for (before, after) in field.entries.iter_mut().zip(&mut after.entries) {
                let unrated = before.rating.is_none();
                for ((age, before), (_, after)) in looks(before).zip(looks(after)) {
                    if unrated || age > COMPANY_DAYS {
                        prop_assert_eq!(before, after);
                    }
                }
            }
        }
    }
}
