//! `keras-rs inspect`: what is in a file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use keras_rs::saving::{self, FileContents, FileFormat, FileVariable};
use serde_json::{Value, json};

use crate::columns::{columns, readable_bytes};
use crate::report::thousands;

/// Show what is in a file, without making a model of it
///
/// Format, version of Keras and date; how often each class of layers occurs; every variable with its shape and type; optimizer,
/// loss and metrics; and what keeps the model from being loaded or trained here.
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs inspect model.keras
  keras-rs inspect vgg16_weights.h5 --json | jq '.variables[].path'")]
pub(crate) struct Inspect {
    /// A file of Keras: .keras, .h5, .weights.h5, .safetensors or .json
    file: PathBuf,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Inspect {
    /// The contents as text.
    pub(crate) fn run(&self) -> Result<String> {
        let contents = saving::inspect(&self.file)?;
        let file = self.file.display().to_string();
        Ok(if self.json { format!("{}\n", to_json(&file, &contents)) } else { to_text(&file, &contents) })
    }
}

/// Numbers and bytes of the weights, or of the optimizer's state.
fn total(contents: &FileContents, of_optimizer: bool) -> (u64, u64) {
    let variables = contents.variables.iter().filter(|v| v.of_optimizer == of_optimizer);
    variables.fold((0, 0), |(count, bytes), variable| {
        let size = variable.len() as u64;
        (count + size, bytes + size * variable.dtype.size() as u64)
    })
}

fn to_text(file: &str, contents: &FileContents) -> String {
    let mut text = format!("{file}: {}\n", contents.format);
    let facts: Vec<Vec<String>> =
        contents.metadata.iter().map(|(key, value)| vec![format!("  {key}"), value.clone()]).collect();
    text += &columns(&facts, &[]);

    if let Some(class) = contents.model_class() {
        let name = contents.model_name().map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let rows: Vec<Vec<String>> = contents
            .layer_classes()
            .iter()
            .map(|(class, count)| vec![format!("  {class}"), count.to_string()])
            .collect();
        text += &format!("\nModel{name} ({class})\n{}", columns(&rows, &[1]));
    }
    if !contents.variables.is_empty() {
        let row = |v: &FileVariable| {
            let shape: Vec<String> = v.shape.iter().map(usize::to_string).collect();
            let layer = v.layer.clone().unwrap_or_default();
            vec![format!("  {}", v.path), layer, format!("({})", shape.join(", ")), v.dtype.to_string()]
        };
        let mut rows = vec![["Variables", "Layer", "Shape", "Type"].map(String::from).to_vec()];
        rows.extend(contents.variables.iter().map(row));
        let amount = |(count, bytes)| format!("{} ({})", thousands(count), readable_bytes(bytes));
        text += &format!("\n{}\nParameters: {}\n", columns(&rows, &[]), amount(total(contents, false)));
        if contents.variables.iter().any(|v| v.of_optimizer) {
            text += &format!("Optimizer state: {}\n", amount(total(contents, true)));
        }
    }
    if !contents.assets.is_empty() {
        text += "\nAssets\n";
        contents.assets.iter().for_each(|asset| text += &format!("  {asset}\n"));
    }
    if let Some(settings) = &contents.compile_config {
        let rows: Vec<Vec<String>> = ["optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"]
            .into_iter()
            .filter_map(|key| Some(vec![format!("  {key}"), setting(settings.get(key)?)?]))
            .collect();
        text += &format!("\nCompiled with\n{}", columns(&rows, &[]));
    }
    if contents.config.is_some() {
        text += &verdict(contents);
    }
    text
}

/// Whether the model can be used here.
fn verdict(contents: &FileContents) -> String {
    let list = |problems: &[keras_rs::Error]| {
        let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem:?}\n")).collect();
        lines.concat()
    };
    match (contents.problems.as_slice(), contents.training_problems.as_slice()) {
        ([], []) => "\nEvery class is known here\n".into(),
        ([], training) => format!("\nLoads, but does not train as it was compiled:\n{}", list(training)),
        (problems, _) => format!("\nDoes not load:\n{}", list(problems)),
    }
}

/// A compile setting in a line: names, with the learning rate of an optimizer.
fn setting(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(setting).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let Some(class) = entries.get("class_name").and_then(Value::as_str) else {
                let entries =
                    entries.iter().filter_map(|(key, value)| Some(format!("{key}: {}", setting(value)?)));
                return Some(entries.collect::<Vec<_>>().join(", "));
            };
            match entries.get("config") {
                // A function.
                Some(Value::String(name)) => Some(name.clone()),
                Some(config) => match config.get("learning_rate").and_then(setting) {
                    Some(rate) => Some(format!("{class}, learning rate {rate}")),
                    None => Some(class.to_string()),
                },
                None => Some(class.to_string()),
            }
        }
        // What Keras writes of a float32 is its float64.
        Value::Number(number) if number.is_f64() => number.as_f64().map(|number| (number as f32).to_string()),
        plain => Some(plain.to_string()),
    }
}

fn to_json(file: &str, contents: &FileContents) -> Value {
    let format = match contents.format {
        FileFormat::Keras => "keras",
        FileFormat::LegacyH5 => "h5",
        FileFormat::WeightsH5 => "weights.h5",
        FileFormat::LegacyWeights => "legacy weights.h5",
        FileFormat::Safetensors => "safetensors",
        FileFormat::Architecture => "json",
        _ => "other",
    };
    let variable = |v: &FileVariable| {
        json!({
            "path": v.path,
            "layer": v.layer,
            "shape": v.shape,
            "dtype": v.dtype.to_string(),
            "of_optimizer": v.of_optimizer,
        })
    };
    let problems = |problems: &[keras_rs::Error]| -> Vec<String> {
        problems.iter().map(|problem| format!("{problem:?}")).collect()
    };
    let model = contents.model_class().map(|class| json!({"name": contents.model_name(), "class": class}));
    json!({
        "file": file,
        "format": format,
        "metadata": contents.metadata,
        "model": model,
        "layers": contents.layer_classes(),
        "parameters": total(contents, false).0,
        "optimizer_parameters": total(contents, true).0,
        "variables": contents.variables.iter().map(variable).collect::<Vec<_>>(),
        "assets": contents.assets,
        "compile_config": contents.compile_config,
        "problems": problems(&contents.problems),
        "training_problems": problems(&contents.training_problems),
    })
}
