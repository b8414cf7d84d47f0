//! Root mean square normalization.

use super::layer_normalization::sizes;
use crate::config::KerasConfig;
use crate::constraints::Axes;
use crate::error::Result;
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::ops;
use crate::shape::Shape;
use keras_rs_kernels::Spread;

/// `scale * x / sqrt(mean(x^2) + epsilon)` over axes. Keras' `RMSNormalization`; Zhang and Sennrich, 2019.
///
/// Shapes: the output is shaped as the input; the weight `scale` has the sizes of the axes, which must be known.
/// As in Keras, it is multiplied along the last axes, whichever axes are normalized over.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = RMSNormalization::new().epsilon(0.0).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![2.0_f32, -2.0, 5.0, 5.0], [2, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, -1.0, 1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct RMSNormalization {
    base: LayerBase,
    /// Axis to normalize over, or a list of axes; negative ones count from the end (default -1).
    #[keras(default = -1)]
    axis: Axes,
    /// What is added to the mean square (default `1e-6`).
    #[keras(default = 1e-6)]
    epsilon: f64,
}

impl Layer for RMSNormalization {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let shape = sizes(scope.name(), &self.axis, inputs.single()?)?;
        scope.weight("scale", &shape, &Initializer::ones()).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, scale) = (inputs.into_single()?, context.weight("scale")?);
        Ok(ops::rms_normalization(&x, Some(&scale), self.axis.as_slice(), self.epsilon)?.into())
    }

    fn form(&self) -> Option<Form> {
        let &[axis] = self.axis.as_slice() else { return None };
        let (spread, epsilon) = (Spread::RootMeanSquare, self.epsilon);
        Some(Form::Standardization { axis, spread, epsilon, scale: Some("scale"), center: false })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        ops::Axes::from(self.axis.as_slice()).resolve(self.class_name(), input.rank())?;
        Ok(vec![input.clone()])
    }
}
