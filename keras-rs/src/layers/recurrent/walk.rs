//! The loop over the time steps of a sequence.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};
use keras_rs_kernels::Sequence;
use std::ops::Range;

/// How a sequence is gone through.
pub(super) struct Walk {
    /// Number of steps.
    pub(super) steps: usize,
    /// Number of samples.
    pub(super) batch: usize,
    /// Whether the last step comes first.
    pub(super) backwards: bool,
    /// Whether the outputs of all steps are wanted, or the last one's.
    pub(super) sequences: bool,
    /// Whether masked steps give zeros.
    pub(super) zero_output: bool,
    /// Which state masked steps give otherwise.
    pub(super) output_state: usize,
    /// For each step and sample whether it counts, step by step; `None` where all do.
    pub(super) counts: Option<Vec<bool>>,
}

/// The batch and the steps of a sequence as one axis, so that the rows of a step lie together.
pub(super) fn by_step(x: &Tensor) -> Result<Tensor> {
    let axes: Vec<usize> = [1, 0].into_iter().chain(2..x.rank()).collect();
    let (batch, steps) = (x.shape()[0], x.shape()[1]);
    x.permute(&axes)?.reshape([&[batch * steps], &x.shape()[2..]].concat())
}

/// The steps of what lies together by step. Halves are halved on and on, because the gradient of a part is as large as
/// what it is a part of: cut off the whole one by one, the steps would cost the square of their number.
fn cut(x: &Tensor, steps: usize) -> Result<Vec<Tensor>> {
    if steps < 2 {
        return Ok(vec![x.clone(); steps]);
    }
    let (rows, half) = (x.shape()[0], steps / 2);
    let middle = rows / steps * half;
    let mut all = cut(&x.narrow(0, 0..middle)?, half)?;
    all.extend(cut(&x.narrow(0, middle..rows)?, steps - half)?);
    Ok(all)
}

/// For each step and sample whether a mask leaves it, step by step.
pub(super) fn counts_by_step(
    layer: &str,
    mask: Option<&Tensor>,
    batch: usize,
    steps: usize,
) -> Result<Option<Vec<bool>>> {
    let Some(mask) = mask else { return Ok(None) };
    if mask.rank() < 2 || mask.shape()[..2] != [batch, steps] {
        let expected = format!("({batch}, {steps}), one value a step");
        return Err(Error::shape(layer, "mask", expected, tuple(mask.shape())));
    }
    let flags = mask.cast(DType::Bool)?.to_vec::<bool>()?;
    // A mask with more axes leaves a step where it leaves any of its values.
    let size = mask.shape()[2..].iter().product::<usize>();
    let left = |step: usize, sample: usize| {
        let first = (sample * steps + step) * size;
        flags[first..first + size].contains(&true)
    };
    let all = (0..steps).flat_map(|step| (0..batch).map(move |sample| (step, sample)));
    Ok(Some(all.map(|(step, sample)| left(step, sample)).collect()))
}

/// Which samples of a step count.
enum Counting {
    All,
    None,
    Some(Box<Tensor>),
}

impl Counting {
    /// `a` for the samples that count, `b` for the others.
    fn select(&self, a: Tensor, b: &Tensor) -> Result<Tensor> {
        match self {
            Self::All => Ok(a),
            // One state may serve all samples.
            Self::None => b.broadcast_to(a.shape()),
            Self::Some(counts) => {
                let mut shape = vec![1; a.rank()];
                shape[0] = counts.len();
                a.where_(&counts.reshape(shape)?, b)
            }
        }
    }
}

/// What a step makes: its output, `None` where it is the state that masked steps give, and the next states.
pub(super) type Made = (Option<Tensor>, Vec<Tensor>);

impl Walk {
    /// Goes through the steps of `x`, whose first axis has all samples of a step together; `step` makes the output
    /// and the next states of one from its part of `x` and the states before. The result is the output, of the last
    /// step or of all along a second axis, and the states at the end.
    ///
    /// Steps that the mask takes out leave the states as they are. The outputs are joined at the end: the gradient of
    /// writing one into a whole would be as large as the whole at every step.
    pub(super) fn run(
        &self,
        layer: &str,
        x: &Tensor,
        mut states: Vec<Tensor>,
        mut step: impl FnMut(Tensor, Vec<Tensor>) -> Result<Made>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let none = || Error::shape(layer, "sequences", "at least one step", "none");
        let mut outputs: Vec<Tensor> = Vec::with_capacity(if self.sequences { self.steps } else { 1 });
        let mut parts = cut(x, self.steps)?;
        if self.backwards {
            parts.reverse();
        }
        let counts = self.all_counts(x)?;
        for (i, part) in parts.into_iter().enumerate() {
            let at = if self.backwards { self.steps - 1 - i } else { i };
            let counting = self.counting(at, counts.as_ref())?;
            let masked = !matches!(counting, Counting::All);
            let before = if masked { states.clone() } else { Vec::new() };
            let (output, next) = step(part, states)?;
            let mut output = match output {
                // Taken from the states once the mask is in them.
                None if !self.zero_output => None,
                None => next.get(self.output_state).cloned(),
                output => output,
            };
            if let Some(computed) = output.take_if(|_| masked) {
                let held = self.held(&computed, &before, outputs.last())?;
                output = Some(counting.select(computed, &held)?);
            }
            states = next;
            if masked {
                let kept = states.into_iter().zip(&before).map(|(new, old)| counting.select(new, old));
                states = kept.collect::<Result<_>>()?;
            }
            let output = output.or_else(|| states.get(self.output_state).cloned()).ok_or_else(none)?;
            if !self.sequences {
                outputs.clear();
            }
            outputs.push(output);
        }
        let output = if self.sequences && !outputs.is_empty() {
            Tensor::stack(&outputs, 1)?
        } else {
            outputs.pop().ok_or_else(none)?
        };
        Ok((output, states))
    }

    /// For each step and sample whether it counts, where not all do.
    fn all_counts(&self, like: &Tensor) -> Result<Option<Tensor>> {
        let Some(counts) = self.counts.as_ref().filter(|counts| counts.contains(&false)) else {
            return Ok(None);
        };
        let values = TensorData::from_values(counts, vec![self.steps, self.batch])?;
        Tensor::from_data_on(values, like.device()).map(Some)
    }

    /// Which samples of a step count.
    fn counting(&self, step: usize, all: Option<&Tensor>) -> Result<Counting> {
        let (Some(counts), Some(all)) = (&self.counts, all) else { return Ok(Counting::All) };
        let counts = &counts[step * self.batch..][..self.batch];
        match (counts.contains(&true), counts.contains(&false)) {
            (_, false) => Ok(Counting::All),
            (false, true) => Ok(Counting::None),
            _ => Ok(Counting::Some(Box::new(all.narrow(0, step..step + 1)?))),
        }
    }

    /// The steps for an operation that goes through all of them.
    pub(super) fn sequence(&self, units: usize) -> Sequence {
        let Self { steps, batch, backwards, .. } = *self;
        Sequence { steps, batch, units, backwards, counts: self.counts.clone() }
    }

    /// The output, and the state at the end, from blocks `(batch, units)` that start with the state at the start and
    /// the one after each step.
    pub(super) fn output(&self, blocks: &Tensor) -> Result<(Tensor, Tensor)> {
        let steps = self.steps;
        let state = blocks.narrow(0, steps..steps + 1)?.squeeze(&[0])?;
        if !self.sequences {
            return Ok((self.zeroed(state.clone(), steps - 1..steps)?, state));
        }
        let all = blocks.narrow(0, 1..steps + 1)?;
        Ok((self.zeroed(all, 0..steps)?.permute(&[1, 0, 2])?, state))
    }

    /// Zeros for the samples that do not count, where they are wanted, in outputs that were computed in that order.
    fn zeroed(&self, outputs: Tensor, computed: Range<usize>) -> Result<Tensor> {
        let Some(counts) = self.counts.as_ref().filter(|_| self.zero_output) else { return Ok(outputs) };
        let at = |i: usize| if self.backwards { self.steps - 1 - i } else { i };
        let counts = computed.flat_map(|i| counts[at(i) * self.batch..][..self.batch].iter().copied());
        let counts: Vec<bool> = counts.collect();
        let mut shape = outputs.shape().to_vec();
        if let Some(units) = shape.last_mut() {
            *units = 1;
        }
        let counts = Tensor::from_data_on(TensorData::from_values(&counts, shape)?, outputs.device())?;
        outputs.where_(&counts, &outputs.full_like([], 0.0)?)
    }

    /// What a masked step gives in place of its output.
    fn held(&self, output: &Tensor, before: &[Tensor], previous: Option<&Tensor>) -> Result<Tensor> {
        let zeros = || output.full_like(output.shape(), 0.0);
        if self.zero_output {
            return zeros();
        }
        match before.get(self.output_state).filter(|state| state.shape() == output.shape()) {
            Some(state) => state.cast(output.dtype()),
            None => previous.cloned().map_or_else(zeros, Ok),
        }
    }
}
