//! Keras' second names of convolutions and poolings.
//!
//! ```
//! use keras_rs::layers::{MaxPool2D, MaxPooling2D};
//!
//! let layer: MaxPooling2D = MaxPool2D::new(2);
//! # let _ = layer;
//! ```

use super::*;

/// Another name of [`AveragePooling1D`].
pub type AvgPool1D = AveragePooling1D;
/// Another name of [`AveragePooling2D`].
pub type AvgPool2D = AveragePooling2D;
/// Another name of [`AveragePooling3D`].
pub type AvgPool3D = AveragePooling3D;
/// Another name of [`Conv1D`].
pub type Convolution1D = Conv1D;
/// Another name of [`Conv1DTranspose`].
pub type Convolution1DTranspose = Conv1DTranspose;
/// Another name of [`Conv2D`].
pub type Convolution2D = Conv2D;
/// Another name of [`Conv2DTranspose`].
pub type Convolution2DTranspose = Conv2DTranspose;
/// Another name of [`Conv3D`].
pub type Convolution3D = Conv3D;
/// Another name of [`Conv3DTranspose`].
pub type Convolution3DTranspose = Conv3DTranspose;
/// Another name of [`GlobalAveragePooling1D`].
pub type GlobalAvgPool1D = GlobalAveragePooling1D;
/// Another name of [`GlobalAveragePooling2D`].
pub type GlobalAvgPool2D = GlobalAveragePooling2D;
/// Another name of [`GlobalAveragePooling3D`].
pub type GlobalAvgPool3D = GlobalAveragePooling3D;
/// Another name of [`GlobalMaxPooling1D`].
pub type GlobalMaxPool1D = GlobalMaxPooling1D;
/// Another name of [`GlobalMaxPooling2D`].
pub type GlobalMaxPool2D = GlobalMaxPooling2D;
/// Another name of [`GlobalMaxPooling3D`].
pub type GlobalMaxPool3D = GlobalMaxPooling3D;
/// Another name of [`MaxPooling1D`].
pub type MaxPool1D = MaxPooling1D;
/// Another name of [`MaxPooling2D`].
pub type MaxPool2D = MaxPooling2D;
/// Another name of [`MaxPooling3D`].
pub type MaxPool3D = MaxPooling3D;
/// Another name of [`SeparableConv1D`].
pub type SeparableConvolution1D = SeparableConv1D;
/// Another name of [`SeparableConv2D`].
pub type SeparableConvolution2D = SeparableConv2D;
