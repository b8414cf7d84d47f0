//! Dot products of samples.

use crate::config::{FromConfig, IntoConfig, KerasConfig};
use crate::error::{Error, Result};
use crate::layer::{
    BuildScope, CallContext, InputShapes, Inputs, KerasTensor, Layer, LayerBase, Outputs, Signature,
    SymbolicInputs,
};
use crate::shape::Shape;
use crate::tensor::{Tensor, resolve_axis};
use serde_json::Value;

/// The axes that [`Dot`] sums over: one for both inputs, or one for each.
///
/// ```
/// use keras_rs::prelude::*;
///
/// assert_eq!(DotAxes::from(1), DotAxes::Both(1));
/// let inputs = [[None, Some(3), Some(4)].into(), [None, Some(4), Some(5)].into()];
/// let outputs = Dot::new((2, 1)).shared().compute_output_shape(&inputs)?;
/// assert_eq!(outputs[0].to_string(), "(None, 3, 5)");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotAxes {
    /// The same axis of both inputs.
    Both(isize),
    /// An axis of the first and one of the second input.
    Each(isize, isize),
}

impl From<isize> for DotAxes {
    fn from(axis: isize) -> Self {
        Self::Both(axis)
    }
}

impl From<(isize, isize)> for DotAxes {
    fn from((first, second): (isize, isize)) -> Self {
        Self::Each(first, second)
    }
}

impl FromConfig for DotAxes {
    const EXPECTED: &'static str = "an axis or a pair of axes";

    fn from_value(value: &Value) -> Option<Self> {
        let pair = || <(isize, isize)>::from_value(value).map(Self::from);
        isize::from_value(value).map(Self::Both).or_else(pair)
    }
}

impl IntoConfig for DotAxes {
    fn to_config(&self) -> Value {
        match self {
            Self::Both(axis) => axis.to_config(),
            Self::Each(first, second) => (*first, *second).to_config(),
        }
    }
}

/// Dot products of the samples of two tensors. Keras' `Dot`.
///
/// Shapes: the sizes of the two axes must be equal; the output has the batch, the first input's
/// other axes, then the second's; two vectors a sample give `(batch, 1)`. Axis 0, the batch, cannot
/// be summed over.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let a = Tensor::from_vec(vec![1.0_f32, 2.0, 0.0, 3.0], [2, 2])?;
/// let b = Tensor::from_vec(vec![4.0_f32, 5.0, 6.0, 7.0], [2, 2])?;
/// let y = Dot::new(1).shared().call(&[a, b])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [14.0, 21.0]);
/// assert_eq!(y[0].shape(), [2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Dot {
    base: LayerBase,
    /// An axis of both inputs, or a pair of axes `(first, second)`; none is the batch.
    #[keras(new)]
    axes: DotAxes,
    /// Whether samples are brought to length 1 first, which gives the cosine (default `false`).
    #[keras(default = false)]
    normalize: bool,
}

impl Dot {
    /// The axes counted from the front, within inputs of these ranks.
    fn resolve(&self, context: &str, ranks: [usize; 2]) -> Result<[usize; 2]> {
        let (first, second) = match self.axes {
            DotAxes::Both(axis) => (axis, axis),
            DotAxes::Each(first, second) => (first, second),
        };
        let axes = [resolve_axis(context, first, ranks[0])?, resolve_axis(context, second, ranks[1])?];
        if axes.contains(&0) {
            return Err(Error::argument(context, "axes", "axes behind the batch", format!("{axes:?}")));
        }
        Ok(axes)
    }

    fn two<'t, T>(context: &str, inputs: &'t [T]) -> Result<(&'t T, &'t T)> {
        match inputs {
            [a, b] => Ok((a, b)),
            _ => Err(Error::argument(context, "inputs", "two tensors", format!("{} tensors", inputs.len()))),
        }
    }
}

/// `x` over its length along an axis; Keras bounds the factor at `1e7`.
fn normalized(x: &Tensor, axis: usize) -> Result<Tensor> {
    let factor = x.square()?.sum(&[axis as isize], true)?.rsqrt()?.clip(None, Some(1e7))?;
    x.mul(&factor)
}

impl Layer for Dot {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let inputs = inputs.to_list();
        let (a, b) = Self::two(scope.name(), &inputs)?;
        let [i, j] = self.resolve(scope.name(), [a.rank(), b.rank()])?;
        if a.dims()[i] != b.dims()[j] {
            let expected = format!("axis {i} of the first as long as axis {j} of the second");
            return Err(Error::shape(scope.name(), "inputs", expected, format!("{a} and {b}")));
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let inputs = inputs.into_list();
        let (a, b) = Self::two(context.layer(), &inputs)?;
        let [i, j] = self.resolve(context.layer(), [a.rank(), b.rank()])?;
        let (a, b) =
            if self.normalize { (normalized(a, i)?, normalized(b, j)?) } else { (a.clone(), b.clone()) };
        // One matrix product a sample: other axes of both inputs become one each.
        let a = a.move_axis(i as isize, -1)?;
        let b = b.move_axis(j as isize, 1)?;
        let (batch, summed) = (a.shape()[0], b.shape()[1]);
        let rows = &a.shape()[1..a.rank() - 1];
        let columns = &b.shape()[2..];
        let mut shape = [&[batch], rows, columns].concat();
        if shape.len() == 1 {
            shape.push(1);
        }
        let left = a.reshape([batch, rows.iter().product(), summed])?;
        let right = b.reshape([b.shape()[0], summed, columns.iter().product()])?;
        Ok(left.matmul(&right)?.reshape(shape)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let inputs = inputs.to_list();
        let (a, b) = Self::two(self.class_name(), &inputs)?;
        let [i, j] = self.resolve(self.class_name(), [a.rank(), b.rank()])?;
        let mut dims = a.dims().to_vec();
        dims.remove(i);
        let mut rest = b.dims().to_vec();
        rest.remove(j);
        dims.extend(rest.into_iter().skip(1));
        if dims.len() == 1 {
            dims.push(Some(1));
        }
        Ok(vec![dims.into()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, _inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(Vec::new())
    }

    fn compute_symbolic_mask(&self, _inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
        Ok(Vec::new())
    }

    fn signature(&self) -> Signature {
        Signature::LIST
    }
}
