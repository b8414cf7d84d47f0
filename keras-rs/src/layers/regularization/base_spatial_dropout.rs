//! Dropout of whole channels.

use super::{noise, seeds};
use crate::config::{Config, KerasConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{BuildScope, CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::DataFormat;
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// In training, sets a random part of the channels to zero and scales the others up: [`SpatialDropout1D`],
/// [`SpatialDropout2D`] and [`SpatialDropout3D`].
///
/// Shapes: `(batch, ..., channels)` with `N` spatial axes, or with the channels second; the output is shaped as
/// the input. At inference the input passes unchanged. A layer with a seed draws the same sequence of masks in
/// every process; one without draws from [`random::next_seed`](crate::random::next_seed).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = SpatialDropout2D::new(0.5).data_format("channels_first").seed(7).shared();
/// let x = Tensor::ones([1, 8, 2, 2], DType::F32)?;
/// let y = layer.call_with(&[x], &mut ForwardPass::new(true))?[0].to_vec::<f32>()?;
/// assert!(y.chunks(4).all(|channel| channel.iter().all(|v| *v == channel[0])));
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// [`SpatialDropout1D`]: super::SpatialDropout1D
/// [`SpatialDropout2D`]: super::SpatialDropout2D
/// [`SpatialDropout3D`]: super::SpatialDropout3D
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.layers",
    class_name_with = Self::class,
    check = Self::check,
    write_also = Self::write_as_keras,
    ignore("noise_shape")
)]
pub struct BaseSpatialDropout<const N: usize> {
    base: LayerBase,
    /// Part of the channels that is dropped: 0 to 1.
    #[keras(new, read_with = noise::read_rate)]
    rate: Number,
    /// Seed (default: none).
    seed: Option<u64>,
    /// Where the channels are (default `"channels_last"`); with one spatial axis they are last.
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
    /// Masks drawn so far, which tells those of one seed apart.
    #[keras(skip)]
    drawn: Arc<AtomicU64>,
}

impl<const N: usize> BaseSpatialDropout<N> {
    fn class(&self) -> &str {
        const { assert!(N >= 1 && N <= 3, "there is dropout over 1 to 3 spatial axes") }
        ["SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"][N - 1]
    }

    fn check(&self, context: &str) -> Result<()> {
        noise::check_rate(context, self.rate)?;
        if N == 1 && self.data_format != DataFormat::ChannelsLast {
            return Err(Error::argument(context, "data_format", "channels_last", self.data_format.name()));
        }
        Ok(())
    }

    /// Keras writes the data type as text, and no data format where there is no choice.
    fn write_as_keras(&self, config: &mut Config) {
        config.insert("dtype".into(), self.base.dtype.name().as_ref().into());
        if N == 1 {
            config.shift_remove("data_format");
        }
    }
}

impl<const N: usize> Layer for BaseSpatialDropout<N> {
    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (x, rate) = (inputs.into_single_masked()?, self.rate.get());
        if !context.training() || rate == 0.0 {
            return Ok(x.into());
        }
        let x = x.tensor;
        let mut shape = x.shape().to_vec();
        for axis in self.data_format.spatial_axes(x.rank()) {
            shape[axis] = 1;
        }
        let seed = || seeds::next(self.seed, &self.drawn);
        Ok(noise::dropped(&x, rate, shape, seed)?.into())
    }

    fn form(&self) -> Option<Form> {
        Some(Form::Identity)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        input.require_rank(self.class(), N + 2)?;
        Ok(vec![input.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn draws(&self) -> Option<&AtomicU64> {
        self.seed.map(|_| &*self.drawn)
    }

    fn base_arguments(&self) -> &'static [&'static str] {
        &["name", "dtype"]
    }
}
