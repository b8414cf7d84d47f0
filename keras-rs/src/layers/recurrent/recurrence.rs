//! What all recurrent layers do: building the cell, shapes, masks, states, and the way from a call to its steps.

use super::kept_states::KeptStates;
use super::walk::{Walk, counts_by_step};
use crate::config::{BaseConfig, ConfigReader};
use crate::error::{Error, Result};
use crate::layer::{
    BoundArguments, BuildScope, CallContext, CarriesMask, Cell, Form, InputShapes, Inputs, LayerBase,
    LayerRef, Outputs, Signature,
};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// The arguments of a call.
pub(super) const SIGNATURE: Signature =
    Signature::new(&["sequences", "initial_state", "mask", "training", "constants"])
        .built_from(&["sequences", "initial_state"])
        .with_rest("initial_state")
        .masked();

/// A recurrent layer: its cell, and how it goes through a sequence.
pub(super) struct Recurrence<'a> {
    pub(super) base: &'a LayerBase,
    pub(super) cell: &'a LayerRef,
    pub(super) kept: &'a KeptStates,
    pub(super) return_sequences: bool,
    pub(super) return_state: bool,
    pub(super) go_backwards: bool,
    pub(super) stateful: bool,
    pub(super) zero_output_for_mask: bool,
    /// How many of the tensors in a list of Keras 2 are constants, where the file says so.
    pub(super) num_constants: Option<usize>,
    /// Number of axes that a sequence must have, where the class says so.
    pub(super) rank: Option<usize>,
}

impl Recurrence<'_> {
    /// What the layer computes at inference, where its cell computes such steps.
    pub(super) fn form(&self, step: keras_rs_kernels::RecurrentStep) -> Option<Form> {
        (!self.return_state && !self.stateful).then(|| Form::Recurrent {
            cell: self.cell.clone(),
            step,
            backwards: self.go_backwards,
            sequences: self.return_sequences,
            zeros: self.zero_output_for_mask,
        })
    }
}

/// A call on its way through the steps.
pub(super) struct Run {
    pub(super) sequences: Tensor,
    pub(super) states: Vec<Tensor>,
    pub(super) constants: Vec<Tensor>,
    pub(super) walk: Walk,
}

/// Reads the arguments of every layer, and those that Keras 2 wrote for recurrent layers.
pub(super) fn read_base(base: LayerBase, c: &mut ConfigReader<'_>) -> Result<LayerBase> {
    if c.has("time_major") {
        let time_major = c.take_value("time_major")?;
        if time_major.as_bool() != Some(false) {
            return Err(c.reject("time_major", "false, as Keras 3 has batches first only", time_major));
        }
    }
    c.ignore(&["implementation", "input_dim", "input_length"]);
    BaseConfig::read(base, c)
}

/// The first tensor of the sequences.
pub(super) fn sequence<T>(inputs: &BoundArguments<T>) -> Result<&T> {
    inputs
        .tensor("sequences")?
        .ok_or_else(|| Error::argument(inputs.layer(), "sequences", "a tensor", "none"))
}

/// The shape of a sequence without its steps.
pub(super) fn step(layer: &str, sequence: &Shape) -> Result<Shape> {
    match sequence.dims() {
        [batch, _, rest @ ..] if !rest.is_empty() => {
            Ok(std::iter::once(*batch).chain(rest.iter().copied()).collect::<Vec<_>>().into())
        }
        _ => Err(Error::shape(layer, "sequences", "at least 3 axes", sequence)),
    }
}

impl Recurrence<'_> {
    /// As [`step`] of a sequence whose number of axes is checked.
    fn step(&self, layer: &str, sequence: &Shape) -> Result<Shape> {
        if let Some(rank) = self.rank {
            sequence.require_rank(layer, rank)?;
        }
        step(layer, sequence)
    }

    fn as_cell(&self, layer: &str) -> Result<&dyn Cell> {
        let refused = || Error::argument(layer, "cell", "a layer that is a cell", self.cell.class_name());
        self.cell.layer().cell().ok_or_else(refused)
    }

    pub(super) fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.as_cell(scope.name())?;
        let sequence = sequence(inputs)?;
        let step = self.step(scope.name(), sequence)?;
        scope.build_child(self.cell, &[step])?;
        if self.stateful {
            self.kept.expect(sequence.known_dim(scope.name(), 0)?);
        }
        Ok(())
    }

    pub(super) fn output_shapes(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let sequence = sequence(inputs)?;
        let mut shapes = self.as_cell(inputs.layer())?.step_shapes(&self.step(inputs.layer(), sequence)?)?;
        if self.return_sequences
            && let Some(output) = shapes.first_mut()
        {
            let mut dims = output.dims().to_vec();
            dims.insert(1, sequence.dims()[1]);
            *output = dims.into();
        }
        shapes.truncate(if self.return_state { usize::MAX } else { 1 });
        Ok(shapes)
    }

    /// Masks of the outputs.
    pub(super) fn mask<T: CarriesMask>(&self, inputs: &BoundArguments<T>) -> Vec<Option<T::Mask>> {
        if self.return_sequences { vec![mask(inputs)] } else { Vec::new() }
    }

    /// Prepares a call, has `run` go through its steps, and keeps the states where the layer is stateful.
    pub(super) fn call(
        &self,
        mut inputs: Inputs,
        context: &mut CallContext<'_>,
        run: impl FnOnce(Run, &mut CallContext<'_>) -> Result<(Tensor, Vec<Tensor>)>,
    ) -> Result<Outputs> {
        let cell = self.as_cell(context.layer())?;
        let mask = mask_of_call(&inputs);
        let given = inputs.take_all("initial_state");
        let mut constants = inputs.take_all("constants");
        let missing = || Error::argument(self.cell.name(), "sequences", "a tensor", "none");
        let sequences = inputs.take("sequences")?.ok_or_else(missing)?;
        let (batch, steps) = (sequences.shape()[0], sequences.shape()[1]);
        let step = [&[batch], &sequences.shape()[2..]].concat();
        let kept = if self.stateful { self.kept.get(context.layer(), batch)? } else { None };
        let expected = cell.step_shapes(&Shape::from(step.as_slice()))?.split_off(1);
        let dtype = self.cell.layer().base().dtype.compute_dtype();
        let device = sequences.device();
        let given = self.given(context.layer(), given, &expected, &mut constants)?;
        let states = match given.or(kept) {
            Some(states) => states,
            None => cell.get_initial_state(&step, dtype, device)?,
        };
        let states = states
            .iter()
            .map(|state| state.cast(dtype)?.moved_to(device, context.layer(), "initial_state"))
            .collect::<Result<_>>()?;
        let walk = Walk {
            steps,
            batch,
            backwards: self.go_backwards,
            sequences: self.return_sequences,
            zero_output: self.zero_output_for_mask,
            output_state: cell.output_state(),
            counts: counts_by_step(context.layer(), mask.as_ref(), batch, steps)?,
        };
        let (output, states) = run(Run { sequences, states, constants, walk }, context)?;
        context.forget(self.cell);
        if self.stateful && !context.probing() {
            self.kept.put(&states);
        }
        let compute = self.base.dtype.compute_dtype();
        let mut outputs = vec![output.cast(compute)?];
        if self.return_state {
            outputs.extend(states.iter().map(|state| state.cast(compute)).collect::<Result<Vec<_>>>()?);
        }
        Ok(outputs.into())
    }

    /// The states of a call; what a list of Keras 2 has behind them are constants.
    fn given(
        &self,
        layer: &str,
        mut given: Vec<Tensor>,
        expected: &[Shape],
        constants: &mut Vec<Tensor>,
    ) -> Result<Option<Vec<Tensor>>> {
        let count = expected.len();
        let states = match self.num_constants {
            Some(constants) => given.len().saturating_sub(constants),
            None => count.min(given.len()),
        };
        if constants.is_empty() {
            *constants = given.split_off(states);
        }
        match given.len() {
            0 => Ok(None),
            got if got == count => {
                given
                    .iter()
                    .zip(expected)
                    .try_for_each(|(state, expected)| check_state(layer, state, expected))?;
                Ok(Some(given))
            }
            got => {
                let expected = format!("{count} states");
                Err(Error::argument(layer, "initial_state", expected, format!("{got} tensors")))
            }
        }
    }
}

/// Refuses a state that is not shaped as the cell's; one of a batch of one serves all samples.
fn check_state(layer: &str, state: &Tensor, expected: &Shape) -> Result<()> {
    let mut one = expected.dims().to_vec();
    if let Some(batch) = one.first_mut() {
        *batch = Some(1);
    }
    if expected.accepts(state.shape()) || Shape::new(one).accepts(state.shape()) {
        return Ok(());
    }
    Err(Error::shape(layer, "initial_state", expected, Shape::from(state.shape())))
}

/// The mask of a sequence: the one that the call names, else the one that travels with the tensor.
pub(super) fn mask<T: CarriesMask>(inputs: &BoundArguments<T>) -> Option<T::Mask> {
    let given = inputs.get("mask").map(|given| given.tensors());
    let given = given.and_then(|given| given.first().map(|given| given.as_mask()));
    given.or_else(|| inputs.mask())
}

/// The mask whose steps a call leaves out. As in Keras the one that travels with the sequence counts only where the
/// sequence is the call's only argument of tensors; it is handed on to the outputs all the same.
pub(super) fn mask_of_call(inputs: &Inputs) -> Option<Tensor> {
    let others = ["initial_state", "constants"].iter().any(|name| !inputs.tensors(name).is_empty());
    if others && inputs.get("mask").is_none() { None } else { mask(inputs) }
}
