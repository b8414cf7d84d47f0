//! Keras for Rust.
pub mod data;
pub mod dtype;
pub mod error;
mod files;
pub mod saving;
pub mod tensor;
pub use data::npz;
pub use dtype::{DType, DTypePolicy};
pub use error::{Error, Result};
pub use tensor::TensorData;
