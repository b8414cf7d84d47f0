//! The symbolic graph: tensors without data, the calls that connect them, and the sorted form
//! that models run.

mod keras_tensor;
mod node;
mod operators;
mod topology;

pub use keras_tensor::{AsInputs, IoStructure, KerasTensor, ModelIo, Named, Symbolic};
pub use node::{Argument, Node, Slot};
pub use operators::{AsOperand, Operand, Operators};
pub use topology::{Graph, Step, TensorKey};
