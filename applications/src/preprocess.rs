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

/// The position of the channels in an image array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Shape `(batch, height, width, channels)`.
    #[default]
    Last,
    /// Shape `(batch, channels, height, width)`.
    First,
}

/// Prepares RGB images for a network, in place.
///
/// `values` are those of an array of `shape`, four-dimensional or three-dimensional (one image),
/// with 3 channels, each in 0 to 255; for [`PreprocessMode::Identity`] of any shape. The arithmetic is float32, in Keras'
/// order of operations.
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
    let step = match mode {
        PreprocessMode::Caffe => caffe,
        PreprocessMode::Tf => tf,
        PreprocessMode::Torch => torch,
        PreprocessMode::Identity => return Ok(()),
    };
    let (pixels, stride) = layout(values.len(), shape, channels)?;
    for image in values.chunks_mut(3 * pixels.max(1)) {
        for pixel in 0..pixels {
            let at = |channel| match channels {
                ChannelOrder::Last => pixel * 3 + channel,
                ChannelOrder::First => channel * stride + pixel,
            };
            let rgb = [image[at(0)], image[at(1)], image[at(2)]];
            for (channel, value) in step(rgb).into_iter().enumerate() {
                image[at(channel)] = value;
            }
        }
    }
    Ok(())
}

/// The number of pixels an image has, and the distance of its channel planes.
fn layout(len: usize, shape: &[usize], channels: ChannelOrder) -> Result<(usize, usize)> {
    let elements = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
    let image = match shape {
        [h, w, c] | [_, h, w, c] if channels == ChannelOrder::Last => Some((h.saturating_mul(*w), *c)),
        [c, h, w] | [_, c, h, w] if channels == ChannelOrder::First => Some((h.saturating_mul(*w), *c)),
        _ => None,
    };
    match image {
        Some((pixels, 3)) if elements == Some(len) => Ok((pixels, pixels)),
        _ => Err(Error::Argument {
            context: "preprocess_input",
            argument: "shape",
            expected: format!("3 or 4 dimensions, 3 channels, {len} elements"),
            got: format!("{shape:?}"),
        }),
    }
}

fn caffe([r, g, b]: [f32; 3]) -> [f32; 3] {
    [b - 103.939, g - 116.779, r - 123.68]
}

fn tf(rgb: [f32; 3]) -> [f32; 3] {
    rgb.map(|x| x / 127.5 - 1.0)
}

fn torch([r, g, b]: [f32; 3]) -> [f32; 3] {
    [(r / 255.0 - 0.485) / 0.229, (g / 255.0 - 0.456) / 0.224, (b / 255.0 - 0.406) / 0.225]
}
