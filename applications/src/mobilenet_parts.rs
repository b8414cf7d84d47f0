//! What the MobileNets share: sizes of images with weights of their own, and channels that divide by eight.

use keras_rs::layers::{BatchNormalization, LayerExt, ReLU};
use keras_rs::{Error, Result, Shape, layer::KerasTensor};

use crate::network::Arguments;

/// The size whose published weights stand in where an image has none of its own.
const LARGEST: usize = 224;

/// Height and width, where they are the same and one of `sizes`.
fn square(shape: &Shape, sizes: &[usize]) -> Option<usize> {
    let &[Some(rows), Some(columns), ..] = shape.dims() else { return None };
    (rows == columns && sizes.contains(&rows)).then_some(rows)
}

/// Default height and width of the images beside a chosen shape: its own, where weights of that size are published.
pub(crate) fn default_size(chosen: Option<&Shape>, sizes: &[usize]) -> usize {
    chosen.and_then(|shape| square(shape, sizes)).unwrap_or(LARGEST)
}

/// The size of images for which the weights were trained, that are published for `arguments`.
pub(crate) fn trained_size(arguments: &Arguments, sizes: &[usize]) -> usize {
    square(&arguments.input_shape, sizes).unwrap_or(LARGEST)
}

/// Keras' name of a model with these arguments: `mobilenet_1.00_224`.
pub(crate) fn model_name(prefix: &str, alpha: f64, arguments: &Arguments, sizes: &[usize]) -> String {
    let rows = match arguments.input_shape.dims().first() {
        _ if arguments.imagenet => trained_size(arguments, sizes).to_string(),
        Some(Some(rows)) => rows.to_string(),
        _ => "None".to_owned(),
    };
    format!("{prefix}_{alpha:.2}_{rows}")
}

/// The nearest multiple of eight, at least eight, and not less than nine tenths of `channels`.
pub(crate) fn make_divisible(channels: f64) -> usize {
    let nearest = ((channels + 4.0) as usize / 8 * 8).max(8);
    if (nearest as f64) < 0.9 * channels { nearest + 8 } else { nearest }
}

/// The channels of a layer's input.
pub(crate) fn channels(x: &KerasTensor, name: &str) -> Result<usize> {
    match x.shape().dims().last() {
        Some(&Some(channels)) => Ok(channels),
        _ => Err(Error::shape(name, "input", "a known number of channels", x.shape())),
    }
}

/// Batch normalisation as MobileNetV2 and MobileNetV3 were trained with it.
pub(crate) fn normalize(x: &KerasTensor, name: String) -> Result<KerasTensor> {
    BatchNormalization::new().epsilon(1e-3).momentum(0.999).name(name).apply(x)
}

/// ReLU up to 6.
pub(crate) fn relu6(x: &KerasTensor, name: String) -> Result<KerasTensor> {
    ReLU::new().max_value(6.0).name(name).apply(x)
}
