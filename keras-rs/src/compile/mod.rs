//! `compile`: the optimizer, losses and metrics of a model.

mod arguments;
mod compiled;
mod losses;
mod metrics;
mod outputs;
mod per_output;

pub use arguments::Compile;
pub use compiled::Compiled;
pub(crate) use compiled::{Targets, log};
pub use outputs::Outputs;
pub(crate) use outputs::{Naming, OutputNames};
pub use per_output::{Identifier, PerOutput};
