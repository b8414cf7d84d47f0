//! The symbolic graph in its sorted form, which models run: calls in order of execution, Keras' order of
//! layers, the structure of inputs and outputs; and Python's operators on symbolic tensors.

mod execute;
mod operators;
mod plan;
mod topology;
mod wiring;

pub(crate) use execute::disconnected;
pub use operators::Operators;
pub use plan::{PlannedCall, Use};
pub use topology::{Graph, TensorKey};
pub use wiring::Wiring;
pub(crate) use wiring::input_layer;
