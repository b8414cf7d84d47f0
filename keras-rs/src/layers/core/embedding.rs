//! Vectors by number.

use crate::config::setters;
use crate::config::{Config, ConfigExt, ConfigReader};
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::initializers::Initializer;
use crate::layer::{BuildScope, CallContext, InputShapes, Inputs, Layer, LayerBase, Outputs, layer_base};
use crate::regularizers::Regularizer;
use crate::shape::Shape;
use crate::tensor::Tensor;
use serde_json::Value;

/// Turns whole numbers, such as those of words, into vectors. Keras' `Embedding`.
///
/// Shapes: `(batch, ...)` to `(batch, ..., output_dim)`; the weight is `(input_dim, output_dim)`.
/// Numbers outside `0..input_dim` are an error.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let layer = Embedding::new(3, 2).shared();
/// layer.build(&[[None, Some(2)].into()])?;
/// layer.variables()[0].assign(&Tensor::from_vec(vec![0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0], [3, 2])?)?;
/// let y = layer.call(&[Tensor::from_vec(vec![2, 0], [1, 2])?])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [4.0, 5.0, 0.0, 1.0]);
/// assert!(layer.call(&[Tensor::from_vec(vec![3, 0], [1, 2])?]).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Embedding {
    base: LayerBase,
    input_dim: usize,
    output_dim: usize,
    embeddings_initializer: Initializer,
    embeddings_regularizer: Option<Regularizer>,
    activity_regularizer: Option<Regularizer>,
    embeddings_constraint: Option<Constraint>,
    mask_zero: bool,
}

impl Embedding {
    /// For numbers below `input_dim` and vectors of `output_dim` values; both at least one.
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        let mut base = LayerBase::default();
        let embeddings_initializer = Initializer::try_from("uniform").unwrap_or_else(|error| {
            base.defer(error);
            Initializer::zeros()
        });
        Self {
            base,
            input_dim,
            output_dim,
            embeddings_initializer,
            embeddings_regularizer: None,
            activity_regularizer: None,
            embeddings_constraint: None,
            mask_zero: false,
        }
    }

    setters! {
        /// Sets the weight's initializer (default `uniform`).
        embeddings_initializer: Initializer,
        /// Sets the weight's penalty (default: none).
        embeddings_regularizer: Option<Regularizer>,
        /// Sets the output's penalty (default: none).
        activity_regularizer: Option<Regularizer>,
        /// Sets the weight's projection (default: none).
        embeddings_constraint: Option<Constraint>,
        /// Sets whether 0 stands for padding, which later layers skip (default `false`).
        mask_zero: bool,
    }

    pub(super) fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let base = LayerBase::from_config(c)?;
        c.ignore(&["input_length"]);
        let d = Self::new(size(c, "input_dim")?, size(c, "output_dim")?);
        Ok(Self {
            base,
            embeddings_initializer: c.take_or("embeddings_initializer", d.embeddings_initializer)?,
            embeddings_regularizer: c.take_or("embeddings_regularizer", None)?,
            activity_regularizer: c.take_or("activity_regularizer", None)?,
            embeddings_constraint: c.take_or("embeddings_constraint", None)?,
            mask_zero: c.take_or("mask_zero", false)?,
            input_dim: d.input_dim,
            output_dim: d.output_dim,
        })
    }

    /// Refuses numbers that have no vector; what a device does with them is not defined.
    fn check_indices(&self, layer: &str, indices: &Tensor) -> Result<()> {
        let outside = |v: &&f64| !(0.0..self.input_dim as f64).contains(&v.trunc());
        match indices.to_f64_vec()?.iter().find(outside) {
            None => Ok(()),
            Some(got) => {
                let expected = format!("whole numbers from 0 to {}", self.input_dim - 1);
                Err(Error::argument(layer, "inputs", expected, got))
            }
        }
    }
}

/// A size that Keras takes as a whole number only: 2.0 is refused.
fn size(config: &mut ConfigReader<'_>, key: &str) -> Result<usize> {
    let value: Value = config.take(key)?;
    let size = value.as_u64().filter(|n| *n > 0).and_then(|n| usize::try_from(n).ok());
    size.ok_or_else(|| config.reject(key, "a whole number of at least 1", &value))
}

impl Layer for Embedding {
    layer_base!("Embedding");

    fn config(&self) -> Config {
        Config::new()
            .with("input_dim", self.input_dim)
            .with("output_dim", self.output_dim)
            .with("embeddings_initializer", &self.embeddings_initializer)
            .with("embeddings_regularizer", &self.embeddings_regularizer)
            .with("activity_regularizer", &self.activity_regularizer)
            .with("embeddings_constraint", &self.embeddings_constraint)
            .with("mask_zero", self.mask_zero)
            .with("quantization_config", None::<usize>)
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        for (argument, size) in [("input_dim", self.input_dim), ("output_dim", self.output_dim)] {
            if size == 0 {
                return Err(Error::argument(scope.name(), argument, "at least 1", size));
            }
        }
        scope
            .weight("embeddings", &[self.input_dim, self.output_dim], &self.embeddings_initializer)
            .regularizer(&self.embeddings_regularizer)
            .constraint(&self.embeddings_constraint)
            .add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = &inputs.into_single()?;
        self.check_indices(context.layer(), x)?;
        let flat = x.cast(DType::I32)?.reshape([x.len()])?;
        let rows = context.weight("embeddings")?.take(&flat, 0)?;
        Ok(rows.reshape([x.shape(), &[self.output_dim]].concat())?.into())
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let mut dims = inputs.single()?.dims().to_vec();
        dims.push(Some(self.output_dim));
        Ok(vec![dims.into()])
    }

    fn autocast(&self) -> bool {
        false
    }

    fn supports_masking(&self) -> bool {
        self.mask_zero
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        if !self.mask_zero {
            return Ok(vec![None]);
        }
        Ok(vec![Some(inputs.single()?.tensor.not_equal_scalar(0.0)?)])
    }

    fn activity_regularizer(&self) -> Option<&Regularizer> {
        self.activity_regularizer.as_ref()
    }
}
