//! Alerts: what each goes through from the first time that something is too much.
//!
//! It waits until that has lasted, fires, and is over only when all is well under the threshold.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::rule::{Level, Measured, Rule};

/// Alerts that are over and kept.
const KEPT: usize = 100;
/// Alerts that may stand at once: more than there are rules and sources.
const STANDING: usize = 1_000;

/// How far an alert has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is too much, but has not lasted.
    Pending,
    /// It has lasted, and is not over.
    Firing,
    /// It is over.
    Resolved,
}

/// Something that is or was too much.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What is watched.
    pub rule: Rule,
    /// Of several, which.
    pub subject: Option<String>,
    /// How far it has come.
    pub state: State,
    /// Since when it is too much.
    pub since: DateTime<Utc>,
    /// When it began to fire.
    pub fired_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub resolved_at: Option<DateTime<Utc>>,
    /// The latest value while it was not over.
    pub value: Option<f64>,
    /// What it was held against.
    pub threshold: Option<f64>,
}

/// All alerts.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    standing: BTreeMap<(Rule, Option<String>), Alert>,
    over: VecDeque<Alert>,
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

impl Alerts {
    /// Takes a look into account; says which alerts begin to fire or are over by it.
    pub(super) fn hear(
        &mut self,
        measured: Vec<Measured>,
        now: DateTime<Utc>,
        lasting: Duration,
    ) -> Vec<Alert> {
        let mut told = Vec::new();
        for measured in measured {
            let lasting = if measured.rule.must_last() {
                TimeDelta::from_std(lasting).unwrap_or(TimeDelta::MAX)
            } else {
                TimeDelta::zero()
            };
            let key = (measured.rule, measured.subject.clone());
            let standing = self.standing.remove(&key);
            let Some(alert) = next(standing, measured, now, lasting, &mut told) else {
                continue;
            };
            if alert.state == State::Resolved {
                self.keep(alert);
            } else if self.standing.len() < STANDING {
                self.standing.insert(key, alert);
            }
        }
        told
    }

    fn keep(&mut self, alert: Alert) {
        if self.over.len() == KEPT {
            self.over.pop_back();
        }
        self.over.push_front(alert);
    }

    /// Those that fire, those that may come to it, and those that are over, latest first.
    pub(super) fn all(&self) -> Vec<Alert> {
        let of = |state| {
            let standing = self.standing.values();
            standing.filter(move |alert| alert.state == state)
        };
        let standing = of(State::Firing).chain(of(State::Pending));
        standing.chain(&self.over).cloned().collect()
    }
}

/// What becomes of an alert, if there is or comes to be one.
fn next(
    standing: Option<Alert>,
    measured: Measured,
    now: DateTime<Utc>,
    lasting: TimeDelta,
    told: &mut Vec<Alert>,
) -> Option<Alert> {
    let level = measured.level;
    let mut alert = match standing {
        Some(alert) => alert,
        None if level == Level::Over => Alert {
            rule: measured.rule,
            subject: measured.subject,
            state: State::Pending,
            since: now,
            fired_at: None,
            resolved_at: None,
            value: None,
            threshold: None,
        },
        None => return None,
    };
    match (alert.state, level) {
        (State::Pending, Level::Near | Level::Well) => return None,
        (State::Firing, Level::Well) => {
            alert.state = State::Resolved;
            alert.resolved_at = Some(now);
            told.push(alert.clone());
            return Some(alert);
        }
        _ => {}
    }
    alert.value = measured.value;
    alert.threshold = measured.threshold;
    if alert.state == State::Pending && now - alert.since >= lasting {
        alert.state = State::Firing;
        alert.fired_at = Some(now);
        told.push(alert.clone());
    }
    Some(alert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::fixture::at;

    const LASTING: Duration = Duration::from_mins(5);

    fn look(alerts: &mut Alerts, second: i64, level: Level) -> Vec<State> {
        let measured = Measured {
            rule: Rule::ResponseMean,
            subject: None,
            value: Some(second as f64),
            threshold: Some(500.0),
            level,
        };
        let told = alerts.hear(vec![measured], at(second), LASTING);
        told.iter().map(|alert| alert.state).collect()
    }

    #[test]
    fn it_fires_once_when_it_has_lasted_and_is_over_once_when_all_is_well() {
        let mut alerts = Alerts::default();
        let mut told = Vec::new();

        for second in (0..=300).step_by(10) {
            told.extend(
                look(&mut alerts, second, Level::Over)
                    .iter()
                    .map(|state| (second, *state)),
            );
        }
        for second in (310..600).step_by(10) {
            told.extend(
                look(&mut alerts, second, Level::Near)
                    .iter()
                    .map(|state| (second, *state)),
            );
        }
        told.extend(
            look(&mut alerts, 600, Level::Well)
                .iter()
                .map(|state| (600, *state)),
        );
        told.extend(
            look(&mut alerts, 610, Level::Well)
                .iter()
                .map(|state| (610, *state)),
        );

        assert_eq!(told, [(300, State::Firing), (600, State::Resolved)]);
        let all = alerts.all();
        assert_eq!(all.len(), 1);
        assert_eq!(
            (
                all[0].since,
                all[0].fired_at,
                all[0].resolved_at,
                all[0].value
            ),
            (at(0), Some(at(300)), Some(at(600)), Some(590.0))
        );
    }

    #[test]
    fn what_flaps_around_the_threshold_never_fires_and_what_fires_does_not_flap() {
        let mut alerts = Alerts::default();
        for second in (0..3_000).step_by(10) {
            let level = if second % 290 == 280 {
                Level::Near
            } else {
                Level::Over
            };
            assert_eq!(look(&mut alerts, second, level), [], "{second}");
        }
        let mut told = Vec::new();

        for second in (3_000..6_000).step_by(10) {
            let level = if second % 20 == 0 || second < 3_400 {
                Level::Over
            } else {
                Level::Near
            };
            told.extend(look(&mut alerts, second, level));
        }

        assert_eq!(told, [State::Firing]);
    }

    #[test]
    fn the_latest_hundred_are_kept() {
        let mut alerts = Alerts::default();
        let late = |source: i64, level| Measured {
            rule: Rule::FeedLate,
            subject: Some(source.to_string()),
            value: None,
            threshold: None,
            level,
        };

        for source in 0..150 {
            let told = alerts.hear(vec![late(source, Level::Over)], at(source), LASTING);
            assert_eq!(told[0].state, State::Firing);
            alerts.hear(vec![late(source, Level::Well)], at(source), LASTING);
        }
        alerts.hear(vec![late(999, Level::Over)], at(999), LASTING);

        let all = alerts.all();
        assert_eq!(all.len(), 101);
        assert_eq!(all[0].subject.as_deref(), Some("999"));
        assert_eq!(all[1].subject.as_deref(), Some("149"));
        assert_eq!(all[100].subject.as_deref(), Some("50"));
    }
}
