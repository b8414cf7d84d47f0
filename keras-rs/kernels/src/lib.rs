//! The loops of keras-rs that compute on slices of `f32`, for CPUs.
//!
//! Nothing here knows tensors: shapes are numbers of rows and columns, values lie row by row. A function that takes
//! long is compiled twice, for any CPU and for one with AVX2 and FMA; which one runs is found out at run time. All rows
//! of a batch that do not depend on each other are shared out among threads.
//!
//! A crate of its own, so that the dev profile can optimise it fully while the rest of the workspace builds quickly.

mod buffer;
mod cells;
mod convolution;
mod cpu;
mod dense;
mod depthwise;
mod elementwise;
mod epilogue;
mod exponential;
mod gather;
mod gru;
mod lstm;
mod multiply;
mod padding;
mod panels;
pub mod peak;
#[cfg(test)]
mod plain;
mod pooling;
mod product;
mod sequence;
mod simd;
mod softmax;
#[cfg(test)]
mod tests;
pub mod threads;
mod tile;
mod view;
mod window;
mod winograd;

pub use buffer::AlignedBuffer;
pub use convolution::Convolution;
pub use dense::Product;
pub use depthwise::Depthwise;
pub use elementwise::{activate, add, multiply, multiply_channels, scale_shift};
pub use epilogue::{Activation, Epilogue, Prologue};
pub use gru::{GruGradients, GruState, gru, gru_backward};
pub use lstm::{LstmGradients, LstmState, lstm, lstm_backward};
pub use padding::pad;
pub use pooling::{average_pool, global_average_pool, global_max_pool, max_pool};
pub use sequence::Sequence;
pub use softmax::{softmax, softmax_backward};
pub use view::{View, ViewMut};
pub use window::Window;
