//! Means of hinge losses.

use super::reduction::mean_metric;
use crate::losses;

mean_metric! {
    /// Mean of `max(1 - y_true * y_pred, 0)`, with targets -1 and 1, or 0 and 1. Keras' `Hinge`, the
    /// mean of [`hinge`](losses::hinge).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Hinge, Measure};
    ///
    /// let metric = Hinge::new();
    /// let y_true = Tensor::from_vec(vec![-1.0_f32, 1.0], [1, 2])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![-2.0_f32, 0.5], [1, 2])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.25);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Hinge, "hinge", losses::hinge
}

mean_metric! {
    /// Mean of `max(1 - y_true * y_pred, 0)²`, with targets -1 and 1, or 0 and 1. Keras'
    /// `SquaredHinge`, the mean of [`squared_hinge`](losses::squared_hinge).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, SquaredHinge};
    ///
    /// let metric = SquaredHinge::new();
    /// let y_true = Tensor::from_vec(vec![-1.0_f32, 1.0], [1, 2])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![-2.0_f32, 0.5], [1, 2])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 0.125);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    SquaredHinge, "squared_hinge", losses::squared_hinge
}

mean_metric! {
    /// Mean of how much the score of the true class must grow to exceed every other by 1. Keras' `CategoricalHinge`,
    /// the mean of [`categorical_hinge`](losses::categorical_hinge).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{CategoricalHinge, Measure};
    ///
    /// let metric = CategoricalHinge::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![0.5_f32, 0.25], [1, 2])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 1.25);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    CategoricalHinge, "categorical_hinge", losses::categorical_hinge
}
