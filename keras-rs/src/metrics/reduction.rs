//! Metrics that reduce values: sums and means.

use super::samplewise::{Values, divide_no_nan, samplewise};
use super::{Accumulator, Measure, MetricBase};
use crate::config::KerasConfig;
use crate::error::Result;
use crate::tensor::Tensor;

/// The state of every mean: sum of the samples' weighted values, and sum of their weights.
#[derive(Debug, Default)]
pub(super) struct MeanState {
    total: Accumulator,
    count: Accumulator,
}

impl MeanState {
    pub(super) fn add(
        &self,
        base: &MetricBase,
        values: impl Into<Values>,
        weight: Option<&Tensor>,
    ) -> Result<()> {
        base.deferred()?;
        let (values, weight) = samplewise(&base.name, &values.into(), weight, Tensor::mean, base.dtype)?;
        let count = match weight {
            Some(weight) => weight.sum(&[], false)?,
            None => values.full_like(Vec::new(), values.shape().first().map_or(1.0, |&n| n as f64))?,
        };
        self.total.add(&values.sum(&[], false)?)?;
        self.count.add(&count)
    }

    pub(super) fn result(&self, base: &MetricBase) -> Result<Tensor> {
        base.deferred()?;
        match (self.total.value(), self.count.value()) {
            (Some(total), Some(count)) => divide_no_nan(&total, &count),
            _ => Tensor::zeros([], base.dtype),
        }
    }

    pub(super) fn reset(&self) {
        self.total.reset();
        self.count.reset();
    }

    pub(super) fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        vec![&self.total, &self.count]
    }
}

/// The methods of [`Measure`] for a class that is the mean of a function: it has the fields `base` and
/// `state`, and its method `values` is the function.
macro_rules! mean_measure {
    () => {
        fn update_state(
            &self,
            y_true: &crate::Tensor,
            y_pred: &crate::Tensor,
            sample_weight: Option<&crate::Tensor>,
        ) -> crate::Result<()> {
            self.update_masked(y_true, y_pred, sample_weight, None)
        }

        fn update_masked(
            &self,
            y_true: &crate::Tensor,
            y_pred: &crate::Tensor,
            sample_weight: Option<&crate::Tensor>,
            mask: Option<&crate::Tensor>,
        ) -> crate::Result<()> {
            let values = self.values(&y_true.detach(), &y_pred.detach())?;
            let weight = crate::metrics::samplewise::masked(sample_weight, mask, self.base.dtype)?;
            self.state.add(&self.base, values, weight.as_ref())
        }

        fn result(&self) -> crate::Result<crate::Tensor> {
            self.state.result(&self.base)
        }

        fn reset_state(&self) {
            self.state.reset();
        }

        fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
            self.state.states()
        }
    };
}
pub(super) use mean_measure;

/// A class whose only arguments are those of every metric: the mean of a function.
macro_rules! mean_metric {
    ($(#[$doc:meta])* $class:ident, $name:literal, $function:expr) => {
        $(#[$doc])*
        #[derive(Debug, crate::config::KerasConfig)]
        #[keras(module = "keras.metrics")]
        pub struct $class {
            #[keras(default = crate::metrics::MetricBase::named($name))]
            base: crate::metrics::MetricBase,
            #[keras(skip)]
            state: crate::metrics::reduction::MeanState,
        }

        impl $class {
            fn values(&self, y_true: &crate::Tensor, y_pred: &crate::Tensor) -> crate::Result<crate::Tensor> {
                $function(y_true, y_pred)
            }
        }

        impl crate::metrics::Measure for $class {
            crate::metrics::reduction::mean_measure!();
        }
    };
}
pub(super) use mean_metric;

/// Weighted mean of values. Keras' `Mean`.
///
/// Values of more than one axis are first averaged over all but the first. As a [`Measure`] it
/// takes the values as `y_pred`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Mean, Measure};
///
/// let mean = Mean::new();
/// mean.update_state(&Tensor::from_vec(vec![1.0_f32, 3.0, 5.0, 7.0], [4])?, None)?;
/// assert_eq!(mean.result()?.to_scalar()?, 4.0);
/// mean.reset_state();
/// let weight = Tensor::from_vec(vec![1.0_f32, 0.0], [2])?;
/// mean.update_state(&Tensor::from_vec(vec![2.0_f32, 9.0], [2])?, Some(&weight))?;
/// assert_eq!(mean.result()?.to_scalar()?, 2.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct Mean {
    #[keras(default = MetricBase::named("mean"))]
    base: MetricBase,
    #[keras(skip)]
    state: MeanState,
}

impl Mean {
    /// Adds values, with a weight for each value or for each sample.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where the weights do not broadcast to the values.
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        self.state.add(&self.base, values.clone(), sample_weight)
    }
}

impl Measure for Mean {
    fn update_state(&self, _: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        Self::update_state(self, y_pred, sample_weight)
    }

    /// As in Keras, the mask is applied only if there are weights.
    fn update_masked(
        &self,
        _: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
        mask: Option<&Tensor>,
    ) -> Result<()> {
        self.state.add(&self.base, (y_pred.clone(), mask.cloned()), sample_weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.state.result(&self.base)
    }

    fn reset_state(&self) {
        self.state.reset();
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        self.state.states()
    }
}

/// Weighted sum of values. Keras' `Sum`.
///
/// As a [`Measure`] it takes the values as `y_pred`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::{Measure, Sum};
///
/// let sum = Sum::new();
/// sum.update_state(&Tensor::from_vec(vec![1.0_f32, 3.0, 5.0], [3])?, None)?;
/// assert_eq!(sum.result()?.to_scalar()?, 9.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(module = "keras.metrics")]
pub struct Sum {
    #[keras(default = MetricBase::named("sum"))]
    base: MetricBase,
    #[keras(skip = Accumulator::new())]
    total: Accumulator,
}

impl Sum {
    /// Adds values, with a weight for each value or for each sample.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where the weights do not broadcast to the values.
    pub fn update_state(&self, values: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        self.add(values.clone().into(), sample_weight)
    }

    fn add(&self, values: Values, weight: Option<&Tensor>) -> Result<()> {
        self.base.deferred()?;
        let (values, _) = samplewise(&self.base.name, &values, weight, Tensor::sum, self.base.dtype)?;
        self.total.add(&values.sum(&[], false)?)
    }
}

impl Measure for Sum {
    fn update_state(&self, _: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Result<()> {
        Self::update_state(self, y_pred, sample_weight)
    }

    /// As in Keras, the mask is applied only if there are weights.
    fn update_masked(
        &self,
        _: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
        mask: Option<&Tensor>,
    ) -> Result<()> {
        self.add((y_pred.clone(), mask.cloned()).into(), sample_weight)
    }

    fn result(&self) -> Result<Tensor> {
        self.base.deferred()?;
        self.total.value().map_or_else(|| Tensor::zeros([], self.base.dtype), Ok)
    }

    fn reset_state(&self) {
        self.total.reset();
    }

    fn states(&self) -> Vec<&dyn crate::metrics::MetricState> {
        vec![&self.total]
    }
}
