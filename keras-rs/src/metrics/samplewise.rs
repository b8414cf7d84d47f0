//! From values and weights to one value a sample.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::losses::same_rank;
use crate::tensor::{Tensor, broadcast_shapes};

type Reduce = fn(&Tensor, &[isize], bool) -> Result<Tensor>;

/// Reduces all axes from one on; axes before it stay.
fn reduce_from(x: &Tensor, first: usize, reduce: Reduce) -> Result<Tensor> {
    let axes: Vec<isize> = (first..x.rank()).map(|axis| axis as isize).collect();
    if axes.is_empty() { Ok(x.clone()) } else { reduce(x, &axes, false) }
}

/// One weighted value a sample, and the samples' weights. Keras' `reduce_to_samplewise_values`.
///
/// Values with more axes than weights are reduced over the others before they are weighted, and
/// both over all axes but the first afterwards.
pub(super) fn samplewise(
    context: &str,
    values: &Tensor,
    weight: Option<&Tensor>,
    reduce: Reduce,
    dtype: DType,
) -> Result<(Tensor, Option<Tensor>)> {
    let values = values.cast(dtype)?;
    let Some(weight) = weight else { return Ok((reduce_from(&values, 1, reduce)?, None)) };
    let (values, weight) = same_rank(&values, &weight.detach().cast(dtype)?)?;
    let axes = weight.rank();
    let values = reduce_from(&values, axes, reduce)?;
    if broadcast_shapes(context, values.shape(), weight.shape()).ok().as_deref() != Some(values.shape()) {
        let expected = format!("a shape that broadcasts to {}", tuple(values.shape()));
        return Err(Error::shape(context, "sample_weight", expected, tuple(weight.shape())));
    }
    let weight = weight.broadcast_to(values.shape())?;
    let values = reduce_from(&values.mul(&weight)?, 1, reduce)?;
    Ok((values, Some(reduce_from(&weight, 1, reduce)?)))
}

/// The weights with those of masked values set to zero; without weights, the mask itself.
pub(super) fn masked(weight: Option<&Tensor>, mask: Option<&Tensor>, dtype: DType) -> Result<Option<Tensor>> {
    let Some(mask) = mask else { return Ok(weight.cloned()) };
    let mask = mask.cast(dtype)?;
    let Some(weight) = weight else { return Ok(Some(mask)) };
    let (mask, weight) = same_rank(&mask, &weight.cast(dtype)?)?;
    Ok(Some(weight.mul(&mask)?))
}

/// `total / count`, or zero where the count is zero.
pub(super) fn divide_no_nan(total: &Tensor, count: &Tensor) -> Result<Tensor> {
    let used = count.not_equal_scalar(0.0)?;
    let one = count.full_like(count.shape(), 1.0)?;
    let quotient = total.div(&count.where_(&used, &one)?)?;
    quotient.where_(&used, &quotient.full_like(quotient.shape(), 0.0)?)
}
