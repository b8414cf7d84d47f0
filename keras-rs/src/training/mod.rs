//! Training, evaluation and prediction.

mod batch_step;
mod class_weight;
mod epoch;
mod epochs;
mod evaluate;
mod fit;
mod input;
mod predict;
mod profile;
mod step;
mod validation_freq;

pub use class_weight::ClassWeight;
pub use evaluate::Evaluate;
pub use fit::Fit;
pub use predict::Predict;
pub use profile::TrainingProfile;
pub use step::TrainStep;
pub use validation_freq::ValidationFreq;
