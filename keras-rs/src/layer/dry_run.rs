//! Output shapes of layers that do not say them: found by calling the layer on zeros.

use super::{
    Arguments, BoundArguments, ForwardPass, InputSpecs, Inputs, KerasTensor, LayerRef, MaskedTensor, Spec,
    SymbolicInputs,
};
use crate::backend::Device;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Sizes that stand for unknown ones; what changes between the two calls is unknown in the output.
const PROBES: [usize; 2] = [2, 3];

impl LayerRef {
    /// Shapes and data types of the outputs, from a call on zeros for each of two stand-ins for unknown sizes.
    pub(super) fn dry_run(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let unknown = inputs.arguments().tensors().iter().any(|(shape, _)| shape.dims().contains(&None));
        let first = self.probe(inputs, PROBES[0])?;
        let second = if unknown { self.probe(inputs, PROBES[1])? } else { first.clone() };
        if first.len() != second.len() {
            let got = format!("{} and {}", first.len(), second.len());
            return Err(Error::argument(
                self.name(),
                "call",
                "the same number of outputs for every size",
                got,
            ));
        }
        first
            .iter()
            .zip(&second)
            .map(|(a, b)| {
                if a.rank() != b.rank() {
                    let got = format!("{} and {} axes", a.rank(), b.rank());
                    return Err(Error::argument(
                        self.name(),
                        "call",
                        "outputs of one rank for every size",
                        got,
                    ));
                }
                let dims = a.shape().iter().zip(b.shape()).map(|(x, y)| (x == y).then_some(*x));
                Ok((Shape::new(dims.collect::<Vec<_>>()), a.dtype()))
            })
            .collect()
    }

    /// Whether a layer of a user's class has layers inside that are built by its first call only.
    pub(super) fn has_unbuilt(&self) -> bool {
        let layer = self.layer();
        layer.module().is_none() && layer.sublayers().iter().any(|(_, child)| !child.is_built())
    }

    /// Makes the variables of this layer and of all inside it that a call needs, by a call on zeros; on a device,
    /// unless some exist elsewhere.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub(crate) fn build_by_call(&self, shapes: Arguments<Shape>, device: &Device) -> Result<()> {
        let name = self.shared_name();
        let build = || {
            self.build_with(shapes.clone(), &self.device().unwrap_or_else(|| device.clone()))?;
            let compute = self.layer().base().dtype.compute_dtype();
            let specs = shapes.try_map(|shape| Ok((shape.clone(), compute)))?;
            let specs = BoundArguments::bind(name.clone(), self.layer().signature(), specs)?;
            self.probe(&specs, PROBES[0]).map(drop)
        };
        build().map_err(|e: Error| e.in_layer(&name))
    }

    fn probe(&self, inputs: &InputSpecs, size: usize) -> Result<Vec<Tensor>> {
        let device = self.home()?;
        let arguments = inputs.arguments().try_map(|(shape, dtype)| {
            let dims: Vec<usize> = shape.dims().iter().map(|d| d.unwrap_or(size)).collect();
            Ok(MaskedTensor::from(Tensor::full_on(&dims, 0.0, *dtype, &device)?))
        })?;
        let inputs = BoundArguments::bind(inputs.layer().into(), self.layer().signature(), arguments)?;
        let name = self.shared_name();
        Ok(self.compute(&name, inputs, &mut ForwardPass::probe())?.into_tensors())
    }
}

impl SymbolicInputs {
    /// Zeros in place of the tensors, the first one with a mask that is also given; it is of this symbolic one's shape,
    /// with true and false values.
    pub(super) fn stand_in(&self, mask: &KerasTensor) -> Result<(Inputs, Tensor)> {
        let dims = |shape: &Shape| shape.dims().iter().map(|d| d.unwrap_or(PROBES[0])).collect::<Vec<_>>();
        let shape = dims(mask.shape());
        let values = (0..shape.iter().product::<usize>()).map(|i| i % 3 == 0).collect();
        let given = Tensor::from_vec(values, shape)?;
        let mut masks = Some(given.clone());
        let mut arguments = self.arguments().clone();
        arguments.keyword.shift_remove("mask");
        let arguments = arguments.try_map(|tensor| {
            let dims = dims(tensor.shape());
            // One element, so that large inputs take no memory.
            let zeros = Tensor::zeros(vec![1; dims.len()], tensor.dtype())?.broadcast_to(dims)?;
            Ok(MaskedTensor::new(zeros, masks.take()))
        })?;
        Ok((BoundArguments::bind(self.layer().into(), self.signature(), arguments)?, given))
    }
}
