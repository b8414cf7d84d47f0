//! Convolutions. Each family has one implementation, generic in the number of spatial axes.

mod base_conv;
mod base_conv_transpose;
mod base_depthwise_conv;
mod base_separable_conv;
mod conv1d;
mod conv1d_transpose;
mod conv2d;
mod conv2d_transpose;
mod conv3d;
mod conv3d_transpose;
mod depthwise_conv1d;
mod depthwise_conv2d;
mod separable_conv1d;
mod separable_conv2d;
pub(super) mod shared;
#[cfg(test)]
mod tests;

pub use base_conv::BaseConv;
pub use base_conv_transpose::BaseConvTranspose;
pub use base_depthwise_conv::BaseDepthwiseConv;
pub use base_separable_conv::BaseSeparableConv;
pub use conv1d::Conv1D;
pub use conv1d_transpose::Conv1DTranspose;
pub use conv2d::Conv2D;
pub use conv2d_transpose::Conv2DTranspose;
pub use conv3d::Conv3D;
pub use conv3d_transpose::Conv3DTranspose;
pub use depthwise_conv1d::DepthwiseConv1D;
pub use depthwise_conv2d::DepthwiseConv2D;
pub use separable_conv1d::SeparableConv1D;
pub use separable_conv2d::SeparableConv2D;
pub(super) use shared::{geometry, kernel_shape, require_positive};

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family, with the names that Keras has besides.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Conv1D>(&["Conv1D", "Convolution1D"]);
    table.class::<Conv2D>(&["Conv2D", "Convolution2D"]);
    table.class::<Conv3D>(&["Conv3D", "Convolution3D"]);
    table.class::<Conv1DTranspose>(&["Conv1DTranspose", "Convolution1DTranspose"]);
    table.class::<Conv2DTranspose>(&["Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D"]);
    table.class::<Conv3DTranspose>(&["Conv3DTranspose", "Convolution3DTranspose", "Deconvolution3D"]);
    table.class::<DepthwiseConv1D>(&["DepthwiseConv1D"]);
    table.class::<DepthwiseConv2D>(&["DepthwiseConv2D"]);
    table.class::<SeparableConv1D>(&["SeparableConv1D", "SeparableConvolution1D"]);
    table.class::<SeparableConv2D>(&["SeparableConv2D", "SeparableConvolution2D"]);
}
