//! Images of another size.

use super::layout::Layout;
use super::resample::{narrowed, resize_axes};
use super::{FillMode, Interpolation};
use crate::error::{Error, Result};
use crate::ops::operand::Results;
use crate::ops::{DataFormat, Operand, OperationCall, ToData, Value};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

/// Optional arguments of [`resize`], with Keras' defaults.
///
/// ```
/// use keras_rs::ops::image::{Interpolation, Resize};
///
/// let options = Resize::new().interpolation(Interpolation::Lanczos3).antialias(true);
/// assert!(options.antialias && !options.crop_to_aspect_ratio);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resize {
    /// How to interpolate (default bilinear).
    pub interpolation: Interpolation,
    /// Whether the kernel widens where an axis shrinks (default no).
    pub antialias: bool,
    /// Whether the image is cut to the new aspect ratio first, around its center (default no).
    pub crop_to_aspect_ratio: bool,
    /// Whether the image is padded to the new aspect ratio first, on both sides (default no).
    pub pad_to_aspect_ratio: bool,
    /// What the image is padded with; Keras knows [`FillMode::Constant`] only, the default.
    pub fill_mode: FillMode,
    /// The number that the image is padded with (default 0).
    pub fill_value: f64,
    /// Where the channels are (default last).
    pub data_format: DataFormat,
}

impl Default for Resize {
    fn default() -> Self {
        Self {
            interpolation: Interpolation::Bilinear,
            antialias: false,
            crop_to_aspect_ratio: false,
            pad_to_aspect_ratio: false,
            fill_mode: FillMode::Constant,
            fill_value: 0.0,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl Resize {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how to interpolate.
    #[must_use]
    pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// Sets whether the kernel widens where an axis shrinks.
    #[must_use]
    pub fn antialias(mut self, antialias: bool) -> Self {
        self.antialias = antialias;
        self
    }

    /// Sets whether the image is cut to the new aspect ratio first.
    #[must_use]
    pub fn crop_to_aspect_ratio(mut self, crop: bool) -> Self {
        self.crop_to_aspect_ratio = crop;
        self
    }

    /// Sets whether the image is padded to the new aspect ratio first.
    #[must_use]
    pub fn pad_to_aspect_ratio(mut self, pad: bool) -> Self {
        self.pad_to_aspect_ratio = pad;
        self
    }

    /// Sets what the image is padded with.
    #[must_use]
    pub fn fill_mode(mut self, fill_mode: FillMode) -> Self {
        self.fill_mode = fill_mode;
        self
    }

    /// Sets the number that the image is padded with.
    #[must_use]
    pub fn fill_value(mut self, fill_value: f64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// Sets where the channels are.
    #[must_use]
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.data_format = data_format;
        self
    }

    fn check(&self, size: [usize; 2]) -> Result<()> {
        if size.contains(&0) {
            return Err(Error::argument("resize", "size", "sizes of at least 1", format!("{size:?}")));
        }
        if self.fill_mode != FillMode::Constant {
            return Err(Error::argument("resize", "fill_mode", "constant", self.fill_mode));
        }
        if self.crop_to_aspect_ratio && self.pad_to_aspect_ratio {
            let expected = "false where `pad_to_aspect_ratio` is true";
            return Err(Error::argument("resize", "crop_to_aspect_ratio", expected, true));
        }
        Ok(())
    }
}

/// Images of another height and width. Keras' `ops.image.resize`.
///
/// Shapes: `(height, width, channels)` gives `(size[0], size[1], channels)`, for a batch as well, or with the channels
/// first. Centers of elements lie at halves. Integers are computed as `float32`, rounded, and kept within their range.
///
/// # Errors
/// [`Error::Shape`] for another number of axes; [`Error::Argument`] for sizes of zero, images without elements, cropping and
/// padding at once, and a fill mode other than constant; [`Error::TooLarge`] where the result would be too large.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{Resize, resize};
///
/// let x = Tensor::from_slice::<f32>(&[0.0, 4.0], [1, 2, 1])?;
/// let y = resize(&x, [1, 4], Resize::new())?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 3.0, 4.0]);
/// let y = resize(&x, [2, 2], Resize::new().pad_to_aspect_ratio(true).fill_value(9.0))?;
/// assert_eq!(y.shape(), [2, 2, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn resize<X: Operand>(images: &X, size: [usize; 2], options: Resize) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        options.check(size)?;
        let mut call = OperationCall::new("Resize");
        call.argument("size", size.to_data());
        call.argument("interpolation", options.interpolation.to_data());
        call.argument("antialias", options.antialias.to_data());
        call.argument("crop_to_aspect_ratio", options.crop_to_aspect_ratio.to_data());
        call.argument("pad_to_aspect_ratio", options.pad_to_aspect_ratio.to_data());
        call.argument("fill_mode", options.fill_mode.to_data());
        call.argument("fill_value", options.fill_value.to_data());
        call.argument("data_format", options.data_format.to_data());
        call.operand(images.given()?);
        return <Tensor as Results<X::Output>>::of_call(call);
    }
    Value::of(resized(&*images.real(&[])?, size, options)?)
}

pub(crate) fn resize_spec((images, dtype): &Spec, size: [usize; 2], options: Resize) -> Result<Spec> {
    options.check(size)?;
    let layout = Layout::new("resize", "images", images, options.data_format)?;
    let mut dims = images.dims().to_vec();
    (dims[layout.height], dims[layout.width]) = (Some(size[0]), Some(size[1]));
    Ok((Shape::new(dims), *dtype))
}

fn resized(images: &Tensor, size: [usize; 2], options: Resize) -> Result<Tensor> {
    options.check(size)?;
    let layout = Layout::of("resize", images, options.data_format)?;
    let axes = [layout.height, layout.width];
    let own = axes.map(|axis| images.shape()[axis]);
    let mut x = images.clone();
    if options.crop_to_aspect_ratio && !own.contains(&0) {
        let kept = fitting(own, size);
        for i in 0..2 {
            let kept = kept[i].clamp(1, own[i]);
            let start = (own[i] - kept) / 2;
            x = x.narrow(axes[i] as isize, start..start + kept)?;
        }
    } else if options.pad_to_aspect_ratio && !own.contains(&0) {
        let wanted = fitting(own, size);
        let around = [0, 1].map(|i| wanted[i].saturating_sub(own[i]) / 2);
        // As in Keras, one axis only: rounding may leave one element to pad on the other.
        let mut amounts = vec![(0, 0); x.rank()];
        if let Some(i) = around.iter().position(|n| *n > 0) {
            amounts[axes[i]] = (around[i], around[i]);
            x = x.to_float()?.pad(&amounts, options.fill_value)?;
        }
    }
    let sizes = [(axes[0], size[0]), (axes[1], size[1])];
    let y = resize_axes(&x, &sizes, options.interpolation, options.antialias)?;
    if y.dtype() == images.dtype() { Ok(y) } else { narrowed(&y, images.dtype()) }
}

/// Height and width, each as the other one and the aspect ratio of the new size want it.
fn fitting([height, width]: [usize; 2], [new_height, new_width]: [usize; 2]) -> [usize; 2] {
    let scaled = |size: usize, to: usize, from: usize| (size as f64 * to as f64 / from as f64) as usize;
    [scaled(width, new_height, new_width), scaled(height, new_width, new_height)]
}
