//! Dropping whole branches, as ConvNeXt does.

use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::random;
use crate::shape::Shape;

/// In training, sets whole samples to zero and scales the others up. The class `StochasticDepth` of Keras' ConvNeXt;
/// Huang et al., 2016.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = StochasticDepth::new(0.5).shared();
/// let x = Tensor::ones([1000, 2], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0; 2000]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?[0].to_vec::<f32>()?;
/// assert!(y.chunks(2).all(|sample| sample == [0.0; 2] || sample == [2.0; 2]));
/// assert!((400..600).contains(&y.chunks(2).filter(|sample| sample[0] == 2.0).count()));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.src.applications.convnext",
    registered_name = "StochasticDepth",
    check = Self::check
)]
pub struct StochasticDepth {
    base: LayerBase,
    /// Part of the samples that is dropped: 0 to 1.
    #[keras(new)]
    drop_path_rate: Number,
}

impl StochasticDepth {
    fn check(&self, context: &str) -> Result<()> {
        let rate = self.drop_path_rate.get();
        if (0.0..=1.0).contains(&rate) {
            return Ok(());
        }
        Err(Error::argument(context, "drop_path_rate", "a number from 0 to 1", rate))
    }
}

impl Layer for StochasticDepth {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, rate) = (inputs.into_single_masked()?, self.drop_path_rate.get());
        if !context.training() || rate == 0.0 {
            return Ok(x.into());
        }
        let x = x.tensor;
        let mut shape = vec![1; x.rank()];
        shape[..1].copy_from_slice(&x.shape()[..1]);
        let drawn = random::uniform(&shape, 0.0, 1.0, x.dtype(), x.device(), random::next_seed())?;
        let kept = drawn.add_scalar(1.0 - rate)?.floor()?;
        // All are dropped at a rate of one, which nothing is divided by.
        let scale = if rate < 1.0 { 1.0 / (1.0 - rate) } else { 0.0 };
        Ok(x.mul(&kept.mul_scalar(scale)?)?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Identity)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        Ok(vec![inputs.single()?.clone()])
    }
}
