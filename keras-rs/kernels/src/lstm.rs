//! All steps of long short-term memory with `tanh` and `sigmoid`, and its gradients.

use crate::cpu::{self, Work, fma};
use crate::exponential::{sigmoid, tanh};
use crate::product::Packed;
use crate::sequence::{Blocks, Sequence, rows_of_parts};
use std::ops::Range;

/// Gates: input, forget, candidate, output.
const GATES: usize = 4;

/// What a forward pass leaves for the backward pass.
#[derive(Clone, Debug, Default)]
pub struct LstmState {
    /// Values of the gates, in the order in which steps are computed: `(steps, batch, 4 * units)`.
    gates: Vec<f32>,
    /// The state `c` before each step and at the end: `(steps + 1, batch, units)`.
    cells: Vec<f32>,
}

/// Gradients of what the states are computed of.
#[derive(Debug)]
pub struct LstmGradients {
    /// Of the inputs: `(steps, batch, 4 * units)`, where the inputs are.
    pub inputs: Vec<f32>,
    /// Of the state `h` at the start: `(batch, units)`.
    pub h: Vec<f32>,
    /// Of the state `c` at the start: `(batch, units)`.
    pub c: Vec<f32>,
}

/// Goes through a sequence of inputs `(steps, batch, 4 * units)`, which are already products with their kernel.
///
/// The result has `steps + 2` blocks `(batch, units)`: the state `h` at the start and after each step, then the state
/// `c` at the end. `keep` takes what the backward pass needs.
pub fn lstm(
    sequence: &Sequence,
    inputs: &[f32],
    [h, c]: [&[f32]; 2],
    recurrent: &[f32],
    keep: Option<&mut LstmState>,
) -> Vec<f32> {
    let (units, size) = (sequence.units, sequence.state());
    let packed = Packed::new(units, GATES * units, |row, column| recurrent[row * GATES * units + column]);
    let mut states = vec![0.0; (sequence.steps + 2) * size];
    let parts = sequence.parts();
    let mut kept = match keep {
        Some(LstmState { gates, cells }) => {
            *gates = vec![0.0; sequence.steps * GATES * size];
            *cells = vec![0.0; (sequence.steps + 1) * size];
            let gates = rows_of_parts(gates, GATES * units, sequence, &parts);
            let cells = rows_of_parts(cells, units, sequence, &parts);
            gates.into_iter().zip(cells).collect()
        }
        None => Vec::new(),
    }
    .into_iter();
    let states_of_parts = rows_of_parts(&mut states, units, sequence, &parts);
    rayon::scope(|scope| {
        for (rows, states) in parts.iter().zip(states_of_parts) {
            let kept = kept.next();
            let forward =
                Forward { sequence, inputs, h, c, packed: &packed, rows: rows.clone(), states, kept };
            scope.spawn(move |_| cpu::run(forward));
        }
    });
    states
}

/// The forward pass of some samples.
struct Forward<'a> {
    sequence: &'a Sequence,
    inputs: &'a [f32],
    h: &'a [f32],
    c: &'a [f32],
    packed: &'a Packed,
    rows: Range<usize>,
    states: Blocks<'a>,
    /// The gates and the states `c` of [`LstmState`].
    kept: Option<(Blocks<'a>, Blocks<'a>)>,
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, batch, units, .. } = *self.sequence;
        let state = self.rows.start * units..self.rows.end * units;
        let (columns, width) = (GATES * units, self.packed.width());
        let mut c = self.c[state.clone()].to_vec();
        let mut z = vec![0.0; self.rows.len() * width];
        self.states[0].copy_from_slice(&self.h[state]);
        for step in 0..steps {
            let at = self.sequence.at(step);
            let inputs = &self.inputs[(at * batch + self.rows.start) * columns..];
            for (z, x) in z.chunks_exact_mut(width).zip(inputs.chunks_exact(columns)) {
                z[..columns].copy_from_slice(x);
            }
            let (before, after) = self.states.split_at_mut(step + 1);
            let (before, after) = (&*before[step], &mut *after[0]);
            self.packed.add_product::<FMA>(before, &mut z);
            if let Some((_, cells)) = &mut self.kept {
                cells[step].copy_from_slice(&c);
            }
            let counting = self.sequence.counting(at, &self.rows);
            for row in 0..self.rows.len() {
                let state = row * units..(row + 1) * units;
                if counting.is_some_and(|counting| !counting[row]) {
                    after[state.clone()].copy_from_slice(&before[state]);
                    continue;
                }
                let z = &mut z[row * width..][..columns];
                next::<FMA>(z, &mut c[state.clone()], &mut after[state]);
                if let Some((gates, _)) = &mut self.kept {
                    gates[step][row * columns..][..columns].copy_from_slice(z);
                }
            }
        }
        if let Some((_, cells)) = &mut self.kept {
            cells[steps].copy_from_slice(&c);
        }
        self.states[steps + 1].copy_from_slice(&c);
    }
}

/// Makes the gates of what they are computed of, and the next states.
#[inline(always)]
fn next<const FMA: bool>(z: &mut [f32], c: &mut [f32], h: &mut [f32]) {
    let units = c.len();
    let (i, rest) = z.split_at_mut(units);
    let (f, rest) = rest.split_at_mut(units);
    let (g, o) = rest.split_at_mut(units);
    each(i, sigmoid::<FMA>);
    each(f, sigmoid::<FMA>);
    each(g, tanh::<FMA>);
    each(o, sigmoid::<FMA>);
    for (((c, f), i), g) in c.iter_mut().zip(f).zip(i).zip(g) {
        *c = fma::<FMA>(*f, *c, *i * *g);
    }
    for ((h, c), o) in h.iter_mut().zip(c).zip(o) {
        *h = *o * tanh::<FMA>(*c);
    }
}

/// Puts the value of a function in the place of each number. A loop of its own for each gate: the compiler makes vector
/// instructions of these, and not of one loop over all gates at once.
#[inline(always)]
fn each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|value| *value = f(*value));
}

/// The gradients, from those of the blocks that [`lstm`] returned; the first one's is ignored.
///
/// The gradient of the recurrent kernel is the product of the states before each step, transposed, with the gradient
/// of that step's inputs.
#[must_use]
pub fn lstm_backward(
    sequence: &Sequence,
    state: &LstmState,
    recurrent: &[f32],
    gradients: &[f32],
) -> LstmGradients {
    let (units, size) = (sequence.units, sequence.state());
    let packed = Packed::new(GATES * units, units, |row, column| recurrent[column * GATES * units + row]);
    let mut inputs = vec![0.0; sequence.steps * GATES * size];
    let (mut h, mut c) = (vec![0.0; size], vec![0.0; size]);
    let parts = sequence.parts();
    let inputs_of_parts = rows_of_parts(&mut inputs, GATES * units, sequence, &parts);
    let mut h_of_parts = rows_of_parts(&mut h, units, sequence, &parts).into_iter().flatten();
    let mut c_of_parts = rows_of_parts(&mut c, units, sequence, &parts).into_iter().flatten();
    rayon::scope(|scope| {
        for (rows, inputs) in parts.iter().zip(inputs_of_parts) {
            let (Some(h), Some(c)) = (h_of_parts.next(), c_of_parts.next()) else { continue };
            let backward =
                Backward { sequence, state, gradients, packed: &packed, rows: rows.clone(), inputs, h, c };
            scope.spawn(move |_| cpu::run(backward));
        }
    });
    LstmGradients { inputs, h, c }
}

/// The backward pass of some samples.
struct Backward<'a> {
    sequence: &'a Sequence,
    state: &'a LstmState,
    gradients: &'a [f32],
    packed: &'a Packed,
    rows: Range<usize>,
    inputs: Blocks<'a>,
    h: &'a mut [f32],
    c: &'a mut [f32],
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, units, .. } = *self.sequence;
        let (columns, width) = (GATES * units, self.packed.width());
        let block = |all: &'_ [f32], i: usize, width: usize| -> Range<usize> {
            debug_assert!(all.len() >= (i * self.sequence.batch + self.rows.end) * width);
            let first = i * self.sequence.batch;
            (first + self.rows.start) * width..(first + self.rows.end) * width
        };
        let gradients = self.gradients;
        self.c.copy_from_slice(&gradients[block(gradients, steps + 1, units)]);
        // With columns that fill the last panel, as products add to.
        let mut h = vec![0.0; self.rows.len() * width];
        for step in (0..steps).rev() {
            let at = self.sequence.at(step);
            let given = &gradients[block(gradients, step + 1, units)];
            for (h, given) in h.chunks_exact_mut(width).zip(given.chunks_exact(units)) {
                h.iter_mut().zip(given).for_each(|(h, given)| *h += given);
            }
            let gates = &self.state.gates[block(&self.state.gates, step, columns)];
            let before = &self.state.cells[block(&self.state.cells, step, units)];
            let after = &self.state.cells[block(&self.state.cells, step + 1, units)];
            let counting = self.sequence.counting(at, &self.rows);
            let inputs = &mut *self.inputs[at];
            for row in 0..self.rows.len() {
                if counting.is_some_and(|counting| !counting[row]) {
                    continue;
                }
                let state = row * units..(row + 1) * units;
                let gates = &gates[row * columns..][..columns];
                let cells = [&before[state.clone()], &after[state.clone()]];
                let h = &mut h[row * width..][..units];
                previous::<FMA>(gates, cells, h, &mut self.c[state], &mut inputs[row * columns..][..columns]);
            }
            self.packed.add_product::<FMA>(inputs, &mut h);
        }
        for (to, h) in self.h.chunks_exact_mut(units).zip(h.chunks_exact(width)) {
            to.copy_from_slice(&h[..units]);
        }
    }
}

/// Goes back one step: takes the gradients of the states after it, and leaves that of `c` before it and those of what
/// the gates were computed of; that of `h` comes of the latter, so that it is zero here.
#[inline(always)]
fn previous<const FMA: bool>(
    gates: &[f32],
    [before, after]: [&[f32]; 2],
    dh: &mut [f32],
    dc: &mut [f32],
    dz: &mut [f32],
) {
    let units = dc.len();
    let (i, rest) = gates.split_at(units);
    let (f, rest) = rest.split_at(units);
    let (g, o) = rest.split_at(units);
    let (di, rest) = dz.split_at_mut(units);
    let (df, rest) = rest.split_at_mut(units);
    let (dg, d_o) = rest.split_at_mut(units);
    // Slices of one length: the compiler then leaves out the checks of each index.
    let (o, before, after, dh) = (&o[..units], &before[..units], &after[..units], &mut dh[..units]);
    for u in 0..units {
        let [vi, vf, vg, vo] = [i[u], f[u], g[u], o[u]];
        let t = tanh::<FMA>(after[u]);
        let d = fma::<FMA>(dh[u] * vo, fma::<FMA>(-t, t, 1.0), dc[u]);
        d_o[u] = dh[u] * t * vo * (1.0 - vo);
        di[u] = d * vg * vi * (1.0 - vi);
        df[u] = d * before[u] * vf * (1.0 - vf);
        dg[u] = d * vi * fma::<FMA>(-vg, vg, 1.0);
        dc[u] = d * vf;
        dh[u] = 0.0;
    }
}
