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
mod shared;
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

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family, with the names that Keras has besides.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.add(&["Conv1D", "Convolution1D"], |c| Ok(Box::new(Conv1D::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Conv2D", "Convolution2D"], |c| Ok(Box::new(Conv2D::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Conv3D", "Convolution3D"], |c| Ok(Box::new(Conv3D::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Conv1DTranspose", "Convolution1DTranspose"], |c| {
        Ok(Box::new(Conv1DTranspose::from_config(c)?) as Box<dyn Layer>)
    });
    table.add(&["Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D"], |c| {
        Ok(Box::new(Conv2DTranspose::from_config(c)?) as Box<dyn Layer>)
    });
    table.add(&["Conv3DTranspose", "Convolution3DTranspose", "Deconvolution3D"], |c| {
        Ok(Box::new(Conv3DTranspose::from_config(c)?) as Box<dyn Layer>)
    });
    table.add(&["DepthwiseConv1D"], |c| Ok(Box::new(DepthwiseConv1D::from_config(c)?) as Box<dyn Layer>));
    table.add(&["DepthwiseConv2D"], |c| Ok(Box::new(DepthwiseConv2D::from_config(c)?) as Box<dyn Layer>));
    table.add(&["SeparableConv1D", "SeparableConvolution1D"], |c| {
        Ok(Box::new(SeparableConv1D::from_config(c)?) as Box<dyn Layer>)
    });
    table.add(&["SeparableConv2D", "SeparableConvolution2D"], |c| {
        Ok(Box::new(SeparableConv2D::from_config(c)?) as Box<dyn Layer>)
    });
}
