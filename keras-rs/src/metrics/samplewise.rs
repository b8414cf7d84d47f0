//! One weighted value for each sample.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::losses::same_rank;
use crate::tensor::{Tensor, broadcast_shapes};

/// The values of a function for the samples, and a mask where it ignores some of them.
pub(super) struct Values {
    pub(super) values: Tensor,
    pub(super) mask: Option<Tensor>,
}

impl From<Tensor> for Values {
    fn from(values: Tensor) -> Self {
        Self { values, mask: None }
    }
}

impl From<(Tensor, Option<Tensor>)> for Values {
    fn from((values, mask): (Tensor, Option<Tensor>)) -> Self {
        Self { values, mask }
    }
}

type Reduce = fn(&Tensor, &[isize], bool) -> Result<Tensor>;

/// Reduces all axes from `first` on.
fn reduce_from(x: &Tensor, first: usize, reduce: Reduce) -> Result<Tensor> {
    let axes: Vec<isize> = (first..x.rank()).map(|axis| axis as isize).collect();
    if axes.is_empty() { Ok(x.clone()) } else { reduce(x, &axes, false) }
}

/// One weighted value for each sample, and the samples' weights. Keras' `reduce_to_samplewise_values`.
///
/// Values with more axes than weights are reduced over the others before they are weighted, and
/// both over all axes but the first afterwards. As in Keras, the mask of the values is applied only if
/// there are weights.
pub(super) fn samplewise(
    context: &str,
    values: &Values,
    weight: Option<&Tensor>,
    reduce: Reduce,
    dtype: DType,
) -> Result<(Tensor, Option<Tensor>)> {
    let mask = values.mask.as_ref();
    let values = values.values.detach().cast(dtype)?;
    let Some(weight) = weight else { return Ok((reduce_from(&values, 1, reduce)?, None)) };
    let weight = match mask {
        Some(mask) => apply_mask(&weight.detach().cast(dtype)?, &mask.cast(dtype)?)?,
        None => weight.detach().cast(dtype)?,
    };
    let (values, weight) = same_rank(&values, &weight)?;
    let values = reduce_from(&values, weight.rank(), reduce)?;
    if broadcast_shapes(context, values.shape(), weight.shape()).ok().as_deref() != Some(values.shape()) {
        let expected = format!("a shape that broadcasts to {}", tuple(values.shape()));
        return Err(Error::shape(context, "sample_weight", expected, tuple(weight.shape())));
    }
    let weight = weight.broadcast_to(values.shape())?;
    let values = reduce_from(&values.mul(&weight)?, 1, reduce)?;
    Ok((values, Some(reduce_from(&weight, 1, reduce)?)))
}

fn apply_mask(weight: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let (mask, weight) = same_rank(mask, weight)?;
    weight.mul(&mask)
}

/// The weights with those of masked values set to zero; without weights, the mask itself.
pub(super) fn masked(weight: Option<&Tensor>, mask: Option<&Tensor>, dtype: DType) -> Result<Option<Tensor>> {
    let mask = mask.map(|mask| mask.cast(dtype)).transpose()?;
    let weight = weight.map(|weight| weight.cast(dtype)).transpose()?;
    match (weight, mask) {
        (Some(weight), Some(mask)) => apply_mask(&weight, &mask).map(Some),
        (weight, mask) => Ok(weight.or(mask)),
    }
}

/// `total / count`, or zero where the count is zero.
pub(super) fn divide_no_nan(total: &Tensor, count: &Tensor) -> Result<Tensor> {
    let nonzero = count.not_equal_scalar(0.0)?;
    let one = count.full_like(count.shape(), 1.0)?;
    let quotient = total.div(&count.where_(&nonzero, &one)?)?;
    quotient.where_(&nonzero, &quotient.full_like(quotient.shape(), 0.0)?)
}
