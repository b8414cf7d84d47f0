//! The loops of keras-rs that compute on slices of `f32`, for CPUs.
//!
//! Nothing here knows tensors: shapes are numbers of rows and columns, values lie row by row. A function that takes
//! long is compiled twice, for any CPU and for one with AVX2 and FMA; which one runs is found out at run time. All rows
//! of a batch that do not depend on each other are shared out among threads.
//!
//! A crate of its own, so that the dev profile can optimise it fully while the rest of the workspace builds quickly.

mod attention;
mod cpu;
mod exponential;
mod gru;
mod lstm;
mod product;
mod recurrent;
mod sequence;
mod simple_rnn;
mod softmax;

pub use attention::{Attention, AttentionGradients, Mask, attention, attention_backward};
pub use recurrent::{Recurrent, RecurrentGradients, RecurrentOperands, recurrent, recurrent_backward};
pub use sequence::Sequence;
pub use simple_rnn::Activation;
pub use softmax::{softmax, softmax_backward};
