//! A fitted model as bytes and back.
//!
//! JSON with shortest round-trip floats: the same model is the same bytes, and what comes back
//! is the same bits. A model that was fitted on other features is refused, never guessed at.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::features;
use super::fitted::Fitted;
use super::logit::Logit;
use super::outlook;
use super::part::Part;
use super::pipeline::{Pipeline, PipelineSettings};
use super::rehearsal::Rehearsal;
use super::rules::Rules;
use super::trees::Trees;
use crate::domain::{Fault, RaceDay};
use crate::runtime::hex;

/// The format that this build writes and reads.
const VERSION: u32 = 3;

/// Why bytes are no model.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not JSON, or not of this shape.
    #[error("no model artifact: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Written in another format.
    #[error("artifact has format {found}, this build reads {VERSION}")]
    Version {
        /// The format it has.
        found: u32,
    },
    /// Fitted on other features.
    #[error("artifact was fitted on features {found}, this build has {mine}")]
    Features {
        /// Digest of the features it was fitted on.
        found: String,
        /// Digest of the features of this build.
        mine: String,
    },
    /// A number in it makes no sense.
    #[error("artifact is damaged: {0}")]
    Damaged(#[from] Fault),
}

/// What every version of the format begins with.
#[derive(Deserialize)]
struct Envelope {
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Artifact {
    version: u32,
    features: String,
    parts: Vec<Written>,
}

/// A part as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rules: Rules,
    trained_until: RaceDay,
    races: usize,
    settings: PipelineSettings,
    logit: Logit,
    trees: Trees,
    rehearsal: Option<Rehearsal>,
}

/// The model as bytes.
pub fn write(fitted: &Fitted) -> Result<Vec<u8>, Error> {
    let artifact = Artifact {
        version: VERSION,
        features: features::digest(),
        parts: fitted.parts().iter().map(Written::of).collect(),
    };
    Ok(serde_json::to_vec(&artifact)?)
}

/// The model that [`write()`] wrote; fails on another format, other features or damage.
pub fn read(bytes: &[u8]) -> Result<Fitted, Error> {
    let Envelope { version } = serde_json::from_slice(bytes)?;
    if version != VERSION {
        return Err(Error::Version { found: version });
    }
    let artifact: Artifact = serde_json::from_slice(bytes)?;
    let mine = features::digest();
    if artifact.features != mine {
        return Err(Error::Features {
            found: artifact.features,
            mine,
        });
    }
    let parts = artifact.parts.into_iter().map(Written::part);
    Ok(Fitted::new(parts.collect::<Result<_, _>>()?)?)
}

impl Written {
    fn of(part: &Part) -> Self {
        let pipeline = part.pipeline();
        Self {
            rules: part.rules(),
            trained_until: pipeline.trained_until,
            races: pipeline.races,
            settings: pipeline.settings,
            logit: pipeline.logit.clone(),
            trees: pipeline.trees.clone(),
            rehearsal: part.rehearsal().copied(),
        }
    }

    fn part(self) -> Result<Part, Fault> {
        sound(&self.logit)?;
        self.trees.check(outlook::COLUMNS)?;
        Ok(Part {
            rules: self.rules,
            rehearsal: self.rehearsal,
            pipeline: Pipeline {
                settings: self.settings.check()?.settings(),
                logit: self.logit,
                trees: self.trees,
                trained_until: self.trained_until,
                races: self.races,
            },
        })
    }
}

/// SHA-256 of the bytes, lower-case hex: the name of a model whoever holds it.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn sound(logit: &Logit) -> Result<(), Fault> {
    let columns = features::TABLE.len();
    if logit.weights.len() != columns || logit.scales.len() != columns {
        return Err(Fault::new(format!(
            "must have {columns} weights and scales"
        )));
    }
    let whole = logit.weights.iter().all(|weight| weight.is_finite());
    let scaled = logit
        .scales
        .iter()
        .all(|scale| scale.is_finite() && *scale > 0.0);
    if !(whole && scaled) {
        return Err(Fault::new("must have finite weights and scales above 0"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::part;

    /// One of them long enough for a rehearsal.
    fn fitted() -> Fitted {
        let (few, many) = (part(Rules::Australia, 30), part(Rules::Britain, 300));
        Fitted::new(vec![few, many]).unwrap()
    }

    fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    }

    #[test]
    fn what_was_written_comes_back_bit_for_bit() {
        let fitted = fitted();

        let bytes = write(&fitted).unwrap();
        let back = read(&bytes).unwrap();

        assert!(fitted.parts()[0].rehearsal().is_some());
        assert_eq!(fitted.parts()[1].rehearsal(), None, "too short for one");
        assert_eq!(back, fitted);
        assert_eq!(write(&back).unwrap(), bytes);
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let (first, second) = (write(&fitted()).unwrap(), write(&fitted()).unwrap());

        assert_eq!(first, second);
        assert_eq!(digest(&first), digest(&second));
    }

    #[test]
    fn another_format_is_refused_by_its_number() {
        let bytes = write(&fitted()).unwrap();

        let error = read(&changed(&bytes, "\"version\":3", "\"version\":7")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "artifact has format 7, this build reads 3"
        );
        assert!(matches!(read(b"{}"), Err(Error::Unreadable(_))));
    }

    #[test]
    fn other_features_are_refused_by_their_digest() {
        let bytes = write(&fitted()).unwrap();

        let error = read(&changed(&bytes, &features::digest(), "abc")).unwrap_err();

        assert!(error.to_string().contains("features abc"));
    }

    #[test]
    fn damaged_numbers_are_refused() {
        let mut part = part(Rules::Australia, 30);
        let one = |part: &Part| write(&Fitted::new(vec![part.clone()]).unwrap()).unwrap();
        let powers = one(&Part {
            rehearsal: fitted().parts()[0].rehearsal().copied(),
            ..part.clone()
        });
        let whole = part.clone();
        part.pipeline.logit.scales[0] = 0.0;
        let no_scale = one(&part);
        part = whole;
        part.pipeline.logit.weights.pop();
        let no_weight = one(&part);

        assert!(read(&powers).is_ok());
        let odd = changed(&powers, "\"second\":", "\"second\":-");
        assert!(matches!(read(&odd), Err(Error::Unreadable(_))));
        assert!(matches!(read(&no_scale), Err(Error::Damaged(_))));
        assert!(matches!(read(&no_weight), Err(Error::Damaged(_))));
    }

    #[test]
    fn a_digest_is_the_sha256_in_hex() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

        assert_eq!(digest(b"abc"), known);
    }
}
