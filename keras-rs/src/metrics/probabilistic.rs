//! Metrics of predicted probabilities.

use super::reduction::{MeanState, mean_measure, mean_metric};
use super::samplewise::Values;
use super::{Measure, MetricBase};
use crate::config::{KerasConfig, Number};
use crate::error::Result;
use crate::losses::{self, ComputeLoss};
use crate::tensor::Tensor;

mean_metric! {
    /// Mean of `sum(y_true * log(y_true / y_pred))`. Keras' `KLDivergence`, the mean of
    /// [`kl_divergence`](losses::kl_divergence).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{KLDivergence, Measure};
    ///
    /// let metric = KLDivergence::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![0.5_f32, 0.5], [1, 2])?, None)?;
    /// assert!((metric.result()?.to_scalar()? - 2_f64.ln()).abs() < 1e-5);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    KLDivergence, "kl_divergence", losses::kl_divergence
}

mean_metric! {
    /// Mean of `y_pred - y_true * log(y_pred)`. Keras' `Poisson`, the mean of
    /// [`poisson`](losses::poisson).
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::metrics::{Measure, Poisson};
    ///
    /// let metric = Poisson::new();
    /// let y_true = Tensor::from_vec(vec![0.0_f32, 0.0], [1, 2])?;
    /// metric.update_state(&y_true, &Tensor::from_vec(vec![1.0_f32, 3.0], [1, 2])?, None)?;
    /// assert_eq!(metric.result()?.to_scalar()?, 2.0);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    Poisson, "poisson", losses::poisson
}

/// Mean cross entropy of two classes. Keras' `BinaryCrossentropy`, the mean of
/// [`binary_crossentropy_with`](losses::binary_crossentropy_with).
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{BinaryCrossentropy, Measure};
///
/// let metric = BinaryCrossentropy::new().from_logits(true);
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2, 1])?;
/// metric.update_state(&y_true, &Tensor::from_vec(vec![0.0_f32, 0.0], [2, 1])?, None)?;
/// assert!((metric.result()?.to_scalar()? - 2_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct BinaryCrossentropy {
    #[keras(default = MetricBase::named("binary_crossentropy"))]
    base: MetricBase,
    /// Whether predictions are logits rather than probabilities (default `false`).
    #[keras(default = false)]
    from_logits: bool,
    /// How far targets are moved towards 0.5, from 0 to 1 (default 0).
    #[keras(default = 0)]
    label_smoothing: Number,
    #[keras(skip)]
    state: MeanState,
}

impl BinaryCrossentropy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        losses::binary_crossentropy_with(y_true, y_pred, self.from_logits, self.label_smoothing.get(), -1)
    }
}

impl Measure for BinaryCrossentropy {
    mean_measure!();
}

/// Mean cross entropy of classes whose targets are one number a class. Keras'
/// `CategoricalCrossentropy`, the mean of
/// [`categorical_crossentropy_with`](losses::categorical_crossentropy_with).
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{CategoricalCrossentropy, Measure};
///
/// let metric = CategoricalCrossentropy::new();
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [1, 2])?;
/// metric.update_state(&y_true, &Tensor::from_vec(vec![0.5_f32, 0.5], [1, 2])?, None)?;
/// assert!((metric.result()?.to_scalar()? - 2_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct CategoricalCrossentropy {
    #[keras(default = MetricBase::named("categorical_crossentropy"))]
    base: MetricBase,
    /// Whether predictions are logits rather than probabilities (default `false`).
    #[keras(default = false)]
    from_logits: bool,
    /// How far targets are moved towards a uniform distribution, from 0 to 1 (default 0).
    #[keras(default = 0)]
    label_smoothing: Number,
    /// Axis of classes (default -1).
    #[keras(default = -1)]
    axis: isize,
    #[keras(skip)]
    state: MeanState,
}

impl CategoricalCrossentropy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let smoothing = self.label_smoothing.get();
        losses::categorical_crossentropy_with(y_true, y_pred, self.from_logits, smoothing, self.axis)
    }
}

impl Measure for CategoricalCrossentropy {
    mean_measure!();
}

/// Mean cross entropy of classes whose targets are the numbers of classes. Keras'
/// `SparseCategoricalCrossentropy`, the mean of
/// [`sparse_categorical_crossentropy_with`](losses::sparse_categorical_crossentropy_with).
///
/// As in Keras, samples of the ignored class add nothing to the sum; without weights, they still count in
/// the number of samples.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, SparseCategoricalCrossentropy};
///
/// let metric = SparseCategoricalCrossentropy::new();
/// let y_pred = Tensor::from_vec(vec![0.5_f32, 0.5], [1, 2])?;
/// metric.update_state(&Tensor::from_vec(vec![1], [1])?, &y_pred, None)?;
/// assert!((metric.result()?.to_scalar()? - 2_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct SparseCategoricalCrossentropy {
    #[keras(default = MetricBase::named("sparse_categorical_crossentropy"))]
    base: MetricBase,
    /// Whether predictions are logits rather than probabilities (default `false`).
    #[keras(default = false)]
    from_logits: bool,
    /// Class that is ignored; it need not be one of the predicted classes (default none).
    ignore_class: Option<i64>,
    /// Axis of classes (default -1).
    #[keras(default = -1)]
    axis: isize,
    #[keras(skip)]
    state: MeanState,
}

impl SparseCategoricalCrossentropy {
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Values> {
        let loss = losses::SparseCategoricalCrossentropy::new().from_logits(self.from_logits).axis(self.axis);
        let loss = match self.ignore_class {
            Some(class) => loss.ignore_class(class),
            None => loss,
        };
        loss.call_masked(y_true, y_pred).map(Values::from)
    }
}

impl Measure for SparseCategoricalCrossentropy {
    mean_measure!();
}
