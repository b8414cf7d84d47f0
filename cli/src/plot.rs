//! `keras-rs plot`: a picture of a model, as Keras' `plot_model` draws it.

mod boxes;
mod layout;
mod order;
mod places;
mod ranks;
mod svg;
mod text;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::architecture::{Architecture, Node};
use crate::drawing;
use crate::model::{Source, Weights};

/// Draw a model's layers and how they are connected
///
/// A box for each layer with its class, from the inputs to the outputs; the layers of nested models stand in a frame with
/// --expand.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs plot model.keras -o model.svg --shapes --names
  keras-rs plot resnet50 -o resnet50.png --direction LR")]
pub(crate) struct Plot {
    /// A model file (.keras, .h5, .json) or an application's name
    model: String,

    /// The picture to write: .svg or .png
    #[arg(short, long, value_name = "MODEL.svg|png")]
    output: PathBuf,

    #[command(flatten)]
    shown: Shown,

    /// Draw the layers of nested models, too
    #[arg(long)]
    expand: bool,

    /// From top to bottom, or from left to right
    #[arg(long, value_enum, default_value = "TB", ignore_case = true)]
    direction: Direction,
}

/// What the boxes say.
#[derive(Args, Clone, Copy)]
struct Shown {
    /// Show the shapes of inputs and outputs
    #[arg(long)]
    shapes: bool,

    /// Show the types of outputs
    #[arg(long)]
    dtypes: bool,

    /// Show the names of layers
    #[arg(long)]
    names: bool,
}

/// Where the outputs are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Direction {
    #[value(name = "TB")]
    TopToBottom,
    #[value(name = "LR")]
    LeftToRight,
}

impl Plot {
    /// Draws; gives an empty text.
    pub(crate) fn run(&self) -> Result<String> {
        let format = drawing::Format::of(&self.output)?;
        let model = Source::of(&self.model).load(&Weights::Any, false)?;
        if !model.is_built() {
            bail!(
                "{} is not built: the shapes of its inputs are not known, so there is nothing to draw",
                self.model
            );
        }
        let mut architecture = Architecture::of(&model, self.expand);
        if model.wiring().is_none() && !model.is_sequential() {
            // What a user's model does with its layers is written nowhere: it is one box, as in Keras.
            architecture.layers = vec![Node::of(&model.as_layer(), false)];
            architecture.edges.clear();
        }
        let picture = boxes::picture(&architecture, self.shown, self.direction)?;
        format.write(&self.output, &svg::draw(&picture))?;
        Ok(String::new())
    }
}
