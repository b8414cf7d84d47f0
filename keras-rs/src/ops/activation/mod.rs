//! Activation functions.

mod exponential;
mod rectifiers;
mod sigmoids;
mod softmax;

pub use exponential::*;
pub use rectifiers::*;
pub use sigmoids::*;
pub use softmax::*;
