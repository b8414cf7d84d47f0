//! What the layers that merge elementwise share: shapes, ranks and masks. Keras' `Merge`.

use crate::config::KerasConfig;
use crate::error::{Error, Result};
use crate::layer::{
    BuildScope, CallContext, Form, InputShapes, Inputs, KerasTensor, Layer, LayerFields, MaskedTensor,
    Outputs, Signature, SymbolicInputs,
};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::Tensor;
use std::any::Any;
use std::fmt;

/// Tensors to merge, of one rank, with their masks.
pub(super) type Operands = Vec<MaskedTensor>;

/// A layer that merges a list of tensors elementwise.
pub(super) trait Merge: KerasConfig + LayerFields + Any + fmt::Debug + Send + Sync {
    /// How many tensors it takes, where that is fixed.
    const COUNT: Option<usize> = None;

    /// What `predict` has kernels for.
    const FORM: Option<Form> = None;

    /// Merges the operands; errors are in the name of the layer.
    fn merge(layer: &str, operands: Operands) -> Result<Tensor>;
}

impl<M: Merge> Layer for M {
    fn signature(&self) -> Signature {
        Signature::LIST
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let inputs = inputs.to_list();
        if let Some(count) = M::COUNT.filter(|n| *n != inputs.len()) {
            return Err(Error::argument(scope.name(), "inputs", format!("{count} tensors"), inputs.len()));
        }
        if batches(&inputs).len() > 1 {
            let shapes: Vec<String> = inputs.iter().map(ToString::to_string).collect();
            return Err(Error::shape(scope.name(), "inputs", "one batch size", shapes.join(", ")));
        }
        output_shape(scope.name(), &inputs).map(drop)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(M::merge(context.layer(), align(inputs.into_masked())?)?.into())
    }

    fn form(&self) -> Option<Form> {
        M::FORM
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![output_shape(self.class_name(), &inputs.to_list())?])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(vec![any_mask(inputs.masks(), Tensor::logical_or)?])
    }

    fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(vec![any_mask(inputs.masks(), ops::logical_or)?])
    }
}

/// The shape without the batch of two merged shapes.
fn merge_dims(context: &str, a: &[Option<usize>], b: &[Option<usize>]) -> Result<Vec<Option<usize>>> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let (lead, tail) = long.split_at(long.len() - short.len());
    let mut dims = lead.to_vec();
    for (&x, &y) in tail.iter().zip(short) {
        dims.push(match (x, y) {
            (None, _) | (_, None) => None,
            (Some(1), y) => y,
            (x, Some(1)) => x,
            (x, y) if x == y => x,
            _ => {
                return Err(Error::shape(
                    context,
                    "inputs",
                    "shapes that broadcast together",
                    format!("{} and {}", Shape::new(a), Shape::new(b)),
                ));
            }
        });
    }
    Ok(dims)
}

/// The sizes that inputs' batches have, each once.
fn batches(inputs: &[Shape]) -> Vec<usize> {
    let mut sizes: Vec<usize> = inputs.iter().filter_map(|s| s.dims().first().copied().flatten()).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// The shape of the merged inputs: batches side by side, other axes aligned at the end.
fn output_shape(context: &str, inputs: &[Shape]) -> Result<Shape> {
    let Some(first) = inputs.first() else {
        return Err(Error::argument(context, "inputs", "a list of at least one tensor", "an empty list"));
    };
    let mut dims: Vec<Option<usize>> = Vec::new();
    for (i, shape) in inputs.iter().enumerate() {
        let Some((_, rest)) = shape.dims().split_first() else {
            return Err(Error::shape(context, "inputs", "tensors with a batch axis", first));
        };
        dims = if i == 0 { rest.to_vec() } else { merge_dims(context, &dims, rest)? };
    }
    let batch = match batches(inputs).as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    dims.insert(0, batch);
    Ok(dims.into())
}

/// Brings inputs to one rank with axes of size one behind the batch.
///
/// A tensor that gets new axes loses its mask, as in Keras.
fn align(inputs: Operands) -> Result<Operands> {
    let rank = inputs.iter().map(|input| input.tensor.rank()).max().unwrap_or(0);
    inputs
        .into_iter()
        .map(|input| {
            let x = &input.tensor;
            if x.rank() == rank || x.rank() == 0 {
                return Ok(input);
            }
            let mut shape = vec![x.shape()[0]];
            shape.resize(1 + rank - x.rank(), 1);
            shape.extend(&x.shape()[1..]);
            Ok(x.reshape(shape)?.into())
        })
        .collect()
}

/// A mask of the time steps of `x`, repeated over the last axis.
pub(super) fn spread(mask: &Tensor, x: &Tensor) -> Result<Tensor> {
    mask.expand_dims(-1)?.broadcast_to(x.shape())
}

/// Where any input is used; none where an input has no mask.
pub(super) fn any_mask<M>(masks: Vec<Option<M>>, or: impl Fn(&M, &M) -> Result<M>) -> Result<Option<M>> {
    let mut merged: Option<M> = None;
    for mask in masks {
        let Some(mask) = mask else { return Ok(None) };
        merged = Some(match merged {
            None => mask,
            Some(so_far) => or(&so_far, &mask)?,
        });
    }
    Ok(merged)
}

/// Folds operands with a function of two tensors.
pub(super) fn fold(
    context: &str,
    operands: Operands,
    merge: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let mut tensors = operands.into_iter().map(|operand| operand.tensor);
    let first = tensors.next().ok_or_else(|| {
        Error::argument(context, "inputs", "a list of at least one tensor", "an empty list")
    })?;
    tensors.try_fold(first, |merged, x| merge(&merged, &x))
}

/// Folds operands where each has its say only where its mask holds.
pub(super) fn fold_masked(
    context: &str,
    operands: Operands,
    merge: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    if operands.iter().all(|operand| operand.mask().is_none()) {
        return fold(context, operands, merge);
    }
    let mut merged: Option<(Tensor, Option<Tensor>)> = None;
    for (x, mask) in operands.into_iter().map(MaskedTensor::into_parts) {
        let mask = mask.map(|m| spread(&m, &x)).transpose()?;
        merged = Some(match merged {
            None => (x, mask),
            Some((so_far, so_far_mask)) => {
                let x = match &mask {
                    Some(mask) => x.where_(mask, &so_far)?,
                    None => x,
                };
                let so_far = match &so_far_mask {
                    Some(mask) => so_far.where_(mask, &x)?,
                    None => so_far,
                };
                let either = match (mask, so_far_mask) {
                    (Some(a), Some(b)) => Some(a.logical_or(&b)?),
                    _ => None,
                };
                (merge(&so_far, &x)?, either)
            }
        });
    }
    merged
        .map(|(tensor, _)| tensor)
        .ok_or_else(|| Error::argument(context, "inputs", "a list of at least one tensor", "an empty list"))
}
