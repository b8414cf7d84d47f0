//! `keras-rs explain`: what in an image speaks for a class.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use keras_rs_applications::{GradCam, LoadImg, imagenet_classes, load_img};

use crate::images::{Form, Pixels};
use crate::model::{Source, WeightsArgs};
use crate::pictures::Picture;

/// Show what in an image speaks for a class, as colours over the image (Grad-CAM)
///
/// Red is what speaks for the class most, blue what does not.
#[derive(Args)]
pub(crate) struct Explain {
    /// A model file (.keras, .h5, .json) or an application's name (see `keras-rs apps`)
    model: String,

    /// The image
    image: PathBuf,

    #[command(flatten)]
    weights: WeightsArgs,

    #[command(flatten)]
    pixels: Pixels,

    /// Where to write the picture
    #[arg(short, long, value_name = "OVERLAY.png", default_value = "overlay.png")]
    output: PathBuf,

    /// The class to explain, by its number [default: the one with the highest score]
    #[arg(long, value_name = "N")]
    class: Option<usize>,

    /// The layer whose feature maps are shown [default: the last one that has any]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
}

impl Explain {
    /// Writes the picture; gives one line about it.
    pub(crate) fn run(&self) -> Result<String> {
        let source = Source::of(&self.model);
        let model = source.load(self.weights.weights(), self.weights.offline)?;
        let form = Form::of(&model, source.variant(), self.pixels)?;
        let batch = form.batch(&[form.read(&Picture::File(self.image.clone()))?])?;
        let mut options = GradCam::new();
        if let Some(class) = self.class {
            options = options.class(class);
        }
        if let Some(layer) = &self.layer {
            options = options.layer(layer);
        }
        let explain = || options.heat_map(&model, &batch);
        let map = explain().with_context(|| format!("cannot explain {}", self.image.display()))?;
        map.write_png(&load_img(&self.image, LoadImg::new())?, &self.output)?;
        let classes = source.variant().map(|_| imagenet_classes());
        let label =
            classes.and_then(|classes| classes.get(map.class)).map(|class| format!(" {}", class.label));
        Ok(format!(
            "{}: class {}{} ({:.6}), by layer {}: {}\n",
            self.image.display(),
            map.class,
            label.unwrap_or_default(),
            map.score,
            map.layer,
            self.output.display()
        ))
    }
}
