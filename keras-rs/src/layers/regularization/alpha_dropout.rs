//! Alpha dropout.

use super::{noise, seeds};
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What `selu` gives for large negative numbers, without the sign: its scale times its alpha.
const SATURATION: f64 = 1.673_263_242_354_377_2 * 1.050_700_987_355_480_5;

/// In training, sets a random part of the values to the least value of `selu`, then scales and shifts all so that
/// mean and variance stay. Keras' `AlphaDropout`; Klambauer et al., 2017.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged. A layer with
/// a seed draws the same sequence of masks in every process; one without draws from
/// [`random::next_seed`](crate::random::next_seed). A rate of 1 is an error in training.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = AlphaDropout::new(0.5).seed(7).shared();
/// let x = Tensor::zeros([1, 1000], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [0.0; 1000]);
///
/// // Kept zeros are shifted up, the others are far below.
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?[0].to_vec::<f32>()?;
/// assert!((400..600).contains(&y.iter().filter(|&&v| v < 0.0).count()));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct AlphaDropout {
    base: LayerBase,
    /// Part of the values that is set to the least value: 0 to 1.
    #[keras(new, read_with = noise::read_rate)]
    rate: Number,
    /// Seed (default: none).
    seed: Option<u64>,
    /// Shape of the mask (default: the input's), which is repeated along axes of size one; `None` stands for
    /// the input's size.
    noise_shape: Option<Vec<Option<usize>>>,
    /// Masks drawn so far, which tells those of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl AlphaDropout {
    fn check(&self, context: &str) -> Result<()> {
        noise::check_rate(context, self.rate)?;
        noise::check_noise_shape(context, self.noise_shape.as_deref())
    }
}

impl Layer for AlphaDropout {
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
        let shape = noise::mask_shape(context.layer(), self.noise_shape.as_deref(), x.shape())?;
        let seed = seeds::next(self.seed, &self.drawn);
        let kept = noise::mask(shape, (rate, 1.0), seed, x.dtype(), x.device())?;
        let scale = ((1.0 - rate) * (1.0 + rate * SATURATION.powi(2))).powf(-0.5);
        let dropped = kept.mul_scalar(-1.0)?.add_scalar(1.0)?.mul_scalar(-SATURATION)?;
        let y = x.mul(&kept)?.add(&dropped)?;
        Ok(y.mul_scalar(scale)?.add_scalar(scale * SATURATION * rate)?.into())
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
