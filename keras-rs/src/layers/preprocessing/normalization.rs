//! Normalization of features.

use super::Factor;
use super::moments::Moments;
use crate::config::{ConfigReader, FromConfig, IntoConfig, KerasConfig, Value};
use crate::constraints::Axes;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::Initializer;
use crate::layer::{
    Adapt, BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, LayerRef, Outputs,
};
use crate::ops;
use crate::shape::Shape;
use crate::tensor::{Tensor, TensorData};

/// Least deviation that numbers are divided by.
const EPSILON: f64 = 1e-7;

/// `(inputs - mean) / sqrt(variance)`, feature by feature, with a mean and a variance that are given or learnt from data
/// by [`LayerRef::adapt`]. Keras' `Normalization`.
///
/// Shapes: the output is shaped as the input, of the type that the layer computes in. The weights `mean` and `variance`,
/// where they are learnt, are shaped as the kept axes; the whole number `count` is there for files only.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Tensor::from_vec(vec![0.0_f32, 7.0, 2.0, 9.0], [2, 2])?;
/// let layer = Normalization::new().shared();
/// layer.adapt(&x)?;
/// assert_eq!(layer.call(&[x])?[0].to_vec::<f32>()?, [-1.0, -1.0, 1.0, 1.0]);
///
/// let y = Tensor::from_vec(vec![1.0_f32, 2.0], [2, 1])?;
/// let back = Normalization::new().mean(3.0).variance(4.0).invert(true).shared();
/// assert_eq!(back.call(&[y])?[0].to_vec::<f32>()?, [5.0, 7.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.layers", check = Self::check)]
pub struct Normalization {
    base: LayerBase,
    /// Axis or axes of which each place has a mean and a variance of its own; negative ones count from the end (default
    /// -1). An empty list, Keras' `None`, is one mean and variance for all.
    #[keras(default = -1, read_with = read_axis, write_with = write_axis)]
    axis: Axes,
    /// Whether a normalized input is turned back into what it was (default `false`).
    #[keras(default = false)]
    invert: bool,
    /// The mean, which broadcasts to the kept axes (default: learnt); goes with `variance`.
    #[keras(write_with = write_factor)]
    mean: Option<Factor>,
    /// The variance, shaped as `mean` (default: learnt).
    #[keras(write_with = write_factor)]
    variance: Option<Factor>,
}

/// Axes of a file; `null` is no axis.
fn read_axis(c: &mut ConfigReader<'_>, key: &str) -> Result<Axes> {
    let written = c.take_value(key)?;
    let axes = if written.is_null() { Some(Axes::from([])) } else { Axes::from_value(written) };
    axes.ok_or_else(|| c.reject(key, Axes::EXPECTED, written))
}

/// Keras writes a list, whatever was given.
fn write_axis(axis: &Axes) -> Value {
    axis.as_slice().to_vec().to_config()
}

/// Keras writes arrays as lists.
fn write_factor(factor: &Option<Factor>) -> Value {
    factor.as_ref().map_or(Value::Null, Factor::list)
}

impl Normalization {
    fn check(&self, context: &str) -> Result<()> {
        let (mean, variance) = match (&self.mean, &self.variance) {
            (None, None) => return Ok(()),
            (Some(mean), Some(variance)) => (mean, variance),
            (Some(_), None) => return Err(Error::argument(context, "variance", "one with a `mean`", "none")),
            (None, Some(_)) => return Err(Error::argument(context, "mean", "one with a `variance`", "none")),
        };
        if mean.shape() != variance.shape() {
            let expected = format!("the shape of `mean`, {}", tuple(mean.shape()));
            return Err(Error::argument(context, "variance", expected, tuple(variance.shape())));
        }
        let axes = self.axis.as_slice().len();
        if mean.shape().len() > axes {
            let expected = format!("at most {axes} axes, as many as `axis` keeps");
            return Err(Error::argument(context, "mean", expected, tuple(mean.shape())));
        }
        Ok(())
    }

    /// The kept axes of an input, in order.
    fn kept(&self, context: &str, rank: usize) -> Result<Vec<usize>> {
        let mut kept = ops::Axes::from(self.axis.as_slice()).resolve(context, rank)?;
        kept.sort_unstable();
        Ok(kept)
    }

    /// Sizes, by axis of the input, of a tensor whose axes are the last ones of the kept axes.
    fn spread(kept: &[usize], sizes: &[usize], rank: usize) -> Vec<usize> {
        let mut shape = vec![1; rank];
        for (&axis, &size) in kept.iter().rev().zip(sizes.iter().rev()) {
            shape[axis] = size;
        }
        shape
    }

    /// Mean and variance, shaped to broadcast against an input.
    fn statistics(&self, x: &Tensor, context: &CallContext<'_>) -> Result<[Tensor; 2]> {
        let kept = self.kept(context.layer(), x.rank())?;
        let given = |factor: &Factor| factor.shaped(Self::spread(&kept, factor.shape(), x.rank()), x);
        if let (Some(mean), Some(variance)) = (&self.mean, &self.variance) {
            return Ok([given(mean)?, given(variance)?]);
        }
        let learnt = |key| {
            let value = context.value(key)?;
            value.reshape(Self::spread(&kept, value.shape(), x.rank()))?.cast(x.dtype())
        };
        Ok([learnt("mean")?, learnt("variance")?])
    }
}

impl Layer for Normalization {
    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        self.check(scope.name())?;
        let input = inputs.single()?;
        let kept = self.kept(scope.name(), input.rank())?;
        let sizes = kept.iter().map(|&axis| input.known_dim(scope.name(), axis as isize));
        let sizes = sizes.collect::<Result<Vec<_>>>()?;
        if let Some(mean) = &self.mean {
            let broadcasts =
                mean.shape().iter().rev().zip(sizes.iter().rev()).all(|(a, b)| *a == 1 || a == b);
            if broadcasts {
                return Ok(());
            }
            let expected = format!("numbers that broadcast to {}", tuple(&sizes));
            return Err(Error::argument(scope.name(), "mean", expected, tuple(mean.shape())));
        }
        scope.weight("mean", &sizes, &Initializer::zeros()).trainable(false).add()?;
        scope.weight("variance", &sizes, &Initializer::ones()).trainable(false).add()?;
        scope.weight("count", &[], &Initializer::zeros()).dtype(DType::I32).trainable(false).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?.cast(self.base.dtype.compute_dtype())?;
        let [mean, variance] = self.statistics(&x, context)?;
        let deviation = variance.sqrt()?.clip(Some(EPSILON), None)?;
        let y = match self.invert {
            true => x.mul(&deviation)?.add(&mean)?,
            false => x.sub(&mean)?.div(&deviation)?,
        };
        Ok(y.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let input = inputs.single()?;
        self.kept(self.class_name(), input.rank())?;
        Ok(vec![input.clone()])
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn adaptable(&self) -> Option<&dyn Adapt> {
        Some(self)
    }
}

impl Adapt for Normalization {
    fn adapt(&self, layer: &LayerRef, batches: &mut dyn Iterator<Item = Result<Tensor>>) -> Result<()> {
        if self.mean.is_some() {
            return Err(Error::argument("adapt", "mean", "none, so that it can be learnt", "a given one"));
        }
        let (mean, variance) = (layer.variable("mean")?, layer.variable("variance")?);
        let sizes = mean.shape().to_vec();
        let mut moments = Moments::new(sizes.iter().product());
        for batch in batches {
            let data = batch?.to_data()?;
            let kept = self.kept("adapt", data.shape().len())?;
            if kept.iter().map(|&axis| data.shape()[axis]).ne(sizes.iter().copied()) {
                let expected = format!("sizes {} of the axes {kept:?}", tuple(&sizes));
                return Err(Error::shape("adapt", "data", expected, tuple(data.shape())));
            }
            moments.add(&data, &kept)?;
        }
        if moments.is_empty() {
            return Err(Error::argument("adapt", "data", "at least one sample", 0));
        }
        for (variable, numbers) in [(mean, moments.mean), (variance, moments.variance)] {
            let data = TensorData::from_f64(&numbers, sizes.clone(), variable.dtype())?;
            variable.assign(&Tensor::from_data_on(data, &variable.device())?)?;
        }
        Ok(())
    }
}
