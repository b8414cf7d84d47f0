//! The symbolic graph: tensors without data, the calls that connect them, and the sorted form
//! that models run.

mod operators;
mod topology;

pub use crate::layer::{Argument, AsInputs, IoStructure, KerasTensor, ModelIo, Named, Node, Slot, Symbolic};
pub use operators::{AsOperand, Operand, Operators};
pub use topology::{Graph, Step, TensorKey};
