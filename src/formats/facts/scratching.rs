//! A scratching, as posted to its race.

use super::given;
use super::loose::object;
use crate::domain::{Fault, ScratchDraft};

object! {
    /// A runner withdrawn, and the reserve that takes its box.
    ScratchingBody as Scratching {
        /// The rug withdrawn.
        #[schema(required = true, nullable = false, minimum = 1, maximum = 10)]
        rug = "rug": i64,
        /// When it was known; now when left out.
        #[schema(format = DateTime)]
        at = "at": String,
        /// The reserve that runs in its place.
        #[schema(minimum = 1, maximum = 10)]
        replaced_by_rug = "replaced_by_rug": i64,
        /// The box that the reserve starts from; the vacated one when left out.
        #[schema(minimum = 1, maximum = 8)]
        box_no = "box": i64,
    }
}

impl ScratchingBody {
    /// What it says, unchecked; what must be given and is not is noted.
    pub(crate) fn draft(self, faults: &mut Vec<Fault>) -> ScratchDraft {
        ScratchDraft {
            rug: given(self.rug, "rug", faults),
            at: self.at,
            replaced_by_rug: self.replaced_by_rug,
            box_no: self.box_no,
        }
    }
}
