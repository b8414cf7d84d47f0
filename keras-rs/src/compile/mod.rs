//! `compile`: the optimizer, losses and metrics of a model.

mod arguments;
mod losses;
mod metrics;
mod outputs;
mod per_output;

pub use arguments::{Compile, Compiled};
pub(crate) use arguments::{Targets, log};
pub use outputs::Outputs;
pub use per_output::{Identifier, PerOutput};
