//! What stands in a file's name, where a format leaves it out of the file.
//!
//! A name never says what a file is; it only completes what the content has said.

use chrono::NaiveDate;

/// The day of `thedogs_results_2025-05-10_5_tracks.csv`.
pub(super) fn day(name: &str) -> Option<NaiveDate> {
    let plain: Vec<u8> = own(name).bytes().collect();
    plain.windows(10).find_map(|part| {
        let text = std::str::from_utf8(part).ok()?;
        let dashed = part.get(4) == Some(&b'-') && part.get(7) == Some(&b'-');
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        day.filter(|_| dashed)
    })
}

/// The dog's id of `dog_890320106_races.csv`.
pub(super) fn dog(name: &str) -> Option<&str> {
    let (_, rest) = own(name).split_once("dog_")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (id, _) = rest.split_at(end);
    Some(id).filter(|id| !id.is_empty() && id.len() <= 20)
}

/// The name without folders and archives.
fn own(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_found_anywhere_in_the_files_own_name() {
        let told = |name: &str| day(name).map(|day| day.to_string());

        assert_eq!(
            told("a/results_2025-05-10_x.csv"),
            Some("2025-05-10".to_owned())
        );
        assert_eq!(told("2025-05-10/results.csv"), None);
        assert_eq!(told("results_2025-13-10.csv"), None);
        assert_eq!(told("ergebnis-é2025-05-1.csv"), None);
    }

    #[test]
    fn a_dog_is_told_by_its_number() {
        assert_eq!(dog("x.zip/dog_890320106_races.csv"), Some("890320106"));
        assert_eq!(dog("dog_races.csv"), None);
        assert_eq!(dog("890320106.csv"), None);
    }
}
