//! Losses: the functions that training minimizes.
//!
//! A function gives the losses of the samples; without a suffix it has Keras' default arguments, with
//! the suffix `_with` it takes all of Keras' arguments, in Keras' order. A class ([`ComputeLoss`]) also
//! weighs them and reduces them to one number. [`Loss`] is a handle to a class of any kind.

mod base;
mod binary;
mod categorical;
mod circle;
mod classes;
mod cosine;
mod ctc;
mod focal;
mod generalized;
mod hinge;
mod huber;
mod numeric;
mod probabilistic;
mod reduction;
mod regression;
mod segmentation;
mod sparse;
mod targets;
mod wrapper;

pub use base::{ComputeLoss, Loss, LossBase, LossExt};
pub use binary::{
    BinaryCrossentropy, BinaryFocalCrossentropy, binary_crossentropy, binary_crossentropy_with,
    binary_focal_crossentropy, binary_focal_crossentropy_with,
};
pub use categorical::{CategoricalCrossentropy, categorical_crossentropy, categorical_crossentropy_with};
pub use circle::{Circle, circle, circle_with};
pub use cosine::{CosineSimilarity, cosine_similarity, cosine_similarity_with};
pub use ctc::{CTC, ctc};
pub use focal::{
    CategoricalFocalCrossentropy, FocalAlpha, categorical_focal_crossentropy,
    categorical_focal_crossentropy_with,
};
pub use generalized::{CategoricalGeneralizedCrossEntropy, categorical_generalized_cross_entropy};
pub use hinge::{CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge};
pub use huber::{Huber, huber, huber_with};
pub use probabilistic::{KLDivergence, Poisson, kl_divergence, poisson};
pub use reduction::Reduction;
pub(crate) use reduction::same_rank;
pub use regression::{
    LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError,
    log_cosh, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error,
    mean_squared_logarithmic_error,
};
pub use segmentation::{Dice, Tversky, dice, dice_with, tversky, tversky_with};
pub use sparse::{
    SparseCategoricalCrossentropy, sparse_categorical_crossentropy, sparse_categorical_crossentropy_with,
};
pub use wrapper::LossFunctionWrapper;

use crate::config::{ClassTable, KerasConfig};

crate::config::registered!(Loss, "loss");

crate::config::custom_object! {
    /// Adds a loss class.
    loss: Loss
}

/// Adds Keras' classes, under the names of their functions too.
fn register(table: &mut ClassTable<Loss>) {
    macro_rules! add {
        ($($class:ident: $($name:literal),+;)*) => {$(
            table.class::<$class>(&[stringify!($class), $($name),+]);
        )*};
    }
    add! {
        MeanSquaredError: "mean_squared_error", "mse", "MSE";
        MeanAbsoluteError: "mean_absolute_error", "mae", "MAE";
        MeanAbsolutePercentageError: "mean_absolute_percentage_error", "mape", "MAPE";
        MeanSquaredLogarithmicError: "mean_squared_logarithmic_error", "msle", "MSLE";
        LogCosh: "log_cosh";
        CosineSimilarity: "cosine_similarity";
        Hinge: "hinge";
        SquaredHinge: "squared_hinge";
        CategoricalHinge: "categorical_hinge";
        KLDivergence: "kl_divergence", "kld", "KLD";
        Poisson: "poisson";
        BinaryCrossentropy: "binary_crossentropy", "bce", "BCE";
        BinaryFocalCrossentropy: "binary_focal_crossentropy";
        CategoricalCrossentropy: "categorical_crossentropy";
        CategoricalFocalCrossentropy: "categorical_focal_crossentropy";
        SparseCategoricalCrossentropy: "sparse_categorical_crossentropy";
        Dice: "dice";
        Tversky: "tversky";
        Circle: "circle";
        CTC: "ctc";
    }
    // Keras knows no name of its function, which has no default for `q`.
    table.class::<CategoricalGeneralizedCrossEntropy>(&["CategoricalGeneralizedCrossEntropy"]);
    table.add(&["LossFunctionWrapper"], |c| Ok(wrapper::registered(c)?.1));
    table.class::<Huber>(&["Huber"]);
    // The function's name is not the class' default here.
    table.add(&["huber"], |c| {
        let named = c.peek::<String>("name")?.is_some();
        let loss = Huber::from_config(c)?;
        Ok(if named { loss } else { loss.name("huber") }.into())
    });
}
