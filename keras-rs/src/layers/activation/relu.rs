//! Rectified linear unit.

use super::not_negative;
use crate::activations;
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, Form, Function, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use keras_rs_kernels::Activation;

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
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct ReLU {
    base: LayerBase,
    /// Largest output (default: none); not negative.
    max_value: Option<Number>,
    /// Slope below the threshold (default 0); not negative.
    #[keras(default = 0.0)]
    negative_slope: Number,
    /// Smallest input that is kept (default 0); not negative.
    #[keras(default = 0.0)]
    threshold: Number,
}

impl ReLU {
    fn check(&self, name: &str) -> Result<()> {
        if let Some(max_value) = self.max_value {
            not_negative(name, "max_value", max_value)?;
        }
        not_negative(name, "negative_slope", self.negative_slope)?;
        not_negative(name, "threshold", self.threshold)
    }
}

impl Layer for ReLU {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let max_value = self.max_value.map(Number::get);
        Ok(activations::relu_with(x, self.negative_slope.get(), max_value, self.threshold.get())?.into())
    }

    fn form(&self) -> Option<Form> {
        let numbers = (self.max_value.map(Number::get), self.negative_slope.get(), self.threshold.get());
        let activation = match numbers {
            (None, 0.0, 0.0) => Activation::Relu,
            (Some(6.0), 0.0, 0.0) => Activation::Relu6,
            (Some(high), 0.0, 0.0) => Activation::Clip { low: 0.0, high: high as f32 },
            (None, slope, 0.0) => Activation::LeakyRelu(slope as f32),
            _ => return None,
        };
        Some(Form::Function(Function::Elementwise(activation)))
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(inputs.to_list())
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
