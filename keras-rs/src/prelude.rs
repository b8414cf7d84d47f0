//! What most programs need: `use keras_rs::prelude::*;`.

pub use crate::backend::{Backend, Device};
pub use crate::burn_module::{BurnModule, KerasModule};
pub use crate::config::KerasConfig;
pub use crate::data::{Batch, Batches, Columns, Dataset};
pub use crate::dtype::{DType, DTypePolicy};
pub use crate::error::{Error, Result};
pub use crate::gradient::GradientTape;
pub use crate::graph::Operators;
pub use crate::layer::{KerasTensor, NamedTensors, Symbolic};
pub use crate::layers::*;
pub use crate::losses::LossExt;
pub use crate::metrics::MetricExt;
pub use crate::models::{Model, Sequential};
pub use crate::optimizers::OptimizerExt;
pub use crate::shape::Shape;
pub use crate::tensor::Tensor;
pub use crate::variable::Variable;
