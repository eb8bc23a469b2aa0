//! A regression tree.

use serde::{Deserialize, Serialize};

use crate::domain::Fault;

/// A regression tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tree {
    /// The root first, and children behind their parents.
    pub(super) nodes: Vec<Node>,
}

/// A question, or a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(super) struct Node {
    /// The feature that is asked for.
    pub(super) feature: usize,
    /// A value up to this one goes left.
    pub(super) threshold: f64,
    /// Does what is missing go left?
    pub(super) missing_left: bool,
    /// Where the left child stands, the right one behind it; 0 for a leaf.
    pub(super) left: usize,
    /// What a leaf adds; above it the mean over the training rows, which is what is known so far.
    pub(super) value: f64,
}

/// A node as written: there are thousands, so names are left out.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Leaf(f64),
    Question(usize, f64, bool, usize, f64),
}

impl From<Written> for Node {
    fn from(written: Written) -> Self {
        match written {
            Written::Leaf(value) => Self::leaf(value),
            Written::Question(feature, threshold, missing_left, left, value) => Self {
                feature,
                threshold,
                missing_left,
                left,
                value,
            },
        }
    }
}

impl From<Node> for Written {
    fn from(node: Node) -> Self {
        if node.left == 0 {
            return Self::Leaf(node.value);
        }
        Self::Question(
            node.feature,
            node.threshold,
            node.missing_left,
            node.left,
            node.value,
        )
    }
}

impl Node {
    /// A leaf.
    pub(super) const fn leaf(value: f64) -> Self {
        Self {
            feature: 0,
            threshold: 0.0,
            missing_left: false,
            left: 0,
            value,
        }
    }

    /// Where to go from here; `None` at a leaf.
    fn next(&self, row: &[f64]) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        let value = row[self.feature];
        let left = value <= self.threshold || (self.missing_left && value.is_nan());
        Some(self.left + usize::from(!left))
    }
}

impl Tree {
    /// What the tree adds to the strength of a runner with these features.
    #[must_use]
    pub fn value(&self, row: &[f64]) -> f64 {
        let mut node = &self.nodes[0];
        while let Some(next) = node.next(row) {
            node = &self.nodes[next];
        }
        node.value
    }

    /// What is added before anything is known: the mean over the training rows.
    fn bias(&self) -> f64 {
        self.nodes[0].value
    }

    /// Adds to each feature what its questions changed on the way down.
    fn contribute(&self, row: &[f64], out: &mut [f64]) {
        let mut node = &self.nodes[0];
        while let Some(next) = node.next(row) {
            let next = &self.nodes[next];
            out[node.feature] += next.value - node.value;
            node = next;
        }
    }

    /// Fails on ways that lead nowhere or in a circle.
    fn check(&self, columns: usize) -> Result<(), Fault> {
        let sound = |(at, node): (usize, &Node)| {
            let leads = node.left > at && node.left + 1 < self.nodes.len();
            let asks = node.feature < columns && node.threshold.is_finite();
            node.value.is_finite() && (node.left == 0 || (leads && asks))
        };
        if self.nodes.is_empty() || !self.nodes.iter().enumerate().all(sound) {
            return Err(Fault::new("must be a tree of finite numbers"));
        }
        Ok(())
    }
}

/// A sum of trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trees {
    /// Features of a runner.
    pub columns: usize,
    /// The trees, in the order they were learned.
    pub trees: Vec<Tree>,
}

impl Trees {
    /// What all trees add to the strength of a runner with these features, natural-log units.
    #[must_use]
    pub fn add_to(&self, row: &[f64]) -> f64 {
        self.trees.iter().map(|tree| tree.value(row)).sum()
    }

    /// What is added before anything is known.
    #[must_use]
    pub fn bias(&self) -> f64 {
        self.trees.iter().map(Tree::bias).sum()
    }

    /// Writes each feature's part of [`Trees::add_to`] beyond the [`Trees::bias`]: the change of
    /// the mean at each question on the way to the leaf goes to the feature that was asked for
    /// (Saabas 2014, "Interpreting random forests").
    pub fn contributions(&self, row: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for tree in &self.trees {
            tree.contribute(row, out);
        }
    }

    /// Fails on trees of other features than `columns`, and on damage.
    pub fn check(&self, columns: usize) -> Result<(), Fault> {
        if self.columns != columns {
            let why = format!("must be {columns}");
            return Err(Fault::new(why).under("columns"));
        }
        for (n, tree) in self.trees.iter().enumerate() {
            let checked = tree.check(columns);
            checked.map_err(|fault| fault.under(&format!("trees[{n}]")))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for the second feature, then on the right for the first.
    fn tree() -> Tree {
        let question = |feature, threshold, missing_left, left, value| Node {
            feature,
            threshold,
            missing_left,
            left,
            value,
        };
        Tree {
            nodes: vec![
                question(1, 2.5, true, 1, 0.125),
                Node::leaf(-1.0),
                question(0, -1.0, false, 3, 0.5),
                Node::leaf(0.25),
                Node::leaf(3.0),
            ],
        }
    }

    fn trees() -> Trees {
        Trees {
            columns: 2,
            trees: vec![
                tree(),
                Tree {
                    nodes: vec![Node::leaf(0.5)],
                },
                tree(),
            ],
        }
    }

    #[test]
    fn a_row_finds_its_leaf_and_a_value_on_the_edge_goes_left() {
        let value = |row: [f64; 2]| tree().value(&row);

        assert_eq!(value([0.0, 2.5]).to_bits(), (-1.0_f64).to_bits());
        assert_eq!(value([-1.0, 2.6]).to_bits(), 0.25_f64.to_bits());
        assert_eq!(value([-0.9, 2.6]).to_bits(), 3.0_f64.to_bits());
    }

    #[test]
    fn what_is_missing_goes_where_it_went_in_training() {
        let value = |row: [f64; 2]| tree().value(&row);

        assert_eq!(value([0.0, f64::NAN]).to_bits(), (-1.0_f64).to_bits());
        assert_eq!(value([f64::NAN, 9.0]).to_bits(), 3.0_f64.to_bits());
    }

    #[test]
    fn contributions_name_the_features_that_were_asked_for() {
        let mut out = [9.0; 2];

        trees().contributions(&[0.0, 3.0], &mut out);

        assert!((out[0] - 5.0).abs() < 1e-12, "{out:?}");
        assert!((out[1] - 0.75).abs() < 1e-12, "{out:?}");
        assert!((trees().bias() - 0.75).abs() < 1e-12);
        assert!((trees().add_to(&[0.0, 3.0]) - 6.5).abs() < 1e-12);
    }

    #[test]
    fn trees_come_back_from_json_as_they_were() {
        let json = serde_json::to_string(&trees()).unwrap();

        assert!(json.contains("[[1,2.5,true,1,0.125],-1.0,"), "{json}");
        assert_eq!(serde_json::from_str::<Trees>(&json).unwrap(), trees());
    }

    #[test]
    fn damaged_trees_are_refused() {
        let broken = |change: fn(&mut Vec<Node>)| {
            let mut trees = trees();
            change(&mut trees.trees[2].nodes);
            trees.check(2).map_err(|fault| fault.at)
        };

        assert_eq!(trees().check(2), Ok(()));
        assert_eq!(trees().check(3).unwrap_err().at, "columns");
        let changes: [fn(&mut Vec<Node>); 6] = [
            Vec::clear,
            |nodes| nodes[2].left = 1,
            |nodes| nodes[2].left = 4,
            |nodes| nodes[0].feature = 2,
            |nodes| nodes[0].threshold = f64::NAN,
            |nodes| nodes[1].value = f64::INFINITY,
        ];
        for change in changes {
            assert_eq!(broken(change), Err("trees[2]".to_owned()));
        }
    }
}
