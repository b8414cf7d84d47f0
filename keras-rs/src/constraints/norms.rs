//! Constraints on the norms of vectors.

use super::{Axes, Constrain};
use crate::config::{Config, ConfigExt, ConfigReader, Number};
use crate::error::Result;
use crate::tensor::Tensor;

/// Keras' `epsilon()`, which keeps divisions by a norm of zero finite.
const EPSILON: f64 = 1e-7;

/// Norms of the vectors along axes, which remain with size one.
fn norms(value: &Tensor, axes: &Axes) -> Result<Tensor> {
    value.to_float()?.square()?.sum(axes.as_slice(), true)?.sqrt()
}

/// Scales vectors of these norms to the desired ones.
fn rescale(value: &Tensor, norms: &Tensor, desired: &Tensor) -> Result<Tensor> {
    value.mul(&desired.div(&norms.add_scalar(EPSILON)?)?)
}

/// Scales vectors with a norm greater than `max_value` to that norm. Keras' `MaxNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, MaxNorm};
///
/// let columns = Tensor::from_vec(vec![3.0_f64, 0.3, 4.0, 0.4], [2, 2])?;
/// let y = MaxNorm::new(2.5).call(&columns)?.to_vec::<f64>()?;
/// assert!(y.iter().zip([1.5, 0.3, 2.0, 0.4]).all(|(y, want)| (y - want).abs() < 1e-6));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MaxNorm {
    max_value: Number,
    axis: Axes,
}

impl Default for MaxNorm {
    fn default() -> Self {
        Self::new(2)
    }
}

impl MaxNorm {
    /// With the largest norm, by default 2 in Keras, along axis 0.
    pub fn new(max_value: impl Into<Number>) -> Self {
        Self { max_value: max_value.into(), axis: 0.into() }
    }

    /// Sets the axes that make a vector: `0` for `Dense` kernels, `[0, 1, 2]` for `Conv2D`.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self { max_value: c.take_or("max_value", d.max_value)?, axis: c.take_or("axis", d.axis)? })
    }
}

impl Constrain for MaxNorm {
    fn class_name(&self) -> &str {
        "MaxNorm"
    }

    fn config(&self) -> Config {
        Config::new().with("max_value", self.max_value).with("axis", &self.axis)
    }

    fn call(&self, value: &Tensor) -> Result<Tensor> {
        let norms = norms(value, &self.axis)?;
        rescale(value, &norms, &norms.clip(None, Some(self.max_value.get()))?)
    }
}

/// Scales every vector to norm 1. Keras' `UnitNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, UnitNorm};
///
/// let y = UnitNorm::new().call(&Tensor::from_vec(vec![3.0_f64, 4.0], [2, 1])?)?.to_vec::<f64>()?;
/// assert!((y[0] - 0.6).abs() < 1e-6 && (y[1] - 0.8).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UnitNorm {
    axis: Axes,
}

impl Default for UnitNorm {
    fn default() -> Self {
        Self { axis: 0.into() }
    }
}

impl UnitNorm {
    /// Along axis 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the axes that make a vector.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        Ok(Self { axis: c.take_or("axis", Axes::from(0))? })
    }
}

impl Constrain for UnitNorm {
    fn class_name(&self) -> &str {
        "UnitNorm"
    }

    fn config(&self) -> Config {
        Config::new().with("axis", &self.axis)
    }

    fn call(&self, value: &Tensor) -> Result<Tensor> {
        value.div(&norms(value, &self.axis)?.add_scalar(EPSILON)?)
    }
}

/// Scales vectors so that their norms move by the fraction `rate` towards `min_value..=max_value`. Keras' `MinMaxNorm`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::constraints::{Constrain, MinMaxNorm};
///
/// let halfway = MinMaxNorm::new().max_value(1.0).rate(0.5);
/// let y = halfway.call(&Tensor::from_vec(vec![3.0_f64, 4.0], [2, 1])?)?.to_vec::<f64>()?;
/// assert!((y[0] - 1.8).abs() < 1e-6 && (y[1] - 2.4).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MinMaxNorm {
    min_value: Number,
    max_value: Number,
    rate: Number,
    axis: Axes,
}

impl Default for MinMaxNorm {
    fn default() -> Self {
        Self { min_value: 0.0.into(), max_value: 1.0.into(), rate: 1.0.into(), axis: 0.into() }
    }
}

impl MinMaxNorm {
    /// Norms from 0 to 1, rate 1, along axis 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the smallest norm.
    #[must_use]
    pub fn min_value(mut self, min_value: impl Into<Number>) -> Self {
        self.min_value = min_value.into();
        self
    }

    /// Sets the largest norm.
    #[must_use]
    pub fn max_value(mut self, max_value: impl Into<Number>) -> Self {
        self.max_value = max_value.into();
        self
    }

    /// Sets the fraction of the distance by which each update moves the norm (default 1: all of it).
    #[must_use]
    pub fn rate(mut self, rate: impl Into<Number>) -> Self {
        self.rate = rate.into();
        self
    }

    /// Sets the axes that make a vector.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let d = Self::default();
        Ok(Self {
            min_value: c.take_or("min_value", d.min_value)?,
            max_value: c.take_or("max_value", d.max_value)?,
            rate: c.take_or("rate", d.rate)?,
            axis: c.take_or("axis", d.axis)?,
        })
    }
}

impl Constrain for MinMaxNorm {
    fn class_name(&self) -> &str {
        "MinMaxNorm"
    }

    fn config(&self) -> Config {
        Config::new()
            .with("min_value", self.min_value)
            .with("max_value", self.max_value)
            .with("rate", self.rate)
            .with("axis", &self.axis)
    }

    fn call(&self, value: &Tensor) -> Result<Tensor> {
        let norms = norms(value, &self.axis)?;
        let rate = self.rate.get();
        // Lower bound first: if the bounds cross, the upper one wins, as in NumPy.
        let limited = norms.clip(Some(self.min_value.get()), None)?.clip(None, Some(self.max_value.get()))?;
        let desired = limited.mul_scalar(rate)?.add(&norms.mul_scalar(1.0 - rate)?)?;
        rescale(value, &norms, &desired)
    }
}
