//! What each layer takes.

use anyhow::Result;
use keras_rs::layer::{ForwardPass, ProfiledCall};
use keras_rs::{Model, Tensor};
use serde_json::{Value, json};

use super::times::median;

/// The calls of one forward pass, with what each takes in the middle of several passes.
pub(super) struct Profile {
    calls: Vec<(ProfiledCall, f64)>,
}

impl Profile {
    /// Runs the model so many times.
    pub(super) fn of(model: &Model, inputs: &[Tensor], runs: usize) -> Result<Self> {
        let mut passes = (0..runs)
            .map(|_| {
                let mut pass = ForwardPass::profiled();
                model.call_with(inputs, &mut pass)?;
                Ok(pass.take_profile())
            })
            .collect::<Result<Vec<_>>>()?;
        let first = passes.pop().unwrap_or_default();
        let middle = |(index, call): (usize, ProfiledCall)| {
            let others = passes.iter().filter_map(|pass| pass.get(index));
            let mut took: Vec<f64> =
                others.chain([&call]).map(|call| call.took.as_secs_f64() * 1e3).collect();
            took.sort_by(f64::total_cmp);
            (call, median(&took))
        };
        Ok(Self { calls: first.into_iter().enumerate().map(middle).collect() })
    }

    /// A table in the order of execution. What stands for a model or a wrapper is what it takes beside the layers
    /// inside.
    pub(super) fn text(&self) -> String {
        let all: f64 = self.calls.iter().map(|(_, took)| took).sum();
        let width =
            self.calls.iter().map(|(call, _)| call.layer.name().chars().count()).max().unwrap_or(0).max(5);
        let head = format!(
            "{:<width$}  {:<22}{:<22}{:>10}{:>7}{:>10}",
            "Layer", "Class", "Output", "ms", "%", "GFLOP/s"
        );
        let mut text = head + "\n";
        for (call, took) in &self.calls {
            let shapes: Vec<String> = call.outputs.iter().map(|shape| format!("{shape:?}")).collect();
            let speed = speed(call, *took).map(|speed| format!("{speed:.1}")).unwrap_or_default();
            let row = format!(
                "{:<width$}  {:<22}{:<22}{took:>10.3}{:>7.1}{speed:>10}",
                call.layer.name(),
                call.layer.class_name(),
                shapes.join(" "),
                100.0 * took / all.max(f64::MIN_POSITIVE),
            );
            text += row.trim_end();
            text.push('\n');
        }
        text + format!("{:<width$}  {:<44}{all:>10.3}", "all", "").trim_end() + "\n"
    }

    /// A list of objects, one a call.
    pub(super) fn json(&self) -> Value {
        let call = |(call, took): &(ProfiledCall, f64)| {
            json!({
                "layer": call.layer.name(),
                "class": call.layer.class_name(),
                "outputs": call.outputs,
                "ms": took,
                "gflops": speed(call, *took),
            })
        };
        self.calls.iter().map(call).collect()
    }
}

/// Billions of operations a second.
fn speed(call: &ProfiledCall, milliseconds: f64) -> Option<f64> {
    operations(call).filter(|_| milliseconds > 0.0).map(|operations| operations / milliseconds / 1e6)
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
