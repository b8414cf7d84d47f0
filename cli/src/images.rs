//! Images, converted to the input of a model.

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use keras_rs::data::image::{LoadedImage, load_img_with_original};
use keras_rs::{Model, Tensor};
use keras_rs_applications::{ChannelOrder, ColorMode, LoadImg, PreprocessMode, Variant, preprocess_input};

use crate::pictures::Picture;

/// How pixels, 0 to 255 in a file, become numbers of a model.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct Pixels {
    /// Range of the numbers that images become [default: 0 to 255, as in the file; applications prepare pixels as they
    /// were trained]
    #[arg(long, value_name = "0..1|-1..1", value_parser = parse_scale, allow_hyphen_values = true, conflicts_with = "preprocess")]
    scale: Option<Scale>,

    /// Prepare pixels as an application's `preprocess_input` does
    #[arg(long, value_name = "MODE")]
    preprocess: Option<Preprocess>,
}

/// Modes of `keras.applications.imagenet_utils.preprocess_input`.
#[derive(Clone, Copy, ValueEnum)]
enum Preprocess {
    /// x / 127.5 - 1
    Tf,
    /// x / 255, minus ImageNet's mean, by its deviation
    Torch,
    /// Blue, green, red, minus ImageNet's mean
    Caffe,
    /// 0 to 255, as in the file
    None,
}

/// Numbers become `number / divisor + offset`.
#[derive(Clone, Copy)]
struct Scale {
    divisor: f32,
    offset: f32,
}

fn parse_scale(text: &str) -> Result<Scale, String> {
    match text {
        "0..1" => Ok(Scale { divisor: 255.0, offset: 0.0 }),
        "-1..1" => Ok(Scale { divisor: 127.5, offset: -1.0 }),
        _ => Err("expected 0..1 or -1..1".into()),
    }
}

/// What is done with the pixels.
#[derive(Clone, Copy)]
enum Preparation {
    Plain,
    Scaled(Scale),
    Mode(PreprocessMode),
}

impl Pixels {
    /// Whether one of the options was given.
    fn is_given(&self) -> bool {
        self.scale.is_some() || self.preprocess.is_some()
    }

    fn preparation(&self, of_application: Option<PreprocessMode>) -> Preparation {
        match (self.scale, self.preprocess, of_application) {
            (Some(scale), ..) => Preparation::Scaled(scale),
            (None, Some(Preprocess::Tf), _) => Preparation::Mode(PreprocessMode::Tf),
            (None, Some(Preprocess::Torch), _) => Preparation::Mode(PreprocessMode::Torch),
            (None, Some(Preprocess::Caffe), _) => Preparation::Mode(PreprocessMode::Caffe),
            (None, None, Some(mode)) => Preparation::Mode(mode),
            (None, Some(Preprocess::None), _) | (None, None, None) => Preparation::Plain,
        }
    }
}

/// The format of a model's images.
pub(crate) struct Form {
    options: LoadImg,
    layout: Layout,
    preparation: Preparation,
    /// What is worth knowing about the numbers that pixels become.
    pub(crate) note: Option<&'static str>,
}

enum Layout {
    ChannelsLast,
    ChannelsFirst,
    NoChannels,
}

impl Form {
    /// The format of the model's only input; `variant` is the application, if it is one.
    pub(crate) fn of(model: &Model, variant: Option<&Variant>, pixels: Pixels) -> Result<Self> {
        let mode = variant.map(|variant| variant.preprocess);
        let inputs = model.inputs()?;
        let [input] = inputs.as_slice() else {
            bail!("the model has {} inputs, so images cannot be given; give an .npz file", inputs.len());
        };
        let is_image = |channels: Option<usize>| channels.is_none_or(|c| matches!(c, 1 | 3 | 4));
        let (layout, height, width, channels) = match *input.shape().dims() {
            [_, h, w, c] if is_image(c) => (Layout::ChannelsLast, h, w, c),
            [_, c, h, w] if is_image(c) => (Layout::ChannelsFirst, h, w, c),
            [_, h, w] => (Layout::NoChannels, h, w, Some(1)),
            _ => bail!(
                "the model's input has the shape {}, which no image has; give an .npy file",
                input.shape()
            ),
        };
        let mut options = LoadImg::new().color_mode(match channels {
            Some(1) => ColorMode::Grayscale,
            Some(4) => ColorMode::Rgba,
            _ => ColorMode::Rgb,
        });
        // An application that takes any size was trained with one.
        let size = variant.map(|variant| (variant.default_size, variant.default_size));
        if let Some((height, width)) = height.zip(width).or(size) {
            options = options.target_size(height, width);
        }
        let plain = mode.is_none() && !pixels.is_given();
        let note = plain.then_some(
            "pixels go in as 0 to 255, as in the file; --scale and --preprocess choose other numbers",
        );
        Ok(Self { options, layout, preparation: pixels.preparation(mode), note })
    }

    /// Reads an image in the model's size and colours.
    pub(crate) fn read(&self, picture: &Picture) -> Result<LoadedImage> {
        Ok(load_img_with_original(&picture.read()?, &picture.name(), self.options)?)
    }

    /// Images in one batch, of the bytes of their files.
    pub(crate) fn batch_of_files(&self, files: &[impl AsRef<[u8]>]) -> Result<Tensor> {
        let read = |file: &_| load_img_with_original(AsRef::as_ref(file), "image", self.options);
        let images = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if let Some(pair) = images.windows(2).find(|pair| size(&pair[0]) != size(&pair[1])) {
            let [a, b] = [&pair[0], &pair[1]].map(size);
            bail!(
                "the model takes images of any size, but those of one batch must agree: {}x{} and {}x{}",
                a[0],
                a[1],
                b[0],
                b[1]
            );
        }
        self.batch(&images)
    }

    /// Images of one size in one batch.
    pub(crate) fn batch(&self, images: &[LoadedImage]) -> Result<Tensor> {
        let [height, width, channels] = images.first().map_or([0; 3], size);
        let mut values: Vec<f32> = images.iter().flat_map(|loaded| &loaded.image.values).copied().collect();
        let shape = [images.len(), height, width, channels];
        match self.preparation {
            Preparation::Plain => {}
            Preparation::Scaled(Scale { divisor, offset }) => {
                values.iter_mut().for_each(|value| *value = *value / divisor + offset);
            }
            Preparation::Mode(mode) => preprocess_input(&mut values, &shape, ChannelOrder::Last, mode)?,
        }
        let images = Tensor::from_vec(values, shape)?;
        Ok(match self.layout {
            Layout::ChannelsLast => images,
            Layout::ChannelsFirst => images.permute(&[0, 3, 1, 2])?,
            Layout::NoChannels => images.squeeze(&[-1])?,
        })
    }
}

/// Height, width and channels as the model gets them.
pub(crate) fn size(loaded: &LoadedImage) -> [usize; 3] {
    [loaded.image.height, loaded.image.width, loaded.image.channels]
}

/// Counts what was changed of images on the way to a model.
#[derive(Default)]
pub(crate) struct Changes {
    resized: Vec<String>,
    recoloured: Vec<String>,
}

impl Changes {
    /// Notes what was changed of an image.
    pub(crate) fn note(&mut self, name: &str, loaded: &LoadedImage) {
        let [height, width, channels] = size(loaded);
        let (old_height, old_width) = loaded.original_size;
        if (old_height, old_width) != (height, width) {
            self.resized.push(format!("{name} from {old_width}x{old_height} to {width}x{height}"));
        }
        if loaded.original_channels != channels {
            let [before, after] = [loaded.original_channels, channels].map(colours);
            self.recoloured.push(format!("{name} from {before} to {after}"));
        }
    }

    /// Lines that say so.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |what: &str, changed: &[String]| {
            let more = changed
                .len()
                .checked_sub(2)
                .map_or_else(String::new, |more| format!(" and {} more", more + 1));
            changed.first().map(|first| format!("{what} {first}{more}"))
        };
        [line("resized", &self.resized), line("converted", &self.recoloured)].into_iter().flatten().collect()
    }
}

fn colours(channels: usize) -> &'static str {
    match channels {
        1 => "grey",
        2 => "grey with alpha",
        3 => "RGB",
        _ => "RGBA",
    }
}
