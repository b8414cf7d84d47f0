//! Rectified linear unit.

use super::not_negative;
use crate::activations;
use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// `x` from `threshold` to `max_value`, `negative_slope * (x - threshold)` below. Keras' `ReLU`.
///
/// Shapes: any, unchanged. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ReLU::new().max_value(6.0).negative_slope(0.5).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![-1.0_f32, 2.0, 9.0], [1, 3])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-0.5, 2.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReLU {
    base: LayerBase,
    max_value: Option<Number>,
    negative_slope: Number,
    threshold: Number,
}

impl Default for ReLU {
    fn default() -> Self {
        Self::new()
    }
}

impl ReLU {
    /// `max(x, 0)`.
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            max_value: None,
            negative_slope: 0.0.into(),
            threshold: 0.0.into(),
        }
    }

    /// Sets the largest output (default: none); not negative.
    #[must_use]
    pub fn max_value(mut self, max_value: impl Into<Number>) -> Self {
        self.max_value = Some(max_value.into());
        self
    }

    setters! {
        /// Sets the slope below the threshold (default 0); not negative.
        negative_slope: Number,
        /// Sets the smallest input that is kept (default 0); not negative.
        threshold: Number,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::new();
        let made = Self {
            base: LayerBase::from_config(c)?,
            max_value: c.take_or("max_value", None)?,
            negative_slope: c.take_or("negative_slope", d.negative_slope)?,
            threshold: c.take_or("threshold", d.threshold)?,
        };
        made.check(c.object())?;
        Ok(made)
    }

    fn check(&self, name: &str) -> Result<()> {
        if let Some(max_value) = self.max_value {
            not_negative(name, "max_value", max_value)?;
        }
        not_negative(name, "negative_slope", self.negative_slope)?;
        not_negative(name, "threshold", self.threshold)
    }
}

impl Layer for ReLU {
    layer_base!("ReLU");

    fn config(&self) -> Config {
        Config::new()
            .with("max_value", self.max_value)
            .with("negative_slope", self.negative_slope)
            .with("threshold", self.threshold)
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let max_value = self.max_value.map(Number::get);
        Ok(activations::relu_with(x, self.negative_slope.get(), max_value, self.threshold.get())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
