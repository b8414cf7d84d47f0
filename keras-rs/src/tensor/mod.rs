//! Tensors.
mod data;
pub use data::TensorData;
