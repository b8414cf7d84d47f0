//! What the layers that merge elementwise share: shapes, ranks and masks. Keras' `Merge`.

use crate::error::{Error, Result};
use crate::layer::MaskedTensor;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Tensors to merge, of one rank, with their masks.
pub(super) type Operands = Vec<MaskedTensor>;

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

/// Checks the inputs that a layer is built for; `count` is how many it takes where that is fixed.
pub(super) fn build(context: &str, inputs: &[Shape], count: Option<usize>) -> Result<()> {
    if let Some(count) = count.filter(|n| *n != inputs.len()) {
        return Err(Error::argument(context, "inputs", format!("{count} tensors"), inputs.len()));
    }
    if batches(inputs).len() > 1 {
        let shapes: Vec<String> = inputs.iter().map(ToString::to_string).collect();
        return Err(Error::shape(context, "inputs", "one batch size", shapes.join(", ")));
    }
    output_shape(context, inputs).map(|_| ())
}

/// The shape of the merged inputs: batches side by side, other axes aligned at the end.
pub(super) fn output_shape(context: &str, inputs: &[Shape]) -> Result<Vec<Shape>> {
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
    Ok(vec![dims.into()])
}

/// Brings inputs to one rank with axes of size one behind the batch.
///
/// A tensor that gets new axes loses its mask, as in Keras.
pub(super) fn align(inputs: Operands) -> Result<Operands> {
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
pub(super) fn any_mask(masks: &[Option<&Tensor>]) -> Result<Option<Tensor>> {
    let mut merged: Option<Tensor> = None;
    for mask in masks {
        let Some(mask) = mask else { return Ok(None) };
        merged = Some(match merged {
            None => (*mask).clone(),
            Some(so_far) => so_far.logical_or(mask)?,
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
    if operands.iter().all(|operand| operand.mask.is_none()) {
        return fold(context, operands, merge);
    }
    let mut merged: Option<(Tensor, Option<Tensor>)> = None;
    for MaskedTensor { tensor: x, mask } in operands {
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

/// A layer without arguments that merges elementwise by a function of its name and operands.
macro_rules! elementwise {
    ($(#[$doc:meta])* $class:ident, $name:literal, $merge:expr) => {
        super::base::elementwise! { $(#[$doc])* $class, $name, $merge, None }
    };
    ($(#[$doc:meta])* $class:ident, $name:literal, $merge:expr, $count:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $class {
            base: crate::layer::LayerBase,
        }

        impl $class {
            /// Without a name of its own.
            pub fn new() -> Self {
                Self::default()
            }

            pub(super) fn from_config(
                config: &mut crate::config::ConfigReader<'_>,
            ) -> crate::error::Result<Self> {
                Ok(Self { base: crate::layer::LayerBase::from_config(config)? })
            }
        }

        impl crate::layer::Layer for $class {
            crate::layer::layer_base!($name);

            fn config(&self) -> crate::config::Config {
                crate::config::Config::new()
            }

            fn build(
                &self,
                scope: &mut crate::layer::BuildScope<'_>,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<()> {
                super::base::build(scope.name(), &inputs.to_list(), $count)
            }

            fn call(&self, inputs: crate::layer::Inputs, context: &mut crate::layer::CallContext<'_>) -> crate::error::Result<crate::layer::Outputs> {
                let operands = super::base::align(inputs.into_masked())?;
                Ok($merge(context.layer(), operands)?.into())
            }

            fn compute_output_shape(
                &self,
                inputs: &crate::layer::InputShapes,
            ) -> crate::error::Result<Vec<crate::shape::Shape>> {
                super::base::output_shape($name, &inputs.to_list())
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn compute_mask(&self, inputs: &crate::layer::Inputs) -> crate::error::Result<Vec<Option<crate::tensor::Tensor>>> {
                Ok(vec![super::base::any_mask(&inputs.masks())?])
            }

            fn signature(&self) -> crate::layer::Signature {
        crate::layer::Signature::LIST
    }
        }
    };
}
pub(super) use elementwise;
