//! Growing one tree: the leaf whose cut gains most is cut next.

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
    /// By column of the plan; none where nobody looks for a cut.
    histograms: Vec<Histogram>,
    best: Option<Split>,
}

impl Leaf {
    const fn new(node: usize, rows: Range<usize>, total: Cell) -> Self {
        Self {
            node,
            rows,
            total,
            histograms: Vec::new(),
            best: None,
        }
    }
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
        let of = |row: &u32| cells[*row as usize];
        let total = rows.iter().map(of).fold(Cell::default(), Cell::plus);
        let mut root = Leaf::new(0, 0..rows.len(), total);
        let mut growth = Self {
            plan,
            cells,
            rows,
            nodes: vec![Node::leaf(0.0)],
            cuts: vec![0],
            leaves: Vec::new(),
        };
        root.histograms = growth.histograms(&root);
        root.best = growth.best(&root);
        growth.leaves.push(root);
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
        let leaves = self.leaves.iter().enumerate();
        let splits = leaves.filter_map(|(at, leaf)| leaf.best.map(|split| (at, split)));
        splits.reduce(|best, new| if new.1.gain > best.1.gain { new } else { best })
    }

    fn cut(&mut self, at: usize, split: Split) {
        let leaf = self.leaves.swap_remove(at);
        let child = self.nodes.len();
        let edge = self.plan.binned.column(split.column).edge(split.bin);
        self.nodes[leaf.node] = Node {
            feature: split.column,
            threshold: edge,
            missing_left: split.missing_left,
            left: child,
            value: 0.0,
        };
        self.nodes.extend([Node::leaf(0.0); 2]);
        self.cuts[leaf.node] = split.bin;
        self.cuts.extend([0; 2]);

        let middle = leaf.rows.start + self.part(leaf.rows.clone(), split);
        let rest = leaf.total.minus(split.left);
        let mut left = Leaf::new(child, leaf.rows.start..middle, split.left);
        let mut right = Leaf::new(child + 1, middle..leaf.rows.end, rest);
        // The last cut needs no look at what it leaves.
        if self.leaves.len() + 2 < self.plan.leaves {
            self.look(leaf.histograms, &mut left, &mut right);
        }
        self.leaves.extend([left, right]);
    }

    /// Finds the best cut of both children. Only the smaller one is counted; the larger one is what
    /// that leaves of their parent.
    fn look(&self, mut parent: Vec<Histogram>, left: &mut Leaf, right: &mut Leaf) {
        let (small, large) = if left.rows.len() <= right.rows.len() {
            (left, right)
        } else {
            (right, left)
        };
        if !self.may_be_cut(large) {
            return;
        }
        small.histograms = self.histograms(small);
        for (large, small) in parent.iter_mut().zip(&small.histograms) {
            for (large, small) in large.iter_mut().zip(small) {
                *large = large.minus(*small);
            }
        }
        large.histograms = parent;
        small.best = self.best(small);
        large.best = self.best(large);
    }

    fn may_be_cut(&self, leaf: &Leaf) -> bool {
        leaf.total.rows() >= 2 * self.plan.rules.min_rows
    }

    /// The sums of a leaf, by column of the plan and bin.
    fn histograms(&self, leaf: &Leaf) -> Vec<Histogram> {
        let rows = &self.rows[leaf.rows.clone()];
        let cells: Vec<Cell> = rows.iter().map(|row| self.cells[*row as usize]).collect();
        let mut histograms = vec![[Cell::default(); BINS]; self.plan.columns.len()];
        let mut work: Vec<_> = self.plan.columns.iter().zip(&mut histograms).collect();
        let worth = rows.len() * work.len() >= WORTH_SHARING;
        let threads = if worth { self.plan.threads } else { 1 };
        share(threads, &mut work, |(column, histogram)| {
            let bins = &self.plan.binned.column(**column).bins;
            fill(histogram, bins, rows, &cells);
        });
        histograms
    }

    /// The best cut of a leaf, the first of those that gain as much.
    fn best(&self, leaf: &Leaf) -> Option<Split> {
        if !self.may_be_cut(leaf) {
            return None;
        }
        let columns = self.plan.columns.iter().zip(&leaf.histograms);
        let splits = columns.filter_map(|(&n, histogram)| {
            let bins = self.plan.binned.column(n).edges.len() + 1;
            self.plan.rules.best(n, histogram, bins, leaf.total)
        });
        splits.reduce(|best, new| if new.gain > best.gain { new } else { best })
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
            let left = self.nodes[n].left;
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
            let bin = self.plan.binned.column(node.feature).bins[row];
            let left = goes_left(bin, self.cuts[at], node.missing_left);
            at = node.left + usize::from(!left);
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
