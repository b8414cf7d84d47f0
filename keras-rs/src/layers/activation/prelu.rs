//! Rectified linear unit with learnt slopes.

use crate::config::{ConfigReader, FromConfig, KerasConfig, Value};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::regularizers::Regularizer;
use crate::shape::Shape;

/// `x`, times a learnt `alpha` where it is negative. Keras' `PReLU`; He et al., 2015.
///
/// Shapes: any, unchanged; `alpha` has the shape of one sample, with size 1 along shared axes.
/// Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = PReLU::new().alpha_initializer("ones").shared();
/// let y = layer.call(&[Tensor::from_vec(vec![-1.5_f32, 2.0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-1.5, 2.0]);
/// assert_eq!(layer.variables()[0].shape(), [2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct PReLU {
    base: LayerBase,
    /// Initializer of the slopes (default `zeros`).
    #[keras(default = Initializer::zeros())]
    alpha_initializer: Initializer,
    /// Penalty on the slopes (default: none).
    alpha_regularizer: Option<Regularizer>,
    /// Projection of the slopes (default: none).
    alpha_constraint: Option<Constraint>,
    /// Axes along which all elements have one slope, counted with the batch as axis 0 (default: none).
    #[keras(read_with = axes)]
    shared_axes: Option<Vec<isize>>,
}

impl PReLU {
    /// The shape of the slopes for one sample of the input.
    fn alpha_shape(&self, name: &str, input: &Shape) -> Result<Vec<usize>> {
        let mut sizes: Vec<Option<usize>> = input.dims().iter().skip(1).copied().collect();
        let rank = sizes.len() as isize;
        for &axis in self.shared_axes.iter().flatten() {
            // Axis 0 is the batch; Python's list index reads it, and what is below, from the end.
            let at = if axis - 1 < 0 { axis - 1 + rank } else { axis - 1 };
            let size = usize::try_from(at).ok().and_then(|at| sizes.get_mut(at));
            *size.ok_or_else(|| {
                Error::argument(name, "shared_axes", format!("axes of an input of shape {input}"), axis)
            })? = Some(1);
        }
        let unknown = || Error::shape(name, "input", "known sizes along axes that are not shared", input);
        sizes.into_iter().map(|size| size.ok_or_else(unknown)).collect()
    }
}

impl Layer for PReLU {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let shape = self.alpha_shape(scope.name(), inputs.single()?)?;
        scope
            .weight("alpha", &shape, &self.alpha_initializer)
            .regularizer(&self.alpha_regularizer)
            .constraint(&self.alpha_constraint)
            .add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let negative = x.neg()?.relu()?.mul(&context.weight("alpha")?)?;
        Ok(x.relu()?.sub(&negative)?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

/// Axes of a file: a list, one number or nothing.
fn axes(c: &mut ConfigReader<'_>, key: &str) -> Result<Option<Vec<isize>>> {
    let written: Value = c.take(key)?;
    let list = if written.is_number() { vec![written].into() } else { written };
    FromConfig::from_value(&list).ok_or_else(|| c.reject(key, "an axis, a list of axes or nothing", &list))
}
