//! `keras-rs summary`: a model's layers and parameters.

use anyhow::Result;
use clap::Args;
use keras_rs::{Model, Shape, Variable, models};
use serde_json::{Value, json};

use crate::architecture::{Architecture, Node};
use crate::model::{Source, Weights};

/// Show a model's layers, shapes and parameter counts
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs summary model.keras --expand --trainable
  keras-rs summary resnet50 --json | jq .parameters")]
pub(crate) struct Summary {
    /// A model file (.keras, .h5, .json) or an application's name
    model: String,

    /// List the layers of nested models, too
    #[arg(long)]
    expand: bool,

    /// Say which layers are trained
    #[arg(long)]
    trainable: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Summary {
    /// Keras' table, or the same as JSON.
    pub(crate) fn run(&self) -> Result<String> {
        // No weights are downloaded, because only their number is needed.
        let model = Source::of(&self.model).load(&Weights::Any, false)?;
        if self.json {
            return Ok(format!("{}\n", self.to_json(&model)));
        }
        let options = models::Summary::new().expand_nested(self.expand).show_trainable(self.trainable);
        let mut text = model.summary_with(&options)?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    fn to_json(&self, model: &Model) -> Value {
        let count = |variables: Vec<Variable>| {
            variables.iter().map(|v| v.shape().iter().product::<usize>()).sum::<usize>()
        };
        let optimizer = model.compiled().ok().filter(|compiled| compiled.optimizer().is_built());
        let optimizer = optimizer.and_then(|compiled| compiled.optimizer().variables().ok());
        let architecture = Architecture::of(model, self.expand);
        json!({
            "name": architecture.name,
            "class": architecture.class,
            "parameters": model.count_params(),
            "trainable_parameters": count(model.trainable_weights()),
            "non_trainable_parameters": count(model.non_trainable_weights()),
            "optimizer_parameters": optimizer.map(count),
            "layers": layers(&architecture),
        })
    }
}

fn layers(architecture: &Architecture) -> Vec<Value> {
    let shape = |shape: &Shape| json!(shape.dims());
    let layer = |(index, node): (usize, &Node)| {
        let parents = architecture.edges.iter().filter(|(_, to)| *to == index);
        let parents: Vec<&str> =
            parents.filter_map(|(from, _)| architecture.layers.get(*from)).map(|n| n.name.as_str()).collect();
        let mut value = json!({
            "name": node.name,
            "class": node.class,
            "output_shapes": node.outputs.iter().map(|(s, _)| shape(s)).collect::<Vec<_>>(),
            "parameters": node.parameters,
            "trainable": node.trainable,
            "connected_to": parents,
        });
        if let (Some(inside), Some(entries)) = (&node.inside, value.as_object_mut()) {
            entries.insert("layers".into(), layers(inside).into());
        }
        value
    };
    architecture.layers.iter().enumerate().map(layer).collect()
}
