//! Beam search: the label sequences of the largest probabilities, summed over their alignments.

use crate::dtype::DType;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Label sequences as paths from the root of a tree, each the number of its last node.
#[derive(Default)]
struct Tree {
    /// The node before each one and the class between them; none for the root.
    nodes: Vec<Option<(usize, usize)>>,
    children: HashMap<(usize, usize), usize>,
}

const ROOT: usize = 0;

impl Tree {
    fn new() -> Self {
        Self { nodes: vec![None], children: HashMap::new() }
    }

    fn last(&self, node: usize) -> Option<usize> {
        self.nodes[node].map(|(_, class)| class)
    }

    fn child(&mut self, node: usize, class: usize) -> usize {
        let next = self.nodes.len();
        let child = *self.children.entry((node, class)).or_insert(next);
        if child == next {
            self.nodes.push(Some((node, class)));
        }
        child
    }

    fn path(&self, node: usize) -> Vec<usize> {
        let steps = std::iter::successors(self.nodes[node], |(parent, _)| self.nodes[*parent]);
        let mut path: Vec<usize> = steps.map(|(_, class)| class).collect();
        path.reverse();
        path
    }
}

/// Logarithms of the probabilities that a sequence ends with its last label, and with a blank.
#[derive(Clone, Copy)]
struct Beam {
    in_label: f64,
    after_blank: f64,
}

impl Beam {
    const NONE: Self = Self { in_label: f64::NEG_INFINITY, after_blank: f64::NEG_INFINITY };

    fn total(self) -> f64 {
        log_add_exp(self.in_label, self.after_blank)
    }
}

fn log_add_exp(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

/// The label sequences of one row and the logarithms of their probabilities, the largest first.
///
/// `logarithms` are those of the classes' probabilities, step by step. Of sequences that are as probable in the data type,
/// the one is first whose first different label is the smaller class, and the longer one where all are equal, as in Keras.
pub(super) fn beam_search(
    logarithms: &[f64],
    classes: usize,
    blank: usize,
    width: usize,
    dtype: DType,
) -> Vec<(Vec<usize>, f64)> {
    let mut tree = Tree::new();
    let mut beams = vec![(ROOT, Beam { in_label: f64::NEG_INFINITY, after_blank: 0.0 })];
    for step in logarithms.chunks(classes) {
        let mut next: HashMap<usize, Beam> = HashMap::new();
        for (node, beam) in beams {
            let last = tree.last(node);
            let total = beam.total();
            for (class, &logarithm) in step.iter().enumerate() {
                let mut add = |node: usize, which: fn(&mut Beam) -> &mut f64, score: f64| {
                    let sum = which(next.entry(node).or_insert(Beam::NONE));
                    *sum = log_add_exp(*sum, score + logarithm);
                };
                if class == blank {
                    add(node, |beam| &mut beam.after_blank, total);
                } else if last == Some(class) {
                    add(node, |beam| &mut beam.in_label, beam.in_label);
                    add(tree.child(node, class), |beam| &mut beam.in_label, beam.after_blank);
                } else {
                    add(tree.child(node, class), |beam| &mut beam.in_label, total);
                }
            }
        }
        beams = next.into_iter().filter(|(_, beam)| beam.total() > f64::NEG_INFINITY).collect();
        sort(&mut beams, &tree, dtype);
        beams.truncate(width);
    }
    beams.into_iter().map(|(node, beam)| (tree.path(node), beam.total())).collect()
}

fn sort(beams: &mut [(usize, Beam)], tree: &Tree, dtype: DType) {
    let rounded =
        |beam: &Beam| if dtype == DType::F64 { beam.total() } else { f64::from(beam.total() as f32) };
    let order = |a: &(usize, Beam), b: &(usize, Beam)| {
        rounded(&b.1).total_cmp(&rounded(&a.1)).then_with(|| earlier(&tree.path(a.0), &tree.path(b.0)))
    };
    beams.sort_by(order);
}

/// Smaller classes first, the end of a sequence last.
fn earlier(a: &[usize], b: &[usize]) -> Ordering {
    let different = a.iter().zip(b).map(|(a, b)| a.cmp(b)).find(|order| order.is_ne());
    different.unwrap_or_else(|| b.len().cmp(&a.len()))
}
