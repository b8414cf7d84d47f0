//! ConvNeXt: convolutions laid out as the blocks of a transformer are (Liu et al., 2022).

use keras_rs::layer::KerasTensor;
use keras_rs::layers::{
    Activation, Conv2D, Dense, GlobalAveragePooling2D, LayerExt, LayerNormalization, LayerScale,
    Normalization,
};
use keras_rs::{Result, Sequential};

use crate::network::{Arguments, Network, pooled_unnamed, published};
use crate::weights::WeightFile;
use crate::{Family, Pooling, Variant};

/// What is added to variances in layer normalisation.
const EPSILON: f64 = 1e-6;

/// What the scales of blocks' outputs are at first.
const LAYER_SCALE: f64 = 1e-6;

/// Variants differ in the number of blocks of each stage and their channels.
#[derive(Debug)]
pub(crate) struct ConvNeXt {
    pub(crate) depths: [usize; 4],
    pub(crate) channels: [usize; 4],
}

impl Network for ConvNeXt {
    fn family(&self) -> Family {
        Family::ConvNeXt
    }

    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let name = &arguments.name;
        let mut x = image.clone();
        let is_rgb = image.shape().dims().last() == Some(&Some(3));
        if is_rgb && arguments.own.include_preprocessing.unwrap_or(true) {
            x = pixels(&x, name)?;
        }
        for (stage, (&depth, &channels)) in self.depths.iter().zip(&self.channels).enumerate() {
            x = smaller(&x, stage, channels, name)?;
            for number in 0..depth {
                x = block(&x, channels, &format!("{name}_stage_{stage}_block_{number}"))?;
            }
        }
        Ok(x)
    }

    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let name = &arguments.name;
        let x = GlobalAveragePooling2D::new().name(format!("{name}_head_gap")).apply(x)?;
        let x = normalization().name(format!("{name}_head_layernorm")).apply(&x)?;
        let dense = Dense::new(arguments.classes).activation(arguments.activation()?);
        dense.name(format!("{name}_head_dense")).apply(&x)
    }

    fn without_classifier(&self, x: KerasTensor, pooling: Option<Pooling>) -> Result<KerasTensor> {
        let x = pooling.map_or_else(|| Ok(x.clone()), |pooling| pooled_unnamed(&x, pooling))?;
        normalization().apply(&x)
    }

    fn own_arguments(&self) -> &'static [&'static str] {
        &["include_preprocessing"]
    }

    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let suffix = if arguments.include_top { "" } else { "_notop" };
        published(variant, format!("{}{suffix}.h5", variant.model_name), arguments.include_top)
    }
}

fn normalization() -> LayerNormalization {
    LayerNormalization::new().epsilon(EPSILON)
}

/// Pixels of 0 to 255, normalized by ImageNet's statistics.
fn pixels(x: &KerasTensor, name: &str) -> Result<KerasTensor> {
    let mean = [0.485, 0.456, 0.406].map(|mean| mean * 255.0);
    let variance = [0.229_f64, 0.224, 0.225].map(|deviation| (deviation * 255.0).powi(2));
    let layer = Normalization::new().mean(mean).variance(variance);
    layer.name(format!("{name}_prestem_normalization")).apply(x)
}

/// A quarter of the height and width before the first stage, half of it before the others; a model of its own.
fn smaller(x: &KerasTensor, stage: usize, channels: usize, name: &str) -> Result<KerasTensor> {
    let model = match stage.checked_sub(1) {
        None => Sequential::new()
            .name(format!("{name}_stem"))
            .add(Conv2D::new(channels, 4).strides(4).name(format!("{name}_stem_conv")))
            .add(normalization().name(format!("{name}_stem_layernorm"))),
        Some(number) => Sequential::new()
            .name(format!("{name}_downsampling_block_{number}"))
            .add(normalization().name(format!("{name}_downsampling_layernorm_{number}")))
            .add(Conv2D::new(channels, 2).strides(2).name(format!("{name}_downsampling_conv_{number}"))),
    };
    model.build()?.apply(x)
}

/// A convolution of each channel by itself, then two layers on each pixel, added to the input.
fn block(x: &KerasTensor, channels: usize, name: &str) -> Result<KerasTensor> {
    let conv = Conv2D::new(channels, 7).padding("same").groups(channels);
    let y = conv.name(format!("{name}_depthwise_conv")).apply(x)?;
    let y = normalization().name(format!("{name}_layernorm")).apply(&y)?;
    let y = Dense::new(4 * channels).name(format!("{name}_pointwise_conv_1")).apply(&y)?;
    let y = Activation::new("gelu").name(format!("{name}_gelu")).apply(&y)?;
    let y = Dense::new(channels).name(format!("{name}_pointwise_conv_2")).apply(&y)?;
    let y = LayerScale::new(LAYER_SCALE, channels).name(format!("{name}_layer_scale")).apply(&y)?;
    // Stands where a `StochasticDepth` would drop branches; the published variants drop none.
    let y = Activation::new("linear").name(format!("{name}_identity")).apply(&y)?;
    x + &y
}
