//! What a layer is: the [`Layer`] trait, shared handles, calls, and the symbolic tensors that connect them.

mod apply;
mod arguments;
mod as_argument;
mod base;
mod bound_arguments;
mod build;
mod call;
mod child;
mod class;
mod context;
mod dry_run;
mod envelope;
mod fields;
mod forward_pass;
mod handle;
mod keras_tensor;
mod masked_tensor;
mod node;
mod properties;
mod run;
mod signature;
mod steps;
mod variables;
mod weights;

pub use arguments::{Argument, Arguments};
pub use base::{Asset, Layer, LayerBase, LayerExt, Role, Spec};
pub use bound_arguments::{BoundArguments, InputShapes, InputSpecs, Inputs};
pub use build::{BuildScope, Weight};
pub use call::{Call, CallTensor, IntoCallArgument};
pub use child::ChildInputs;
pub use class::{LayerClass, LayerMaker};
pub use context::CallContext;
#[doc(hidden)]
pub use fields::probe;
pub use fields::{LayerFields, Sublayers, Tracked, Trackers};
pub use forward_pass::ForwardPass;
pub(crate) use handle::Companion;
pub use handle::LayerRef;
pub use keras_tensor::{AsInputs, IoStructure, KerasTensor, ModelIo, NamedTensors, Symbolic};
pub use masked_tensor::{MaskedTensor, Outputs};
pub use node::Node;
pub use signature::Signature;
pub use steps::{Logs, Step, Steps};
pub(crate) use variables::count;
