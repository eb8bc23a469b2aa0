//! A regression tree.

use serde::{Deserialize, Serialize};

/// A regression tree. The first node is the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
}

/// A question, or a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    /// The feature that is asked for.
    pub(super) feature: u32,
    /// A value up to this one goes left.
    pub(super) threshold: f64,
    /// Does what is missing go left?
    pub(super) missing_left: bool,
    /// Where the left child stands, the right one behind it; 0 for a leaf.
    pub(super) left: u32,
    /// What a leaf adds; above it the mean of the training rows, which is what is known so far.
    pub(super) value: f64,
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
        let value = row[self.feature as usize];
        let left = value <= self.threshold || (self.missing_left && value.is_nan());
        Some(self.left as usize + usize::from(!left))
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
            out[node.feature as usize] += next.value - node.value;
            node = next;
        }
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
}
