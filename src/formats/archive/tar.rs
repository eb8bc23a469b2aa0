//! Tars: a list of what is inside first, so that files come in the order of their names.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use tar::{Archive, EntryType};

use super::{Flow, OnDisk, Walk, WalkError, is_litter, plain};

/// Where a file stands in a tar.
struct Place {
    name: String,
    link: bool,
    begins: u64,
    bytes: u64,
}

impl Walk<'_, '_> {
    /// Opens every file of a tar.
    pub(super) fn tar(&mut self, mut file: OnDisk, name: &str) -> Flow {
        let broken = |error: io::Error| WalkError::Broken {
            name: name.to_owned(),
            reason: error.to_string(),
        };
        let Some(places) = places(&mut file, self.limits.entries).map_err(broken)? else {
            return Err(self.too_many(name));
        };
        let mut total = 0;
        for place in places {
            self.count(name)?;
            let shown = format!("{name}/{}", plain(&place.name));
            let flow = if place.link {
                self.refuse(&shown, "a link inside an archive")
            } else {
                file.seek(SeekFrom::Start(place.begins)).map_err(broken)?;
                let bytes = BufReader::new(&mut file).take(place.bytes);
                self.member(bytes, None, &shown, &mut total)
            };
            if flow.is_break() {
                return Ok(flow);
            }
            self.within(name, total)?;
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The files, in the order of names; nothing when there are too many.
///
/// Names longer than a plain header holds are cut: their extensions have no limit of their own.
fn places(file: &mut OnDisk, most: usize) -> io::Result<Option<Vec<Place>>> {
    let ends = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut archive = Archive::new(&mut *file);
    let mut places = Vec::new();
    let mut entries = 0;
    for entry in archive.entries_with_seek()?.raw(true) {
        let entry = entry?;
        entries += 1;
        if entries > most {
            return Ok(None);
        }
        let header = entry.header();
        let link = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous => false,
            EntryType::Symlink | EntryType::Link => true,
            _ => continue,
        };
        let place = Place {
            name: String::from_utf8_lossy(&header.path_bytes()).into_owned(),
            link,
            begins: entry.raw_file_position(),
            bytes: header.entry_size()?,
        };
        if place.begins.saturating_add(place.bytes) > ends {
            return Err(io::Error::other(format!(
                "{} is cut off",
                plain(&place.name)
            )));
        }
        if !place.name.split('/').any(is_litter) {
            places.push(place);
        }
    }
    places.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Some(places))
}
