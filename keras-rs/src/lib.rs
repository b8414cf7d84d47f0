//! Keras 3 for Rust, on Burn: build, load, run and save Keras models with no Python anywhere.
//!
//! ```
//! use keras_rs::prelude::*;
//!
//! let model = Sequential::new()
//!     .add(Input::new([28, 28, 1]))
//!     .add(Conv2D::new(8, 3).activation("relu"))
//!     .add(MaxPooling2D::new(2))
//!     .add(Flatten::new())
//!     .add(Dense::new(10).activation("softmax"))
//!     .build()?;
//! let y = model.predict(&Tensor::zeros([1, 28, 28, 1], DType::F32)?)?;
//! assert_eq!(y.shape(), [1, 10]);
//! # Ok::<(), keras_rs::Error>(())
//! ```
//!
//! Files of Python Keras open with [`load_model`]; [`Model::save`] writes them. Names, defaults and
//! numbers are those of Keras 3.15.1.

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

// Code that the derive writes names this crate `keras_rs`, here as in other crates.
extern crate self as keras_rs;

pub mod activations;
pub mod backend;
pub mod burn_module;
pub mod callbacks;
pub mod compile;
pub mod config;
pub mod constraints;
pub mod data;
pub mod dtype;
pub mod error;
mod files;
mod gradient;
pub mod graph;
pub mod inference;
pub mod initializers;
pub mod layer;
pub mod layers;
pub mod limits;
pub mod losses;
pub mod metrics;
pub mod models;
pub mod ops;
pub mod optimizers;
pub mod prelude;
pub mod random;
pub mod regularizers;
pub mod saving;
pub mod shape;
pub mod tensor;
pub mod training;
mod variable;

pub use backend::{Backend, Device};
pub use data::{Batch, Batches, Columns, Dataset, npz};
pub use dtype::{DType, DTypePolicy, DTypePolicyMap, MappedPolicy};
pub use error::{Error, Result};
pub use gradient::GradientTape;
pub use models::{Model, Sequential};
pub use saving::{
    LoadWeights, load_model, load_model_on_demand, load_model_with, model_from_json, model_from_json_with,
};
pub use shape::Shape;
pub use tensor::{Element, Tensor, TensorData};
pub use variable::{Variable, VariableSpec};

/// Runs the README's examples as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// Runs the examples of the page on training as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/training.md")]
struct TrainingPage;
