//! Images in directories.

use super::files::Files;
use super::settings::{LabelMode, Labels, Settings, Subset, directory_setters};
use crate::data::image::{AspectRatio, ColorMode, ResizeMethod, load_resampled};
use crate::data::{Batch, Batches, Samples};
use crate::error::{Error, Result};
use crate::ops::DataFormat;
use crate::tensor::Tensor;
use std::path::{Path, PathBuf};

/// Extensions of image files; case is ignored.
const FORMATS: [&str; 5] = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

/// Default limit of the number of threads that decode.
const MOST_WORKERS: usize = 4;

/// The arguments of [`image_dataset_from_directory`]; the default is Keras'.
///
/// Keras' `format` and `verbose` are left out; batches of none (`batch_size=None`) are not made.
#[derive(Clone, Debug, Default)]
pub struct ImageDatasetFromDirectory {
    settings: Settings,
    form: Form,
}

/// How images are converted.
#[derive(Clone, Debug)]
struct Form {
    color_mode: ColorMode,
    size: (usize, usize),
    interpolation: ResizeMethod,
    crop: bool,
    pad: bool,
    data_format: DataFormat,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            color_mode: ColorMode::Rgb,
            size: (256, 256),
            interpolation: ResizeMethod::Bilinear,
            crop: false,
            pad: false,
            data_format: DataFormat::ChannelsLast,
        }
    }
}

impl ImageDatasetFromDirectory {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    directory_setters!();

    /// The channels to convert images to (default: RGB).
    #[must_use]
    pub fn color_mode(mut self, color_mode: ColorMode) -> Self {
        self.form.color_mode = color_mode;
        self
    }

    /// The size to resize images to, in pixels (default: 256, 256).
    #[must_use]
    pub fn image_size(mut self, height: usize, width: usize) -> Self {
        self.form.size = (height, width);
        self
    }

    /// How to resize (default: bilinear).
    #[must_use]
    pub fn interpolation(mut self, interpolation: ResizeMethod) -> Self {
        self.form.interpolation = interpolation;
        self
    }

    /// Whether to crop images around their center to the target's aspect ratio before resizing
    /// (default: no).
    #[must_use]
    pub fn crop_to_aspect_ratio(mut self, crop: bool) -> Self {
        self.form.crop = crop;
        self
    }

    /// Whether to pad images with black to the target's aspect ratio before resizing
    /// (default: no).
    #[must_use]
    pub fn pad_to_aspect_ratio(mut self, pad: bool) -> Self {
        self.form.pad = pad;
        self
    }

    /// Where the channels are (default: last).
    #[must_use]
    pub fn data_format(mut self, data_format: DataFormat) -> Self {
        self.form.data_format = data_format;
        self
    }

    fn check(&self, context: &str) -> Result<()> {
        let Form { size: (height, width), crop, pad, color_mode, .. } = self.form;
        if height == 0 || width == 0 {
            let got = format!("({height}, {width})");
            return Err(Error::argument(context, "image_size", "at least 1 pixel each way", got));
        }
        if crop && pad {
            let expected = "not to be set together with `crop_to_aspect_ratio`";
            return Err(Error::argument(context, "pad_to_aspect_ratio", expected, "both"));
        }
        let shape = [self.settings.batch_size, height, width, color_mode.channels()];
        crate::limits::check_shape(context, crate::dtype::DType::F32, &shape)
    }

    fn dataset(&self, files: Files) -> ImageDataset {
        ImageDataset { files, form: self.form.clone(), settings: self.settings.clone() }
    }
}

/// Images in a directory, one subdirectory a class: BMP, GIF (its first image), JPEG and PNG files.
///
/// A batch is `float32` `(batch, height, width, channels)` with values from 0 to 255; see
/// [`LabelMode`] for its labels. Pixels are those of Keras with `format="grain"`, which decodes with
/// Pillow; its default, TensorFlow, decodes JPEG less exactly. Images are read when they are needed,
/// by up to four threads.
///
/// # Errors
/// [`Error::Io`] where the directory cannot be listed; [`Error::Argument`] where there are no images,
/// where labels and files differ in number, or for arguments that do not go together. Reading a batch
/// gives [`Error::Image`] for a file that cannot be decoded.
///
/// ```
/// use keras_rs::data::{ImageDatasetFromDirectory, image_dataset_from_directory};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let directory = directory.path();
/// # let gif = b"GIF87a\x01\x00\x01\x00\x80\x00\x00\x0A\x14\x1E\xFF\xFF\xFF,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
/// # for class in ["cats", "dogs"] {
/// #     std::fs::create_dir(directory.join(class)).unwrap();
/// #     std::fs::write(directory.join(class).join("1.gif"), gif).unwrap();
/// # }
/// let options = ImageDatasetFromDirectory::new().image_size(8, 8).seed(1);
/// let images = image_dataset_from_directory(directory, options)?;
/// assert_eq!(images.class_names(), Some(&["cats".to_string(), "dogs".to_string()][..]));
/// let batch = images.into_batches().epoch(0)?.next().unwrap()?;
/// assert_eq!(batch.x.tensors().next().unwrap().shape(), [2, 8, 8, 3]);
/// assert_eq!(batch.y.tensors().next().unwrap().shape(), [2]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn image_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: ImageDatasetFromDirectory,
) -> Result<ImageDataset> {
    const CONTEXT: &str = "image_dataset_from_directory";
    options.check(CONTEXT)?;
    Ok(options.dataset(Files::one(directory.as_ref(), &options.settings, &FORMATS, CONTEXT)?))
}

/// As [`image_dataset_from_directory`], giving the images for training and those for validation:
/// Keras' `subset="both"`.
///
/// # Errors
/// As [`image_dataset_from_directory`].
pub fn image_datasets_from_directory(
    directory: impl AsRef<Path>,
    options: ImageDatasetFromDirectory,
) -> Result<(ImageDataset, ImageDataset)> {
    const CONTEXT: &str = "image_datasets_from_directory";
    options.check(CONTEXT)?;
    let (training, validation) = Files::both(directory.as_ref(), &options.settings, &FORMATS, CONTEXT)?;
    let training = options.dataset(training);
    // Validation data are not shuffled.
    let validation = options.shuffle(false).dataset(validation);
    Ok((training, validation))
}

/// Images in a directory; see [`image_dataset_from_directory`].
#[derive(Clone, Debug)]
pub struct ImageDataset {
    files: Files,
    form: Form,
    settings: Settings,
}

impl ImageDataset {
    /// Names of the classes, in the order of their indices; empty without labels.
    pub fn class_names(&self) -> Option<&[String]> {
        self.files.class_names.as_deref()
    }

    /// The files, in the order of the samples.
    pub fn file_paths(&self) -> &[PathBuf] {
        &self.files.paths
    }

    /// The class of each file, where there are labels.
    pub fn labels(&self) -> Option<&[i32]> {
        self.files.labels.as_deref()
    }

    /// Batches as the loader's arguments say.
    pub fn into_batches(self) -> Batches {
        let Settings { batch_size, shuffle, .. } = self.settings;
        let workers = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_WORKERS));
        let seed = self.files.seed.into();
        Batches::from_samples(self)
            .batch_size(batch_size)
            .shuffle(shuffle)
            .seed(seed)
            .workers(workers)
            .max_queue_size(2 * workers)
    }

    fn image(&self, path: &Path) -> Result<Vec<f32>> {
        let Form { color_mode, size, interpolation, crop, pad, data_format } = self.form;
        let aspect_ratio = match (crop, pad) {
            (true, _) => AspectRatio::Crop,
            (_, true) => AspectRatio::Pad,
            _ => AspectRatio::Stretch,
        };
        let pixels = load_resampled(path, color_mode, size, interpolation, aspect_ratio)?;
        let channels = color_mode.channels();
        Ok(match data_format {
            DataFormat::ChannelsLast => pixels,
            DataFormat::ChannelsFirst => {
                (0..channels).flat_map(|c| pixels.iter().skip(c).step_by(channels)).copied().collect()
            }
        })
    }
}

impl Samples for ImageDataset {
    fn num_samples(&self) -> usize {
        self.files.paths.len()
    }

    fn batch(&self, numbers: &[usize]) -> Result<Batch> {
        let Form { color_mode, size: (height, width), data_format, .. } = self.form;
        let channels = color_mode.channels();
        let mut pixels = Vec::with_capacity(numbers.len() * height * width * channels);
        for path in numbers.iter().filter_map(|&n| self.files.paths.get(n)) {
            pixels.extend(self.image(path)?);
        }
        let shape = match data_format {
            DataFormat::ChannelsLast => [numbers.len(), height, width, channels],
            DataFormat::ChannelsFirst => [numbers.len(), channels, height, width],
        };
        Ok(Batch::new(Tensor::from_vec(pixels, shape)?, self.files.targets(numbers)?))
    }
}

impl From<ImageDataset> for Batches {
    fn from(images: ImageDataset) -> Self {
        images.into_batches()
    }
}
