//! Layer normalization.

use crate::config::KerasConfig;
use crate::constraints::{Axes, Constraint};
use crate::error::Result;
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::ops;
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use keras_rs_kernels::Spread;

/// `gamma * (x - mean) / sqrt(variance + epsilon) + beta`, with mean and variance of each sample over axes.
/// Keras' `LayerNormalization`; Ba et al., 2016.
///
/// Shapes: the output is shaped as the input; the weights `gamma` and `beta` have the sizes of the axes, which
/// must be known. Masks are handed on.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = LayerNormalization::new().epsilon(0.0).shared();
/// let y = layer.call(&[Tensor::from_vec(vec![1.0_f32, 3.0, 10.0, 30.0], [2, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct LayerNormalization {
    base: LayerBase,
    /// Axis to normalize over, or a list of axes; negative ones count from the end (default -1).
    #[keras(default = -1)]
    axis: Axes,
    /// What is added to the variance (default `0.001`).
    #[keras(default = 1e-3)]
    epsilon: f64,
    /// Whether `beta` is added (default `true`).
    #[keras(default = true)]
    center: bool,
    /// Whether `gamma` is multiplied with (default `true`).
    #[keras(default = true)]
    scale: bool,
    /// Whether only the variance is divided by, as old files ask for: the mean stays, `gamma` is there and `beta`
    /// is not (default `false`). [`RMSNormalization`](super::RMSNormalization) divides by the root mean square.
    #[keras(default = false)]
    rms_scaling: bool,
    /// Initializer of `beta` (default `zeros`).
    #[keras(default = Initializer::zeros())]
    beta_initializer: Initializer,
    /// Initializer of `gamma` (default `ones`).
    #[keras(default = Initializer::ones())]
    gamma_initializer: Initializer,
    /// Penalty on `beta` (default: none).
    beta_regularizer: Option<Regularizer>,
    /// Penalty on `gamma` (default: none).
    gamma_regularizer: Option<Regularizer>,
    /// Projection of `beta` (default: none).
    beta_constraint: Option<Constraint>,
    /// Projection of `gamma` (default: none).
    gamma_constraint: Option<Constraint>,
}

impl LayerNormalization {
    fn has_gamma(&self) -> bool {
        self.scale || self.rms_scaling
    }

    fn has_beta(&self) -> bool {
        self.center && !self.rms_scaling
    }
}

/// The sizes of axes in Keras' order of them: as numbers, so that negative ones come first.
pub(super) fn sizes(context: &str, axis: &Axes, input: &Shape) -> Result<Vec<usize>> {
    let mut axes = axis.as_slice().to_vec();
    axes.sort_unstable();
    axes.into_iter().map(|axis| input.known_dim(context, axis)).collect()
}

impl Layer for LayerNormalization {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let shape = sizes(scope.name(), &self.axis, inputs.single()?)?;
        if self.has_gamma() {
            scope
                .weight("gamma", &shape, &self.gamma_initializer)
                .regularizer(&self.gamma_regularizer)
                .constraint(&self.gamma_constraint)
                .add()?;
        }
        if self.has_beta() {
            scope
                .weight("beta", &shape, &self.beta_initializer)
                .regularizer(&self.beta_regularizer)
                .constraint(&self.beta_constraint)
                .add()?;
        }
        Ok(())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        // In their own type: sums are taken in at least `float32`.
        let gamma = self.has_gamma().then(|| context.value("gamma")).transpose()?;
        let beta = self.has_beta().then(|| context.value("beta")).transpose()?;
        let (gamma, axis) = (gamma.as_ref(), self.axis.as_slice());
        let y = if self.rms_scaling {
            ops::layer_normalization_rms(&x, gamma, axis, self.epsilon)?
        } else {
            ops::layer_normalization(&x, gamma, beta.as_ref(), axis, self.epsilon)?
        };
        Ok(y.cast(self.base.dtype.compute_dtype())?.into())
    }

    fn form(&self) -> Option<Form> {
        let &[axis] = self.axis.as_slice() else { return None };
        Some(Form::Standardization {
            axis,
            spread: if self.rms_scaling { Spread::Deviation } else { Spread::Centered },
            epsilon: self.epsilon,
            scale: self.has_gamma().then_some("gamma"),
            center: self.has_beta(),
        })
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        ops::Axes::from(self.axis.as_slice()).resolve(self.class_name(), input.rank())?;
        Ok(vec![input.clone()])
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
