//! All steps of the gated recurrent unit with `tanh` and `sigmoid`, whose reset gate comes after the product, and its
//! gradients.

use crate::cpu::{self, Work, fma};
use crate::exponential::{sigmoid, tanh};
use crate::product::Packed;
use crate::sequence::{Blocks, Sequence, rows_of_parts};
use std::ops::Range;

/// Gates: update, reset, candidate.
const GATES: usize = 3;
/// What is kept of a step: the gates, and the part of the candidate that the reset gate multiplies.
const KEPT: usize = 4;

/// What a forward pass leaves for the backward pass.
#[derive(Clone, Debug, Default)]
pub struct GruState {
    /// In the order in which steps are computed: `(steps, batch, 4 * units)`.
    kept: Vec<f32>,
}

/// Gradients of what the states are computed of.
#[derive(Debug)]
pub struct GruGradients {
    /// Of the inputs: `(steps, batch, 3 * units)`, where the inputs are.
    pub inputs: Vec<f32>,
    /// Of the products of the states with the recurrent kernel, in the order in which they are computed.
    pub products: Vec<f32>,
    /// Of the state at the start: `(batch, units)`.
    pub h: Vec<f32>,
}

/// Goes through a sequence of inputs `(steps, batch, 3 * units)`, which are already products with their kernel; `bias`
/// is that of the states' products.
///
/// The result has `steps + 1` blocks `(batch, units)`: the state at the start and after each step. `keep` takes what the
/// backward pass needs.
pub fn gru(
    sequence: &Sequence,
    inputs: &[f32],
    h: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    keep: Option<&mut GruState>,
) -> Vec<f32> {
    let (units, size) = (sequence.units, sequence.state());
    let packed = Packed::new(units, GATES * units, |row, column| recurrent[row * GATES * units + column]);
    let mut states = vec![0.0; (sequence.steps + 1) * size];
    let parts = sequence.parts();
    let mut kept = match keep {
        Some(GruState { kept }) => {
            *kept = vec![0.0; sequence.steps * KEPT * size];
            rows_of_parts(kept, KEPT * units, sequence, &parts)
        }
        None => Vec::new(),
    }
    .into_iter();
    let states_of_parts = rows_of_parts(&mut states, units, sequence, &parts);
    rayon::scope(|scope| {
        for (rows, states) in parts.iter().zip(states_of_parts) {
            let (rows, kept) = (rows.clone(), kept.next());
            let forward = Forward { sequence, inputs, h, bias, packed: &packed, rows, states, kept };
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
    bias: &'a [f32],
    packed: &'a Packed,
    rows: Range<usize>,
    states: Blocks<'a>,
    kept: Option<Blocks<'a>>,
}

impl Work for Forward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, batch, units, .. } = *self.sequence;
        let (columns, width) = (GATES * units, self.packed.width());
        let mut products = vec![0.0; self.rows.len() * width];
        let mut unkept = vec![0.0; KEPT * units];
        self.states[0].copy_from_slice(&self.h[self.rows.start * units..self.rows.end * units]);
        for step in 0..steps {
            let at = self.sequence.at(step);
            let inputs = &self.inputs[(at * batch + self.rows.start) * columns..];
            for products in products.chunks_exact_mut(width) {
                products[..columns].copy_from_slice(self.bias);
            }
            let (before, after) = self.states.split_at_mut(step + 1);
            let (before, after) = (&*before[step], &mut *after[0]);
            self.packed.add_product::<FMA>(before, &mut products);
            let counting = self.sequence.counting(at, &self.rows);
            for row in 0..self.rows.len() {
                let state = row * units..(row + 1) * units;
                let (before, after) = (&before[state.clone()], &mut after[state]);
                if counting.is_some_and(|counting| !counting[row]) {
                    after.copy_from_slice(before);
                    continue;
                }
                let kept = match &mut self.kept {
                    Some(kept) => &mut kept[step][row * KEPT * units..][..KEPT * units],
                    None => &mut unkept,
                };
                next::<FMA>(
                    &inputs[row * columns..][..columns],
                    &products[row * width..],
                    before,
                    kept,
                    after,
                );
            }
        }
    }
}

/// The next state, and what is kept.
#[inline(always)]
fn next<const FMA: bool>(x: &[f32], products: &[f32], before: &[f32], kept: &mut [f32], after: &mut [f32]) {
    let units = after.len();
    let part = |all: &'_ [f32], i: usize| -> Range<usize> {
        debug_assert!(all.len() >= (i + 1) * units);
        i * units..(i + 1) * units
    };
    let [xz, xr, xg] = [0, 1, 2].map(|i| &x[part(x, i)]);
    let [pz, pr, pg] = [0, 1, 2].map(|i| &products[part(products, i)]);
    let (kz, rest) = kept.split_at_mut(units);
    let (kr, rest) = rest.split_at_mut(units);
    let (kg, kp) = rest.split_at_mut(units);
    let (kp, before) = (&mut kp[..units], &before[..units]);
    for u in 0..units {
        let z = sigmoid::<FMA>(xz[u] + pz[u]);
        let r = sigmoid::<FMA>(xr[u] + pr[u]);
        let g = tanh::<FMA>(fma::<FMA>(r, pg[u], xg[u]));
        (kz[u], kr[u], kg[u], kp[u]) = (z, r, g, pg[u]);
        after[u] = fma::<FMA>(z, before[u] - g, g);
    }
}

/// The gradients, from those of the blocks that [`gru`] returned as `states`; the first one's is ignored.
///
/// The gradient of the recurrent kernel is the product of the states before each step, transposed, with the gradient
/// of that step's products.
#[must_use]
pub fn gru_backward(
    sequence: &Sequence,
    state: &GruState,
    states: &[f32],
    recurrent: &[f32],
    gradients: &[f32],
) -> GruGradients {
    let (units, size) = (sequence.units, sequence.state());
    let packed = Packed::new(GATES * units, units, |row, column| recurrent[column * GATES * units + row]);
    let mut inputs = vec![0.0; sequence.steps * GATES * size];
    let mut products = vec![0.0; sequence.steps * GATES * size];
    let mut h = vec![0.0; size];
    let parts = sequence.parts();
    let inputs_of_parts = rows_of_parts(&mut inputs, GATES * units, sequence, &parts);
    let mut products_of_parts = rows_of_parts(&mut products, GATES * units, sequence, &parts).into_iter();
    let mut h_of_parts = rows_of_parts(&mut h, units, sequence, &parts).into_iter().flatten();
    rayon::scope(|scope| {
        for (rows, inputs) in parts.iter().zip(inputs_of_parts) {
            let (Some(products), Some(h)) = (products_of_parts.next(), h_of_parts.next()) else { continue };
            let (rows, packed) = (rows.clone(), &packed);
            let backward = Backward { sequence, state, states, gradients, packed, rows, inputs, products, h };
            scope.spawn(move |_| cpu::run(backward));
        }
    });
    GruGradients { inputs, products, h }
}

/// The backward pass of some samples.
struct Backward<'a> {
    sequence: &'a Sequence,
    state: &'a GruState,
    states: &'a [f32],
    gradients: &'a [f32],
    packed: &'a Packed,
    rows: Range<usize>,
    inputs: Blocks<'a>,
    products: Blocks<'a>,
    h: &'a mut [f32],
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, batch, units, .. } = *self.sequence;
        let (columns, width) = (GATES * units, self.packed.width());
        let block = |i: usize, width: usize| {
            (i * batch + self.rows.start) * width..(i * batch + self.rows.end) * width
        };
        // With columns that fill the last panel, as products add to.
        let mut h = vec![0.0; self.rows.len() * width];
        for step in (0..steps).rev() {
            let at = self.sequence.at(step);
            let given = &self.gradients[block(step + 1, units)];
            for (h, given) in h.chunks_exact_mut(width).zip(given.chunks_exact(units)) {
                h.iter_mut().zip(given).for_each(|(h, given)| *h += given);
            }
            let kept = &self.state.kept[block(step, KEPT * units)];
            let before = &self.states[block(step, units)];
            let counting = self.sequence.counting(at, &self.rows);
            let (inputs, products) = (&mut *self.inputs[at], &mut *self.products[step]);
            for row in 0..self.rows.len() {
                if counting.is_some_and(|counting| !counting[row]) {
                    continue;
                }
                let gates = row * columns..(row + 1) * columns;
                previous::<FMA>(
                    &kept[row * KEPT * units..][..KEPT * units],
                    &before[row * units..][..units],
                    &mut h[row * width..][..units],
                    &mut inputs[gates.clone()],
                    &mut products[gates],
                );
            }
            self.packed.add_product::<FMA>(products, &mut h);
        }
        for (to, h) in self.h.chunks_exact_mut(units).zip(h.chunks_exact(width)) {
            to.copy_from_slice(&h[..units]);
        }
    }
}

/// Goes back one step: takes the gradient of the state after it, and leaves those of the inputs and of the products,
/// and that part of the gradient of the state before it which does not come of the products.
#[inline(always)]
fn previous<const FMA: bool>(kept: &[f32], before: &[f32], dh: &mut [f32], dx: &mut [f32], dp: &mut [f32]) {
    let units = dh.len();
    let [z, r, g, p] = [0, 1, 2, 3].map(|i| &kept[i * units..(i + 1) * units]);
    let (xz, rest) = dx.split_at_mut(units);
    let (xr, xg) = rest.split_at_mut(units);
    let (pz, rest) = dp.split_at_mut(units);
    let (pr, pg) = rest.split_at_mut(units);
    let (xg, pg, before) = (&mut xg[..units], &mut pg[..units], &before[..units]);
    for u in 0..units {
        let [vz, vr, vg, vp, d] = [z[u], r[u], g[u], p[u], dh[u]];
        let dz = d * (before[u] - vg) * vz * (1.0 - vz);
        let dg = d * (1.0 - vz) * fma::<FMA>(-vg, vg, 1.0);
        let dr = dg * vp * vr * (1.0 - vr);
        (xz[u], xr[u], xg[u]) = (dz, dr, dg);
        (pz[u], pr[u], pg[u]) = (dz, dr, dg * vr);
        dh[u] = d * vz;
    }
}
