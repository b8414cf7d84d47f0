//! Images as `keras.utils.load_img` and `img_to_array` read them.
//!
//! Keras leaves decoding, conversion and resizing to Pillow; every pixel here equals Pillow's.

mod decode;
mod failure;
mod gif;
mod jpeg;
mod png;
mod raster;
mod resample;
mod resize;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::tensor::Tensor;
use raster::Samples;
use resize::{Crop, resize};

pub(super) use resample::AspectRatio;
pub use resample::ResizeMethod;

impl ColorMode {
    /// Number of channels.
    pub fn channels(self) -> usize {
        match self {
            Self::Grayscale => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// The channels that an image is converted to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorMode {
    /// One channel. 16-bit grey keeps its values, up to 65535.
    Grayscale,
    /// Red, green, blue; alpha is dropped, not blended.
    #[default]
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

/// How to interpolate between pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImageInterpolation {
    /// The nearest pixel.
    #[default]
    Nearest,
    /// A triangle filter.
    Bilinear,
    /// Keys' cubic filter with a = -1/2.
    Bicubic,
    /// A Hamming-windowed sinc of radius 1.
    Hamming,
    /// The mean of the covered pixels.
    Box,
    /// A Lanczos-windowed sinc of radius 3.
    Lanczos,
}

const INTERPOLATIONS: [(&str, ImageInterpolation); 6] = [
    ("nearest", ImageInterpolation::Nearest),
    ("bilinear", ImageInterpolation::Bilinear),
    ("bicubic", ImageInterpolation::Bicubic),
    ("hamming", ImageInterpolation::Hamming),
    ("box", ImageInterpolation::Box),
    ("lanczos", ImageInterpolation::Lanczos),
];

impl FromStr for ImageInterpolation {
    type Err = Error;

    /// Takes Keras' names.
    fn from_str(name: &str) -> Result<Self> {
        let found = INTERPOLATIONS.iter().find(|(known, _)| *known == name);
        found
            .map(|&(_, value)| value)
            .ok_or_else(|| Error::unknown_name("interpolation", name, INTERPOLATIONS.map(|(name, _)| name)))
    }
}

/// The arguments of [`load_img`]; the default is Keras': RGB, in the image's own size.
///
/// ```
/// use keras_rs::data::image::{ImageInterpolation, LoadImg};
///
/// let options = LoadImg::new().target_size(224, 224).interpolation(ImageInterpolation::Bilinear);
/// assert_ne!(options, LoadImg::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadImg {
    color_mode: ColorMode,
    target_size: Option<(usize, usize)>,
    interpolation: ImageInterpolation,
    keep_aspect_ratio: bool,
}

impl LoadImg {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The channels to convert the image to (default: RGB).
    #[must_use]
    pub fn color_mode(mut self, color_mode: ColorMode) -> Self {
        self.color_mode = color_mode;
        self
    }

    /// The size to resize the image to, in pixels (default: its own).
    #[must_use]
    pub fn target_size(mut self, height: usize, width: usize) -> Self {
        self.target_size = Some((height, width));
        self
    }

    /// How to resize (default: nearest).
    #[must_use]
    pub fn interpolation(mut self, interpolation: ImageInterpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// Whether to crop the image around its center to the target's aspect ratio first (default: no).
    #[must_use]
    pub fn keep_aspect_ratio(mut self, keep: bool) -> Self {
        self.keep_aspect_ratio = keep;
        self
    }
}

/// An image as an array of shape `(height, width, channels)`.
#[derive(Clone, PartialEq)]
pub struct ImageArray {
    /// Pixels down.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// 1, 3 or 4.
    pub channels: usize,
    /// Rows after each other, pixels in a row, channels in a pixel; 0 to 255, or to 65535 for
    /// 16-bit grey.
    pub values: Vec<f32>,
}

impl ImageArray {
    /// The image as a float32 tensor of shape `(height, width, channels)`. Keras' `img_to_array`.
    ///
    /// # Errors
    /// Those of [`Tensor::from_slice`].
    ///
    /// ```
    /// use keras_rs::data::image::ImageArray;
    ///
    /// let image = ImageArray { height: 1, width: 2, channels: 1, values: vec![10.0, 20.0] };
    /// assert_eq!(image.to_tensor()?.shape(), [1, 2, 1]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn to_tensor(&self) -> Result<Tensor> {
        Tensor::from_slice(&self.values, [self.height, self.width, self.channels])
    }
}

impl fmt::Debug for ImageArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { height, width, channels, .. } = self;
        write!(f, "ImageArray({height}x{width}x{channels})")
    }
}

/// Reads an image file: JPEG, PNG, BMP, GIF (its first image) or WebP, told apart by content.
///
/// As in Keras, an orientation noted in the file is not applied. JPEG pixels equal those of
/// libjpeg-turbo. At most 178,956,970 pixels are decoded, Pillow's limit.
///
/// # Errors
/// [`Error::Io`], [`Error::Image`]; [`Error::Argument`] if the target size is zero or too large.
///
/// ```
/// use keras_rs::data::image::{LoadImg, load_img};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("photo.gif");
/// # let gif = b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x0A\x14\x1E\xFF\xFF\xFF,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// # std::fs::write(&path, gif).unwrap();
/// let image = load_img(&path, LoadImg::new().target_size(2, 2))?;
/// assert_eq!((image.height, image.width, image.channels), (2, 2, 3));
/// assert_eq!(image.values[..3], [10.0, 20.0, 30.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn load_img(path: impl AsRef<Path>, options: LoadImg) -> Result<ImageArray> {
    let path = path.as_ref();
    let data = std::fs::read(path).map_err(|e| Error::io(path, "read", e))?;
    Ok(load(&data, &path.display().to_string(), options)?.image)
}

/// As [`load_img`], of a file's bytes.
///
/// # Errors
/// Those of [`load_img`] but [`Error::Io`].
pub fn load_img_bytes(data: &[u8], options: LoadImg) -> Result<ImageArray> {
    Ok(load(data, "image", options)?.image)
}

/// As [`load_img_bytes`], with the size and the channels that the file has; `origin` names it in errors.
///
/// # Errors
/// Those of [`load_img_bytes`].
///
/// ```
/// use keras_rs::data::image::{LoadImg, load_img_with_original};
///
/// let gif = b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x0A\x14\x1E\xFF\xFF\xFF,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// let loaded = load_img_with_original(gif, "photo.gif", LoadImg::new().target_size(2, 2))?;
/// assert_eq!((loaded.image.height, loaded.original_size, loaded.original_channels), (2, (1, 1), 4));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn load_img_with_original(data: &[u8], origin: &str, options: LoadImg) -> Result<LoadedImage> {
    load(data, origin, options)
}

/// An image as it was asked for, and what the file holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LoadedImage {
    /// In the size and colours that were asked for.
    pub image: ImageArray,
    /// Height and width in the file.
    pub original_size: (usize, usize),
    /// Channels in the file, from 1 to 4: a palette counts as its colours, a GIF as colours with transparency.
    pub original_channels: usize,
}

fn load(data: &[u8], origin: &str, options: LoadImg) -> Result<LoadedImage> {
    let target = options.target_size;
    if let Some((height, width)) = target
        && failure::check_size(width, height).is_err()
    {
        let expected = format!("1 to {} pixels", failure::MAX_PIXELS);
        return Err(Error::argument("load_img", "target_size", expected, format!("({height}, {width})")));
    }
    let decoded = decode::decode(data, origin)?;
    let (original_size, original_channels) = ((decoded.height, decoded.width), decoded.mode.channels());
    let mut image = decoded.into_color_mode(options.color_mode);
    if let Some((height, width)) = target
        && (width, height) != (image.width, image.height)
    {
        let source = (image.width, image.height);
        let crop = crop(source, (width, height), options.keep_aspect_ratio);
        image = resize(image, (width, height), crop, options.interpolation);
    }
    let image = ImageArray {
        height: image.height,
        width: image.width,
        channels: image.mode.channels(),
        values: match image.samples {
            Samples::Bytes(samples) => samples.into_iter().map(f32::from).collect(),
            Samples::Words(samples) => samples.into_iter().map(f32::from).collect(),
        },
    };
    Ok(LoadedImage { image, original_size, original_channels })
}

/// An image file's pixels as floats of a size, `(height, width, channels)` in a row.
pub(super) fn load_resampled(
    path: &Path,
    color_mode: ColorMode,
    size: (usize, usize),
    method: ResizeMethod,
    aspect_ratio: AspectRatio,
) -> Result<Vec<f32>> {
    let data = std::fs::read(path).map_err(|e| Error::io(path, "read", e))?;
    let image = decode::decode(&data, &path.display().to_string())?.into_color_mode(color_mode);
    Ok(resample::resample(&image, size, method, aspect_ratio))
}

/// The part of the image to resize: all of it, or its center with the target's aspect ratio.
fn crop((width, height): (usize, usize), target: (usize, usize), keep_aspect_ratio: bool) -> Crop {
    if !keep_aspect_ratio {
        return [0, 0, width, height];
    }
    let crop_width = width.min(height * target.0 / target.1);
    let crop_height = height.min(width * target.1 / target.0);
    let (left, top) = ((width - crop_width) / 2, (height - crop_height) / 2);
    [left, top, left + crop_width, top + crop_height]
}
