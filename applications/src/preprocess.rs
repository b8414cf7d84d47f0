//! The preprocessing of pixels before the first layer of an application.
//!
//! Pixels come as 0 to 255 in the order red, green, blue.

use std::fmt;

use crate::{Error, Result};

/// How pixels are scaled, after the framework in which a network was first trained.
///
/// With `x` a pixel's channel value in 0 to 255:
/// - `Caffe`: channels reordered to blue, green, red; `x - mean`, means 103.939, 116.779, 123.68;
/// - `Tf`: `x / 127.5 - 1`;
/// - `Torch`: `(x / 255 - mean) / std`, means 0.485, 0.456, 0.406, deviations 0.229, 0.224, 0.225;
/// - `Identity`: `x`, which the network itself scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreprocessMode {
    /// Blue, green, red, each centred: ResNet and VGG.
    Caffe,
    /// Scaled to -1 to 1: ResNetV2, Inception, NASNet, Xception.
    Tf,
    /// Centred and divided by a deviation: DenseNet.
    Torch,
    /// Left as they are, as the network's first layers scale them: ConvNeXt, EfficientNet, EfficientNetV2, MobileNetV3.
    Identity,
}

impl fmt::Display for PreprocessMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caffe => "caffe",
            Self::Tf => "tf",
            Self::Torch => "torch",
            Self::Identity => "identity",
        })
    }
}

/// The position of the channels in an array of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// The last axis: `(batch, height, width, channels)`.
    #[default]
    Last,
    /// The first axis of one image, `(channels, height, width)`; of an array of four axes or more, which has a batch, the
    /// second: `(batch, channels, height, width)`.
    First,
}

/// Prepares RGB images for a network, in place.
///
/// `values` are those of an array of `shape` with 3 channels, each in 0 to 255: one image, a batch, or any other number of
/// axes (videos, single pixels), three at least where the channels come first. `Tf` and `Identity`, which treat all
/// channels alike, take any shape. The arithmetic is float32, in Keras' order of operations.
///
/// # Errors
/// [`Error::Argument`] if `shape` has not 3 channels or not as many elements as `values`.
///
/// ```
/// use keras_rs_applications::{ChannelOrder, PreprocessMode, preprocess_input};
///
/// let mut pixel = [255.0, 0.0, 127.5];
/// preprocess_input(&mut pixel, &[1, 1, 3], ChannelOrder::Last, PreprocessMode::Tf)?;
/// assert_eq!(pixel, [1.0, -1.0, 0.0]);
///
/// let mut pixel = [10.0, 20.0, 30.0];
/// preprocess_input(&mut pixel, &[1, 1, 3], ChannelOrder::Last, PreprocessMode::Caffe)?;
/// assert_eq!(pixel, [30.0 - 103.939, 20.0 - 116.779, 10.0 - 123.68]);
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
pub fn preprocess_input(
    values: &mut [f32],
    shape: &[usize],
    channels: ChannelOrder,
    mode: PreprocessMode,
) -> Result<()> {
    let (images, pixels) = layout(values.len(), shape, channels, mode)?;
    let step = match mode {
        PreprocessMode::Caffe => caffe,
        PreprocessMode::Torch => torch,
        PreprocessMode::Tf => {
            values.iter_mut().for_each(|value| *value = *value / 127.5 - 1.0);
            return Ok(());
        }
        PreprocessMode::Identity => return Ok(()),
    };
    for image in 0..images {
        for pixel in 0..pixels {
            let at = |channel| match channels {
                ChannelOrder::Last => 3 * (image * pixels + pixel) + channel,
                ChannelOrder::First => (3 * image + channel) * pixels + pixel,
            };
            let rgb = [values[at(0)], values[at(1)], values[at(2)]];
            for (channel, value) in step(rgb).into_iter().enumerate() {
                values[at(channel)] = value;
            }
        }
    }
    Ok(())
}

/// The number of images, and the number of pixels of each.
fn layout(
    len: usize,
    shape: &[usize],
    channels: ChannelOrder,
    mode: PreprocessMode,
) -> Result<(usize, usize)> {
    let product = |sizes: &[usize]| sizes.iter().try_fold(1_usize, |n, &size| n.checked_mul(size));
    let alike = matches!(mode, PreprocessMode::Tf | PreprocessMode::Identity);
    let (images, count, pixels) = match (channels, shape) {
        _ if alike => (&[][..], 3, shape),
        (ChannelOrder::Last, [pixels @ .., count]) => (&[][..], *count, pixels),
        (ChannelOrder::First, [count, _, _]) => (&[][..], *count, &shape[1..]),
        (ChannelOrder::First, [_, count, _, ..]) => (&shape[..1], *count, &shape[2..]),
        _ => (&[][..], 0, shape),
    };
    match (product(images), product(pixels)) {
        (Some(images), Some(pixels)) if count == 3 && product(shape) == Some(len) => Ok((images, pixels)),
        _ => Err(Error::Argument {
            context: "preprocess_input",
            argument: "shape",
            expected: format!("3 channels, {len} elements"),
            got: format!("{shape:?}"),
        }),
    }
}

fn caffe([r, g, b]: [f32; 3]) -> [f32; 3] {
    [b - 103.939, g - 116.779, r - 123.68]
}

fn torch([r, g, b]: [f32; 3]) -> [f32; 3] {
    [(r / 255.0 - 0.485) / 0.229, (g / 255.0 - 0.456) / 0.224, (b / 255.0 - 0.406) / 0.225]
}
