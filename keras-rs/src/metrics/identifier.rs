//! What `compile` makes of the name of a metric.

use super::{BinaryAccuracy, CategoricalAccuracy, Metric, SparseCategoricalAccuracy};
use crate::error::{Error, Result, tuple};
use crate::serialization::{Config, ConfigExt, CustomObjects, Loading, Registry};
use serde_json::json;

/// The kinds of targets that Keras tells apart by their shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Targets {
    /// One number, 0 or 1.
    Binary,
    /// The number of the class.
    Sparse,
    /// One number a class.
    OneHot,
}

impl Targets {
    /// By the shapes of targets and predictions, batch axis first. Keras'
    /// `is_binary_or_sparse_categorical`.
    ///
    /// # Errors
    /// [`Error::Shape`] where one has no axes.
    pub(crate) fn of(y_true: &[usize], y_pred: &[usize]) -> Result<Self> {
        let last = |argument: &str, shape: &[usize]| {
            let no_axes = || Error::shape("compile", argument, "at least one axis", tuple(shape));
            shape.last().copied().ok_or_else(no_axes)
        };
        let (of_true, of_pred) = (last("y_true", y_true)?, last("y_pred", y_pred)?);
        Ok(if of_pred == 1 {
            Self::Binary
        } else if y_true.len() < y_pred.len() || (of_true == 1 && of_pred > 1) {
            Self::Sparse
        } else {
            Self::OneHot
        })
    }
}

impl Metric {
    /// The metric that `compile` makes of a name, once the shapes are known; it keeps that name.
    ///
    /// `accuracy` and `acc`, in any case, become [`BinaryAccuracy`], [`SparseCategoricalAccuracy`]
    /// or [`CategoricalAccuracy`].
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is none of Keras', [`Error::Shape`] where a shape has
    /// no axes.
    ///
    /// ```
    /// use keras_rs::metrics::Metric;
    ///
    /// let metric = Metric::compiled("acc", &[32, 1], &[32, 10])?;
    /// assert_eq!((metric.class_name(), metric.name()), ("SparseCategoricalAccuracy", "acc"));
    /// assert_eq!(Metric::compiled("mse", &[32, 1], &[32, 1])?.name(), "mse");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn compiled(name: &str, y_true: &[usize], y_pred: &[usize]) -> Result<Self> {
        if ["accuracy", "acc"].contains(&name.to_lowercase().as_str()) {
            return Ok(match Targets::of(y_true, y_pred)? {
                Targets::Binary => BinaryAccuracy::new().name(name).into(),
                Targets::Sparse => SparseCategoricalAccuracy::new().name(name).into(),
                Targets::OneHot => CategoricalAccuracy::new().name(name).into(),
            });
        }
        let custom = CustomObjects::new();
        let loading = Loading { registry: Registry::keras(), custom: &custom };
        let envelope = json!({"class_name": name, "config": Config::new().with("name", name)});
        loading.object(&envelope, "compile", "metrics")
    }
}
