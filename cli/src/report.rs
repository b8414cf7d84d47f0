//! The report of a prediction, as text and as JSON.

use std::path::Path;

use anyhow::{Context, Result, bail};
use keras_rs::{DType, Tensor};
use keras_rs_applications::decode_predictions;
use serde_json::{Value, json};

/// Default number of classes that are shown for each sample.
const DEFAULT_TOP: usize = 5;

/// The names of classes.
pub(crate) enum Labels {
    /// The 1000 classes of ImageNet.
    Imagenet,
    /// The lines of a file.
    Lines(Vec<String>),
}

impl Labels {
    /// Reads a file with one label a line.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read labels from {}", path.display()))?;
        Ok(Self::Lines(text.trim_end().lines().map(|line| line.trim().to_string()).collect()))
    }
}

/// Outputs and how to present them.
pub(crate) struct Report<'a> {
    pub(crate) outputs: &'a [(String, Tensor)],
    /// Names of the samples: image files, or numbers.
    pub(crate) samples: &'a [String],
    pub(crate) labels: Option<&'a Labels>,
    /// The argument of `--top`.
    pub(crate) top: Option<usize>,
}

/// One of a sample's best classes.
struct Class {
    index: usize,
    label: String,
    wordnet_id: Option<&'static str>,
    score: f32,
}

impl Report<'_> {
    /// As text: the best classes, or the numbers as NumPy prints them.
    pub(crate) fn text(&self) -> Result<String> {
        let mut text = String::new();
        if let Some(samples) = self.classes()? {
            for (name, classes) in self.samples.iter().zip(samples) {
                text += &format!("{name}\n");
                let width = classes.iter().map(|c| c.label.chars().count()).max().unwrap_or(0);
                for class in classes {
                    let id = class.wordnet_id.map(|id| format!("  {id}")).unwrap_or_default();
                    text += &format!("  {:<width$}{id}  {}\n", class.label, score(class.score));
                }
            }
            return Ok(text);
        }
        for (name, tensor) in self.outputs {
            let shape: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
            text += &format!("{name}: {} ({})\n{tensor:?}\n", tensor.dtype(), shape.join(", "));
        }
        Ok(text)
    }

    /// As JSON: an object with `predictions`, or else with `outputs` by name.
    pub(crate) fn json(&self) -> Result<String> {
        let value = if let Some(samples) = self.classes()? {
            let predictions = self.samples.iter().zip(&samples).map(|(name, classes)| {
                let top: Vec<Value> = classes.iter().map(Class::json).collect();
                json!({"input": name, "top": top})
            });
            json!({"predictions": predictions.collect::<Vec<_>>()})
        } else {
            let mut outputs = serde_json::Map::new();
            for (name, tensor) in self.outputs {
                outputs.insert(name.clone(), nested(tensor)?);
            }
            json!({"outputs": outputs})
        };
        Ok(format!("{value}\n"))
    }

    /// As a line of JSON for each sample: its name with `top`, or else with `outputs` by name.
    pub(crate) fn json_lines(&self) -> Result<String> {
        let mut text = String::new();
        if let Some(samples) = self.classes()? {
            for (name, classes) in self.samples.iter().zip(&samples) {
                let top: Vec<Value> = classes.iter().map(Class::json).collect();
                text += &format!("{}\n", json!({"input": name, "top": top}));
            }
            return Ok(text);
        }
        for (row, name) in self.samples.iter().enumerate() {
            let mut outputs = serde_json::Map::new();
            for (output, tensor) in self.outputs {
                outputs.insert(output.clone(), nested(&tensor.narrow(0, row..row + 1)?.squeeze(&[0])?)?);
            }
            text += &format!("{}\n", json!({"input": name, "outputs": outputs}));
        }
        Ok(text)
    }

    /// Every sample's best classes, if the model is a classifier: its outputs are probabilities of classes, or
    /// `--top` or `--labels` was given.
    fn classes(&self) -> Result<Option<Vec<Vec<Class>>>> {
        let scores = match self.outputs {
            [(_, scores)] if scores.rank() == 2 && scores.dtype().is_float() => scores,
            _ if self.top.is_some() || matches!(self.labels, Some(Labels::Lines(_))) => {
                let shapes: Vec<String> =
                    self.outputs.iter().map(|(n, t)| format!("{n} {:?}", t.shape())).collect();
                bail!(
                    "classes need one output of shape [samples, classes]; the model gives {}",
                    shapes.join(", ")
                );
            }
            _ => return Ok(None),
        };
        let classes = scores.dim(-1)?;
        let values = scores.cast(DType::F32)?.to_vec::<f32>()?;
        let top = self.top.unwrap_or(DEFAULT_TOP);
        if matches!(self.labels, Some(Labels::Imagenet)) && classes == 1000 {
            let samples = decode_predictions(&values, top)?;
            let class = |p: keras_rs_applications::Prediction| Class {
                index: p.index,
                label: p.label.to_string(),
                wordnet_id: Some(p.wordnet_id),
                score: p.score,
            };
            return Ok(Some(samples.into_iter().map(|s| s.into_iter().map(class).collect()).collect()));
        }
        let labels = match self.labels {
            Some(Labels::Lines(lines)) if lines.len() != classes => {
                bail!("there are {} labels, but the model tells {classes} classes apart", lines.len())
            }
            Some(Labels::Lines(lines)) => Some(lines),
            _ => None,
        };
        let rows: Vec<&[f32]> = values.chunks(classes.max(1)).collect();
        let is_classifier =
            labels.is_some() || self.top.is_some() || rows.iter().all(|row| is_distribution(row));
        Ok(is_classifier.then(|| rows.into_iter().map(|row| best(row, labels, top)).collect()))
    }
}

impl Class {
    fn json(&self) -> Value {
        let mut value = json!({"class": self.index, "label": self.label, "score": number(self.score)});
        if let (Some(id), Some(object)) = (self.wordnet_id, value.as_object_mut()) {
            object.insert("wordnet_id".into(), id.into());
        }
        value
    }
}

/// A score with six decimals, or with an exponent where these would show little of it.
fn score(score: f32) -> String {
    if score != 0.0 && score.abs() < 1e-4 { format!("{score:.1e}") } else { format!("{score:.6}") }
}

/// Whether the numbers are probabilities of classes.
fn is_distribution(row: &[f32]) -> bool {
    row.len() > 1 && row.iter().all(|p| *p >= 0.0) && (row.iter().sum::<f32>() - 1.0).abs() < 1e-2
}

/// The `top` classes of the highest scores, the lower class first where two are equal.
fn best(row: &[f32], labels: Option<&Vec<String>>, top: usize) -> Vec<Class> {
    let mut order: Vec<(usize, f32)> = row.iter().copied().enumerate().collect();
    order.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let class = |(index, score): (usize, f32)| Class {
        index,
        label: labels.and_then(|l| l.get(index).cloned()).unwrap_or_else(|| index.to_string()),
        wordnet_id: None,
        score,
    };
    order.into_iter().take(top).map(class).collect()
}

/// A tensor as nested lists; numbers that are not finite become null, because JSON does not have them.
pub(crate) fn nested(tensor: &Tensor) -> Result<Value> {
    let is_float = tensor.dtype().is_float();
    let wide = tensor.dtype() == DType::F64;
    let scalar = |value: f64| match () {
        () if tensor.dtype() == DType::Bool => Value::from(value != 0.0),
        () if !is_float => Value::from(value as i64),
        () if wide => Value::from(value),
        () => number(value as f32),
    };
    let mut values: Vec<Value> = tensor.to_f64_vec()?.into_iter().map(scalar).collect();
    for &size in tensor.shape().iter().skip(1).rev() {
        values = values.chunks(size.max(1)).map(|row| Value::from(row.to_vec())).collect();
    }
    Ok(match tensor.rank() {
        0 => values.pop().unwrap_or_default(),
        _ => Value::from(values),
    })
}

/// A `float32` in its shortest digits, not in those of the `float64` of the same value.
fn number(value: f32) -> Value {
    value.to_string().parse::<f64>().map_or(Value::Null, Value::from)
}

/// A count with commas, as Keras writes it.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
