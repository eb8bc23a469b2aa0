//! Tables that have a row for each past run of a dog: what all of them share.

use super::cells::Cells;
use super::table::{Col, Table};
use super::{Out, Stop};
use crate::domain::{Draft, FormDraft};

/// Every row as a past run; `form` gives none for a row that tells of no run.
pub(super) fn read(
    table: &mut Table<'_>,
    out: &mut Out<'_>,
    form: impl Fn(&mut Cells<'_>) -> Option<FormDraft>,
    of: impl Fn(&str) -> Col,
) -> Result<(), Stop> {
    while let Some(row) = table.next(out)? {
        let mut cells = Cells::of(row);
        if let Some(form) = form(&mut cells) {
            cells.checked(form.check_with_dog(), &of);
            if cells.clean() {
                out.draft(row.number, Draft::Form(Box::new(form)))?;
            }
        }
        out.faults(cells.faults())?;
    }
    Ok(())
}
