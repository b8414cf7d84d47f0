//! Burn modules, both ways: [`BurnModule`] makes any Burn module a Keras layer, [`KerasModule`] makes a Keras
//! model a Burn module.
//!
//! ```
//! use burn::nn::{Linear, LinearConfig};
//! use keras_rs::prelude::*;
//!
//! let device = burn::tensor::Device::flex();
//! let linear = BurnModule::new(LinearConfig::new(3, 2).init(&device), Linear::forward::<2>);
//! let model = Sequential::new().add(Input::new([3])).add(linear).add(Dense::new(1)).build()?;
//! assert_eq!(model.layers()[0].variable("weight")?.path(), "sequential/linear/weight");
//!
//! let module = model.into_module()?;
//! let y: burn::Tensor<2> = module.forward(burn::Tensor::<2>::ones([4, 3], &device))?;
//! assert_eq!(y.dims(), [4, 1]);
//! # Ok::<(), keras_rs::Error>(())
//! ```

mod any_param;
mod keras_module;
mod layer;
mod parameters;
mod tensors;

pub use keras_module::KerasModule;
pub use layer::BurnModule;
pub use tensors::BurnTensors;
