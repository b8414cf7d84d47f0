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
mod buffer;
mod convolution;
mod cpu;
mod dense;
mod epilogue;
mod exponential;
mod gather;
mod gru;
mod lstm;
mod multiply;
mod panels;
mod product;
mod recurrent;
mod sequence;
mod simd;
mod simple_rnn;
mod softmax;
#[cfg(test)]
mod tests;
pub mod threads;
mod tile;
mod view;
mod window;
mod winograd;

pub use attention::{Attention, AttentionGradients, Mask, attention, attention_backward};
pub use buffer::AlignedBuffer;
pub use convolution::Convolution;
pub use dense::Product;
pub use epilogue::{Activation, Epilogue, Prologue};
pub use gru::{GruGradients, GruState, gru, gru_backward};
pub use lstm::{LstmGradients, LstmState, lstm, lstm_backward};
pub use recurrent::{Recurrent, RecurrentGradients, RecurrentOperands, recurrent, recurrent_backward};
pub use sequence::Sequence;
pub use simple_rnn::Activation;
pub use softmax::{softmax, softmax_backward};
pub use view::{View, ViewMut};
pub use window::Window;
