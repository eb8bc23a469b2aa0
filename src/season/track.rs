//! The six real tracks of a season: their names and codes, distances and pars.
//!
//! Codes, distances and seconds per length are facts; the box effects are made up.

/// A track of the season.
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonTrack {
    /// Slug in race keys, `wentworth-park`.
    pub slug: &'static str,
    /// Name for people, and at Betfair.
    pub name: &'static str,
    /// State; a dog rarely leaves it.
    pub state: &'static str,
    /// Code in the rows of a form guide, `W/PK`.
    pub form_code: &'static str,
    /// Code in the file name of a form guide, `W_PK`.
    pub file_code: &'static str,
    /// Thousandths of a second that a length stands for: 67 in Victoria, 70 elsewhere.
    pub length_millis: u32,
    /// Digits in a full "positions in running".
    pub(super) calls: usize,
    /// Distances raced, shortest first.
    pub distances: &'static [SeasonDistance],
    /// Seconds that boxes 1 to 8 are worth; more is faster.
    pub(super) boxes: [f64; 8],
}

/// A distance of a track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeasonDistance {
    /// Metres.
    pub metres: u16,
    /// Median time of a winner, seconds.
    pub par: f64,
    /// Median time to the first mark, seconds.
    pub(super) section: f64,
    /// Share of the races.
    pub(super) share: f64,
}

const fn distance(metres: u16, par: f64, section: f64, share: f64) -> SeasonDistance {
    SeasonDistance {
        metres,
        par,
        section,
        share,
    }
}

/// Every track a season may use.
pub(super) const TRACKS: [SeasonTrack; 6] = [
    SeasonTrack {
        slug: "sale",
        name: "Sale",
        state: "VIC",
        form_code: "SAL",
        file_code: "SAL",
        length_millis: 67,
        calls: 1,
        distances: &[
            distance(435, 24.76, 5.39, 0.7),
            distance(510, 29.05, 9.48, 0.3),
        ],
        boxes: [0.08, 0.04, 0.0, 0.0, -0.02, -0.03, -0.01, 0.02],
    },
    SeasonTrack {
        slug: "angle-park",
        name: "Angle Park",
        state: "SA",
        form_code: "AP/K",
        file_code: "AP_K",
        length_millis: 70,
        calls: 4,
        distances: &[
            distance(342, 19.8, 4.7, 0.5),
            distance(530, 30.8, 5.39, 0.4),
            distance(595, 34.48, 8.74, 0.1),
        ],
        boxes: [0.1, 0.05, 0.01, -0.01, -0.03, -0.04, -0.03, -0.01],
    },
    SeasonTrack {
        slug: "wentworth-park",
        name: "Wentworth Park",
        state: "NSW",
        form_code: "W/PK",
        file_code: "W_PK",
        length_millis: 70,
        calls: 4,
        distances: &[
            distance(280, 16.4, 2.9, 0.2),
            distance(520, 29.86, 5.61, 0.7),
            distance(720, 42.25, 16.56, 0.1),
        ],
        boxes: [0.09, 0.05, 0.0, -0.01, -0.02, -0.03, 0.0, 0.01],
    },
    SeasonTrack {
        slug: "ballarat",
        name: "Ballarat",
        state: "VIC",
        form_code: "BAL",
        file_code: "BAL",
        length_millis: 67,
        calls: 1,
        distances: &[
            distance(390, 22.46, 8.74, 0.5),
            distance(450, 25.69, 6.82, 0.4),
            distance(545, 31.39, 6.97, 0.1),
        ],
        boxes: [0.05, 0.03, 0.0, -0.02, -0.02, -0.01, 0.01, 0.05],
    },
    SeasonTrack {
        slug: "the-gardens",
        name: "The Gardens",
        state: "NSW",
        form_code: "GRDN",
        file_code: "GARD",
        length_millis: 70,
        calls: 3,
        distances: &[
            distance(400, 22.99, 11.47, 0.6),
            distance(515, 29.77, 5.13, 0.3),
            distance(600, 34.74, 9.67, 0.1),
        ],
        boxes: [0.07, 0.02, 0.01, 0.0, -0.02, -0.02, -0.01, 0.0],
    },
    SeasonTrack {
        slug: "bendigo",
        name: "Bendigo",
        state: "VIC",
        form_code: "BEN",
        file_code: "BEN",
        length_millis: 67,
        calls: 1,
        distances: &[
            distance(425, 24.23, 6.75, 0.7),
            distance(500, 28.47, 6.8, 0.3),
        ],
        boxes: [0.06, 0.04, 0.02, 0.0, -0.03, -0.04, -0.01, 0.03],
    },
];

impl SeasonTrack {
    /// Victoria times to thousandths of a second, the others to hundredths: the smallest step, in
    /// milliseconds.
    #[must_use]
    pub fn step_millis(&self) -> u32 {
        if self.state == "VIC" { 1 } else { 10 }
    }

    /// Lengths that a gap in milliseconds is printed as: up to the next quarter in Victoria, to the
    /// nearest elsewhere, with the habits of the judge's table for the short ones (domain C.3).
    #[must_use]
    pub fn margin(&self, gap_millis: u32) -> f64 {
        let quarters = match (self.step_millis(), gap_millis) {
            (1, gap) => (gap * 4).div_ceil(self.length_millis),
            (_, 10) => return 0.125,
            (_, 40) => 3,
            (_, 80) => 4,
            (_, gap) => (gap * 8 + self.length_millis) / (2 * self.length_millis),
        };
        f64::from(quarters) / 4.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_follow_the_printed_ones() {
        let [sale, angle, ..] = TRACKS;

        for (gap, lengths) in [(83, 1.25), (576, 8.75), (865, 13.0), (1_373, 20.5)] {
            assert_eq!(sale.margin(gap).to_bits(), f64::to_bits(lengths), "{gap}");
        }
        for (gap, lengths) in [
            (10, 0.125),
            (20, 0.25),
            (30, 0.5),
            (40, 0.75),
            (60, 0.75),
            (80, 1.0),
            (90, 1.25),
            (110, 1.5),
            (130, 1.75),
            (140, 2.0),
            (350, 5.0),
            (700, 10.0),
        ] {
            assert_eq!(angle.margin(gap).to_bits(), f64::to_bits(lengths), "{gap}");
        }
    }

    #[test]
    fn the_shares_of_a_track_sum_to_one() {
        for track in TRACKS {
            let sum: f64 = track.distances.iter().map(|d| d.share).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{}", track.slug);
        }
    }
}
