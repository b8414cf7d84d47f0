//! Gaussian filters.

use super::layout::{Layout, float_images_spec};
use crate::error::{Error, Result};
use crate::ops::{DataFormat, Padding, Window, depthwise_conv};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, TensorData};
use keras_rs_derive::operation;

/// Images blurred by a Gaussian filter. Keras' `ops.image.gaussian_blur`.
///
/// Shapes: images or batches of images of floats, which stay. Sizes and standard deviations of the filter are first that along
/// the width, then that along the height, as in Keras; outside of the images are zeros.
///
/// # Errors
/// [`Error::Shape`] for another number of axes, [`Error::DType`] for integers, [`Error::Argument`] for sizes below 1 and standard
/// deviations that are not above 0.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, gaussian_blur};
///
/// let x = Tensor::from_slice::<f32>(&[0.0, 0.0, 1.0, 0.0, 0.0], [1, 5, 1])?;
/// let y = gaussian_blur(&x, [3, 1], [0.5, 1.0], DataFormat::ChannelsLast)?.to_vec::<f32>()?;
/// assert!((y[1] - 0.1065).abs() < 1e-4 && (y[2] - 0.787).abs() < 1e-4 && y[0] == 0.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn gaussian_blur(
    images: &Tensor,
    kernel_size: [usize; 2],
    sigma: [f64; 2],
    data_format: DataFormat,
) -> Result<Tensor> {
    let spec = (Shape::from(images.shape()), images.dtype());
    gaussian_blur_spec(&spec, kernel_size, sigma, data_format)?;
    let layout = Layout::of("gaussian_blur", images, data_format)?;
    let kernels = kernels("gaussian_blur", kernel_size, sigma)?;
    if images.is_empty() {
        return Ok(images.clone());
    }
    layout.restored(&filtered(&layout.to_batch(images)?, &kernels, Padding::Same)?)
}

pub(crate) fn gaussian_blur_spec(
    images: &Spec,
    kernel_size: [usize; 2],
    sigma: [f64; 2],
    data_format: DataFormat,
) -> Result<Spec> {
    kernels("gaussian_blur", kernel_size, sigma)?;
    float_images_spec("gaussian_blur", images, data_format)
}

/// Kernels along the height and along the width, from sizes along the width and along the height.
pub(super) fn kernels(
    context: &str,
    [across, down]: [usize; 2],
    [sigma_across, sigma_down]: [f64; 2],
) -> Result<[Vec<f64>; 2]> {
    Ok([gaussian(context, down, sigma_down)?, gaussian(context, across, sigma_across)?])
}

/// The density of a normal distribution at whole distances from the center, with a sum of one.
fn gaussian(context: &str, size: usize, sigma: f64) -> Result<Vec<f64>> {
    // Far more elements than an axis of an image has.
    if size == 0 || size > 1 << 20 {
        return Err(Error::argument(context, "kernel_size", "sizes from 1 to 1048576", size));
    }
    if !(sigma > 0.0 && sigma.is_finite()) {
        return Err(Error::argument(context, "sigma", "numbers above 0", sigma));
    }
    let center = (size - 1) as f64 / 2.0;
    let density = |i: usize| (-0.5 * ((i as f64 - center) / sigma).powi(2)).exp();
    let sum: f64 = (0..size).map(density).sum();
    // Far from the center of an even number of elements all may vanish.
    if sum == 0.0 {
        return Err(Error::argument(context, "sigma", "large enough for a filter that is not 0", sigma));
    }
    Ok((0..size).map(|i| density(i) / sum).collect())
}

/// Correlates each channel of `(batch, height, width, channels)` with one kernel along the height and one along the width.
pub(super) fn filtered(images: &Tensor, [down, across]: &[Vec<f64>; 2], padding: Padding) -> Result<Tensor> {
    let channels = images.dim(3)?;
    let along = |x: &Tensor, kernel: &[f64], height: usize, width: usize| -> Result<Tensor> {
        let data = TensorData::from_f64(kernel, vec![height, width, 1, 1], images.dtype())?;
        let kernel =
            Tensor::from_data_on(data, images.device())?.broadcast_to([height, width, channels, 1])?;
        let window = Window { padding, data_format: DataFormat::ChannelsLast, ..Window::default() };
        depthwise_conv(x, &kernel, window)
    };
    along(&along(images, down, down.len(), 1)?, across, 1, across.len())
}
