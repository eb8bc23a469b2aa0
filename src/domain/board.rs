//! The board on which the claims about a race are laid, oldest first, until its standing is left.
//!
//! Who is out: a runner is out as long as any source's last card has it out, and from a scratching
//! on. A card that merely still lists a scratched dog is stale and brings nobody back; one that
//! lists a dog again which the same source had out does. A result beats every card.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    About, CardClaim, Claimed, Outcome, Performance, RaceStatus, ResultClaim, Rug, ScratchClaim,
    Source, Standing, StandingRunner,
};

/// The standing while the claims are being laid on it.
#[derive(Default)]
pub(super) struct Board {
    status: Option<RaceStatus>,
    about: About,
    ran: bool,
    runners: BTreeMap<Rug, StandingRunner>,
    /// Of each source's last card: whom it ever named, and whether it has that one out.
    words: BTreeMap<Source, BTreeMap<Rug, bool>>,
    /// When a source that had a runner out last listed it again.
    back: BTreeMap<Rug, DateTime<Utc>>,
    finished: BTreeSet<Rug>,
}

impl Board {
    pub(super) fn cards(&mut self, cards: &[CardClaim]) {
        let mut sorted: Vec<&CardClaim> = cards.iter().collect();
        sorted.sort_by_key(|card| (card.known_at, &card.source));
        for card in sorted {
            self.card(card);
        }
        for word in self.words.values() {
            for (rug, _) in word.iter().filter(|(_, out)| **out) {
                if let Some(runner) = self.runners.get_mut(rug) {
                    runner.scratched = true;
                }
            }
        }
    }

    fn card(&mut self, card: &CardClaim) {
        self.about.lay(&card.about);
        // An empty list is what a broken feed sends; it says nothing of the field.
        if card.runners.is_empty() {
            return;
        }
        let word = self.words.entry(card.source.clone()).or_default();
        let before = word.clone();
        for out in word.values_mut() {
            *out = true;
        }
        for claimed in &card.runners {
            word.insert(claimed.rug, claimed.scratched);
            if !claimed.scratched && before.get(&claimed.rug) == Some(&true) {
                self.back.insert(claimed.rug, card.known_at);
            }
        }
        for claimed in &card.runners {
            self.lay(claimed).scratched = false;
        }
    }

    pub(super) fn scratches(&mut self, scratches: &[ScratchClaim]) {
        for scratch in last_of_each(scratches) {
            if self.back.get(&scratch.rug) <= Some(&scratch.known_at) {
                self.scratch(&scratch);
            }
        }
    }

    fn scratch(&mut self, scratch: &ScratchClaim) {
        let Some(out) = self.runners.get_mut(&scratch.rug) else {
            return;
        };
        out.scratched = true;
        let vacated = out.claimed.stall();
        let Some(replacement) = scratch
            .replaced_by
            .and_then(|rug| self.runners.get_mut(&rug))
        else {
            return;
        };
        replacement.claimed.box_no = scratch.box_no.or(vacated);
        replacement.claimed.reserve = false;
    }

    pub(super) fn results(&mut self, results: &[ResultClaim]) {
        for result in last_words(&completed(results)) {
            self.result(result);
        }
    }

    fn result(&mut self, result: &ResultClaim) {
        self.status = Some(result.status);
        self.about.lay(&result.about);
        let void = matches!(result.status, RaceStatus::NoRace | RaceStatus::Abandoned);
        for claimed in &result.runners {
            let out = claimed.performance.outcome == Some(Outcome::Scratched);
            let runner = if void {
                self.lay(&unplaced(claimed))
            } else {
                self.lay(claimed)
            };
            runner.scratched = out;
            if !out {
                self.finished.insert(claimed.rug);
            }
        }
        self.ran |= result.status.is_final() && !result.runners.is_empty() && !result.partial;
    }

    fn lay(&mut self, claimed: &Claimed) -> &mut StandingRunner {
        self.runners
            .entry(claimed.rug)
            .and_modify(|runner| runner.claimed.lay(claimed))
            .or_insert_with(|| StandingRunner {
                claimed: claimed.clone(),
                scratched: false,
            })
    }

    pub(super) fn standing(mut self) -> Standing {
        if self.ran {
            for (rug, runner) in &mut self.runners {
                runner.scratched |= !self.finished.contains(rug);
            }
        }
        Standing {
            status: self.status.unwrap_or(RaceStatus::Open),
            about: self.about,
            complete: self.ran,
            runners: self.runners.into_values().collect(),
        }
    }
}

/// The last scratching of each rug, oldest first. One that names no reserve takes none away.
fn last_of_each(scratches: &[ScratchClaim]) -> Vec<ScratchClaim> {
    let mut sorted: Vec<&ScratchClaim> = scratches.iter().collect();
    sorted.sort_by_key(|scratch| (scratch.known_at, scratch.rug));
    let mut last: BTreeMap<Rug, ScratchClaim> = BTreeMap::new();
    for scratch in sorted {
        let before = last.insert(scratch.rug, scratch.clone());
        if let (None, Some(before)) = (scratch.replaced_by, before)
            && let Some(now) = last.get_mut(&scratch.rug)
        {
            now.replaced_by = before.replaced_by;
            now.box_no = before.box_no;
        }
    }
    let mut last: Vec<ScratchClaim> = last.into_values().collect();
    last.sort_by_key(|scratch| (scratch.known_at, scratch.rug));
    last
}

/// Every version of each source, oldest first. A list that is not whole says nothing of those it
/// does not name, so what the source had said of them before is added to it.
#[must_use]
pub fn completed(results: &[ResultClaim]) -> Vec<ResultClaim> {
    let mut sorted = results.to_vec();
    sorted.sort_by(|one, other| (&one.source, weight(one)).cmp(&(&other.source, weight(other))));
    let mut done: Vec<ResultClaim> = Vec::with_capacity(sorted.len());
    for mut claim in sorted {
        let before = done.last().filter(|before| {
            before.source == claim.source && before.status.is_final() && claim.status.is_final()
        });
        if let Some(before) = before.filter(|_| claim.partial) {
            let named: BTreeSet<Rug> = claim.runners.iter().map(|runner| runner.rug).collect();
            let others = before.runners.iter();
            claim
                .runners
                .extend(others.filter(|other| !named.contains(&other.rug)).cloned());
            claim.partial = before.partial;
        }
        done.push(claim);
    }
    done
}

const fn weight(result: &ResultClaim) -> (bool, DateTime<Utc>, RaceStatus) {
    let settled = !matches!(result.status, RaceStatus::Interim);
    (settled, result.known_at, result.status)
}

/// The last version of each source, and only those as final as the last one: once a race is
/// official, an interim order is history, and so is every order once there was no race.
fn last_words(results: &[ResultClaim]) -> Vec<&ResultClaim> {
    let mut words: BTreeMap<&Source, &ResultClaim> = BTreeMap::new();
    for result in results {
        let word = words.entry(&result.source).or_insert(result);
        if weight(result) >= weight(word) {
            *word = result;
        }
    }
    let mut sorted: Vec<&ResultClaim> = words.into_values().collect();
    sorted.sort_by_key(|result| (result.status, result.known_at, &result.source));
    let Some(last) = sorted.last().map(|result| result.status) else {
        return Vec::new();
    };
    let comparable = |result: &&ResultClaim| {
        result.status == last || (result.status.is_final() && last.is_final())
    };
    sorted.retain(comparable);
    sorted
}

/// A runner of a race that does not count: who was there, not what it did.
fn unplaced(claimed: &Claimed) -> Claimed {
    let outcome = claimed.performance.outcome;
    Claimed {
        performance: Performance {
            outcome: outcome.filter(|outcome| *outcome == Outcome::Scratched),
            ..Performance::default()
        },
        ..claimed.clone()
    }
}
