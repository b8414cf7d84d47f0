//! How the losses of the samples become one number.

use crate::config::{FromConfig, IntoConfig};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use serde_json::Value;

/// How the losses of the samples become one number.
///
/// ```
/// use keras_rs::losses::Reduction;
///
/// assert_eq!(Reduction::try_from("sum")?, Reduction::Sum);
/// assert_eq!(Reduction::default().name(), "sum_over_batch_size");
/// # Ok::<(), keras_rs::Error>(())
/// ```
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
    /// The losses as they are, Keras' `"none"`.
    None,
    /// Keras' second way to say [`Reduction::None`]: Python's `None`, `null` in files.
    Null,
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
        if *self == Self::Null { Value::Null } else { self.name().into() }
    }
}

impl FromConfig for Reduction {
    const EXPECTED: &'static str = "sum_over_batch_size, mean, mean_with_sample_weight, sum, none or null";

    fn from_value(value: &Value) -> Option<Self> {
        if value.is_null() { Some(Self::Null) } else { Self::try_from(value.as_str()?).ok() }
    }
}

/// `total / count`, or zero where the count is zero.
fn divide_no_nan(total: &Tensor, count: &Tensor) -> Result<Tensor> {
    let zero = count.full_like(count.shape(), 0.0)?;
    let nonzero = count.not_equal_scalar(0.0)?;
    let one = count.full_like(count.shape(), 1.0)?;
    total.div(&count.where_(&nonzero, &one)?)?.where_(&nonzero, &zero)
}

/// Reduces values that are already multiplied by their weights.
pub(crate) fn reduce(values: &Tensor, weight: Option<&Tensor>, reduction: Reduction) -> Result<Tensor> {
    if matches!(reduction, Reduction::None | Reduction::Null) || values.rank() == 0 || values.shape() == [0] {
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
        let scale = divide_no_nan(&total, &mask.sum(&[], false)?)?;
        let zero = mask.full_like(vec![1; mask.rank()], 0.0)?;
        mask = scale.where_(&mask.cast(DType::Bool)?, &zero)?;
    }
    let Some(weight) = weight else { return Ok(mask) };
    let (mask, weight) = same_rank(&mask, weight)?;
    weight.mul(&mask)
}

/// Two shapes after a last axis of size one was added or dropped where ranks differ by one.
pub(crate) fn same_rank_shapes(a: &[usize], b: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    let (longer, shorter) = if a.len() >= b.len() { (&mut a, &mut b) } else { (&mut b, &mut a) };
    if longer.len() == shorter.len() + 1 && longer.last() == Some(&1) {
        if shorter.len() == 1 {
            shorter.push(1);
        } else {
            longer.pop();
        }
    }
    (a, b)
}

/// Adds or drops a last axis of size one where ranks differ by one.
pub(crate) fn same_rank(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let (a_shape, b_shape) = same_rank_shapes(a.shape(), b.shape());
    Ok((a.reshape(a_shape)?, b.reshape(b_shape)?))
}
