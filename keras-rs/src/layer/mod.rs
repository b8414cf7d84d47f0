//! What a layer is: the [`Layer`] trait, shared handles, calls, and the symbolic tensors that connect them.

mod base;
mod build;
mod call;
mod envelope;
mod fields;
mod handle;
mod keras_tensor;
mod node;
mod run;

pub(crate) use base::layer_base;
pub use base::{Layer, LayerBase, LayerExt, Spec};
pub use build::{BuildScope, Weight};
pub use call::{CallContext, Kwarg, Kwargs, Run, single};
pub use fields::{LayerFields, Sublayers};
pub use handle::LayerRef;
pub(crate) use handle::count;
pub use keras_tensor::{AsInputs, IoStructure, KerasTensor, ModelIo, Named, Symbolic};
pub use node::{Argument, Node, Slot};
pub use run::Masked;
