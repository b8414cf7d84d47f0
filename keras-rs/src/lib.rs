//! Keras for Rust.
pub mod dtype;
pub mod error;
pub mod saving;
pub mod tensor;
pub use dtype::{DType, DTypePolicy};
pub use error::{Error, Result};
pub use tensor::TensorData;
