//! Training, evaluation and prediction.

mod batch_step;
mod class_weight;
mod epochs;
mod evaluate;
mod fit;
mod input;
mod predict;
mod step;

pub use class_weight::ClassWeight;
pub use evaluate::Evaluate;
pub use fit::{Fit, ValidationFreq};
pub use predict::Predict;
pub use step::TrainStep;
