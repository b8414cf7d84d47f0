//! Keras' operations that layers, losses and users share. Each expensive operation is a single function
//! here, so that a fused kernel can replace it.

mod conv;
mod conv_shape;
mod pool;
mod resize;
mod window;

pub use conv::{conv, conv_transpose, depthwise_conv, separable_conv};
pub use conv_shape::{conv_output_shape, conv_transpose_output_shape};
pub use pool::{Windows, average_pool, global_average_pool, global_max_pool, max_pool};
pub use resize::{Interpolation, resize};
pub use window::{DataFormat, Padding, Window};
