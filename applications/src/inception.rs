//! What InceptionV3 and InceptionResNetV2 share. Layers have the names that Keras numbers.

use keras_rs::layers::{
    Activation, AveragePooling2D, BatchNormalization, Concatenate, Conv2D, LayerExt, MaxPooling2D,
};
use keras_rs::{Result, layer::KerasTensor};

/// Filters, and height and width of the kernel.
pub(crate) type Conv = (usize, (usize, usize));

/// Convolutions one after the other that keep height and width.
pub(crate) fn convolve(x: &KerasTensor, convolutions: &[Conv]) -> Result<KerasTensor> {
    convolutions.iter().try_fold(x.clone(), |x, &(filters, kernel)| {
        normalize_relu(&Conv2D::new(filters, kernel).padding("same").use_bias(false).apply(&x)?)
    })
}

/// A convolution without padding.
pub(crate) fn convolve_inside(
    x: &KerasTensor,
    filters: usize,
    kernel: usize,
    strides: usize,
) -> Result<KerasTensor> {
    normalize_relu(&Conv2D::new(filters, kernel).strides(strides).use_bias(false).apply(x)?)
}

/// Convolutions, the last of them by stride 2 without padding.
pub(crate) fn convolve_halve(x: &KerasTensor, convolutions: &[Conv], filters: usize) -> Result<KerasTensor> {
    convolve_inside(&convolve(x, convolutions)?, filters, 3, 2)
}

/// Normalisation without a factor, and ReLU.
fn normalize_relu(x: &KerasTensor) -> Result<KerasTensor> {
    Activation::new("relu").apply(&BatchNormalization::new().scale(false).apply(x)?)
}

/// The mean of each 3x3 window, then a 1x1 convolution.
pub(crate) fn average_convolve(x: &KerasTensor, filters: usize) -> Result<KerasTensor> {
    let y = AveragePooling2D::new(3).strides(1).padding("same").apply(x)?;
    convolve(&y, &[(filters, (1, 1))])
}

/// The maximum of each 3x3 window by stride 2.
pub(crate) fn halve(x: &KerasTensor) -> Result<KerasTensor> {
    MaxPooling2D::new(3).strides(2).apply(x)
}

/// Branches beside each other.
pub(crate) fn mixed(branches: &[KerasTensor], name: impl Into<String>) -> Result<KerasTensor> {
    Concatenate::new().name(name).apply(branches)
}

/// From the image to about an eighth of its height and width.
pub(crate) fn stem(image: &KerasTensor) -> Result<KerasTensor> {
    let x = convolve_inside(image, 32, 3, 2)?;
    let x = convolve_inside(&x, 32, 3, 1)?;
    let x = halve(&convolve(&x, &[(64, (3, 3))])?)?;
    let x = convolve_inside(&x, 80, 1, 1)?;
    halve(&convolve_inside(&x, 192, 3, 1)?)
}

/// Convolutions of several sizes beside each other: the first mixed block of both networks.
pub(crate) fn mixed_35(x: &KerasTensor, filters: [usize; 2], name: &str) -> Result<KerasTensor> {
    let branches = [
        convolve(x, &[(filters[0], (1, 1))])?,
        convolve(x, &[(48, (1, 1)), (64, (5, 5))])?,
        convolve(x, &[(64, (1, 1)), (96, (3, 3)), (96, (3, 3))])?,
        average_convolve(x, filters[1])?,
    ];
    mixed(&branches, name)
}
