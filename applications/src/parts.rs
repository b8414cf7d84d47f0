//! Layers that several architectures share.

use keras_rs::layers::{Activation, BatchNormalization, Conv2D, LayerExt, MaxPooling2D, ZeroPadding2D};
use keras_rs::{Result, layer::KerasTensor};

/// Keras' networks were trained with this epsilon, not the layer's default.
const EPSILON: f64 = 1.001e-5;

/// Batch normalisation named `{prefix}bn`.
pub(crate) fn normalize(x: &KerasTensor, prefix: &str) -> Result<KerasTensor> {
    BatchNormalization::new().epsilon(EPSILON).name(format!("{prefix}bn")).apply(x)
}

/// Batch normalisation and ReLU, named `{prefix}bn` and `{prefix}relu`.
pub(crate) fn normalize_relu(x: &KerasTensor, prefix: &str) -> Result<KerasTensor> {
    Activation::new("relu").name(format!("{prefix}relu")).apply(normalize(x, prefix)?)
}

/// Margins of an image before a convolution by stride 2 that is to halve it: an even size gets one less at its beginning.
pub(crate) fn correct_pad(image: &KerasTensor, kernel_size: usize) -> [(usize, usize); 2] {
    let half = kernel_size / 2;
    let is_even = |axis: usize| match image.shape().dims() {
        // Keras takes unknown sizes for even ones.
        [_, Some(rows), Some(columns), _] => [*rows, *columns][axis] % 2 == 0,
        _ => true,
    };
    [0, 1].map(|axis| (half - usize::from(is_even(axis)), half))
}

/// A 7x7 convolution by stride 2, then a max pooling by stride 2: a quarter of the height and width.
///
/// Names are those of `Stem`; with `normalized` the convolution is followed by normalisation and ReLU.
pub(crate) fn stem(x: &KerasTensor, names: &Stem, use_bias: bool, normalized: bool) -> Result<KerasTensor> {
    let pad = |margin: usize, name: Option<&str>| {
        let layer = ZeroPadding2D::new(margin);
        match name {
            Some(name) => layer.name(name),
            None => layer,
        }
    };
    let x = pad(3, names.conv_pad).apply(x)?;
    let mut x = Conv2D::new(64, 7).strides(2).use_bias(use_bias).name("conv1_conv").apply(&x)?;
    if normalized {
        x = normalize_relu(&x, "conv1_")?;
    }
    let x = pad(1, names.pool_pad).apply(&x)?;
    MaxPooling2D::new(3).strides(2).name(names.pool).apply(&x)
}

/// Names of the stem's layers that differ between architectures; `None` is numbered by Keras.
pub(crate) struct Stem {
    pub(crate) conv_pad: Option<&'static str>,
    pub(crate) pool_pad: Option<&'static str>,
    pub(crate) pool: &'static str,
}
