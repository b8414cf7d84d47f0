//! How much images are alike.

use super::blur::{filtered, kernels};
use super::layout::Layout;
use crate::error::{Error, Result};
use crate::ops::operand::Results;
use crate::ops::{DataFormat, Joined, Operand, OperationCall, Padding, ToData, Value};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

const NAME: &str = "ssim";

/// Optional arguments of [`ssim`], with Keras' defaults.
///
/// ```
/// use keras_rs::ops::image::Similarity;
///
/// assert_eq!(Similarity::new().max_val(255.0).filter_size, 11);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// The difference of the largest and the smallest value that pixels may have (default 1).
    pub max_val: f64,
    /// Size of the Gaussian filter (default 11).
    pub filter_size: usize,
    /// Standard deviation of the filter (default 1.5).
    pub filter_sigma: f64,
    /// Stabilizes the comparison of means (default 0.01).
    pub k1: f64,
    /// Stabilizes the comparison of variances (default 0.03).
    pub k2: f64,
    /// Where the channels are (default last).
    pub data_format: DataFormat,
}

impl Default for Similarity {
    fn default() -> Self {
        Self {
            max_val: 1.0,
            filter_size: 11,
            filter_sigma: 1.5,
            k1: 0.01,
            k2: 0.03,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl Similarity {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the range of the pixels' values.
    #[must_use]
    pub fn max_val(mut self, max_val: f64) -> Self {
        self.max_val = max_val;
        self
    }

    /// Sets the size of the filter.
    #[must_use]
    pub fn filter_size(mut self, filter_size: usize) -> Self {
        self.filter_size = filter_size;
        self
    }

    /// Sets the standard deviation of the filter.
    #[must_use]
    pub fn filter_sigma(mut self, filter_sigma: f64) -> Self {
        self.filter_sigma = filter_sigma;
        self
    }

    /// Sets what stabilizes the comparison of means.
    #[must_use]
    pub fn k1(mut self, k1: f64) -> Self {
        self.k1 = k1;
        self
    }

    /// Sets what stabilizes the comparison of variances.
    #[must_use]
    pub fn k2(mut self, k2: f64) -> Self {
        self.k2 = k2;
        self
    }

    /// Sets where the channels are.
    #[must_use]
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.data_format = data_format;
        self
    }
}

/// The structural similarity of images, 1 where they are equal. Keras' `ops.image.ssim`.
///
/// Shapes: two images give a number, two batches of `n` images `(n,)`, in the data type of the first. Integers are computed as
/// `float32` and cut to whole numbers.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, different shapes, and images smaller than the filter; [`Error::Argument`] for a
/// filter size below 1 and a standard deviation that is not above 0.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{Similarity, ssim};
///
/// let x = Tensor::from_slice::<f32>(&[0.1, 0.9, 0.3, 0.4], [2, 2, 1])?;
/// assert!((ssim(&x, &x, Similarity::new().filter_size(2))?.to_scalar()? - 1.0).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn ssim<A: Operand, B: Operand>(image1: &A, image2: &B, options: Similarity) -> Result<Joined<A, B>> {
    if <Joined<A, B> as Value>::SYMBOLIC {
        let mut call = OperationCall::new("SSIM");
        call.argument("max_val", options.max_val.to_data());
        call.argument("filter_size", options.filter_size.to_data());
        call.argument("filter_sigma", options.filter_sigma.to_data());
        call.argument("k1", options.k1.to_data());
        call.argument("k2", options.k2.to_data());
        call.argument("data_format", options.data_format.to_data());
        call.operand(image1.given()?);
        call.operand(image2.given()?);
        return <Tensor as Results<Joined<A, B>>>::of_call(call);
    }
    Value::of(similarity(&*image1.real(&[])?, &*image2.real(&[])?, options)?)
}

pub(crate) fn ssim_spec((a, dtype): &Spec, (b, _): &Spec, options: Similarity) -> Result<Spec> {
    let layout = Layout::new(NAME, "image1", a, options.data_format)?;
    Layout::new(NAME, "image2", b, options.data_format)?;
    let differ = |(a, b): (&Option<usize>, &Option<usize>)| a.is_some() && b.is_some() && a != b;
    if a.rank() != b.rank() || a.dims().iter().zip(b.dims()).any(differ) {
        return Err(Error::shape(NAME, "image2", format!("as the other image, {a}"), b));
    }
    for shape in [a, b] {
        let sizes = [shape.dims()[layout.height], shape.dims()[layout.width]];
        if sizes.into_iter().flatten().any(|size| size < options.filter_size) {
            let expected = format!("a height and a width of at least the filter's {}", options.filter_size);
            return Err(Error::shape(NAME, "image1", expected, shape));
        }
    }
    kernels(NAME, [options.filter_size; 2], [options.filter_sigma; 2])?;
    let batch = if layout.batched { vec![a.dims()[0].or(b.dims()[0])] } else { Vec::new() };
    Ok((Shape::new(batch), *dtype))
}

fn similarity(a: &Tensor, b: &Tensor, options: Similarity) -> Result<Tensor> {
    let spec = |x: &Tensor| (Shape::from(x.shape()), x.dtype());
    let (shape, dtype) = ssim_spec(&spec(a), &spec(b), options)?;
    let shape = shape.to_known().unwrap_or_default();
    if a.is_empty() {
        return a.full_like(shape, 0.0);
    }
    let layout = Layout::of(NAME, a, options.data_format)?;
    let computed = a.to_float()?.dtype();
    let (x, y) = (layout.to_batch(&a.cast(computed)?)?, layout.to_batch(&b.cast(computed)?)?);
    let kernels = kernels(NAME, [options.filter_size; 2], [options.filter_sigma; 2])?;
    let mean = |x: &Tensor| filtered(x, &kernels, Padding::Valid);
    let (mean_x, mean_y) = (mean(&x)?, mean(&y)?);
    let (square_x, square_y, product) = (mean_x.square()?, mean_y.square()?, mean_x.mul(&mean_y)?);
    let spread = mean(&x.square()?)?.sub(&square_x)?.add(&mean(&y.square()?)?.sub(&square_y)?)?;
    let common = mean(&x.mul(&y)?)?.sub(&product)?;
    let (c1, c2) = ((options.k1 * options.max_val).powi(2), (options.k2 * options.max_val).powi(2));
    let of_means = product.mul_scalar(2.0)?.add_scalar(c1)?;
    let of_spreads = common.mul_scalar(2.0)?.add_scalar(c2)?;
    let below = square_x.add(&square_y)?.add_scalar(c1)?.mul(&spread.add_scalar(c2)?)?;
    of_means.mul(&of_spreads)?.div(&below)?.mean(&[1, 2, 3], false)?.reshape(shape)?.cast(dtype)
}
