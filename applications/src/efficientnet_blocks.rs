//! What EfficientNet and EfficientNetV2 share: the inverted residual block, and what stands around the blocks.

use keras_rs::initializers::VarianceScaling;
use keras_rs::layer::KerasTensor;
use keras_rs::layers::{
    Activation, Add, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, GlobalAveragePooling2D,
    LayerExt, Multiply, Reshape, ZeroPadding2D,
};
use keras_rs::{Error, Result};

use crate::network::Arguments;
use crate::parts::correct_pad;

/// Dropout of the branch of the last block; those before it drop less, in proportion to their number.
pub(crate) const DROP_CONNECT: f64 = 0.2;

/// How the first block of a stage halves height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halving {
    /// By a layer that pads.
    Padded,
    /// By the padding `same` of the convolution.
    Same,
}

/// A block beside a shortcut, where it changes neither size nor number of channels.
pub(crate) struct Block {
    /// What names begin with.
    pub(crate) name: String,
    pub(crate) kernel_size: usize,
    /// Channels of the output.
    pub(crate) filters: usize,
    /// How many channels the inside has for each of the input's.
    pub(crate) expand_ratio: usize,
    pub(crate) strides: usize,
    /// Part of the samples whose branch is dropped in training.
    pub(crate) drop_rate: f64,
    pub(crate) halving: Halving,
}

impl Block {
    /// `block1a_` for the first block of the first stage.
    pub(crate) fn named(stage: usize, number: usize) -> String {
        let letter = u8::try_from(number).map_or('?', |number| char::from(b'a'.saturating_add(number)));
        format!("block{}{letter}_", stage + 1)
    }

    /// Expansion, a convolution of each channel by itself, squeeze and excitation, projection.
    pub(crate) fn inverted(&self, x: &KerasTensor) -> Result<KerasTensor> {
        let (name, halving) = (&self.name, self.halving);
        let incoming = channels(x, name)?;
        let inside = incoming * self.expand_ratio;
        let mut y = x.clone();
        if self.expand_ratio != 1 {
            y = conv(inside, 1, 1, format!("{name}expand_conv")).apply(&y)?;
            y = normalize_swish(&y, &format!("{name}expand_"), halving)?;
        }
        let mut padding = "same";
        if halving == Halving::Padded && self.strides == 2 {
            let margins = correct_pad(&y, self.kernel_size);
            y = ZeroPadding2D::new(margins).name(format!("{name}dwconv_pad")).apply(&y)?;
            padding = "valid";
        }
        let suffix = if halving == Halving::Padded { "" } else { "2" };
        y = DepthwiseConv2D::new(self.kernel_size)
            .strides(self.strides)
            .padding(padding)
            .use_bias(false)
            .depthwise_initializer(fan_out())
            .name(format!("{name}dwconv{suffix}"))
            .apply(&y)?;
        y = normalize_swish(&y, name, halving)?;
        y = squeeze_excite(&y, incoming / 4, inside, name)?;
        y = conv(self.filters, 1, 1, format!("{name}project_conv")).apply(&y)?;
        y = normalize(&y, &format!("{name}project_"), halving)?;
        self.shortcut(x, y)
    }

    /// Expansion by a convolution in place of the first two steps, without squeeze and excitation.
    pub(crate) fn fused(&self, x: &KerasTensor) -> Result<KerasTensor> {
        let (name, halving) = (&self.name, self.halving);
        if self.expand_ratio == 1 {
            let y = conv(self.filters, self.kernel_size, self.strides, format!("{name}project_conv"));
            let y = normalize_swish(&y.apply(x)?, &format!("{name}project_"), halving)?;
            return self.shortcut(x, y);
        }
        let inside = channels(x, name)? * self.expand_ratio;
        let y = conv(inside, self.kernel_size, self.strides, format!("{name}expand_conv")).apply(x)?;
        let y = normalize_swish(&y, &format!("{name}expand_"), halving)?;
        let y = conv(self.filters, 1, 1, format!("{name}project_conv")).apply(&y)?;
        let y = normalize(&y, &format!("{name}project_"), halving)?;
        self.shortcut(x, y)
    }

    fn shortcut(&self, x: &KerasTensor, mut y: KerasTensor) -> Result<KerasTensor> {
        let name = &self.name;
        if self.strides != 1 || channels(x, name)? != self.filters {
            return Ok(y);
        }
        if self.drop_rate > 0.0 {
            let samples = vec![None, Some(1), Some(1), Some(1)];
            y = Dropout::new(self.drop_rate).noise_shape(samples).name(format!("{name}drop")).apply(&y)?;
        }
        Add::new().name(format!("{name}add")).apply([&y, x])
    }
}

/// Scales each channel by what a small network makes of the means of all channels.
fn squeeze_excite(x: &KerasTensor, squeezed: usize, channels: usize, name: &str) -> Result<KerasTensor> {
    let pixel = |filters: usize, activation: &str, name: String| {
        let conv = Conv2D::new(filters, 1).padding("same").activation(activation);
        conv.kernel_initializer(fan_out()).name(name)
    };
    let y = GlobalAveragePooling2D::new().name(format!("{name}se_squeeze")).apply(x)?;
    let y = Reshape::new([1, 1, channels as isize]).name(format!("{name}se_reshape")).apply(&y)?;
    let y = pixel(squeezed.max(1), "silu", format!("{name}se_reduce")).apply(&y)?;
    let y = pixel(channels, "sigmoid", format!("{name}se_expand")).apply(&y)?;
    Multiply::new().name(format!("{name}se_excite")).apply([x, &y])
}

/// A multiple of 8 near the number, at least 8.
pub(crate) fn rounded(filters: f64) -> usize {
    ((filters + 4.0) as usize / 8 * 8).max(8)
}

fn fan_out() -> VarianceScaling {
    VarianceScaling::new().scale(2.0).mode("fan_out")
}

/// A convolution without a bias that keeps height and width but for its strides.
pub(crate) fn conv(filters: usize, kernel_size: usize, strides: usize, name: impl Into<String>) -> Conv2D {
    let conv = Conv2D::new(filters, kernel_size).strides(strides).padding("same").use_bias(false);
    conv.kernel_initializer(fan_out()).name(name)
}

fn normalize(x: &KerasTensor, prefix: &str, halving: Halving) -> Result<KerasTensor> {
    let momentum = if halving == Halving::Padded { 0.99 } else { 0.9 };
    BatchNormalization::new().axis(3).momentum(momentum).name(format!("{prefix}bn")).apply(x)
}

/// Batch normalisation and `x * sigmoid(x)`, named `{prefix}bn` and `{prefix}activation`.
pub(crate) fn normalize_swish(x: &KerasTensor, prefix: &str, halving: Halving) -> Result<KerasTensor> {
    let y = normalize(x, prefix, halving)?;
    Activation::new("silu").name(format!("{prefix}activation")).apply(&y)
}

/// From the features to the scores.
pub(crate) fn classifier(x: &KerasTensor, arguments: &Arguments, dropout_rate: f64) -> Result<KerasTensor> {
    let x = GlobalAveragePooling2D::new().name("avg_pool").apply(x)?;
    let x = Dropout::new(dropout_rate).name("top_dropout").apply(&x)?;
    let initializer = VarianceScaling::new().scale(1.0 / 3.0).mode("fan_out").distribution("uniform");
    let dense = Dense::new(arguments.classes).activation(arguments.activation()?);
    dense.kernel_initializer(initializer).name("predictions").apply(&x)
}

fn channels(x: &KerasTensor, name: &str) -> Result<usize> {
    match x.shape().dims().last() {
        Some(&Some(channels)) => Ok(channels),
        _ => Err(Error::shape(name, "input", "a known number of channels", x.shape())),
    }
}
