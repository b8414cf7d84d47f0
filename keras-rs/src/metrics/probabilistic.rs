//! Metrics of predicted probabilities.

use super::base::metric_setters;
use super::reduction::{MeanState, mean_measure, mean_metric};
use super::samplewise::Values;
use super::{Measure, MetricBase};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
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
    KLDivergence, "KLDivergence", "kl_divergence", losses::kl_divergence
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
    Poisson, "Poisson", "poisson", losses::poisson
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
#[derive(Debug)]
pub struct BinaryCrossentropy {
    base: MetricBase,
    from_logits: bool,
    label_smoothing: Number,
    state: MeanState,
}

impl Default for BinaryCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl BinaryCrossentropy {
    /// With Keras' defaults.
    pub fn new() -> Self {
        let base = MetricBase::named("binary_crossentropy");
        Self { base, from_logits: false, label_smoothing: 0.into(), state: MeanState::default() }
    }

    metric_setters!();

    crate::config::setters! {
        /// Sets whether predictions are logits rather than probabilities (default `false`).
        from_logits: bool,
        /// Sets how far targets are moved towards 0.5, from 0 to 1 (default 0).
        label_smoothing: Number,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = MetricBase::from_config(c, "binary_crossentropy")?;
        let from_logits = c.take_or("from_logits", false)?;
        let label_smoothing = c.take_or("label_smoothing", 0.into())?;
        Ok(Self { base, from_logits, label_smoothing, state: MeanState::default() })
    }

    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        losses::binary_crossentropy_with(y_true, y_pred, self.from_logits, self.label_smoothing.get(), -1)
    }
}

impl Measure for BinaryCrossentropy {
    mean_measure!("BinaryCrossentropy");

    fn config(&self) -> Config {
        let config = self.base.config().with("from_logits", self.from_logits);
        config.with("label_smoothing", self.label_smoothing)
    }
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
#[derive(Debug)]
pub struct CategoricalCrossentropy {
    base: MetricBase,
    from_logits: bool,
    label_smoothing: Number,
    axis: isize,
    state: MeanState,
}

impl Default for CategoricalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl CategoricalCrossentropy {
    /// With Keras' defaults.
    pub fn new() -> Self {
        let base = MetricBase::named("categorical_crossentropy");
        Self { base, from_logits: false, label_smoothing: 0.into(), axis: -1, state: MeanState::default() }
    }

    metric_setters!();

    crate::config::setters! {
        /// Sets whether predictions are logits rather than probabilities (default `false`).
        from_logits: bool,
        /// Sets how far targets are moved towards a uniform distribution, from 0 to 1 (default 0).
        label_smoothing: Number,
        /// Sets the axis of classes (default -1).
        axis: isize,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = MetricBase::from_config(c, "categorical_crossentropy")?;
        let from_logits = c.take_or("from_logits", false)?;
        let label_smoothing = c.take_or("label_smoothing", 0.into())?;
        Ok(Self { base, from_logits, label_smoothing, axis: c.take_or("axis", -1)?, ..Self::new() })
    }

    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let smoothing = self.label_smoothing.get();
        losses::categorical_crossentropy_with(y_true, y_pred, self.from_logits, smoothing, self.axis)
    }
}

impl Measure for CategoricalCrossentropy {
    mean_measure!("CategoricalCrossentropy");

    fn config(&self) -> Config {
        let config = self.base.config().with("from_logits", self.from_logits);
        config.with("label_smoothing", self.label_smoothing).with("axis", self.axis)
    }
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
#[derive(Debug)]
pub struct SparseCategoricalCrossentropy {
    base: MetricBase,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
    state: MeanState,
}

impl Default for SparseCategoricalCrossentropy {
    fn default() -> Self {
        Self::new()
    }
}

impl SparseCategoricalCrossentropy {
    /// With Keras' defaults.
    pub fn new() -> Self {
        let base = MetricBase::named("sparse_categorical_crossentropy");
        Self { base, from_logits: false, ignore_class: None, axis: -1, state: MeanState::default() }
    }

    metric_setters!();

    crate::config::setters! {
        /// Sets whether predictions are logits rather than probabilities (default `false`).
        from_logits: bool,
        /// Sets a class that is ignored; it need not be one of the predicted classes (default none).
        ignore_class: Option<i64>,
        /// Sets the axis of classes (default -1).
        axis: isize,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = MetricBase::from_config(c, "sparse_categorical_crossentropy")?;
        let from_logits = c.take_or("from_logits", false)?;
        let ignore_class = c.take_or("ignore_class", None)?;
        Ok(Self { base, from_logits, ignore_class, axis: c.take_or("axis", -1)?, ..Self::new() })
    }

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
    mean_measure!("SparseCategoricalCrossentropy");

    fn config(&self) -> Config {
        let config = self.base.config().with("from_logits", self.from_logits);
        config.with("ignore_class", self.ignore_class).with("axis", self.axis)
    }
}
