//! Gaussian noise.

use super::seeds;
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::random;
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// In training, adds values from a normal distribution around zero. Keras' `GaussianNoise`.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged. A layer with
/// a seed draws the same sequence of values in every process; one without draws from
/// [`random::next_seed`].
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GaussianNoise::new(0.5).seed(7).shared();
/// let x = Tensor::ones([1, 1000], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0; 1000]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// assert!((y[0].mean(&[], false)?.to_scalar()? - 1.0).abs() < 0.1);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct GaussianNoise {
    base: LayerBase,
    /// Standard deviation of the noise: 0 to 1.
    #[keras(new)]
    stddev: Number,
    /// Seed (default: none).
    seed: Option<u64>,
    /// How often it drew, which tells the values of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl GaussianNoise {
    fn check(&self, context: &str) -> Result<()> {
        let stddev = self.stddev.get();
        if (0.0..=1.0).contains(&stddev) {
            return Ok(());
        }
        Err(Error::argument(context, "stddev", "a number from 0 to 1", stddev))
    }
}

impl Layer for GaussianNoise {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, stddev) = (inputs.into_single_masked()?, self.stddev.get());
        if !context.training() || stddev == 0.0 {
            return Ok(x.into());
        }
        let x = x.tensor;
        let seed = seeds::next(self.seed, &self.drawn);
        let dtype = self.base.dtype.compute_dtype();
        let noise = random::normal(x.shape(), 0.0, stddev, dtype, x.device(), seed)?;
        Ok(x.add(&noise)?.into())
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

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }
}
