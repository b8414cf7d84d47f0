//! A penalty on activations.

use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::regularizers::{L1L2, Regularizer};
use crate::shape::Shape;

/// Adds `l1 * sum(|x|) + l2 * sum(x^2)`, divided by the size of the batch, to the loss. Keras'
/// `ActivityRegularization`.
///
/// Shapes: the output is the input.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = ActivityRegularization::new().l1(0.5).shared();
/// let mut pass = ForwardPass::new(true);
/// let x = Tensor::from_vec(vec![1.0_f32, -3.0, 0.0, 4.0], [2, 2])?;
/// layer.call_with(&[x], &mut pass)?;
/// assert_eq!(pass.losses[0].to_scalar()?, 2.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct ActivityRegularization {
    base: LayerBase,
    /// Factor of the sum of absolute values, not negative (default 0).
    #[keras(default = 0.0)]
    l1: Number,
    /// Factor of the sum of squares, not negative (default 0).
    #[keras(default = 0.0)]
    l2: Number,
}

impl ActivityRegularization {
    fn check(&self, context: &str) -> Result<()> {
        for (name, factor) in [("l1", self.l1.get()), ("l2", self.l2.get())] {
            if factor < 0.0 || !factor.is_finite() {
                return Err(Error::argument(context, name, "a number that is not negative", factor));
            }
        }
        Ok(())
    }
}

impl Layer for ActivityRegularization {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single_masked()?;
        let penalty = Regularizer::from(L1L2::new(self.l1.get(), self.l2.get())).call(&x.tensor)?;
        // Per sample, as every penalty on activations.
        let batch = x.tensor.shape().first().map_or(1, |&size| size.max(1));
        context.add_loss(penalty.div_scalar(batch as f64)?);
        Ok(x.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Identity)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }
}
