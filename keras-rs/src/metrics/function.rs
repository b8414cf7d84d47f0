//! The function whose mean a [`MeanMetricWrapper`](super::MeanMetricWrapper) computes.

use super::samplewise::Values;
use super::{
    binary_accuracy_with, categorical_accuracy, concordance_correlation, pearson_correlation,
    sparse_categorical_accuracy, sparse_top_k_categorical_accuracy_with, top_k_categorical_accuracy_with,
};
use crate::config::{ClassIdentity, Config, ConfigReader, CustomObjects, IntoConfig, Loading, function_name};
use crate::error::{Error, Result};
use crate::losses::Loss;
use crate::tensor::Tensor;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

type Call = Arc<dyn Fn(&Tensor, &Tensor) -> Result<Values> + Send + Sync>;

fn call(function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static) -> Call {
    Arc::new(move |y_true, y_pred| function(y_true, y_pred).map(Values::from))
}

type Build = fn(&mut ConfigReader<'_>) -> Result<Call>;

/// The functions of Keras' own metrics, made from their arguments.
static KNOWN: &[(&str, Build)] = &[
    ("binary_accuracy", |c| {
        let threshold: f64 = c.take_or("threshold", 0.5)?;
        Ok(call(move |t, p| binary_accuracy_with(t, p, threshold)))
    }),
    ("categorical_accuracy", |_| Ok(call(categorical_accuracy))),
    ("sparse_categorical_accuracy", |_| Ok(call(sparse_categorical_accuracy))),
    ("top_k_categorical_accuracy", |c| {
        let k: usize = c.take_or("k", 5)?;
        Ok(call(move |t, p| top_k_categorical_accuracy_with(t, p, k)))
    }),
    ("sparse_top_k_categorical_accuracy", |c| {
        let (k, sorted): (usize, bool) = (c.take_or("k", 5)?, c.take_or("from_sorted_ids", false)?);
        Ok(call(move |t, p| sparse_top_k_categorical_accuracy_with(t, p, k, sorted)))
    }),
    ("pearson_correlation", |c| {
        let axis: isize = c.take_or("axis", -1)?;
        Ok(call(move |t, p| pearson_correlation(t, p, axis)))
    }),
    ("concordance_correlation", |c| {
        let axis: isize = c.take_or("axis", -1)?;
        Ok(call(move |t, p| concordance_correlation(t, p, axis)))
    }),
];

/// Keras' functions that give the losses of samples.
static LOSSES: &[&str] = &[
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "dice",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
];

/// A function of targets and predictions: one of Keras' functions by name, a loss, or a user's function.
///
/// Keras' names are those of the functions in `keras.metrics` and `keras.losses`. A function gives
/// a value for each sample; a loss object gives its reduced value.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::metrics::MetricFunction;
///
/// let y_true = Tensor::from_vec(vec![0.0_f32, 1.0], [2])?;
/// let y_pred = Tensor::from_vec(vec![0.2_f32, 0.7], [2])?;
/// let known = MetricFunction::try_from("binary_accuracy")?;
/// assert_eq!(known.call(&y_true, &y_pred)?.to_vec::<f32>()?, [1.0, 1.0]);
///
/// let own = MetricFunction::new("mine>difference", |t: &Tensor, p: &Tensor| p.sub(t));
/// assert_eq!(own.call(&y_true, &y_true)?.to_vec::<f32>()?, [0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone)]
pub struct MetricFunction {
    name: String,
    serialized: Value,
    arguments: Config,
    call: Call,
}

/// A function as files store it.
fn serialized_function(name: &str) -> Value {
    json!({
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    })
}

impl MetricFunction {
    /// A user's function under its registered name, `package>name`.
    pub fn new(
        name: &str,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
    ) -> Self {
        Self::of(name, Config::new(), call(function))
    }

    /// One of Keras' functions with keyword arguments.
    ///
    /// ```
    /// use keras_rs::metrics::MetricFunction;
    /// use serde_json::json;
    ///
    /// let arguments = json!({"threshold": 0.3}).as_object().cloned().unwrap_or_default();
    /// assert_eq!(MetricFunction::with_arguments("binary_accuracy", &arguments)?.name(), "binary_accuracy");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownName`] where Keras has no such function, [`Error::Config`] where an argument
    /// is not the function's or is malformed.
    pub fn with_arguments(name: &str, arguments: &Config) -> Result<Self> {
        let custom = CustomObjects::new();
        let loading = Loading::new(&custom);
        Self::named(name, &mut ConfigReader::new(name, arguments, &loading))
    }

    fn of(name: &str, arguments: Config, call: Call) -> Self {
        Self { name: name.into(), serialized: serialized_function(name), arguments, call }
    }

    /// The function of that name, where there is one.
    pub(crate) fn find(name: &str, loading: &Loading<'_>) -> Option<Result<Self>> {
        let none = Config::new();
        match Self::named(name, &mut ConfigReader::new(name, &none, loading)) {
            Err(Error::UnknownName { .. }) => None,
            other => Some(other),
        }
    }

    /// A function by name, with those of its arguments that the reader holds.
    fn named(name: &str, c: &mut ConfigReader<'_>) -> Result<Self> {
        let loading = c.loading();
        if let Some(known) = KNOWN.iter().find(|(known, _)| *known == name) {
            let arguments = c.take_rest();
            let call = build(c.object(), &arguments, loading, known.1)?;
            return Ok(Self::of(name, arguments, call));
        }
        let make = loading.maker::<Loss>(&ClassIdentity::named(name)).filter(|_| {
            LOSSES.contains(&name)
                || loading.custom.table::<Loss>().is_some_and(|table| table.get(name).is_some())
        });
        let Some(make) = make else {
            let known = KNOWN.iter().map(|(known, _)| *known).chain(LOSSES.iter().copied());
            return Err(Error::unknown_name("metric function", name, known));
        };
        let arguments = c.take_rest();
        let loss = build(c.object(), &arguments, loading, |reader| make(reader))?;
        let masked = move |t: &Tensor, p: &Tensor| loss.call_masked(t, p).map(Values::from);
        Ok(Self::of(name, arguments, Arc::new(masked)))
    }

    /// Reads the entry `fn` of a wrapper, and the function's arguments beside it.
    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let value = c.take_value("fn")?;
        match function_name(value).or_else(|| value.as_str()) {
            Some(name) => Self::named(name, c),
            None => c.loading().object::<Loss>(value, c.object(), "fn").map(Self::from),
        }
    }

    /// The name: the key in logs and histories where none is set.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The keyword arguments that were given.
    pub fn arguments(&self) -> &Config {
        &self.arguments
    }

    /// The values of the samples.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shapes of targets and predictions do not agree.
    pub fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        self.values(y_true, y_pred).map(|v| v.values)
    }

    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Values> {
        (self.call)(y_true, y_pred)
    }
}

/// Builds an object from arguments, all of which must be used.
fn build<T>(
    class: &str,
    arguments: &Config,
    loading: &Loading<'_>,
    make: impl Fn(&mut ConfigReader<'_>) -> Result<T>,
) -> Result<T> {
    let mut reader = ConfigReader::new(class, arguments, loading);
    let object = make(&mut reader)?;
    reader.finish()?;
    Ok(object)
}

impl fmt::Debug for MetricFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MetricFunction({}, {:?})", self.name, self.arguments)
    }
}

impl TryFrom<&str> for MetricFunction {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        Self::with_arguments(name, &Config::new())
    }
}

impl From<Loss> for MetricFunction {
    fn from(loss: Loss) -> Self {
        let (name, serialized) = (loss.base().name.clone(), loss.to_config());
        let call = call(move |t, p| loss.compute(t, p, None));
        Self { name, serialized, arguments: Config::new(), call }
    }
}

impl IntoConfig for MetricFunction {
    fn to_config(&self) -> Value {
        self.serialized.clone()
    }
}
