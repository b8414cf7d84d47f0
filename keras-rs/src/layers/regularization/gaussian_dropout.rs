//! Gaussian dropout.

use super::{noise, seeds};
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::random;
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// In training, multiplies with values from a normal distribution around one, of standard deviation
/// `sqrt(rate / (1 - rate))`. Keras' `GaussianDropout`; Srivastava et al., 2014.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged. A layer with
/// a seed draws the same sequence of values in every process; one without draws from
/// [`random::next_seed`]. A rate of 1 is an error in training.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = GaussianDropout::new(0.5).seed(7).shared();
/// let x = Tensor::ones([1, 1000], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0; 1000]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// assert!((y[0].mean(&[], false)?.to_scalar()? - 1.0).abs() < 0.2);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct GaussianDropout {
    base: LayerBase,
    /// The rate of a [`Dropout`](super::Dropout) with noise of the same variance: 0 to 1.
    #[keras(new, read_with = noise::read_rate)]
    rate: Number,
    /// Seed (default: none).
    seed: Option<u64>,
    /// How often it drew, which tells the values of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl GaussianDropout {
    fn check(&self, context: &str) -> Result<()> {
        noise::check_rate(context, self.rate)
    }
}

impl Layer for GaussianDropout {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, rate) = (inputs.into_single_masked()?, self.rate.get());
        if !context.training() || rate == 0.0 {
            return Ok(x.into());
        }
        let x = x.tensor;
        if rate == 1.0 {
            return Err(Error::argument(context.layer(), "rate", "a number below 1 in training", rate));
        }
        let stddev = (rate / (1.0 - rate)).sqrt();
        let seed = seeds::next(self.seed, &self.drawn);
        let dtype = self.base.dtype.compute_dtype();
        Ok(x.mul(&random::normal(x.shape(), 1.0, stddev, dtype, x.device(), seed)?)?.into())
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
