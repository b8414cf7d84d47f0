//! Blocks under a kernel that slides over images.

use super::Integers;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Kernel, dilation, padding and stride along one axis.
#[derive(Clone, Copy)]
struct Sliding {
    kernel: usize,
    dilation: usize,
    padding: usize,
    stride: usize,
}

impl Sliding {
    /// Those of both axes of an image, from kernel, dilation, padding and stride.
    fn both(context: &str, [kernel, dilation, padding, stride]: [&Integers; 4]) -> Result<[Self; 2]> {
        let kernel = pair(context, "kernel_size", kernel, 1)?;
        let dilation = pair(context, "dilation", dilation, 1)?;
        let padding = pair(context, "padding", padding, 0)?;
        let stride = pair(context, "stride", stride, 1)?;
        Ok([0, 1].map(|i| Self {
            kernel: kernel[i],
            dilation: dilation[i],
            padding: padding[i],
            stride: stride[i],
        }))
    }

    /// The size with its padding.
    fn padded(self, size: usize) -> usize {
        self.padding.saturating_mul(2).saturating_add(size)
    }

    /// Number of blocks along an axis of this size, 0 where the kernel does not fit.
    fn count(self, size: usize) -> usize {
        let window = self.dilation.saturating_mul(self.kernel - 1).saturating_add(1);
        self.padded(size).checked_sub(window).map_or(0, |rest| rest / self.stride + 1)
    }
}

/// A number for both axes of an image, or one for each.
fn pair(context: &str, argument: &str, x: &Integers, least: usize) -> Result<[usize; 2]> {
    match x.at_least(least, context, argument)?[..] {
        [both] if x.is_single() => Ok([both; 2]),
        [height, width] => Ok([height, width]),
        _ => Err(Error::argument(context, argument, "one number or two", format!("{:?}", x.as_slice()))),
    }
}

/// The blocks under a kernel that slides over images. Keras' `ops.unfold`.
///
/// Shapes: `(batch, channels, height, width)` gives `(batch, channels * kernel height * kernel width, blocks)`; no
/// blocks where the kernel does not fit. Each argument is one number for both axes, or two. The padding is zeros.
///
/// # Errors
/// [`Error::Shape`] where there are not four axes, [`Error::Argument`] for sizes, dilations or strides below 1.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])?;
/// let blocks = ops::unfold(&x, 2, 1, 0, 1)?;
/// assert_eq!(blocks.shape(), [1, 4, 2]);
/// assert_eq!(blocks.to_vec::<f32>()?, [1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 5.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn unfold(
    x: &Tensor,
    kernel_size: impl Into<Integers>,
    dilation: impl Into<Integers>,
    padding: impl Into<Integers>,
    stride: impl Into<Integers>,
) -> Result<Tensor> {
    let &[batch, channels, height, width] = x.shape() else {
        return Err(Error::shape("unfold", "x", "(batch, channels, height, width)", tuple(x.shape())));
    };
    let numbers = [&kernel_size.into(), &dilation.into(), &padding.into(), &stride.into()];
    let [down, across] = Sliding::both("unfold", numbers)?;
    let (rows, columns) = (down.count(height), across.count(width));
    if rows == 0 || columns == 0 {
        let depth = channels.saturating_mul(down.kernel.saturating_mul(across.kernel));
        return x.full_like([batch, depth, 0], 0.0);
    }
    let around = [(0, 0), (0, 0), (down.padding, down.padding), (across.padding, across.padding)];
    let padded = x.pad(&around, 0.0)?;
    let taken = |axis: Sliding, number: usize, count: usize| {
        let start = number * axis.dilation;
        (start..start + (count - 1) * axis.stride + 1, axis.stride)
    };
    let mut moved = Vec::new();
    for i in 0..down.kernel {
        for j in 0..across.kernel {
            let ranges = [(0..batch, 1), (0..channels, 1), taken(down, i, rows), taken(across, j, columns)];
            moved.push(padded.slice_with_steps(&ranges)?);
        }
    }
    Tensor::stack(&moved, 2)?.reshape([batch, channels * moved.len(), rows * columns])
}

pub(crate) fn unfold_spec(
    (x, dtype): &Spec,
    kernel_size: Integers,
    dilation: Integers,
    padding: Integers,
    stride: Integers,
) -> Result<Spec> {
    let [down, across] = Sliding::both("unfold", [&kernel_size, &dilation, &padding, &stride])?;
    let &[batch, channels, height, width] = x.dims() else {
        return Err(Error::shape("unfold", "x", "(batch, channels, height, width)", x));
    };
    let depth = channels.map(|channels| channels.saturating_mul(down.kernel.saturating_mul(across.kernel)));
    let blocks = height.zip(width).map(|(height, width)| down.count(height) * across.count(width));
    Ok((Shape::new(vec![batch, depth, blocks]), *dtype))
}

/// Images from blocks, summed where they overlap; the inverse of [`unfold`] where they do not. Keras' `ops.fold`.
///
/// Shapes: `(batch, channels * kernel height * kernel width, blocks)` gives `(batch, channels, output height, output
/// width)`. Elements under no block are 0.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, a depth that the kernel does not divide or another number of blocks
/// than `output_size` has, [`Error::Argument`] as [`unfold`].
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])?;
/// let sums = ops::fold(&ops::unfold(&x, 2, 1, 0, 1)?, [2, 3], 2, 1, 0, 1)?;
/// assert_eq!(sums.to_vec::<f32>()?, [1.0, 4.0, 3.0, 4.0, 10.0, 6.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn fold(
    x: &Tensor,
    output_size: impl Into<Integers>,
    kernel_size: impl Into<Integers>,
    dilation: impl Into<Integers>,
    padding: impl Into<Integers>,
    stride: impl Into<Integers>,
) -> Result<Tensor> {
    let size = pair("fold", "output_size", &output_size.into(), 1)?;
    let numbers = [&kernel_size.into(), &dilation.into(), &padding.into(), &stride.into()];
    let axes = Sliding::both("fold", numbers)?;
    let kernel = axes[0].kernel.saturating_mul(axes[1].kernel);
    let (rows, columns) = (axes[0].count(size[0]), axes[1].count(size[1]));
    let refused = || {
        let expected = format!("(batch, a multiple of {kernel}, {rows} x {columns} blocks)");
        Error::shape("fold", "x", expected, tuple(x.shape()))
    };
    let &[batch, depth, count] = x.shape() else { return Err(refused()) };
    if !depth.is_multiple_of(kernel) || count == 0 || Some(count) != rows.checked_mul(columns) {
        return Err(refused());
    }
    let blocks = x.reshape([batch, depth / kernel, kernel, rows, columns])?;
    let wide = [0, 1].map(|i| axes[i].padded(size[i]));
    let mut sums = x.full_like([batch, depth / kernel, wide[0], wide[1]], 0.0)?;
    if depth > 0 {
        for number in 0..kernel {
            let mut part = blocks.narrow(2, number..number + 1)?.squeeze(&[2])?;
            for (i, at) in [number / axes[1].kernel, number % axes[1].kernel].into_iter().enumerate() {
                part = spread(&part, i + 2, axes[i].stride, at * axes[i].dilation, wide[i])?;
            }
            sums = sums.add(&part)?;
        }
    }
    let inside = |i: usize| axes[i].padding..axes[i].padding + size[i];
    sums.narrow(2, inside(0))?.narrow(3, inside(1))
}

pub(crate) fn fold_spec(
    (x, dtype): &Spec,
    output_size: Integers,
    kernel_size: Integers,
    dilation: Integers,
    padding: Integers,
    stride: Integers,
) -> Result<Spec> {
    let size = pair("fold", "output_size", &output_size, 1)?;
    let axes = Sliding::both("fold", [&kernel_size, &dilation, &padding, &stride])?;
    let kernel = axes[0].kernel.saturating_mul(axes[1].kernel);
    let (rows, columns) = (axes[0].count(size[0]), axes[1].count(size[1]));
    let fits = |depth: Option<usize>, count: Option<usize>| {
        depth.is_none_or(|depth| depth.is_multiple_of(kernel))
            && count.is_none_or(|count| count > 0 && Some(count) == rows.checked_mul(columns))
    };
    match x.dims() {
        &[batch, depth, count] if fits(depth, count) => {
            let channels = depth.map(|depth| depth / kernel);
            Ok((Shape::new(vec![batch, channels, Some(size[0]), Some(size[1])]), *dtype))
        }
        _ => {
            let expected = format!("(batch, a multiple of {kernel}, {rows} x {columns} blocks)");
            Err(Error::shape("fold", "x", expected, x))
        }
    }
}

/// Puts the elements of an axis `step` apart from `start` on, among zeros on an axis of another size.
fn spread(x: &Tensor, axis: usize, step: usize, start: usize, size: usize) -> Result<Tensor> {
    let mut shape = x.shape().to_vec();
    let span = (shape[axis] - 1) * step + 1;
    let mut apart = x.clone();
    // One element alone has no distance to others; its step may be of any size.
    if shape[axis] > 1 {
        let mut between = vec![(0, 0); x.rank() + 1];
        between[axis + 1] = (0, step - 1);
        shape[axis] *= step;
        apart = x.expand_dims(axis as isize + 1)?.pad(&between, 0.0)?.reshape(shape)?;
    }
    let mut around = vec![(0, 0); x.rank()];
    around[axis] = (start, size - start - span);
    apart.narrow(axis as isize, 0..span)?.pad(&around, 0.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn counting(shape: &[usize]) -> Tensor {
        let values: Vec<f32> = (1..=shape.iter().product::<usize>()).map(|v| v as f32).collect();
        Tensor::from_slice(&values, shape.to_vec()).unwrap()
    }

    fn is(got: Tensor, shape: &[usize], values: &[f32]) {
        assert_eq!(got.shape(), shape);
        assert_eq!(got.to_vec::<f32>().unwrap(), values);
    }

    #[test]
    fn blocks_are_those_of_keras() {
        let x = counting(&[1, 1, 3, 4]);
        let all = [
            1., 2., 3., 5., 6., 7., 2., 3., 4., 6., 7., 8., 5., 6., 7., 9., 10., 11., 6., 7., 8., 10., 11.,
            12.,
        ];
        is(unfold(&x, 2, 1, 0, 1).unwrap(), &[1, 4, 6], &all);
        let some = [0., 0., 5., 8., 5., 8., 0., 0.];
        is(unfold(&x, [2, 1], [2, 1], [1, 0], [2, 3]).unwrap(), &[1, 2, 4], &some);
        let channels = [
            1., 2., 5., 6., 2., 3., 6., 7., 3., 4., 7., 8., 5., 6., 9., 10., 6., 7., 10., 11., 7., 8., 11.,
            12., 13., 14., 17., 18., 14., 15., 18., 19., 15., 16., 19., 20., 17., 18., 21., 22., 18., 19.,
            22., 23., 19., 20., 23., 24.,
        ];
        is(unfold(&counting(&[1, 2, 3, 4]), [2, 3], 1, 0, 1).unwrap(), &[1, 12, 4], &channels);
        assert_eq!(unfold(&x, 5, 1, 0, 1).unwrap().shape(), [1, 25, 0]);
        assert!(unfold(&x, 0, 1, 0, 1).is_err());
        assert!(unfold(&x, [1, 2, 3], 1, 0, 1).is_err());
    }

    #[test]
    fn images_are_summed_as_by_keras() {
        let x = counting(&[1, 1, 3, 4]);
        let blocks = unfold(&x, 2, 1, 0, 1).unwrap();
        let sums = [1., 4., 6., 4., 10., 24., 28., 16., 9., 20., 22., 12.];
        is(fold(&blocks, [3, 4], 2, 1, 0, 1).unwrap(), &[1, 1, 3, 4], &sums);
        let blocks = unfold(&x, 2, [2, 1], [1, 0], 2).unwrap();
        let sums = [0., 0., 0., 0., 10., 12., 14., 16., 0., 0., 0., 0.];
        is(fold(&blocks, [3, 4], 2, [2, 1], [1, 0], 2).unwrap(), &[1, 1, 3, 4], &sums);
        // Keras on JAX gives four rows and columns here, whatever the output size.
        let apart = [1., 0., 2., 0., 0., 0., 3., 0., 4.];
        is(fold(&counting(&[1, 1, 4]), 3, 1, 1, 0, 2).unwrap(), &[1, 1, 3, 3], &apart);
        for size in [[4, 4], [3, 5], [1, 1]] {
            assert!(fold(&counting(&[1, 4, 3]), size, 2, 1, 0, 1).is_err(), "{size:?}");
        }
    }
}
