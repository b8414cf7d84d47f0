//! Losses: what training makes small.

mod base;
mod reduction;
mod regression;

pub use base::{ComputeLoss, Loss, LossBase};
pub use reduction::Reduction;
pub(crate) use reduction::same_rank;
pub use regression::{MeanSquaredError, mean_squared_error};

use crate::serialization::Registry;

/// Adds Keras' classes and functions.
pub(crate) fn register(registry: &mut Registry) {
    let table = &mut registry.losses;
    table.add(&["MeanSquaredError", "mean_squared_error", "mse", "MSE"], |c| {
        Ok(MeanSquaredError::from_config(c)?.into())
    });
}
