//! Keras for Rust.

#[cfg(not(any(
    feature = "flex",
    feature = "ndarray",
    feature = "wgpu",
    feature = "vulkan",
    feature = "metal",
    feature = "cuda",
    feature = "rocm"
)))]
compile_error!(
    "keras-rs needs a backend: enable at least one of the features `flex` (default), `ndarray`, `wgpu`, `vulkan`, `metal`, `cuda`, `rocm`"
);

pub mod activations;
pub mod backend;
pub mod constraints;
pub mod data;
pub mod dtype;
pub mod error;
mod files;
pub mod graph;
pub mod initializers;
pub mod layers;
pub mod limits;
pub mod models;
pub mod ops;
pub mod prelude;
pub mod random;
pub mod regularizers;
pub mod saving;
pub mod serialization;
pub mod shape;
pub mod tensor;
mod variable;

pub use backend::{Backend, Device};
pub use data::npz;
pub use dtype::{DType, DTypePolicy};
pub use error::{Error, Result};
pub use models::{Model, Sequential};
pub use saving::{LoadWeights, load_model, load_model_with, model_from_json, model_from_json_with};
pub use shape::Shape;
pub use tensor::{Element, Tensor, TensorData};
pub use variable::{Variable, VariableSpec};
