//! Elastic deformation of images.

use super::affine::sample_images;
use super::blur::{filtered, kernels};
use super::layout::{Layout, float_images_spec};
use super::sample::{Sampling, returned};
use super::{FillMode, Interpolation};
use crate::error::{Error, Result};
use crate::ops::operand::Results;
use crate::ops::{DataFormat, Operand, OperationCall, Padding, ToData, Value};
use crate::random;
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

const NAME: &str = "elastic_transform";

/// Optional arguments of [`elastic_transform`], with Keras' defaults.
///
/// ```
/// use keras_rs::ops::image::{ElasticTransform, FillMode};
///
/// let options = ElasticTransform::new().alpha(10.0).seed(3);
/// assert!(options.sigma == 5.0 && options.fill_mode == FillMode::Reflect);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticTransform {
    /// Factor of the displacements (default 20).
    pub alpha: f64,
    /// Standard deviation of the displacements before they are blurred, and of the filter that blurs them (default 5).
    pub sigma: f64,
    /// How to interpolate: nearest or bilinear, the default.
    pub interpolation: Interpolation,
    /// What is outside of the images (default reflect).
    pub fill_mode: FillMode,
    /// The number that is outside with [`FillMode::Constant`] (default 0).
    pub fill_value: f64,
    /// Seed of the displacements; without one, the default, the process' next.
    pub seed: Option<u64>,
    /// Where the channels are (default last).
    pub data_format: DataFormat,
}

impl Default for ElasticTransform {
    fn default() -> Self {
        Self {
            alpha: 20.0,
            sigma: 5.0,
            interpolation: Interpolation::Bilinear,
            fill_mode: FillMode::Reflect,
            fill_value: 0.0,
            seed: None,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl ElasticTransform {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the factor of the displacements.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Sets the standard deviation of the displacements and of the filter.
    #[must_use]
    pub fn sigma(mut self, sigma: f64) -> Self {
        self.sigma = sigma;
        self
    }

    /// Sets how to interpolate.
    #[must_use]
    pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// Sets what is outside of the images.
    #[must_use]
    pub fn fill_mode(mut self, fill_mode: FillMode) -> Self {
        self.fill_mode = fill_mode;
        self
    }

    /// Sets the number that is outside.
    #[must_use]
    pub fn fill_value(mut self, fill_value: f64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// Sets the seed of the displacements.
    #[must_use]
    pub fn seed(mut self, seed: impl Into<Option<u64>>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets where the channels are.
    #[must_use]
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.data_format = data_format;
        self
    }

    /// The filter that blurs the displacements.
    fn filter(&self) -> Result<[Vec<f64>; 2]> {
        if !self.alpha.is_finite() {
            return Err(Error::argument(NAME, "alpha", "a finite number", self.alpha));
        }
        // Six standard deviations, and odd.
        let size = (6.0 * self.sigma) as usize | 1;
        kernels(NAME, [size; 2], [self.sigma; 2])
    }
}

/// Images whose pixels are displaced by blurred random numbers. Keras' `ops.image.elastic_transform`.
///
/// Shapes: images or batches of images of floats, which stay. As in Keras, one number displaces a pixel along both axes. The
/// random numbers are not Keras' own.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, [`Error::DType`] for integers, [`Error::Argument`] for a standard deviation that is not
/// above 0, and an interpolation other than nearest and bilinear.
///
/// ```
/// use keras_rs::ops::image::{ElasticTransform, elastic_transform};
/// use keras_rs::{DType, Tensor};
///
/// let x = Tensor::ones([2, 8, 8, 3], DType::F32)?;
/// let y = elastic_transform(&x, ElasticTransform::new().seed(1))?;
/// assert!(y.to_vec::<f32>()?.iter().all(|v| (v - 1.0).abs() < 1e-5));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn elastic_transform<X: Operand>(images: &X, options: ElasticTransform) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        let mut call = OperationCall::new("ElasticTransform");
        call.argument("alpha", options.alpha.to_data());
        call.argument("sigma", options.sigma.to_data());
        call.argument("interpolation", options.interpolation.to_data());
        call.argument("fill_mode", options.fill_mode.to_data());
        call.argument("fill_value", options.fill_value.to_data());
        call.argument("seed", options.seed.to_data());
        call.argument("data_format", options.data_format.to_data());
        call.operand(images.given()?);
        return <Tensor as Results<X::Output>>::of_call(call);
    }
    Value::of(transformed(&*images.real(&[])?, options)?)
}

pub(crate) fn elastic_transform_spec(images: &Spec, options: ElasticTransform) -> Result<Spec> {
    options.interpolation.is_linear(NAME)?;
    options.filter()?;
    float_images_spec(NAME, images, options.data_format)
}

fn transformed(images: &Tensor, options: ElasticTransform) -> Result<Tensor> {
    elastic_transform_spec(&(Shape::from(images.shape()), images.dtype()), options)?;
    if images.is_empty() {
        return Ok(images.clone());
    }
    let layout = Layout::of(NAME, images, options.data_format)?;
    let batch = layout.to_batch(images)?;
    let mut shape = batch.shape().to_vec();
    shape[3] = 1;
    let seed = options.seed.unwrap_or_else(random::next_seed);
    let noise = random::normal(&shape, 0.0, options.sigma, batch.dtype(), batch.device(), seed)?;
    let displacement = filtered(&noise, &options.filter()?, Padding::Same)?.mul_scalar(options.alpha)?;
    let displaced = |axis: usize| -> Result<Tensor> {
        let mut along = [1; 4];
        along[axis] = shape[axis];
        let at = Tensor::arange_on(shape[axis], batch.device())?.cast(batch.dtype())?.reshape(along)?;
        displacement.add(&at)
    };
    let sampling = Sampling {
        linear: options.interpolation.is_linear(NAME)?,
        fill_mode: options.fill_mode,
        fill_value: options.fill_value,
    };
    let y = sample_images(NAME, &batch, [displaced(1)?, displaced(2)?], sampling)?;
    layout.restored(&returned(&y, images.dtype())?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn picture() -> Tensor {
        let values: Vec<f32> = (0..2 * 9 * 8 * 3).map(|i| ((i * 37 + 11) % 101) as f32 / 101.0).collect();
        Tensor::from_slice(&values, [2, 9, 8, 3]).unwrap()
    }

    fn numbers(x: &Tensor, options: ElasticTransform) -> Vec<f32> {
        elastic_transform(x, options).unwrap().to_vec().unwrap()
    }

    #[test]
    fn one_seed_gives_the_same_and_another_another() {
        let (x, options) = (picture(), ElasticTransform::new().alpha(30.0).sigma(1.0));
        assert_eq!(numbers(&x, options.seed(4)), numbers(&x, options.seed(4)));
        assert_ne!(numbers(&x, options.seed(4)), numbers(&x, options.seed(5)));
        let first = options.seed(4).data_format(DataFormat::ChannelsFirst);
        let moved = elastic_transform(&x.permute(&[0, 3, 1, 2]).unwrap(), first).unwrap();
        let back = moved.permute(&[0, 2, 3, 1]).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(back, numbers(&x, options.seed(4)));
    }

    #[test]
    fn results_are_means_of_pixels_and_no_displacement_changes_nothing() {
        let x = picture();
        let moved = numbers(&x, ElasticTransform::new().seed(2));
        assert!(moved.iter().all(|v| (-1e-6..=1.000_001).contains(v)));
        assert_ne!(moved, x.to_vec::<f32>().unwrap());
        assert_eq!(numbers(&x, ElasticTransform::new().alpha(0.0)), x.to_vec::<f32>().unwrap());
        let outside =
            ElasticTransform::new().alpha(1e6).fill_mode(FillMode::Constant).fill_value(7.0).seed(1);
        assert!(numbers(&x, outside).iter().filter(|v| **v == 7.0).count() > 400);
    }

    #[test]
    fn what_is_no_image_of_floats_is_refused() {
        let x = picture();
        assert!(
            elastic_transform(&x.cast(crate::dtype::DType::I32).unwrap(), ElasticTransform::new()).is_err()
        );
        assert!(elastic_transform(&x, ElasticTransform::new().sigma(0.0)).is_err());
        assert!(
            elastic_transform(&x, ElasticTransform::new().interpolation(Interpolation::Bicubic)).is_err()
        );
    }
}
