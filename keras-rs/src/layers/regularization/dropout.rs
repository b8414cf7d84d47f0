//! Dropout.

use super::{noise, seeds};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// In training, sets a random part of the values to zero and scales the others up. Keras' `Dropout`;
/// Srivastava et al., 2014.
///
/// Shapes: the output is shaped as the input. At inference the input passes unchanged. A layer with
/// a seed draws the same sequence of masks in every process; one without draws from
/// [`random::next_seed`](crate::random::next_seed).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Dropout::new(0.5).seed(7).shared();
/// let x = Tensor::ones([1, 1000], DType::F32)?;
/// assert_eq!(layer.call(&[x.clone()])?[0].to_vec::<f32>()?, [1.0; 1000]);
///
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?;
/// let kept = y[0].to_vec::<f32>()?.into_iter().filter(|&v| v == 2.0).count();
/// assert!((400..600).contains(&kept));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct Dropout {
    base: LayerBase,
    /// Part of the values that is dropped: 0 to 1.
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

impl Dropout {
    fn check(&self, context: &str) -> Result<()> {
        noise::check_rate(context, self.rate)?;
        noise::check_noise_shape(context, self.noise_shape.as_deref())
    }
}

impl Layer for Dropout {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, rate) = (inputs.into_single_masked()?, self.rate.get());
        if !context.training() || rate == 0.0 {
            return Ok(x.into());
        }
        let x = x.tensor;
        let shape = noise::mask_shape(context.layer(), self.noise_shape.as_deref(), x.shape())?;
        let seed = || seeds::next(self.seed, &self.drawn);
        Ok(noise::dropped(&x, rate, shape, seed)?.into())
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
