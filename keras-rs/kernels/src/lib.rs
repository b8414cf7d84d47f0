//! The loops of keras-rs that compute on slices of `f32`, for CPUs.
//!
//! Nothing here knows tensors: shapes are numbers of rows and columns, values lie row by row, images channels last. A
//! function that takes long is compiled for any CPU, for one with AVX2 and FMA, and, where it pays, for one with
//! AVX-512; which one runs is found out at run time. What does not depend on each other is shared out among threads.
//!
//! A convolution or product goes through these parts: weights are packed once ([`Convolution::new`], `panels`), the
//! work is cut into parts for threads (`multiply`), the numbers under the windows are gathered in blocks (`gather`), and
//! tiles of the output are summed in registers (`tile`), with what happens to them before they are written
//! ([`Epilogue`]). 3 x 3 windows are transformed so that they take fewer products (`winograd`).
//!
//! A crate of its own, so that the dev profile can optimise it fully while the rest of the workspace builds quickly.

mod attention;
mod batch_normalization;
mod bias_gradient;
mod buffer;
mod cells;
mod clip_gradient;
mod convolution;
mod convolution_gradients;
mod cpu;
mod cross_entropy;
mod dense;
mod depthwise;
mod elementwise;
mod epilogue;
mod exponential;
mod gather;
mod gru;
mod input_gradient;
mod inverted_residual;
mod kernel_gradient;
mod look_up;
mod look_up_gradient;
mod lstm;
mod masked_average;
mod memory;
mod multiply;
mod padding;
mod panels;
pub mod peak;
mod permute;
#[cfg(test)]
mod plain;
mod pooling;
mod pooling_gradient;
mod product;
mod recurrence;
mod recurrent;
mod repeat;
mod rows;
mod sequence;
mod simd;
mod simple_rnn;
mod softmax;
mod standardize;
#[cfg(test)]
mod tests;
pub mod threads;
mod tile;
mod unroll;
mod update;
mod view;
mod weights;
mod window;
mod winograd;

pub use attention::{Attention, AttentionGradients, Mask, attend, attention, attention_backward};
pub use batch_normalization::{Normalization, NormalizationGradients, channel_moments};
pub use bias_gradient::bias_gradient;
pub use buffer::AlignedBuffer;
pub use clip_gradient::clip_gradient;
pub use convolution::Convolution;
pub use convolution_gradients::ConvolutionGradients;
pub use cross_entropy::{CrossEntropy, Truth};
pub use dense::Product;
pub use depthwise::Depthwise;
pub use elementwise::{activate, add, multiply, multiply_channels, scale_shift};
pub use epilogue::{Activation, Epilogue, Prologue};
pub use inverted_residual::InvertedResidual;
pub use look_up::look_up;
pub use look_up_gradient::look_up_gradient;
pub use masked_average::masked_average;
pub use memory::{keep_memory, zeros};
pub use padding::{crop, pad};
pub use permute::permute;
pub use pooling::{average_pool, global_average_pool, global_max_pool, max_pool};
pub use pooling_gradient::{average_pool_gradient, max_pool_gradient};
pub use recurrence::{Recurrence, RecurrentStep, Seen, States};
pub use recurrent::{Recurrent, RecurrentGradients, RecurrentOperands, recurrent, recurrent_backward};
pub use sequence::Sequence;
pub use simple_rnn::RecurrentActivation;
pub use softmax::{softmax, softmax_backward};
pub use standardize::{Spread, standardize};
pub use update::{Update, Updated, update};
pub use view::{View, ViewMut};
pub use weights::{all_finite, scale_columns};
pub use window::Window;
