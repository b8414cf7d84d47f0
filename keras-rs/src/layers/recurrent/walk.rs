//! The loop over the time steps of a sequence.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData};

/// How a sequence is gone through.
pub(super) struct Walk {
    /// Number of steps.
    pub(super) steps: usize,
    /// Whether the last step comes first.
    pub(super) backwards: bool,
    /// Whether the outputs of all steps are wanted, or the last one's.
    pub(super) sequences: bool,
    /// Whether masked steps give zeros.
    pub(super) zero_output: bool,
    /// Which state masked steps give otherwise.
    pub(super) output_state: usize,
    /// For each step which samples count; `None` where all do.
    pub(super) masks: Vec<Option<Tensor>>,
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

/// For each step which samples a mask leaves, `None` where that is all of them.
pub(super) fn masks_by_step(
    layer: &str,
    mask: Option<&Tensor>,
    batch: usize,
    steps: usize,
) -> Result<Vec<Option<Tensor>>> {
    let Some(mask) = mask else { return Ok(vec![None; steps]) };
    if mask.rank() < 2 || mask.shape()[..2] != [batch, steps] {
        let expected = format!("({batch}, {steps}), one value a step");
        return Err(Error::shape(layer, "mask", expected, tuple(mask.shape())));
    }
    let flags = mask.cast(DType::Bool)?.to_vec::<bool>()?;
    // A mask with more axes leaves a step where it leaves any of its values.
    let size = mask.shape()[2..].iter().product::<usize>();
    let left = |sample: usize, step: usize| {
        let first = (sample * steps + step) * size;
        flags[first..first + size].contains(&true)
    };
    let of_step = |step: usize| {
        let samples: Vec<bool> = (0..batch).map(|sample| left(sample, step)).collect();
        if !samples.contains(&false) {
            return Ok(None);
        }
        Tensor::from_data_on(TensorData::from_values(&samples, vec![batch])?, mask.device()).map(Some)
    };
    (0..steps).map(of_step).collect()
}

/// `a` for the samples that count, `b` for the others.
fn select(counts: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let mut shape = vec![1; a.rank()];
    shape[0] = counts.len();
    a.where_(&counts.reshape(shape)?, b)
}

impl Walk {
    /// Goes through the steps of `x`, whose first axis has all samples of a step together; `step` makes the output
    /// and the next states of one from its part of `x` and the states before. The result is the output, of the last step or of all along a second axis, and the states at the end.
    ///
    /// Steps that the mask takes out leave the states as they are.
    pub(super) fn run(
        &self,
        layer: &str,
        x: &Tensor,
        mut states: Vec<Tensor>,
        mut step: impl FnMut(Tensor, Vec<Tensor>) -> Result<(Tensor, Vec<Tensor>)>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let mut outputs: Vec<Tensor> = Vec::with_capacity(if self.sequences { self.steps } else { 1 });
        let mut parts = cut(x, self.steps)?;
        if self.backwards {
            parts.reverse();
        }
        for (i, part) in parts.into_iter().enumerate() {
            let at = if self.backwards { self.steps - 1 - i } else { i };
            let output = match self.masks.get(at).and_then(Option::as_ref) {
                None => {
                    let (output, next) = step(part, states)?;
                    states = next;
                    output
                }
                Some(counts) => {
                    let before = states.clone();
                    let (output, next) = step(part, states)?;
                    let held = self.held(&output, &before, outputs.last())?;
                    let kept = next.iter().zip(&before).map(|(new, old)| select(counts, new, old));
                    states = kept.collect::<Result<_>>()?;
                    select(counts, &output, &held)?
                }
            };
            if !self.sequences {
                outputs.clear();
            }
            outputs.push(output);
        }
        let output = if self.sequences && !outputs.is_empty() {
            Tensor::stack(&outputs, 1)?
        } else {
            let none = || Error::shape(layer, "sequences", "at least one step", "none");
            outputs.pop().ok_or_else(none)?
        };
        Ok((output, states))
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
