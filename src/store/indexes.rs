//! Which statements read whole tables or sort, and an index that might spare them that.
//!
//! A proposal is read out of the statement's text and SQLite's plan. It is for a person to judge,
//! with the real data; nothing here is ever applied.

use std::collections::BTreeSet;

use super::conn::Reader;

/// Statements that are explained, at most.
const WALKS: usize = 100;
/// Columns of a proposed index that are compared for equality, at most.
const EQUAL: usize = 3;

/// A statement that reads a whole table or sorts for want of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The statement.
    pub name: &'static str,
    /// How SQLite goes about it now.
    pub plan: String,
    /// What might spare it that; `None` when that cannot be read out of the statement.
    pub index: Option<Index>,
}

/// An index that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Of which table.
    pub table: String,
    /// On which columns, in this order.
    pub columns: Vec<String>,
}

/// The statements that were seen to read whole tables or to sort, and by their plans still do.
#[must_use]
pub fn walks(reader: &Reader<'_>) -> Vec<Walk> {
    let walkers = reader.profile().walkers().into_iter().take(WALKS);
    let explained = walkers.map(|query| {
        let plan = reader.plan(query);
        let index = propose(&plan, query.sql);
        Walk {
            name: query.name,
            plan,
            index,
        }
    });
    let walks = |walk: &Walk| {
        walk.plan
            .split("; ")
            .any(|step| scanned(step).is_some() || sorts(step))
    };
    explained.filter(walks).collect()
}

/// The table of a step that reads all of it, as the statement calls it.
fn scanned(step: &str) -> Option<&str> {
    let rest = step.strip_prefix("SCAN ")?;
    // A virtual table is the list that came with the question, and its rows are all wanted.
    if rest == "CONSTANT ROW" || rest.contains("VIRTUAL TABLE") || rest.starts_with('(') {
        return None;
    }
    rest.split_whitespace().next()
}

fn sorts(step: &str) -> bool {
    step.starts_with("USE TEMP B-TREE")
}

fn propose(plan: &str, sql: &str) -> Option<Index> {
    let loops: Vec<&str> = plan.split("; ").filter_map(looped).collect();
    let scanned = plan.split("; ").find_map(scanned);
    let alias = scanned.or_else(|| loops.first().copied())?;
    let words = words(sql);
    let tables = tables(&words);
    let named: BTreeSet<&str> = tables
        .iter()
        .filter(|(known, _)| *known == alias)
        .map(|(_, table)| *table)
        .collect();
    let (table, None) = (named.first()?, named.iter().nth(1)) else {
        return None;
    };
    let asked = Asked {
        alias,
        only: tables.len() == 1,
        outermost: loops.first() == Some(&alias),
    };
    let sorted = asked.sorted_by(&words);
    if scanned.is_none() && sorted.is_none() {
        return None;
    }
    let columns = asked.columns(&words, sorted);
    (!columns.is_empty()).then(|| Index {
        table: (*table).to_owned(),
        columns,
    })
}

/// The table of a step that goes through rows, as the statement calls it.
fn looped(step: &str) -> Option<&str> {
    let rest = step
        .strip_prefix("SEARCH ")
        .or(step.strip_prefix("SCAN "))?;
    rest.split_whitespace().next()
}

/// The words and signs of a statement, without comments.
fn words(sql: &str) -> Vec<&str> {
    let lines = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or(""));
    lines.flat_map(split).collect()
}

fn split(line: &str) -> Vec<&str> {
    let in_word = |c: char| c.is_alphanumeric() || "_.:'".contains(c);
    let in_sign = |c: char| "<>=!".contains(c);
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if in_word(first) {
            rest.find(|c| !in_word(c))
        } else if in_sign(first) {
            rest.find(|c| !in_sign(c))
        } else {
            Some(first.len_utf8())
        };
        let (word, more) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(word);
        rest = more.trim_start();
    }
    words
}

/// A name that the schema or the statement gave; ours are in lower case, SQL's words are not.
fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
}

/// What the statement calls its tables, and their names.
fn tables<'s>(words: &[&'s str]) -> Vec<(&'s str, &'s str)> {
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let Some(table) = words.get(n + 1).filter(|table| is_name(table)) else {
            continue;
        };
        if !["FROM", "JOIN", "UPDATE"].contains(word) {
            continue;
        }
        let after = words.get(n + 2).copied().unwrap_or_default();
        let alias = if after == "AS" {
            words.get(n + 3).copied().unwrap_or_default()
        } else {
            after
        };
        found.push((if is_name(alias) { alias } else { table }, *table));
    }
    found
}

/// The table that an index is sought for.
struct Asked<'a> {
    /// As the statement calls it.
    alias: &'a str,
    /// There is no other, so its columns may stand alone.
    only: bool,
    /// It is read before any other, so no row of another says what to look for.
    outermost: bool,
}

impl Asked<'_> {
    fn column(&self, word: &str) -> Option<String> {
        match word.split_once('.') {
            Some((table, column)) if table == self.alias => Some(column.to_owned()),
            None if self.only && is_name(word) => Some(word.to_owned()),
            _ => None,
        }
    }

    /// The columns that the statement compares, equality first, then one range or what it sorts by.
    fn columns(&self, words: &[&str], sorted: Option<String>) -> Vec<String> {
        let mut equal = Vec::new();
        let mut ranged = None;
        for (n, sign) in words.iter().enumerate() {
            let Some(column) = self.compared(words, n) else {
                continue;
            };
            match *sign {
                "=" if !equal.contains(&column) => equal.push(column),
                "<" | "<=" | ">" | ">=" | "BETWEEN" => ranged = ranged.or(Some(column)),
                _ => {}
            }
        }
        equal.truncate(EQUAL);
        let last = ranged.or(sorted);
        equal.extend(last.filter(|last| !equal.contains(last)));
        equal
    }

    /// The column that the sign at `n` compares, with something that is known by then.
    fn compared(&self, words: &[&str], n: usize) -> Option<String> {
        let at = |offset: usize| words.get((n + offset).checked_sub(2)?).copied();
        let loose = [at(0), at(4)].contains(&Some("OR"));
        if loose || !is_condition(words, n) {
            return None;
        }
        let (left, right) = (at(1)?, at(3)?);
        let known = |word: &str| !self.outermost || !is_name(word);
        let one = self.column(left).filter(|_| known(right));
        one.or_else(|| self.column(right).filter(|_| known(left)))
    }

    /// The first column that the statement sorts by.
    fn sorted_by(&self, words: &[&str]) -> Option<String> {
        let mut threes = words.windows(3);
        let by = threes.find(|three| three.starts_with(&["ORDER", "BY"]))?;
        by.last().and_then(|word| self.column(word))
    }
}

/// Whether what stands there is compared, not set or selected.
fn is_condition(words: &[&str], n: usize) -> bool {
    let clauses = [
        "WHERE", "ON", "SELECT", "SET", "VALUES", "GROUP", "ORDER", "LIMIT", "FROM",
    ];
    let before = words.iter().take(n).rev();
    let clause = before.copied().find(|word| clauses.contains(word));
    clause.is_some_and(|clause| clause == "WHERE" || clause == "ON")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(plan: &str, sql: &str) -> Option<(String, Vec<String>)> {
        propose(plan, sql).map(|index| (index.table, index.columns))
    }

    fn index(table: &str, columns: &[&str]) -> (String, Vec<String>) {
        let columns = columns.iter().map(|column| (*column).to_owned());
        (table.to_owned(), columns.collect())
    }

    #[test]
    fn what_is_equal_comes_before_what_lies_between() {
        let sql = "SELECT r.id FROM runner AS r JOIN race ON race.id = r.race_id\n\
                   WHERE r.weight_g > :least AND r.trainer = :trainer -- AND r.sex = 1\n\
                   ORDER BY r.id LIMIT 5";

        let found = proposed(
            "SCAN r; SEARCH race USING INTEGER PRIMARY KEY (rowid=?)",
            sql,
        );

        assert_eq!(found, Some(index("runner", &["trainer", "weight_g"])));
    }

    #[test]
    fn a_statement_of_one_table_need_not_say_whose_its_columns_are() {
        let sql = "UPDATE job SET state = :state WHERE kind = :kind AND due_at_ms <= :now_ms";

        assert_eq!(
            proposed("SCAN job", sql),
            Some(index("job", &["kind", "due_at_ms"]))
        );
    }

    #[test]
    fn a_sort_wants_the_column_that_is_sorted_by() {
        let sql = "SELECT day FROM race WHERE track_id = :track ORDER BY jump_at_ms";
        let plan =
            "SEARCH race USING INDEX race_by_track (track_id=?); USE TEMP B-TREE FOR ORDER BY";

        assert_eq!(
            proposed(plan, sql),
            Some(index("race", &["track_id", "jump_at_ms"]))
        );
    }

    #[test]
    fn a_table_that_is_read_for_each_row_of_another_is_looked_up_by_that_row() {
        let sql =
            "SELECT 1 FROM race JOIN runner AS r ON r.race_id = race.id WHERE race.id = :race";
        let plan = "SEARCH race USING INTEGER PRIMARY KEY (rowid=?); SCAN r";

        assert_eq!(proposed(plan, sql), Some(index("runner", &["race_id"])));
    }

    #[test]
    fn what_no_index_can_help_gets_no_proposal() {
        let either = "SELECT id FROM job WHERE :kind IS NULL OR kind = :kind";
        let twice = "SELECT 1 FROM dog x WHERE x.a = 1 UNION SELECT 1 FROM race x WHERE x.b = 1";

        assert_eq!(proposed("SCAN job", either), None);
        assert_eq!(proposed("SCAN dog", "SELECT count(*) FROM dog"), None);
        assert_eq!(proposed("SCAN x", twice), None);
        let by_another = "SELECT 1 FROM runner JOIN race ON race.id = runner.race_id\n\
                          WHERE runner.dog_id = :dog ORDER BY race.day";
        let plan =
            "SEARCH runner USING INDEX runner_by_dog (dog_id=?); USE TEMP B-TREE FOR ORDER BY";
        assert_eq!(proposed(plan, by_another), None);
        assert_eq!(proposed("SCAN CONSTANT ROW", "SELECT 1"), None);
    }

    #[test]
    fn a_list_that_came_with_the_question_is_no_table() {
        assert_eq!(scanned("SCAN e VIRTUAL TABLE INDEX 1:"), None);
        assert_eq!(scanned("SCAN (subquery-1)"), None);
        assert_eq!(
            scanned("SCAN race USING COVERING INDEX race_by_day"),
            Some("race")
        );
        assert!(sorts("USE TEMP B-TREE FOR LAST TERM OF ORDER BY"));
    }
}
