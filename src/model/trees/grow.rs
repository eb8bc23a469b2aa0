//! Growing one tree: the leaf whose cut gains most is cut next.

use std::mem;
use std::ops::Range;

use super::bins::Binned;
use super::cell::{BINS, Cell, Histogram, MISSING, fill};
use super::share::share;
use super::split::{Rules, Split};
use super::tree::{Node, Tree};

/// Additions to histograms that are worth a second thread.
const WORTH_SHARING: usize = 50_000;

/// How to grow a tree.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) binned: &'a Binned,
    /// The features that may be asked for.
    pub(super) columns: &'a [usize],
    pub(super) rules: Rules,
    /// Leaves at most.
    pub(super) leaves: usize,
    /// Share of a step that is taken.
    pub(super) rate: f64,
    pub(super) threads: usize,
}

/// A node that may still be cut.
struct Leaf {
    node: usize,
    /// Its part of [`Growth::rows`].
    rows: Range<usize>,
    total: Cell,
    /// By column of the plan; empty when it cannot be cut.
    histograms: Vec<Histogram>,
    best: Option<Split>,
}

/// A tree that grows.
pub(super) struct Growth<'a> {
    plan: Plan<'a>,
    /// Slopes and curvatures of all rows.
    cells: &'a [Cell],
    /// Rows to learn from, those of a leaf next to each other.
    rows: Vec<u32>,
    nodes: Vec<Node>,
    /// The last bin on the left, by node.
    cuts: Vec<u8>,
    leaves: Vec<Leaf>,
}

impl<'a> Growth<'a> {
    /// Grows a tree on these rows.
    pub(super) fn run(plan: Plan<'a>, cells: &'a [Cell], rows: Vec<u32>) -> Self {
        let total = rows
            .iter()
            .map(|row| cells[*row as usize])
            .fold(Cell::default(), Cell::plus);
        let root = Leaf {
            node: 0,
            rows: 0..rows.len(),
            total,
            histograms: Vec::new(),
            best: None,
        };
        let mut growth = Self {
            plan,
            cells,
            rows,
            nodes: vec![Node::leaf(0.0)],
            cuts: vec![0],
            leaves: Vec::new(),
        };
        growth.plant(root);
        while growth.leaves.len() < plan.leaves
            && let Some((at, split)) = growth.next()
        {
            growth.cut(at, split);
        }
        growth.settle();
        growth
    }

    /// The leaf to cut next.
    fn next(&self) -> Option<(usize, Split)> {
        let mut best: Option<(usize, Split)> = None;
        for (at, leaf) in self.leaves.iter().enumerate() {
            if let Some(split) = leaf.best
                && best.is_none_or(|(_, best)| split.gain > best.gain)
            {
                best = Some((at, split));
            }
        }
        best
    }

    fn plant(&mut self, mut root: Leaf) {
        let mut nothing = self.empty();
        mem::swap(&mut root.histograms, &mut nothing);
        let mut none = Leaf {
            node: 0,
            rows: 0..0,
            total: Cell::default(),
            histograms: self.empty(),
            best: None,
        };
        // The root is the smaller child of nobody.
        self.look(&mut root, &mut none);
        self.leaves.push(root);
    }

    fn empty(&self) -> Vec<Histogram> {
        vec![[Cell::default(); BINS]; self.plan.columns.len()]
    }

    fn cut(&mut self, at: usize, split: Split) {
        let leaf = self.leaves.swap_remove(at);
        let middle = leaf.rows.start + self.part(leaf.rows.clone(), split);
        let first = self.nodes.len();
        self.nodes[leaf.node] = Node {
            feature: u32::try_from(split.column).unwrap_or(u32::MAX),
            threshold: self
                .plan
                .binned
                .column(split.column)
                .edge(usize::from(split.bin)),
            missing_left: split.missing_left,
            left: u32::try_from(first).unwrap_or(u32::MAX),
            value: 0.0,
        };
        self.cuts[leaf.node] = split.bin;
        self.nodes.extend([Node::leaf(0.0); 2]);
        self.cuts.extend([0; 2]);
        let mut left = Leaf {
            node: first,
            rows: leaf.rows.start..middle,
            total: split.left,
            histograms: Vec::new(),
            best: None,
        };
        let mut right = Leaf {
            node: first + 1,
            rows: middle..leaf.rows.end,
            total: leaf.total.minus(split.left),
            histograms: Vec::new(),
            best: None,
        };
        let (small, large) = if left.rows.len() <= right.rows.len() {
            (&mut left, &mut right)
        } else {
            (&mut right, &mut left)
        };
        let last = self.leaves.len() + 2 >= self.plan.leaves;
        if !last && large.total.rows() >= 2 * self.plan.rules.min_rows {
            small.histograms = self.empty();
            large.histograms = leaf.histograms;
            self.look(small, large);
        }
        self.leaves.extend([left, right]);
    }

    /// Fills the histograms of the smaller child, takes them from its parent's, and finds the best
    /// cut of both.
    fn look(&self, small: &mut Leaf, large: &mut Leaf) {
        let rows = &self.rows[small.rows.clone()];
        let cells: Vec<Cell> = rows.iter().map(|row| self.cells[*row as usize]).collect();
        let totals = [small.total, large.total];
        let both = small.histograms.iter_mut().zip(&mut large.histograms);
        let mut work: Vec<_> = self
            .plan
            .columns
            .iter()
            .zip(both)
            .map(|(column, both)| (*column, both, [None; 2]))
            .collect();
        let worth = rows.len() * work.len() >= WORTH_SHARING;
        let threads = if worth { self.plan.threads } else { 1 };
        share(threads, &mut work, |(n, (small, large), best)| {
            let column = self.plan.binned.column(*n);
            let bins = column.edges.len() + 1;
            fill(small, &column.bins, rows, &cells);
            for (large, small) in large.iter_mut().zip(small.iter()) {
                *large = large.minus(*small);
            }
            let rules = self.plan.rules;
            *best = [
                rules.best(*n, small, bins, totals[0]),
                rules.best(*n, large, bins, totals[1]),
            ];
        });
        let better = |so_far: Option<Split>, split: Option<Split>| match (so_far, split) {
            (Some(old), Some(new)) if new.gain > old.gain => Some(new),
            (old, new) => old.or(new),
        };
        let bests: Vec<_> = work.into_iter().map(|(.., best)| best).collect();
        small.best = bests.iter().map(|best| best[0]).fold(None, better);
        large.best = bests.iter().map(|best| best[1]).fold(None, better);
    }

    /// Puts the rows that go left before those that go right, and counts them; else the order
    /// stays.
    fn part(&mut self, range: Range<usize>, split: Split) -> usize {
        let bins = &self.plan.binned.column(split.column).bins;
        let rows = &mut self.rows[range];
        let mut right = vec![0; rows.len()];
        let (mut lefts, mut rights) = (0, 0);
        for n in 0..rows.len() {
            let row = rows[n];
            let left = goes_left(bins[row as usize], split.bin, split.missing_left);
            rows[lefts] = row;
            right[rights] = row;
            lefts += usize::from(left);
            rights += usize::from(!left);
        }
        rows[lefts..].copy_from_slice(&right[..rights]);
        lefts
    }

    /// Gives the leaves their values, and the nodes above them the mean.
    fn settle(&mut self) {
        let mut rows = vec![0.0; self.nodes.len()];
        for leaf in &self.leaves {
            rows[leaf.node] = leaf.rows.len() as f64;
            self.nodes[leaf.node].value = self.plan.rate * self.plan.rules.step(leaf.total);
        }
        for n in (0..self.nodes.len()).rev() {
            let left = self.nodes[n].left as usize;
            if left > 0 {
                let (a, b) = (rows[left], rows[left + 1]);
                let (x, y) = (self.nodes[left].value, self.nodes[left + 1].value);
                rows[n] = a + b;
                self.nodes[n].value = (a * x + b * y) / (a + b);
            }
        }
    }

    /// Adds the tree to the strengths of all rows; `outside` are those it was not grown on.
    pub(super) fn add_to(&self, strengths: &mut [f64], outside: &[u32]) {
        for leaf in &self.leaves {
            let value = self.nodes[leaf.node].value;
            for row in &self.rows[leaf.rows.clone()] {
                strengths[*row as usize] += value;
            }
        }
        for row in outside {
            strengths[*row as usize] += self.value(*row as usize);
        }
    }

    /// The value of the leaf of a row.
    fn value(&self, row: usize) -> f64 {
        let mut at = 0;
        loop {
            let node = self.nodes[at];
            if node.left == 0 {
                return node.value;
            }
            let bin = self.plan.binned.column(node.feature as usize).bins[row];
            let left = goes_left(bin, self.cuts[at], node.missing_left);
            at = node.left as usize + usize::from(!left);
        }
    }

    /// The tree.
    pub(super) fn done(self) -> Tree {
        Tree { nodes: self.nodes }
    }
}

const fn goes_left(bin: u8, cut: u8, missing_left: bool) -> bool {
    if bin == MISSING {
        missing_left
    } else {
        bin <= cut
    }
}
