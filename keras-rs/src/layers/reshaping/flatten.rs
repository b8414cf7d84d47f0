//! Flattening.

use crate::config::KerasConfig;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{CallContext, Form, InputShapes, Inputs, Layer, LayerBase, Outputs};
use crate::layers::DataFormat;
use crate::shape::Shape;

/// Lays the elements of each sample out in one axis. Keras' `Flatten`.
///
/// Shapes: `(batch, ...)` to `(batch, elements)`. With `"channels_first"` the channels are moved to
/// the end before, so that both data formats give the same order.
///
/// ```
/// use keras_rs::layers::Flatten;
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 2])?;
/// let y = Flatten::new().data_format("channels_first").shared().call(&[x])?;
/// assert_eq!(y[0].shape(), [1, 4]);
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 3.0, 2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers")]
pub struct Flatten {
    base: LayerBase,
    /// Where the channels are (default `"channels_last"`).
    #[keras(default = DataFormat::ChannelsLast)]
    data_format: DataFormat,
}

impl Flatten {
    fn no_batch(&self, input: &Shape) -> Error {
        Error::shape(self.class_name(), "input", "at least 1 axis", input)
    }
}

impl Layer for Flatten {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        let &[batch, ref rest @ ..] = x.shape() else {
            return Err(self.no_batch(&Shape::from(x.shape())));
        };
        let elements: usize = rest.iter().product();
        let ordered = if rest.is_empty() {
            x.clone()
        } else {
            x.permute(&self.data_format.to_channels_last(x.rank()))?
        };
        Ok(ordered.reshape([batch, elements])?.into())
    }

    fn form(&self) -> Option<Form> {
        (self.data_format == DataFormat::ChannelsLast).then_some(Form::Reshape)
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        let Some((&batch, rest)) = input.dims().split_first() else { return Err(self.no_batch(input)) };
        let elements = rest.iter().try_fold(1_usize, |n, d| Some(n.saturating_mul((*d)?)));
        Ok(vec![Shape::from([batch, elements])])
    }

    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        super::spatial::unchanged_dtype(&self.base, inputs, outputs)
    }
}
