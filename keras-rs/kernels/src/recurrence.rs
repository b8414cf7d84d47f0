//! Recurrent layers at inference: weights are packed once, nothing is kept for gradients.
//!
//! Samples are shared out among threads. Each thread takes its samples through some steps at a time: the product of their
//! inputs with the kernel first, then step after step, so that the gates are still in the second cache.

#![allow(unsafe_code, reason = "threads write to parts of one slice")]

use crate::cells::{Cells, range};
use crate::cpu::{Kernel, Level, fma};
use crate::exponential::{sigmoid, tanh};
use crate::panels::Panels;
use crate::rows::Rows;
use crate::simd::Vector;
use crate::simple_rnn::RecurrentActivation;
use crate::tile::Kernels;
use crate::{AlignedBuffer, View, ViewMut, threads};
use std::cell::RefCell;
use std::ops::Range;

/// Products that one thread computes while two would find each other.
const SMALL: usize = 1 << 17;
/// Samples of a part: enough for the registers that a product has.
const SAMPLES: usize = 8;
/// Numbers of the gates of some steps that the second cache holds beside the weights.
const GATES: usize = 1 << 16;
/// Numbers behind each row, so that rows do not share a set of the first cache.
const GAP: usize = 16;

thread_local! {
    static NUMBERS: RefCell<AlignedBuffer> = RefCell::default();
}

/// What a recurrent layer computes at each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecurrentStep {
    /// `activation(x @ kernel + h @ recurrent + bias)`.
    SimpleRnn(RecurrentActivation),
    /// Long short-term memory with `tanh` and `sigmoid`; gates: input, forget, candidate, output.
    Lstm,
    /// The gated recurrent unit with `tanh` and `sigmoid`; gates: update, reset, candidate.
    Gru {
        /// Whether the reset gate multiplies the product of the state, or else the state before it.
        reset_after: bool,
    },
}

impl RecurrentStep {
    /// Columns of the kernels for each unit.
    pub fn gates(self) -> usize {
        match self {
            Self::SimpleRnn(_) => 1,
            Self::Lstm => 4,
            Self::Gru { .. } => 3,
        }
    }
}

/// Which states come out, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum States {
    /// The last one: `(batch, units)`.
    Last,
    /// All in the order in which they are computed: `(batch, steps, units)`.
    InOrder,
    /// All, each at the place of its input: `(batch, steps, units)`.
    AtInputs,
}

/// Which steps count: the others leave the states as they are.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// For each sample and step whether it counts: `(batch, steps)`.
    pub steps: &'a [bool],
    /// Whether the outputs of the others are zeros, or else the states that they leave.
    pub zeros: bool,
}

impl Seen<'_> {
    fn has(&self, place: usize) -> bool {
        self.steps.get(place).copied().unwrap_or(true)
    }
}

/// A recurrent layer with its weights in the order in which they are read; made once, run many times, from many threads.
///
/// ```
/// use keras_rs_kernels::{Recurrence, RecurrentActivation, States, RecurrentStep, View, ViewMut};
///
/// let sum = RecurrentStep::SimpleRnn(RecurrentActivation::Linear);
/// let layer = Recurrence::new(sum, 1, &[1.0], &[1.0], &[0.5]);
/// let (x, mut y) = ([1.0, 2.0, 3.0], [0.0; 3]);
/// layer.run([1, 3], View::dense(&x, 1), false, States::InOrder, ViewMut::dense(&mut y, 1));
/// assert_eq!(y, [1.5, 4.0, 7.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Recurrence {
    step: RecurrentStep,
    level: Level,
    units: usize,
    kernel: Panels,
    /// Of the gates that are sums of both products.
    bias: Vec<f32>,
    recurrent: Panels,
    /// Of the candidate of [`RecurrentStep::Gru`].
    candidate: Option<Panels>,
    /// Of the candidate's product of the state.
    candidate_bias: Vec<f32>,
}

impl Recurrence {
    /// A layer of `units` with `kernel` (features, gates * units), `recurrent` (units, gates * units), and `bias`
    /// (gates * units), or two rows of that size for the inputs and the states with `reset_after`; none where it is empty.
    ///
    /// # Panics
    /// Where the lengths do not go together, or there are no units.
    pub fn new(step: RecurrentStep, units: usize, kernel: &[f32], recurrent: &[f32], bias: &[f32]) -> Self {
        Self::at(Level::best(), step, units, kernel, recurrent, bias)
    }

    /// [`Recurrence::new`] for a set of instructions.
    pub(crate) fn at(
        level: Level,
        step: RecurrentStep,
        units: usize,
        kernel: &[f32],
        recurrent: &[f32],
        bias: &[f32],
    ) -> Self {
        let columns = step.gates() * units;
        assert!(units > 0 && kernel.len().is_multiple_of(columns), "length of the kernel");
        assert_eq!(recurrent.len(), units * columns, "length of the recurrent kernel");
        let two = step == RecurrentStep::Gru { reset_after: true };
        assert!(bias.is_empty() || bias.len() == columns * if two { 2 } else { 1 }, "length of the bias");
        let kernels = Kernels::of(level);
        let pack = |inner: usize, from: &[f32], range: Range<usize>| {
            let row = |k: usize| &from[k * columns..][range.clone()];
            Panels::new([inner, range.len()], kernels.width(), kernels.lanes, row)
        };
        // The candidate of the gated unit is no sum of both products.
        let summed = if matches!(step, RecurrentStep::Gru { .. }) { 2 * units } else { columns };
        let mut sums = if bias.is_empty() { vec![0.0; columns] } else { bias[..columns].to_vec() };
        let mut candidate_bias = Vec::new();
        if two && let Some(states) = bias.get(columns..2 * columns) {
            sums.iter_mut().zip(&states[..summed]).for_each(|(sum, bias)| *sum += bias);
            candidate_bias = states[summed..].to_vec();
        }
        Self {
            step,
            level,
            units,
            kernel: pack(kernel.len() / columns, kernel, 0..columns),
            bias: sums,
            recurrent: pack(units, recurrent, 0..summed),
            candidate: (summed < columns).then(|| pack(units, recurrent, summed..columns)),
            candidate_bias,
        }
    }

    /// Products and sums of a step of a sample, counted singly.
    pub fn operations(&self) -> usize {
        2 * (self.kernel.inner + self.units) * self.step.gates() * self.units
    }

    /// Takes `[batch, steps]` inputs through the layer, from states of zeros; `backwards` from the last step on.
    ///
    /// # Panics
    /// Where a view is too short.
    pub fn run(
        &self,
        [batch, steps]: [usize; 2],
        input: View<'_>,
        backwards: bool,
        states: States,
        output: ViewMut<'_>,
    ) {
        self.run_masked([batch, steps], input, None, backwards, states, output);
    }

    /// [`Recurrence::run`] where not all steps count.
    ///
    /// ```
    /// use keras_rs_kernels::{Recurrence, RecurrentActivation, RecurrentStep, Seen, States, View, ViewMut};
    ///
    /// let sum = RecurrentStep::SimpleRnn(RecurrentActivation::Linear);
    /// let layer = Recurrence::new(sum, 1, &[1.0], &[1.0], &[]);
    /// let (x, mut y) = ([1.0, f32::NAN, 3.0], [0.0; 3]);
    /// let seen = Some(Seen { steps: &[true, false, true], zeros: false });
    /// layer.run_masked([1, 3], View::dense(&x, 1), seen, false, States::InOrder, ViewMut::dense(&mut y, 1));
    /// assert_eq!(y, [1.0, 1.0, 4.0]);
    /// ```
    ///
    /// # Panics
    /// Where a view is too short, or there are fewer flags than steps.
    pub fn run_masked(
        &self,
        [batch, steps]: [usize; 2],
        input: View<'_>,
        seen: Option<Seen<'_>>,
        backwards: bool,
        states: States,
        output: ViewMut<'_>,
    ) {
        assert!(seen.is_none_or(|seen| seen.steps.len() >= batch * steps), "too few flags of steps");
        assert!(input.holds(batch * steps, self.kernel.inner), "the input is too short");
        let pixels = if states == States::Last { batch } else { batch * steps };
        let output = Cells::new(output, pixels, self.units);
        let work = (batch * steps).saturating_mul(self.operations());
        let walk = Walk { layer: self, steps, input, seen, backwards, states, output: &output };
        let least = batch.div_ceil(SAMPLES);
        let parts = if work < SMALL { least } else { least.next_multiple_of(threads::count()).min(batch) };
        let part = |part: usize| {
            NUMBERS.with_borrow_mut(|numbers| walk.part(range(batch, parts, part), numbers));
        };
        if work < SMALL { (0..parts).for_each(part) } else { threads::run(parts, &part) }
    }
}

/// One run.
struct Walk<'a> {
    layer: &'a Recurrence,
    steps: usize,
    input: View<'a>,
    seen: Option<Seen<'a>>,
    backwards: bool,
    states: States,
    output: &'a Cells<'a>,
}

impl Walk<'_> {
    /// Some samples.
    fn part(&self, samples: Range<usize>, numbers: &mut AlignedBuffer) {
        let Recurrence { step, level, units, ref kernel, ref bias, ref recurrent, .. } = *self.layer;
        let kernels = Kernels::of(level);
        let count = samples.len();
        let [width, pitch] = [kernel.columns, units].map(|n| n.next_multiple_of(GAP) + GAP);
        // As many steps as a product takes rows at a time.
        let most = (GATES / (count * width)).clamp(1, kernels.rows());
        let block = self.steps.div_ceil(self.steps.div_ceil(most).max(1)).max(1);
        let needed = count * (block * width + 3 * pitch);
        if numbers.len() < needed {
            *numbers = AlignedBuffer::new(needed);
        }
        let (gates, rest) = numbers.split_at_mut(block * count * width);
        let (h, rest) = rest.split_at_mut(count * pitch);
        let (c, rest) = rest.split_at_mut(count * pitch);
        let further = &mut rest[..count * pitch];
        h.fill(0.0);
        c.fill(0.0);
        for start in (0..self.steps).step_by(block) {
            let length = block.min(self.steps - start);
            let first = if self.backwards { self.steps - start - length } else { start };
            for panel in 0..kernel.count() {
                for (row, sample) in samples.clone().enumerate() {
                    let offset = self.input.offset + (sample * self.steps + first) * self.input.pitch;
                    let left = View { offset, ..self.input };
                    let depth = kernel.inner;
                    let bias = Some(bias.as_slice());
                    let rows = Rows { kernels, panels: kernel, count: length, left, depth, bias, add: false };
                    let to = &mut ViewMut { values: &mut *gates, pitch: count * width, offset: row * width };
                    rows.some(panel..panel + 1, to);
                }
            }
            for i in 0..length {
                let at = if self.backwards { length - 1 - i } else { i };
                let gates = &mut gates[at * count * width..][..count * width];
                let rows =
                    |panels, left, bias, add| Rows { kernels, panels, count, left, depth: units, bias, add };
                let state = View { values: h, pitch, offset: 0 };
                rows(recurrent, state, None, true).all(&mut ViewMut {
                    values: gates,
                    pitch: width,
                    offset: 0,
                });
                if let Some(candidate) = &self.layer.candidate {
                    let bias = Some(self.layer.candidate_bias.as_slice()).filter(|bias| !bias.is_empty());
                    if step == (RecurrentStep::Gru { reset_after: true }) {
                        let to = &mut ViewMut { values: &mut *further, pitch, offset: 0 };
                        rows(candidate, state, bias, false).all(to);
                    } else {
                        level.run(Reset { units, gates, width, h, further, pitch });
                        let left = View { values: further, pitch, offset: 0 };
                        let to = &mut ViewMut { values: gates, pitch: width, offset: 2 * units };
                        rows(candidate, left, None, true).all(to);
                    }
                }
                // Of the samples side by side, the flags are all steps apart.
                let flag = |sample: usize| sample * self.steps + first + at;
                let seen = self.seen.map(|seen| (&seen.steps[flag(samples.start)..], self.steps));
                level.run(Next { step, units, gates, width, h, c, further, pitch, seen });
                let place = match self.states {
                    States::Last => continue,
                    States::InOrder => start + i,
                    States::AtInputs => first + at,
                };
                for (sample, h) in samples.clone().zip(h.chunks_exact(pitch)) {
                    // SAFETY: this part alone has the sample.
                    let to = unsafe { self.output.pixel(sample * self.steps + place) };
                    match self.seen {
                        Some(seen) if seen.zeros && !seen.has(flag(sample)) => to.fill(0.0),
                        _ => to.copy_from_slice(&h[..units]),
                    }
                }
            }
        }
        if self.states == States::Last {
            for (sample, h) in samples.zip(h.chunks_exact(pitch)) {
                // SAFETY: this part alone has the sample.
                unsafe { self.output.pixel(sample) }.copy_from_slice(&h[..units]);
            }
        }
    }
}

/// The update and reset gates, and the states that the latter lets through.
struct Reset<'a> {
    units: usize,
    gates: &'a mut [f32],
    width: usize,
    h: &'a [f32],
    further: &'a mut [f32],
    pitch: usize,
}

impl Kernel for Reset<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        if V::FMA { self.rows::<true>() } else { self.rows::<false>() }
    }
}

impl Reset<'_> {
    #[inline(always)]
    fn rows<const FMA: bool>(self) {
        let units = self.units;
        let states = self.h.chunks_exact(self.pitch).zip(self.further.chunks_exact_mut(self.pitch));
        for (gates, (h, further)) in self.gates.chunks_exact_mut(self.width).zip(states) {
            each(&mut gates[..2 * units], sigmoid::<FMA>);
            for ((to, r), h) in further[..units].iter_mut().zip(&gates[units..2 * units]).zip(&h[..units]) {
                *to = r * h;
            }
        }
    }
}

/// The next states of some samples, of the sums for their gates.
struct Next<'a> {
    step: RecurrentStep,
    units: usize,
    gates: &'a mut [f32],
    width: usize,
    h: &'a mut [f32],
    c: &'a mut [f32],
    /// The candidate's products of the states, where the reset gate comes after.
    further: &'a [f32],
    pitch: usize,
    /// Whether the step of a sample counts, and how far the flags of samples are apart.
    seen: Option<(&'a [bool], usize)>,
}

impl Kernel for Next<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        if V::FMA { self.rows::<true>() } else { self.rows::<false>() }
    }
}

impl Next<'_> {
    #[inline(always)]
    fn rows<const FMA: bool>(self) {
        let Self { step, units, pitch, .. } = self;
        let states = self.h.chunks_exact_mut(pitch).zip(self.c.chunks_exact_mut(pitch));
        let rows = self.gates.chunks_exact_mut(self.width).zip(states.zip(self.further.chunks_exact(pitch)));
        for (row, (gates, ((h, c), further))) in rows.enumerate() {
            if self.seen.is_some_and(|(flags, apart)| !flags[row * apart]) {
                continue;
            }
            let gates = &mut gates[..step.gates() * units];
            let (h, c, further) = (&mut h[..units], &mut c[..units], &further[..units]);
            match step {
                RecurrentStep::SimpleRnn(activation) => {
                    match activation {
                        RecurrentActivation::Linear => {}
                        // Numbers that are none stay.
                        RecurrentActivation::Relu => each(gates, |x| if x < 0.0 { 0.0 } else { x }),
                        RecurrentActivation::Sigmoid => each(gates, sigmoid::<FMA>),
                        RecurrentActivation::Tanh => each(gates, tanh::<FMA>),
                    }
                    h.copy_from_slice(gates);
                }
                RecurrentStep::Lstm => lstm::<FMA>(gates, h, c),
                RecurrentStep::Gru { reset_after } => gru::<FMA>(reset_after, gates, h, further),
            }
        }
    }
}

#[inline(always)]
fn lstm<const FMA: bool>(gates: &mut [f32], h: &mut [f32], c: &mut [f32]) {
    let units = h.len();
    each(&mut gates[..2 * units], sigmoid::<FMA>);
    each(&mut gates[2 * units..3 * units], tanh::<FMA>);
    each(&mut gates[3 * units..], sigmoid::<FMA>);
    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| &gates[gate * units..][..units]);
    for (((c, f), i), g) in c.iter_mut().zip(f).zip(i).zip(g) {
        *c = fma::<FMA>(*f, *c, *i * *g);
    }
    for ((h, c), o) in h.iter_mut().zip(&*c).zip(o) {
        *h = *o * tanh::<FMA>(*c);
    }
}

#[inline(always)]
fn gru<const FMA: bool>(reset_after: bool, gates: &mut [f32], h: &mut [f32], product: &[f32]) {
    let units = h.len();
    let (zr, g) = gates.split_at_mut(2 * units);
    if reset_after {
        each(zr, sigmoid::<FMA>);
        for ((g, r), product) in g.iter_mut().zip(&zr[units..]).zip(product) {
            *g = fma::<FMA>(*r, *product, *g);
        }
    }
    each(g, tanh::<FMA>);
    for ((h, g), z) in h.iter_mut().zip(&*g).zip(&zr[..units]) {
        *h = fma::<FMA>(*z, *h - g, *g);
    }
}

#[inline(always)]
fn each(values: &mut [f32], function: impl Fn(f32) -> f32) {
    values.iter_mut().for_each(|value| *value = function(*value));
}

#[cfg(test)]
mod tests;
