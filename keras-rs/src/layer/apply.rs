//! Applying a layer to symbolic tensors, and the shapes that it gives.

use super::call::constant_data;
use super::{
    Argument, Arguments, AsInputs, BoundArguments, Call, ForwardPass, InputSpecs, Inputs, KerasTensor,
    LayerRef, MaskedTensor, Node, Role, Spec,
};
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::sync::Arc;

impl LayerRef {
    /// Applies the layer to symbolic tensors; the result is its first output.
    ///
    /// # Errors
    /// Where an argument or a shape is not accepted; the error names the layer.
    pub fn apply(&self, inputs: impl AsInputs) -> Result<KerasTensor> {
        self.apply_with(inputs, Call::new())
    }

    /// Applies the layer to symbolic tensors, with further arguments by keyword; the result is its first
    /// output.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_with(&self, inputs: impl AsInputs, call: Call) -> Result<KerasTensor> {
        let outputs = self.apply_many_with(inputs, call)?;
        let missing = || Error::argument(self.name(), "outputs", "at least one output", "none");
        outputs.into_iter().next().ok_or_else(missing)
    }

    /// Applies the layer to symbolic tensors; the result is its outputs, as many as are asked for.
    ///
    /// # Errors
    /// As [`LayerRef::apply`]; [`Error::Argument`] where the layer has another number of outputs.
    pub fn apply_to<const N: usize>(&self, inputs: impl AsInputs) -> Result<[KerasTensor; N]> {
        let outputs = self.apply_many(inputs)?;
        let got = outputs.len();
        let expected = format!("{N} outputs");
        outputs.try_into().map_err(|_| Error::argument(self.name(), "outputs", expected, format!("{got}")))
    }

    /// Applies the layer to symbolic tensors; all its outputs.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_many(&self, inputs: impl AsInputs) -> Result<Vec<KerasTensor>> {
        self.apply_many_with(inputs, Call::new())
    }

    /// Applies the layer to symbolic tensors, with further arguments by keyword; all its outputs.
    ///
    /// # Errors
    /// As [`LayerRef::apply`].
    pub fn apply_many_with(&self, inputs: impl AsInputs, call: Call) -> Result<Vec<KerasTensor>> {
        let tensors = inputs.keras_tensors()?;
        let signature = self.layer().signature();
        let role = self.layer().role();
        if signature.takes_list() && !inputs.is_list() && role != Role::Graph {
            return Err(Error::argument(self.name(), "inputs", "a list of tensors", "one tensor"));
        }
        // An operation's operands, and the tensors of a layer with several parameters, are arguments of
        // their own; otherwise a list is one argument.
        let apart = role == Role::Operation || signature.takes_apart();
        let first = if signature.takes_list() || (inputs.is_list() && !apart) {
            vec![Argument::List(tensors.into_iter().map(Argument::Tensor).collect())]
        } else {
            tensors.into_iter().map(Argument::Tensor).collect()
        };
        let arguments = call.symbolic(first).map_err(|e| e.in_layer(&self.name()))?;
        Node::connect(self, arguments)
    }

    /// Calls the layer on one tensor, with further arguments by keyword; the result is its first output.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub fn call_masked(&self, input: impl Into<MaskedTensor>, call: Call) -> Result<Tensor> {
        let arguments =
            call.real(self.arguments(vec![input.into()])).map_err(|e| e.in_layer(&self.name()))?;
        let outputs = self.run(arguments, &mut ForwardPass::default())?;
        let missing = || Error::argument(self.name(), "outputs", "at least one output", "none");
        outputs.into_tensors().into_iter().next().ok_or_else(missing)
    }

    /// Shapes of the outputs for inputs of these shapes.
    ///
    /// # Errors
    /// What [`Layer::compute_output_shape`](super::Layer::compute_output_shape) reports, with the layer's name.
    pub fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        let dtype = self.layer().base().dtype.compute_dtype();
        let inputs = self.arguments(inputs.iter().map(|shape| (shape.clone(), dtype)).collect());
        Ok(self.compute_output_spec(inputs)?.into_iter().map(|(shape, _)| shape).collect())
    }

    /// Shapes and data types of the outputs of one call.
    ///
    /// # Errors
    /// What [`Layer::compute_output_spec`](super::Layer::compute_output_spec) reports, with the layer's name;
    /// [`Error::TooLarge`] where an output would be over the limits.
    pub fn compute_output_spec(&self, mut inputs: Arguments<Spec>) -> Result<Vec<Spec>> {
        let name = self.shared_name();
        if self.layer().role() != Role::Operation {
            inputs.resolve(|value| {
                constant_data(value).map(|data| data.map(|data| (Shape::from(data.shape()), data.dtype())))
            })?;
        }
        let bound = BoundArguments::bind(name.clone(), self.layer().signature(), inputs);
        bound.and_then(|inputs| self.output_specs(&inputs)).map_err(|e| e.in_layer(&name))
    }

    /// Specs of the outputs, of which none is over the limits.
    fn output_specs(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let specs = match self.said_specs(inputs.arguments(), PartialEq::eq, || Ok(inputs.clone()))? {
            Some(said) => said,
            None => {
                let found: Arc<[Spec]> = self.dry_run(inputs)?.into();
                self.0.known_specs.add(inputs.arguments(), &found);
                found
            }
        };
        check_limits(&specs)?;
        Ok(specs.to_vec())
    }

    /// Specs of the outputs for tensors as far as the layer says them; refuses outputs over the limits.
    pub(super) fn check_outputs(&self, inputs: &Inputs) -> Result<Option<Arc<[Spec]>>> {
        let same = |input: &MaskedTensor, (shape, dtype): &Spec| {
            let sizes = shape.dims().iter().copied();
            input.tensor.dtype() == *dtype && sizes.eq(input.tensor.shape().iter().copied().map(Some))
        };
        let spec = |input: &MaskedTensor| Ok((Shape::from(input.tensor.shape()), input.tensor.dtype()));
        let specs = self.said_specs(inputs.arguments(), same, || inputs.try_map(spec))?;
        specs.iter().try_for_each(|specs| check_limits(specs))?;
        Ok(specs)
    }

    /// What the layer says, or has said, of the outputs for such inputs.
    fn said_specs<T>(
        &self,
        inputs: &Arguments<T>,
        same: impl Fn(&T, &Spec) -> bool,
        specs: impl FnOnce() -> Result<InputSpecs>,
    ) -> Result<Option<Arc<[Spec]>>> {
        // A model that is not wired yet may say more later.
        let remembers = self.layer().role() != Role::Graph;
        if let Some(known) = self.0.known_specs.find(inputs, same).filter(|_| remembers) {
            return Ok(Some(known));
        }
        let inputs = specs()?;
        let said: Arc<[Spec]> = match self.layer().compute_output_spec(&inputs) {
            Err(Error::NoShapeFunction { .. }) => return Ok(None),
            said => said?.into(),
        };
        if remembers {
            self.0.known_specs.add(inputs.arguments(), &said);
        }
        Ok(Some(said))
    }
}

fn check_limits(outputs: &[Spec]) -> Result<()> {
    outputs.iter().try_for_each(|(shape, dtype)| crate::limits::check_symbolic("output", *dtype, shape))
}
