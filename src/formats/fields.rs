//! What a file of unknown layout may tell, and under which headings others have written it.

/// What the rows of such a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A row for each runner of a race that is over.
    Result,
    /// A row for each runner of a race to come.
    Card,
    /// A row for each past run of a dog.
    Form,
    /// A row for each price of a runner at an instant.
    Prices,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Card => "card",
            Self::Form => "form",
            Self::Prices => "prices",
        }
    }

    /// The fields without which there is no draft; of several in one entry, one is enough.
    pub(super) const fn must(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Result => &[
                &["track"],
                &["day"],
                &["number", "jump_at"],
                &["rug"],
                &["place", "won"],
            ],
            Self::Card => &[
                &["track"],
                &["day"],
                &["number", "jump_at"],
                &["rug"],
                &["dog", "dog_id"],
            ],
            Self::Form => &[&["track"], &["day"], &["distance_m"], &["dog", "dog_id"]],
            Self::Prices => &[
                &["track"],
                &["day"],
                &["number", "jump_at"],
                &["rug"],
                &["at"],
                &["kind"],
                &["win", "place_price"],
            ],
        }
    }
}

/// One thing that a column may hold.
pub(super) struct Field {
    /// Its name in a mapping, which is that of the draft's field.
    pub(super) name: &'static str,
    /// The kinds of rows that have it.
    pub(super) of: &'static [Kind],
    /// Headings that mean it, folded.
    pub(super) headings: &'static [&'static str],
}

const ALL: &[Kind] = &[Kind::Result, Kind::Card, Kind::Form, Kind::Prices];
const DOGS: &[Kind] = &[Kind::Result, Kind::Card, Kind::Form];
const MEETINGS: &[Kind] = &[Kind::Result, Kind::Card, Kind::Prices];
const RACES: &[Kind] = &[Kind::Result, Kind::Card];
const PRICES: &[Kind] = &[Kind::Prices];
const RUNS: &[Kind] = &[Kind::Result, Kind::Form];
const CARDS: &[Kind] = &[Kind::Card];
const RESULTS: &[Kind] = &[Kind::Result];
const FORMS: &[Kind] = &[Kind::Form];

macro_rules! fields {
    ($($name:literal $of:ident $($heading:literal)*;)+) => {
        /// Every field; of two that fit a heading equally well the first has it.
        pub(super) const FIELDS: &[Field] = &[$(Field {
            name: $name,
            of: $of,
            headings: &[$($heading),*],
        }),+];
    };
}

fields! {
    "track" ALL "track" "course" "venue" "meeting" "stadium" "trackname" "trackcode";
    "day" ALL "day" "date" "racedate" "meetingdate";
    "number" ALL "race" "racenumber" "raceno" "racenum" "number";
    "session" MEETINGS "session";
    "distance_m" ALL "distance" "dist" "distancem" "racedistance" "metres";
    "grade" DOGS "grade" "class" "raceclass" "racegrade";
    "race_name" RACES "racename" "racetitle" "title";
    "prize" RACES "prize" "prizemoney" "stake";
    "race_id" RACES "raceid" "marketid" "eventid";
    "rug" ALL "rug" "rugno" "rugnumber" "trap" "trapno" "trapnumber" "tab" "tabno" "tabnumber";
    "box" DOGS "box" "boxno" "boxnumber" "draw" "stall";
    "dog" DOGS "dog" "dogname" "greyhound" "greyhoundname" "name" "runner" "runnername";
    "dog_id" DOGS "dogid" "greyhoundid";
    "sex" DOGS "sex" "dogsex";
    "whelped" DOGS "whelped" "born" "dogborn" "whelpdate" "dateofbirth";
    "sire" DOGS "sire" "sirename" "dogsire";
    "dam" DOGS "dam" "damname" "dogdam";
    "trainer" DOGS "trainer" "trainername";
    "weight_kg" DOGS "weight" "weightkg" "wgt" "wght" "weightinkg";
    "reserve" CARDS "reserve" "emergency";
    "scratched" CARDS "scratched" "nonrunner" "withdrawn";
    "place" RUNS "place" "plc" "pos" "position" "finish" "finishposition" "finishpos" "placing";
    "won" RUNS "won" "winner" "winresult";
    "placed" RUNS "placed" "placeresult";
    "outcome" RUNS "outcome" "finishnote";
    "run_time_s" RUNS "runtime" "runtimes" "time" "resulttime" "finishtime";
    "jump_at" MEETINGS "jump" "jumpat" "racetime" "starttime" "time" "off" "scheduledtime";
    "winner_time_s" RUNS "winnertime" "winnertimes" "wintime" "winningtime";
    "best_of_night_s" FORMS "bestofnight" "bon";
    "sectional_s" RUNS "sectional" "sectionals" "split" "firstsplit" "sectionaltime" "1sec";
    "margin_lengths" RUNS "margin" "marginlengths" "mgn" "beaten" "by" "btndistance";
    "positions" RUNS "positions" "pir" "inrun" "inrunning" "bends";
    "other" FORMS "winnerorsecond" "winsec";
    "sp" RUNS "sp" "startingprice" "startprice" "spdecimal" "price" "odds";
    "bsp" RESULTS "bsp" "winbsp";
    "place_bsp" RESULTS "placebsp";
    "field_size" FORMS "fieldsize" "runners";
    "at" PRICES "at" "timestamp" "seen" "seenat" "quotedat";
    "kind" PRICES "kind" "pricekind" "pricetype";
    "win" PRICES "win" "winprice" "winodds" "price" "odds";
    "place_price" PRICES "place" "placeprice" "placeodds";
    "comment" RUNS "comment" "comments" "remarks";
}

/// The field of that name.
pub(super) fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}
