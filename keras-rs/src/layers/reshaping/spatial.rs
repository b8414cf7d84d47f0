//! What the layers that change the sizes of spatial axes share.

use super::Margins;
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::LayerBase;
use crate::layers::DataFormat;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Data types of outputs that hold the input's elements: only floats are cast.
pub(super) fn unchanged_dtype(base: &LayerBase, inputs: &[DType], outputs: usize) -> Vec<DType> {
    let compute = base.dtype.compute_dtype();
    let kept = inputs.first().copied().filter(|d| !d.is_float());
    vec![kept.unwrap_or(compute); outputs]
}

/// The output's shape where each of `n` spatial axes of known size gets another size.
pub(super) fn with_sizes(
    layer: &str,
    input: &Shape,
    n: usize,
    format: DataFormat,
    size: impl Fn(usize, usize) -> Result<usize>,
) -> Result<Vec<Shape>> {
    input.require_rank(layer, n + 2)?;
    let mut dims = input.dims().to_vec();
    for (i, axis) in format.spatial_axes(n + 2).enumerate() {
        dims[axis] = dims[axis].map(|known| size(i, known)).transpose()?;
    }
    Ok(vec![dims.into()])
}

/// The output's shape with margins of zeros.
pub(super) fn padded_shape<const N: usize>(
    layer: &str,
    input: &Shape,
    margins: &Margins<N>,
    format: DataFormat,
) -> Result<Vec<Shape>> {
    with_sizes(layer, input, N, format, |i, size| Ok(margins.added(i, size)))
}

/// The input with margins of zeros.
pub(super) fn pad<const N: usize>(x: &Tensor, margins: &Margins<N>, format: DataFormat) -> Result<Tensor> {
    let mut padding = vec![(0, 0); N + 2];
    padding[format.spatial_axes(N + 2)].copy_from_slice(&**margins);
    x.pad(&padding, 0.0)
}

/// The output's shape without its margins.
pub(super) fn cropped_shape<const N: usize>(
    layer: &str,
    input: &Shape,
    margins: &Margins<N>,
    format: DataFormat,
) -> Result<Vec<Shape>> {
    with_sizes(layer, input, N, format, |i, size| margins.removed(layer, i, size))
}

/// The input without its margins, which must leave something.
pub(super) fn crop<const N: usize>(x: &Tensor, margins: &Margins<N>, format: DataFormat) -> Result<Tensor> {
    let mut ranges: Vec<_> = x.shape().iter().map(|&d| 0..d).collect();
    for (range, &(before, after)) in ranges[format.spatial_axes(N + 2)].iter_mut().zip(&**margins) {
        *range = before..range.end.saturating_sub(after);
    }
    x.cut(&ranges)
}

/// The input with each element of the spatial axes repeated.
pub(super) fn repeat(x: &Tensor, times: &[usize], format: DataFormat) -> Result<Tensor> {
    let axes = format.spatial_axes(times.len() + 2);
    axes.zip(times).try_fold(x.clone(), |y, (axis, &n)| y.repeat(axis as isize, n))
}
