//! From the losses of the samples to one number.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::serialization::{FromConfig, IntoConfig};
use crate::tensor::Tensor;
use serde_json::Value;

/// How the losses of the samples become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Sum over number of losses.
    #[default]
    SumOverBatchSize,
    /// Keras' second name for [`Reduction::SumOverBatchSize`].
    Mean,
    /// Sum over sum of the weights.
    MeanWithSampleWeight,
    /// Sum.
    Sum,
    /// None: the losses as they are.
    None,
}

impl Reduction {
    const NAMES: [(&'static str, Self); 5] = [
        ("sum_over_batch_size", Self::SumOverBatchSize),
        ("mean", Self::Mean),
        ("mean_with_sample_weight", Self::MeanWithSampleWeight),
        ("sum", Self::Sum),
        ("none", Self::None),
    ];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, r)| *r == self).map_or("none", |(name, _)| name)
    }
}

impl TryFrom<&str> for Reduction {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let found = Self::NAMES.into_iter().find(|(n, _)| *n == name).map(|(_, r)| r);
        found.ok_or_else(|| Error::unknown_name("reduction", name, Self::NAMES.map(|(n, _)| n)))
    }
}

impl IntoConfig for Reduction {
    fn to_config(&self) -> Value {
        self.name().into()
    }
}

impl FromConfig for Reduction {
    const EXPECTED: &'static str = "sum_over_batch_size, mean, mean_with_sample_weight, sum, none or null";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::None) } else { Self::try_from(value.as_str()?).ok() }
    }
}

/// `total / count`, or zero where the count is zero.
fn divide_no_nan(total: &Tensor, count: &Tensor) -> Result<Tensor> {
    let zero = count.full_like(count.shape(), 0.0)?;
    let used = count.not_equal_scalar(0.0)?;
    let one = count.full_like(count.shape(), 1.0)?;
    total.div(&count.where_(&used, &one)?)?.where_(&used, &zero)
}

/// Reduces values that are weighted already.
pub(crate) fn reduce(values: &Tensor, weight: Option<&Tensor>, reduction: Reduction) -> Result<Tensor> {
    if reduction == Reduction::None || values.rank() == 0 || values.shape() == [0] {
        return Ok(values.clone());
    }
    let total = values.sum(&[], false)?;
    match (reduction, weight) {
        (Reduction::Sum, _) => Ok(total),
        (Reduction::MeanWithSampleWeight, Some(weight)) => divide_no_nan(&total, &weight.sum(&[], false)?),
        _ if values.is_empty() => Ok(total),
        _ => total.div_scalar(values.len() as f64),
    }
}

/// The weights with those of masked values set to zero, and the others scaled so that a mean counts
/// valid values only.
pub(crate) fn apply_mask(
    weight: Option<&Tensor>,
    mask: &Tensor,
    dtype: DType,
    reduction: Reduction,
) -> Result<Tensor> {
    let mut mask = mask.cast(dtype)?;
    if matches!(reduction, Reduction::Mean | Reduction::SumOverBatchSize) {
        let total = mask.full_like(Vec::new(), mask.len() as f64)?;
        mask = mask.mul(&divide_no_nan(&total, &mask.sum(&[], false)?)?)?;
    }
    let Some(weight) = weight else { return Ok(mask) };
    let (mask, weight) = same_rank(&mask, weight)?;
    weight.mul(&mask)
}

/// Adds or drops a last axis of size one where ranks differ by one.
pub(crate) fn same_rank(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let (mut a, mut b) = (a.clone(), b.clone());
    if a.rank() == b.rank() + 1 && a.shape().last() == Some(&1) {
        if b.rank() == 1 { b = b.expand_dims(-1)? } else { a = a.squeeze(&[-1])? }
    }
    if b.rank() == a.rank() + 1 && b.shape().last() == Some(&1) {
        if a.rank() == 1 { a = a.expand_dims(-1)? } else { b = b.squeeze(&[-1])? }
    }
    Ok((a, b))
}
