//! `compile`: the optimizer, losses and metrics of a model.

mod arguments;
mod losses;
mod metrics;
mod outputs;
mod per_output;

pub use arguments::{Compile, Compiled};
pub use outputs::Outputs;
pub use per_output::{Identifier, PerOutput};
