//! Images, converted to the input of a model.

use anyhow::{Result, bail};
use keras_rs::{Model, Tensor};
use keras_rs_applications::{
    ChannelOrder, ColorMode, ImageArray, LoadImg, PreprocessMode, Variant, preprocess_input,
};

/// The format of a model's images.
pub(crate) struct Form {
    options: LoadImg,
    layout: Layout,
    preprocess: Option<PreprocessMode>,
}

enum Layout {
    ChannelsLast,
    ChannelsFirst,
    NoChannels,
}

impl Form {
    /// The format of the model's only input; `variant` is the application, if it is one.
    pub(crate) fn of(model: &Model, variant: Option<&Variant>) -> Result<Self> {
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
        Ok(Self { options, layout, preprocess: variant.map(|variant| variant.preprocess) })
    }

    /// The images in one batch, read one after the other by `load`.
    pub(crate) fn batch<S>(
        &self,
        sources: &[S],
        load: impl Fn(&S, LoadImg) -> keras_rs::Result<ImageArray>,
    ) -> Result<Tensor> {
        let mut values = Vec::new();
        let mut size = None;
        for source in sources {
            let image = load(source, self.options)?;
            let got = [image.height, image.width, image.channels];
            let first = *size.get_or_insert(got);
            if got != first {
                bail!(
                    "the model takes images of any size, but those of one batch must agree: {}x{} and {}x{}; \
                     give --batch-size 1",
                    first[0],
                    first[1],
                    got[0],
                    got[1]
                );
            }
            values.extend(image.values);
        }
        let [height, width, channels] = size.unwrap_or_default();
        let shape = [sources.len(), height, width, channels];
        if let Some(mode) = self.preprocess {
            preprocess_input(&mut values, &shape, ChannelOrder::Last, mode)?;
        }
        let images = Tensor::from_vec(values, shape)?;
        Ok(match self.layout {
            Layout::ChannelsLast => images,
            Layout::ChannelsFirst => images.permute(&[0, 3, 1, 2])?,
            Layout::NoChannels => images.squeeze(&[-1])?,
        })
    }
}
