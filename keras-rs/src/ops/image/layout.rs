//! Where height, width and channels of images are.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::ops::DataFormat;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

/// Axes of an image, or of a batch of images.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    /// Whether the first axis is the number of the image.
    pub(super) batched: bool,
    format: DataFormat,
}

impl Layout {
    pub(super) fn new(context: &str, argument: &str, shape: &Shape, format: DataFormat) -> Result<Self> {
        let batched = match shape.rank() {
            3 => false,
            4 => true,
            _ => {
                let expected = "three axes (an image) or four (a batch of images)";
                return Err(Error::shape(context, argument, expected, shape));
            }
        };
        let first = usize::from(batched);
        let (height, channels) = match format {
            DataFormat::ChannelsLast => (first, first + 2),
            DataFormat::ChannelsFirst => (first + 1, first),
        };
        Ok(Self { height, width: height + 1, channels, batched, format })
    }

    pub(super) fn of(context: &str, images: &Tensor, format: DataFormat) -> Result<Self> {
        Self::new(context, "images", &Shape::from(images.shape()), format)
    }

    /// The images as `(batch, height, width, channels)`.
    pub(super) fn to_batch(self, images: &Tensor) -> Result<Tensor> {
        let images = if self.batched { images.clone() } else { images.expand_dims(0)? };
        images.permute(&self.format.to_channels_last(4))
    }

    /// The inverse of [`Layout::to_batch`].
    pub(super) fn restored(self, images: &Tensor) -> Result<Tensor> {
        let images = images.permute(&self.format.from_channels_last(4))?;
        if self.batched { Ok(images) } else { images.squeeze(&[0]) }
    }
}

/// Refuses integers and truth values.
fn require_float(context: &str, argument: &str, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let context = format!("{context} `{argument}`");
    Err(Error::DType { context, expected: "a float type".into(), got: dtype.to_string() })
}

/// Refuses what is no image or batch of images of floats; shape and data type stay.
pub(super) fn float_images_spec(context: &str, (shape, dtype): &Spec, format: DataFormat) -> Result<Spec> {
    require_float(context, "images", *dtype)?;
    Layout::new(context, "images", shape, format)?;
    Ok((shape.clone(), *dtype))
}
