//! All steps of a recurrent layer and their gradients: what the kinds of layers share.

use crate::cpu::{self, Work};
use crate::gru::Gru;
use crate::lstm::Lstm;
use crate::product::Packed;
use crate::sequence::{Blocks, Sequence, rows_of_parts};
use crate::simple_rnn::{RecurrentActivation, SimpleRnn};
use std::ops::Range;

/// A kind of recurrent layer.
#[derive(Clone, Copy, Debug)]
pub enum Recurrent {
    /// A fully connected one.
    SimpleRnn(RecurrentActivation),
    /// Long short-term memory with `tanh` and `sigmoid`; its second state is `c`.
    Lstm,
    /// The gated recurrent unit with `tanh` and `sigmoid`, whose reset gate comes after the product.
    Gru,
}

/// What the states are computed of; `columns` is one number for each unit and gate.
#[derive(Clone, Copy, Debug)]
pub struct RecurrentOperands<'a> {
    /// Products of the inputs with their kernel: `(steps, batch, columns)`.
    pub inputs: &'a [f32],
    /// The state at the start: `(batch, units)`.
    pub h: &'a [f32],
    /// The kernel of the states: `(units, columns)`.
    pub recurrent: &'a [f32],
    /// The state `c` at the start, `(batch, units)`, of [`Recurrent::Lstm`]; the bias of the states' products,
    /// `(columns)`, of [`Recurrent::Gru`]; else nothing.
    pub further: &'a [f32],
}

/// Gradients of what the states are computed of.
#[derive(Debug, Default)]
pub struct RecurrentGradients {
    /// Of the inputs, where they are: `(steps, batch, columns)`.
    pub inputs: Vec<f32>,
    /// Of the products of the states with their kernel, in the order in which they are computed; nothing where these
    /// are the gradients of the inputs.
    pub products: Vec<f32>,
    /// Of the state at the start: `(batch, units)`.
    pub h: Vec<f32>,
    /// Of the second state at the start: `(batch, units)`, or nothing.
    pub c: Vec<f32>,
}

/// Goes through a sequence: blocks `(batch, units)` of the state at the start, of that after each step, and of the
/// second state at the end where there is one. `keep` takes what the backward pass needs besides.
pub fn recurrent(
    kind: Recurrent,
    sequence: &Sequence,
    operands: &RecurrentOperands<'_>,
    keep: Option<&mut Vec<f32>>,
) -> Vec<f32> {
    match kind {
        Recurrent::SimpleRnn(activation) => forward(&SimpleRnn { activation }, sequence, operands, keep),
        Recurrent::Lstm => forward(&Lstm, sequence, operands, keep),
        Recurrent::Gru => forward(&Gru { bias: operands.further }, sequence, operands, keep),
    }
}

/// The gradients, from those of the blocks that [`recurrent`] returned as `states`; that of the state at the start is
/// ignored. The kernel's is the product of the states before each step, transposed, with the gradient of the products.
#[must_use]
pub fn recurrent_backward(
    kind: Recurrent,
    sequence: &Sequence,
    kept: &[f32],
    states: &[f32],
    recurrent: &[f32],
    gradients: &[f32],
) -> RecurrentGradients {
    let passed = Passed { kept, states, gradients };
    match kind {
        Recurrent::SimpleRnn(activation) => backward(&SimpleRnn { activation }, sequence, passed, recurrent),
        Recurrent::Lstm => backward(&Lstm, sequence, passed, recurrent),
        Recurrent::Gru => backward(&Gru { bias: &[] }, sequence, passed, recurrent),
    }
}

/// One step of one sample.
pub(crate) trait Cell: Sync {
    /// Columns of the kernels for each unit.
    const GATES: usize;
    /// Numbers that a step keeps for the backward pass, for each unit.
    const KEPT: usize = 0;
    /// Whether there is a second state, `c`.
    const CARRIES: bool = false;
    /// Whether the gradients of the states' products are others than those of the inputs.
    const SEPARATE: bool = false;

    /// Prepares the sums that the product of the state with its kernel is added to.
    fn start(&self, inputs: &[f32], sums: &mut [f32]) {
        sums.copy_from_slice(inputs);
    }

    /// Makes the next states of these sums, and what is kept.
    fn next<const FMA: bool>(&self, step: Next<'_>);

    /// Goes back: takes the gradients of the states after the step, and leaves those of the inputs and the products,
    /// that of `c` before it, and in `dh` what does not come of the products.
    fn previous<const FMA: bool>(&self, step: Previous<'_>);
}

/// A step forward.
pub(crate) struct Next<'a> {
    pub(crate) inputs: &'a [f32],
    pub(crate) sums: &'a [f32],
    pub(crate) before: &'a [f32],
    pub(crate) c: &'a mut [f32],
    pub(crate) kept: &'a mut [f32],
    pub(crate) after: &'a mut [f32],
}

/// A step back.
pub(crate) struct Previous<'a> {
    pub(crate) kept: &'a [f32],
    pub(crate) before: &'a [f32],
    pub(crate) after: &'a [f32],
    pub(crate) dh: &'a mut [f32],
    pub(crate) dc: &'a mut [f32],
    pub(crate) inputs: &'a mut [f32],
    /// Empty where these are the gradients of the inputs.
    pub(crate) products: &'a mut [f32],
}

fn forward<C: Cell>(
    cell: &C,
    sequence: &Sequence,
    operands: &RecurrentOperands<'_>,
    keep: Option<&mut Vec<f32>>,
) -> Vec<f32> {
    let (units, size, columns) = (sequence.units, sequence.state(), C::GATES * sequence.units);
    let packed = Packed::new(units, columns, |row, column| operands.recurrent[row * columns + column]);
    let mut states = vec![0.0; (sequence.steps + 1 + usize::from(C::CARRIES)) * size];
    let parts = sequence.parts();
    let mut kept = Vec::new();
    if let Some(keep) = keep.filter(|_| C::KEPT > 0) {
        *keep = vec![0.0; sequence.steps * C::KEPT * size];
        kept = rows_of_parts(keep, C::KEPT * units, sequence, &parts);
    }
    let mut kept = kept.into_iter();
    let states_of_parts = rows_of_parts(&mut states, units, sequence, &parts);
    rayon::scope(|scope| {
        for (rows, states) in parts.iter().zip(states_of_parts) {
            let (rows, kept) = (rows.clone(), kept.next());
            let forward = Forward { cell, sequence, operands, packed: &packed, rows, states, kept };
            scope.spawn(move |_| cpu::run(forward));
        }
    });
    states
}

/// The forward pass of some samples.
struct Forward<'a, C> {
    cell: &'a C,
    sequence: &'a Sequence,
    operands: &'a RecurrentOperands<'a>,
    packed: &'a Packed,
    rows: Range<usize>,
    states: Blocks<'a>,
    kept: Option<Blocks<'a>>,
}

impl<C: Cell> Work for Forward<'_, C> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, batch, units, .. } = *self.sequence;
        let (columns, width, kept_width) = (C::GATES * units, self.packed.width(), C::KEPT * units);
        let carried = if C::CARRIES { units } else { 0 };
        let mut c = self.operands.further[self.rows.start * carried..self.rows.end * carried].to_vec();
        let mut sums = vec![0.0; self.rows.len() * width];
        let mut unkept = vec![0.0; kept_width];
        self.states[0].copy_from_slice(&self.operands.h[self.rows.start * units..self.rows.end * units]);
        for step in 0..steps {
            let at = self.sequence.at(step);
            let inputs = &self.operands.inputs[(at * batch + self.rows.start) * columns..];
            for (sums, inputs) in sums.chunks_exact_mut(width).zip(inputs.chunks_exact(columns)) {
                self.cell.start(inputs, &mut sums[..columns]);
            }
            let (before, after) = self.states.split_at_mut(step + 1);
            let (before, after) = (&*before[step], &mut *after[0]);
            self.packed.add_product::<FMA>(before, &mut sums);
            let counting = self.sequence.counting(at, &self.rows);
            for row in 0..self.rows.len() {
                let state = row * units..(row + 1) * units;
                let (before, after) = (&before[state.clone()], &mut after[state]);
                if counting.is_some_and(|counting| !counting[row]) {
                    after.copy_from_slice(before);
                    continue;
                }
                let kept = match &mut self.kept {
                    Some(kept) => &mut kept[step][row * kept_width..][..kept_width],
                    None => &mut unkept,
                };
                self.cell.next::<FMA>(Next {
                    inputs: &inputs[row * columns..][..columns],
                    sums: &sums[row * width..][..columns],
                    before,
                    c: &mut c[row * carried..][..carried],
                    kept,
                    after,
                });
            }
        }
        if C::CARRIES {
            self.states[steps + 1].copy_from_slice(&c);
        }
    }
}

/// What the forward pass left, and the gradients of its result.
#[derive(Clone, Copy)]
struct Passed<'a> {
    kept: &'a [f32],
    states: &'a [f32],
    gradients: &'a [f32],
}

fn backward<C: Cell>(
    cell: &C,
    sequence: &Sequence,
    passed: Passed<'_>,
    recurrent: &[f32],
) -> RecurrentGradients {
    let (units, size, columns) = (sequence.units, sequence.state(), C::GATES * sequence.units);
    let packed = Packed::new(columns, units, |row, column| recurrent[column * columns + row]);
    let numbers = |wanted: bool, count: usize| vec![0.0; if wanted { count } else { 0 }];
    let mut made = RecurrentGradients {
        inputs: numbers(true, sequence.steps * C::GATES * size),
        products: numbers(C::SEPARATE, sequence.steps * C::GATES * size),
        h: numbers(true, size),
        c: numbers(C::CARRIES, size),
    };
    let parts = sequence.parts();
    let inputs_of_parts = rows_of_parts(&mut made.inputs, columns, sequence, &parts);
    let mut products = rows_of_parts(&mut made.products, columns, sequence, &parts).into_iter();
    let mut h = rows_of_parts(&mut made.h, units, sequence, &parts).into_iter().flatten();
    let mut c = rows_of_parts(&mut made.c, units, sequence, &parts).into_iter().flatten();
    rayon::scope(|scope| {
        for (rows, inputs) in parts.iter().zip(inputs_of_parts) {
            let products = products.next().unwrap_or_default();
            let (h, c) = (h.next().unwrap_or_default(), c.next().unwrap_or_default());
            let (rows, packed) = (rows.clone(), &packed);
            let backward = Backward { cell, sequence, passed, packed, rows, inputs, products, h, c };
            scope.spawn(move |_| cpu::run(backward));
        }
    });
    made
}

/// The backward pass of some samples.
struct Backward<'a, C> {
    cell: &'a C,
    sequence: &'a Sequence,
    passed: Passed<'a>,
    packed: &'a Packed,
    rows: Range<usize>,
    inputs: Blocks<'a>,
    products: Blocks<'a>,
    h: &'a mut [f32],
    c: &'a mut [f32],
}

impl<C: Cell> Work for Backward<'_, C> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        let Sequence { steps, batch, units, .. } = *self.sequence;
        let (columns, width, kept_width) = (C::GATES * units, self.packed.width(), C::KEPT * units);
        let carried = if C::CARRIES { units } else { 0 };
        let Passed { kept, states, gradients } = self.passed;
        let block = |i: usize, width: usize| {
            (i * batch + self.rows.start) * width..(i * batch + self.rows.end) * width
        };
        if C::CARRIES {
            self.c.copy_from_slice(&gradients[block(steps + 1, units)]);
        }
        // With columns that fill the last panel, as products add to.
        let mut h = vec![0.0; self.rows.len() * width];
        for step in (0..steps).rev() {
            let at = self.sequence.at(step);
            let given = &gradients[block(step + 1, units)];
            for (h, given) in h.chunks_exact_mut(width).zip(given.chunks_exact(units)) {
                h.iter_mut().zip(given).for_each(|(h, given)| *h += given);
            }
            let kept = &kept[block(step, kept_width)];
            let (before, after) = (&states[block(step, units)], &states[block(step + 1, units)]);
            let counting = self.sequence.counting(at, &self.rows);
            let inputs = &mut *self.inputs[at];
            for row in 0..self.rows.len() {
                if counting.is_some_and(|counting| !counting[row]) {
                    continue;
                }
                let (state, gates) = (row * units..(row + 1) * units, row * columns..(row + 1) * columns);
                self.cell.previous::<FMA>(Previous {
                    kept: &kept[row * kept_width..][..kept_width],
                    before: &before[state.clone()],
                    after: &after[state],
                    dh: &mut h[row * width..][..units],
                    dc: &mut self.c[row * carried..][..carried],
                    inputs: &mut inputs[gates.clone()],
                    products: self.products.get_mut(step).map_or(&mut [], |all| &mut all[gates]),
                });
            }
            let products = self.products.get(step).map_or(&*inputs, |products| &**products);
            self.packed.add_product::<FMA>(products, &mut h);
        }
        for (to, h) in self.h.chunks_exact_mut(units).zip(h.chunks_exact(width)) {
            to.copy_from_slice(&h[..units]);
        }
    }
}

/// Puts the value of a function of each number in another place. A loop of its own for each gate: the compiler makes
/// vector instructions of these, and not of one loop over all gates at once.
#[inline(always)]
pub(crate) fn each(from: &[f32], to: &mut [f32], f: impl Fn(f32) -> f32) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = f(*from));
}
