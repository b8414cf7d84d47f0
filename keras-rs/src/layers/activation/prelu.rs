//! Rectified linear unit with learnt slopes.

use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, IntoConfig};
use crate::constraints::Constraint;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;

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
#[derive(Clone, Debug)]
pub struct PReLU {
    base: LayerBase,
    alpha_initializer: Initializer,
    alpha_regularizer: Option<Regularizer>,
    alpha_constraint: Option<Constraint>,
    shared_axes: Option<Vec<isize>>,
}

impl Default for PReLU {
    fn default() -> Self {
        Self::new()
    }
}

impl PReLU {
    /// With a slope for each element of a sample, 0 at first.
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            alpha_initializer: Initializer::zeros(),
            alpha_regularizer: None,
            alpha_constraint: None,
            shared_axes: None,
        }
    }

    setters! {
        /// Sets the slopes' initializer (default `zeros`).
        alpha_initializer: Initializer,
        /// Sets the slopes' penalty (default: none).
        alpha_regularizer: Option<Regularizer>,
        /// Sets the slopes' projection (default: none).
        alpha_constraint: Option<Constraint>,
    }

    /// Sets the axes along which all elements have one slope, counted with the batch as axis 0.
    #[must_use]
    pub fn shared_axes(mut self, axes: impl Into<Vec<isize>>) -> Self {
        self.shared_axes = Some(axes.into());
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        let shared = c.take_or("shared_axes", serde_json::Value::Null)?;
        let shared = if shared.is_number() { vec![shared].into() } else { shared };
        let shared_axes = crate::config::FromConfig::from_value(&shared)
            .ok_or_else(|| c.reject("shared_axes", "an axis, a list of axes or nothing", &shared))?;
        Ok(Self {
            base,
            alpha_initializer: c.take_or("alpha_initializer", Initializer::zeros())?,
            alpha_regularizer: c.take_or("alpha_regularizer", None)?,
            alpha_constraint: c.take_or("alpha_constraint", None)?,
            shared_axes,
        })
    }

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
    layer_base!("PReLU");

    fn config(&self) -> Config {
        Config::new()
            .with("alpha_initializer", &self.alpha_initializer)
            .with("alpha_regularizer", &self.alpha_regularizer)
            .with("alpha_constraint", &self.alpha_constraint)
            .with("shared_axes", self.shared_axes.to_config())
    }

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
