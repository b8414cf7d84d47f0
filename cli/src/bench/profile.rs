//! What each layer takes.

use anyhow::Result;
use keras_rs::inference::PlanStep;
use keras_rs::layer::{ForwardPass, ProfiledCall};
use keras_rs::{Batch, Model, Tensor};
use serde_json::{Value, json};
use std::time::Duration;

use super::times::median;

/// One prediction or training step in its parts, with what each takes in the middle of several ones.
pub(super) struct Profile(Vec<Part>);

/// A part of a prediction or of a training step.
struct Part {
    name: String,
    kind: String,
    outputs: Vec<Vec<usize>>,
    /// Multiplications and additions, where they are known.
    operations: Option<f64>,
    milliseconds: f64,
}

impl Profile {
    /// Runs the model so many times: its layers one by one if that is asked for or `predict` does so, too.
    pub(super) fn of(model: &Model, inputs: &[Tensor], runs: usize, exact: bool) -> Result<Self> {
        let pass = |_| {
            let steps = if exact { None } else { model.profile_predict(inputs)? };
            match steps {
                Some(steps) => Ok(steps.into_iter().map(Part::from).collect()),
                None => layers(model, inputs),
            }
        };
        let passes = (0..runs).map(pass).collect::<Result<Vec<_>>>()?;
        Ok(Self(middle(passes)))
    }

    /// Trains the model so many times: the layers of the forward pass, then what follows them.
    pub(super) fn of_training(model: &Model, batch: &Batch, runs: usize) -> Result<Self> {
        let pass = |_| {
            let profile = model.profile_train(batch)?;
            let layers = profile.layers.into_iter().map(Part::from);
            Ok(layers.chain(profile.stages.into_iter().map(Part::from)).collect())
        };
        Ok(Self(middle((0..runs).map(pass).collect::<Result<Vec<_>>>()?)))
    }

    /// A table in the order of execution. What stands for a model or a wrapper is what it takes beside the layers
    /// inside.
    pub(super) fn text(&self) -> String {
        let all: f64 = self.0.iter().map(|part| part.milliseconds).sum();
        let width = self.0.iter().map(|part| part.name.chars().count()).max().unwrap_or(0).max(5);
        let mut text = format!(
            "{:<width$}  {:<22}{:<22}{:>10}{:>7}{:>10}\n",
            "Layer", "Class", "Output", "ms", "%", "GFLOP/s"
        );
        for part in &self.0 {
            let shapes: Vec<String> = part.outputs.iter().map(|shape| format!("{shape:?}")).collect();
            let row = format!(
                "{:<width$}  {:<22}{:<22}{:>10.3}{:>7.1}{:>10}",
                part.name,
                part.kind,
                shapes.join(" "),
                part.milliseconds,
                100.0 * part.milliseconds / all.max(f64::MIN_POSITIVE),
                part.speed().map(|speed| format!("{speed:.1}")).unwrap_or_default(),
            );
            text += row.trim_end();
            text.push('\n');
        }
        text + &format!("{:<width$}  {:<44}{all:>10.3}\n", "all", "")
    }

    /// A list of objects, one a part.
    pub(super) fn json(&self) -> Value {
        let part = |part: &Part| {
            json!({
                "layer": part.name,
                "class": part.kind,
                "outputs": part.outputs,
                "ms": part.milliseconds,
                "gflops": part.speed(),
            })
        };
        self.0.iter().map(part).collect()
    }
}

impl Part {
    /// Billions of operations a second.
    fn speed(&self) -> Option<f64> {
        self.operations
            .filter(|_| self.milliseconds > 0.0)
            .map(|operations| operations / self.milliseconds / 1e6)
    }
}

impl From<PlanStep> for Part {
    fn from(step: PlanStep) -> Self {
        Self {
            name: short(&step.layers),
            kind: step.kind.to_string(),
            outputs: Vec::new(),
            operations: (step.operations > 0).then_some(step.operations as f64),
            milliseconds: step.time.as_secs_f64() * 1e3,
        }
    }
}

impl From<ProfiledCall> for Part {
    fn from(call: ProfiledCall) -> Self {
        Self {
            name: call.layer.name(),
            kind: call.layer.class_name().to_string(),
            operations: operations(&call),
            milliseconds: call.took.as_secs_f64() * 1e3,
            outputs: call.outputs,
        }
    }
}

impl From<(&'static str, Duration)> for Part {
    fn from((stage, took): (&'static str, Duration)) -> Self {
        let milliseconds = took.as_secs_f64() * 1e3;
        Self { name: stage.into(), kind: "stage".into(), outputs: Vec::new(), operations: None, milliseconds }
    }
}

/// Names of layers that are one step, without what they begin with like the first one, and without numbers that Keras
/// counts: `conv1_conv + bn + relu`.
fn short(layers: &str) -> String {
    let mut names = layers.split(" + ");
    let first = names.next().unwrap_or_default();
    let others = names.map(|name| {
        let alike = |at: &usize| first.starts_with(&name[..*at]) && name[*at..].starts_with(['_', '/', '.']);
        let cut = name.char_indices().map(|(at, _)| at).rfind(alike).map_or(0, |at| at + 1);
        let own = name.get(cut..).unwrap_or(name);
        let counted = own.rsplit_once('_').filter(|(_, end)| end.bytes().all(|b| b.is_ascii_digit()));
        match counted.map_or(own, |(own, _)| own) {
            "batch_normalization" => "bn",
            own => own,
        }
    });
    std::iter::once(first).chain(others).collect::<Vec<_>>().join(" + ")
}

/// The parts of runs that have all the same ones, with the middle of their times.
fn middle(mut passes: Vec<Vec<Part>>) -> Vec<Part> {
    let mut parts = passes.pop().unwrap_or_default();
    for (index, part) in parts.iter_mut().enumerate() {
        let others = passes.iter().filter_map(|pass| pass.get(index)).map(|other| other.milliseconds);
        let mut took: Vec<f64> = others.chain([part.milliseconds]).collect();
        took.sort_by(f64::total_cmp);
        part.milliseconds = median(&took);
    }
    parts
}

/// The calls of layers of one prediction.
fn layers(model: &Model, inputs: &[Tensor]) -> Result<Vec<Part>> {
    let mut pass = ForwardPass::profiled();
    model.call_with(inputs, &mut pass)?;
    Ok(pass.take_profile().into_iter().map(Part::from).collect())
}

/// Multiplications and additions of a dense layer or a convolution.
fn operations(call: &ProfiledCall) -> Option<f64> {
    let kernel = call.layer.own_variables().into_iter().find(|variable| variable.name() == "kernel")?;
    let [.., before, last] = *kernel.shape() else { return None };
    let elements = |shapes: &[Vec<usize>]| Some(shapes.first()?.iter().product::<usize>() as f64);
    let taps = kernel.shape().iter().product::<usize>() as f64;
    let products = match call.layer.class_name() {
        // Each value of the input goes into all taps of all outputs.
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            elements(&call.inputs)? * taps / last as f64
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => elements(&call.outputs)? * taps / (before * last) as f64,
        "Dense" | "Conv1D" | "Conv2D" | "Conv3D" => elements(&call.outputs)? * taps / last as f64,
        _ => return None,
    };
    Some(2.0 * products)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use keras_rs::prelude::*;

    #[test]
    fn names_of_steps_are_short() {
        let cases = [
            ("conv1_conv + conv1_bn + conv1_relu", "conv1_conv + bn + relu"),
            ("conv5_block1_1_conv + conv5_block1_1_bn", "conv5_block1_1_conv + bn"),
            ("conv2d_3 + batch_normalization_3 + activation_3", "conv2d_3 + bn + activation"),
            ("block_1_expand + block_1_expand_BN + block_1_depthwise", "block_1_expand + BN + depthwise"),
            ("dense", "dense"),
        ];
        for (long, wanted) in cases {
            assert_eq!(short(long), wanted);
        }
    }

    #[test]
    fn work_of_products() {
        let model = Sequential::new()
            .add(Input::new([6, 6, 2]))
            .add(Conv2D::new(4, 3))
            .add(DepthwiseConv2D::new(3))
            .add(Conv2DTranspose::new(3, 2))
            .add(Flatten::new())
            .add(Dense::new(5));
        let x = Tensor::ones([2, 6, 6, 2], DType::F32).unwrap();
        let parts = layers(&model.build().unwrap(), &[x]).unwrap();
        let found: Vec<Option<f64>> = parts.iter().take(5).map(|part| part.operations).collect();
        // Twice the products: samples, pixels, taps and channels.
        let expected =
            [2 * 16 * 9 * 2 * 4, 2 * 4 * 9 * 4, 2 * 4 * 4 * 4 * 3, 0, 2 * 27 * 5].map(|n| 2.0 * f64::from(n));
        let expected: Vec<Option<f64>> = expected.iter().map(|&n| (n > 0.0).then_some(n)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_middle_of_each_part() {
        let pass = |times: [f64; 2]| {
            let part = |milliseconds| Part {
                name: String::new(),
                kind: String::new(),
                outputs: Vec::new(),
                operations: Some(2e6),
                milliseconds,
            };
            times.map(part).into_iter().collect::<Vec<_>>()
        };
        let parts = middle(vec![pass([1.0, 9.0]), pass([2.0, 1.0]), pass([7.0, 4.0])]);
        assert_eq!((parts[0].milliseconds, parts[1].milliseconds), (2.0, 4.0));
        assert_eq!(parts[0].speed(), Some(1.0));
        assert!(parts.len() == 2 && middle(Vec::new()).is_empty());
    }
}
