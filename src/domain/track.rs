//! Racecourses and their circuits.
//!
//! Times are comparable inside one (circuit, distance) only. A source's code for a track may need
//! the distance to be understood: `WAR` is Warrnambool at 390 m and Warragul at 400 m.

use chrono_tz::Tz;

use super::{CircuitId, TrackId};

/// One racecourse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Identity.
    pub id: TrackId,
    /// Name in race keys, `angle-park`.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// `AU`, `GB`, `IE` or `NZ`: where its dogs are registered.
    pub country: String,
    /// IANA zone.
    pub zone: Tz,
}

/// One racing surface of a track.
#[derive(Debug, Clone, PartialEq)]
pub struct Circuit {
    /// Identity.
    pub id: CircuitId,
    /// Seconds that a length stands for here.
    pub seconds_per_length: f64,
}

/// Where a race was run, once a source's code has been understood.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackSpot {
    /// The track.
    pub track: Track,
    /// The circuit in use on the day.
    pub circuit: Circuit,
}

/// A track code or name as it is compared: capitals, single spaces, underscores as slashes.
#[must_use]
pub fn alias_code(raw: &str) -> String {
    raw.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_uppercase()
        .replace('_', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_and_a_form_row_spell_one_code() {
        assert_eq!(alias_code("W_PK"), alias_code(" w/pk"));
    }
}
