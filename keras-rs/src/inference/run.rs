//! One run of a plan: its buffers, the tensors of calls, and how steps read and write them.

use super::plan::{Plan, Source, Spot};
use super::profile::PlanStep;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{ForwardPass, MaskedTensor};
use crate::tensor::Tensor;
use keras_rs_kernels::{AlignedBuffer, View, ViewMut};
use std::borrow::Cow;
use std::time::Instant;

/// The state of one run.
pub(super) struct Run<'a> {
    plan: &'a Plan,
    inputs: &'a [Tensor],
    numbers: Vec<Cow<'a, [f32]>>,
    buffers: Vec<AlignedBuffer>,
    tensors: Vec<Option<MaskedTensor>>,
    pub(super) pass: Option<ForwardPass>,
}

impl Plan {
    /// The outputs for inputs of the plan's shapes; who watches is told how long each step takes.
    ///
    /// # Errors
    /// What a call reports, or memory without room.
    pub(super) fn run(&self, inputs: &[Tensor], watch: Option<&mut Vec<PlanStep>>) -> Result<Vec<Tensor>> {
        let numbers = inputs.iter().map(|input| match input.dtype() {
            DType::F32 => input.floats(),
            _ => Ok(Cow::Borrowed(&[][..])),
        });
        let numbers = numbers.collect::<Result<_>>()?;
        let buffers = self.arenas.take()?;
        let mut tensors = Vec::new();
        tensors.resize_with(self.tensors, || None);
        let mut run = Run { plan: self, inputs, numbers, buffers, tensors, pass: None };
        let outputs = run.outputs(watch);
        self.arenas.give_back(run.buffers);
        outputs
    }
}

impl Run<'_> {
    fn outputs(&mut self, mut watch: Option<&mut Vec<PlanStep>>) -> Result<Vec<Tensor>> {
        let plan = self.plan;
        for step in &plan.steps {
            let started = watch.is_some().then(Instant::now);
            step.work.run(self)?;
            if let (Some(watch), Some(started)) = (&mut watch, started) {
                watch.push(PlanStep::new(step, started.elapsed()));
            }
            step.frees.iter().for_each(|index| self.tensors[*index] = None);
        }
        plan.outputs.iter().map(|(spot, _)| Ok(self.tensor(spot)?.tensor)).collect()
    }

    /// The numbers that a spot is part of.
    pub(super) fn read(&self, spot: &Spot) -> Result<Cow<'_, [f32]>> {
        match spot.source {
            Source::Input(index) => Ok(Cow::Borrowed(&self.numbers[index])),
            Source::Slot(index) => Ok(Cow::Borrowed(&self.buffers[index])),
            Source::Tensor(index) => self.tensors[index].as_ref().ok_or_else(missing)?.tensor.floats(),
        }
    }

    /// The flags of a mask.
    pub(super) fn flags(&self, spot: &Spot) -> Result<Vec<bool>> {
        self.tensor(spot)?.tensor.to_vec::<bool>()
    }

    /// The numbers of a spot side by side.
    pub(super) fn dense(&self, spot: &Spot) -> Result<Cow<'_, [f32]>> {
        let values = self.read(spot)?;
        if !spot.is_dense() {
            let view = spot.view(&values);
            let pixels = (0..spot.pixels()).flat_map(|pixel| view.pixel(pixel, spot.channels()));
            return Ok(Cow::Owned(pixels.copied().collect()));
        }
        match values {
            Cow::Borrowed(values) => values.get(..spot.len()).map(Cow::Borrowed).ok_or_else(missing),
            values => Ok(values),
        }
    }

    /// Has a function write to the buffer of a spot; it may read from all others.
    pub(super) fn write(
        &mut self,
        spot: &Spot,
        write: impl FnOnce(&Self, ViewMut<'_>) -> Result<()>,
    ) -> Result<()> {
        let Source::Slot(index) = spot.source else { return Err(missing()) };
        let mut buffer = std::mem::take(&mut self.buffers[index]);
        let view = ViewMut { values: &mut buffer, pitch: spot.pitch, offset: spot.offset };
        let written = write(self, view);
        self.buffers[index] = buffer;
        written
    }

    /// The values of a spot as a tensor.
    pub(super) fn tensor(&self, spot: &Spot) -> Result<MaskedTensor> {
        let shaped = |tensor: &MaskedTensor| match tensor.tensor.shape() == spot.shape {
            true => Ok(tensor.clone()),
            false => Ok(tensor.tensor.reshape(spot.shape.as_slice())?.into()),
        };
        match spot.source {
            Source::Input(index) => shaped(&MaskedTensor::from(&self.inputs[index])),
            Source::Tensor(index) => shaped(self.tensors[index].as_ref().ok_or_else(missing)?),
            Source::Slot(_) => {
                let numbers = self.dense(spot)?.into_owned();
                Ok(Tensor::from_floats(numbers, spot.shape.clone(), &self.plan.device)?.into())
            }
        }
    }

    /// As [`Run::tensor`], by value where it is used for the last time.
    pub(super) fn last_tensor(&mut self, spot: &Spot) -> Result<MaskedTensor> {
        match spot.source {
            Source::Tensor(index) if self.has_shape(index, spot) => {
                self.tensors[index].take().ok_or_else(missing)
            }
            _ => self.tensor(spot),
        }
    }

    fn has_shape(&self, index: usize, spot: &Spot) -> bool {
        self.tensors[index].as_ref().is_some_and(|tensor| tensor.tensor.shape() == spot.shape)
    }

    /// Keeps what a call gave.
    pub(super) fn keep(&mut self, index: usize, tensor: MaskedTensor) {
        self.tensors[index] = Some(tensor);
    }

    /// Copies values from one spot to another.
    pub(super) fn copy(&mut self, from: &Spot, to: &Spot) -> Result<()> {
        let (pixels, channels) = (to.pixels(), to.channels());
        if from.source == to.source {
            let Source::Slot(index) = to.source else { return Err(missing()) };
            // Places in one buffer do not overlap, or are the same.
            for pixel in 0..pixels {
                let start = from.offset + pixel * from.pitch;
                self.buffers[index].copy_within(start..start + channels, to.offset + pixel * to.pitch);
            }
            return Ok(());
        }
        self.write(to, |run, mut output| {
            let values = run.read(from)?;
            let view = from.view(&values);
            for pixel in 0..pixels {
                output.pixel(pixel, channels).copy_from_slice(view.pixel(pixel, channels));
            }
            Ok(())
        })
    }
}

impl Spot {
    /// The pixels among the numbers that they are part of.
    pub(super) fn view<'a>(&self, values: &'a [f32]) -> View<'a> {
        View { values, pitch: self.pitch, offset: self.offset }
    }
}

/// What no plan leads to: a value is read before it is made.
pub(super) fn missing() -> Error {
    Error::argument("predict", "plan", "a value that is there", "none")
}
