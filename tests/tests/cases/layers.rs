//! Every layer against real Keras: configuration, shapes, data types, variables, values, state, on every backend.

use crate::support::layer::{Call, Outcome, build_on, load_layer, output_structure};
use crate::support::{Tensors, chain, compare, fuzz, json};
use crate::{Checked, dtypes, ensure, named, on_backends, trial};
use keras_rs::layer::Symbolic;
use keras_rs::layers::{Input, LayerRef};
use keras_rs::{Device, Shape, Tensor, Variable};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::sync::Arc;

const TOLERANCE: f64 = 1e-5;

/// Flags of calls that shapes depend on.
const FLAGS: [&str; 2] = ["return_attention_scores", "reverse"];

const FAMILIES: [&str; 18] = [
    "activation",
    "applications",
    "attention",
    "calls",
    "conv_lstm",
    "convolutional",
    "core",
    "einsum",
    "layer_normalization",
    "masks",
    "merging",
    "normalization",
    "pooling",
    "preprocessing",
    "recurrent",
    "regularization",
    "reshaping",
    "wrappers",
];

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        FAMILIES.into_iter().flat_map(|family| of_family(family, &format!("layers/{family}"))).collect();
    trials.extend(fuzz().into_iter().flat_map(|folder| of_family("fuzz", &format!("{folder}/fuzz"))));
    trials
}

/// The cases of a family, in two files of this path.
fn of_family(family: &str, path: &str) -> Vec<Trial> {
    let mut trials = Vec::new();
    let tensors = Arc::new(Tensors::open(&format!("{path}.safetensors")));
    for (name, case) in named(&json(&format!("{path}.json"))["cases"]) {
        let full = format!("layers::{family}::{name}");
        if case["error"] == true {
            trials.push(trial(&full, move || refuses(&case)));
            continue;
        }
        let needed = needed(&case);
        let tensors = tensors.clone();
        trials.extend(on_backends(&full, &needed, move |device| {
            check(&Case { name: &name, case: &case, tensors: &tensors, device })
        }));
    }
    trials
}

/// Data types that a case needs.
pub fn needed(case: &Value) -> Vec<keras_rs::DType> {
    let lists = ["weights", "inputs", "outputs"];
    let mut needed = dtypes(lists.iter().filter_map(|list| case[*list].as_array()).flatten());
    if case["layer"]["config"]["dtype"]["config"]["name"] == "mixed_float16" {
        needed.push(keras_rs::DType::F16);
    }
    needed
}

/// A case on a backend.
struct Case<'a> {
    name: &'a str,
    case: &'a Value,
    tensors: &'a Tensors,
    device: &'a Device,
}

fn text(error: keras_rs::Error) -> String {
    chain(&error)
}

pub fn shapes(value: &Value) -> Vec<Shape> {
    let dims =
        |s: &Value| s.as_array().unwrap().iter().map(|d| d.as_u64().map(|d| d as usize)).collect::<Vec<_>>();
    value.as_array().unwrap().iter().map(|s| Shape::new(dims(s))).collect()
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn check(case: &Case<'_>) -> Checked {
    let fixture = case.case;
    let layer = load_layer(&fixture["layer"]).map_err(text)?;
    let config = Value::Object(layer.config());
    if let Some(difference) = difference(&config, &fixture["layer"]["config"]) {
        return Err(format!("configuration {difference}"));
    }
    let envelope = layer.to_json();
    for key in ["module", "class_name", "registered_name"] {
        let (got, wanted) = (&envelope[key], &fixture["layer"][key]);
        ensure(got == wanted, || format!("{key} {got}, expected {wanted}"))?;
    }
    let inputs = (0..count(&fixture["inputs"])).map(|i| case.expect(&format!("input/{i}"))).collect();
    let call = case.call(inputs);
    specs(fixture, &layer, &call)?;
    build_on(&layer, &call.inputs, case.device).map_err(text)?;
    // The outputs of layers are flat; the states of cells, too.
    if let Some(wanted) = fixture.get("output_structure").filter(|_| layer.layer().role().is_model()) {
        let structure = output_structure(&layer);
        ensure(structure.as_ref() == Some(wanted), || format!("outputs {structure:?}, expected {wanted}"))?;
    }
    let variables = case.variables(&layer)?;
    if call.inputs.is_empty() {
        // The placeholder of an input is never called.
        return Ok(());
    }
    let draws = draws(&layer);
    let outcome = call.run(&layer).map_err(text)?;
    case.values(&outcome)?;
    case.masks(&outcome)?;
    case.losses(&outcome, &variables)?;
    for (i, variable) in variables.iter().enumerate() {
        if let Some(after) = case.tensors.get(&format!("{}/weight_after/{i}", case.name)) {
            let got = variable.value().map_err(text)?;
            compare(&format!("{} after", variable.name()), &got, &after, TOLERANCE)?;
        }
    }
    case.seeds(self::draws(&layer) - draws)
}

/// How often a layer and those inside it drew from seeds of their own.
fn draws(layer: &LayerRef) -> u64 {
    let own = layer.layer().draws().map_or(0, |n| n.load(std::sync::atomic::Ordering::Relaxed));
    own + layer.layer().sublayers().iter().map(|(_, child)| draws(child)).sum::<u64>()
}

/// Shapes and data types without data.
fn specs(fixture: &Value, layer: &LayerRef, call: &Call) -> Checked {
    let inputs = shapes(&fixture["symbolic_input_shapes"]);
    let dtypes = dtypes(fixture["inputs"].as_array().unwrap());
    if dtypes.len() != inputs.len() {
        return Err(format!("{} shapes for {} inputs", inputs.len(), dtypes.len()));
    }
    let wanted = shapes(&fixture["symbolic_output_shapes"]);
    let kwargs = fixture["kwargs"].as_object();
    if !kwargs.is_some_and(|kwargs| FLAGS.iter().any(|flag| kwargs.contains_key(*flag))) {
        let outputs = layer.compute_output_shape(&inputs).map_err(text)?;
        let right = outputs == wanted || fixture["inference_is_wrong"] == true;
        ensure(right, || format!("symbolic shapes {outputs:?}, expected {wanted:?}"))?;
    }
    let inputs: Vec<_> = inputs.into_iter().zip(dtypes).collect();
    let (shapes, dtypes): (Vec<_>, Vec<_>) =
        call.output_spec(layer, &inputs).map_err(text)?.into_iter().unzip();
    let dtypes = json!(dtypes.iter().map(|d| d.name()).collect::<Vec<_>>());
    let names = &fixture["symbolic_output_dtypes"];
    if fixture["inference_is_wrong"] == true && (shapes != wanted || dtypes != *names) {
        // What Keras computes counts as much as what it infers.
        let outputs = fixture["outputs"].as_array().unwrap();
        let same = |(i, output): (usize, &Value)| {
            let dims: Vec<usize> = serde_json::from_value(output["shape"].clone()).unwrap();
            shapes[i].accepts(&dims) && dtypes[i] == output["dtype"]
        };
        let right = outputs.len() == shapes.len() && outputs.iter().enumerate().all(same);
        return ensure(right, || format!("specs {shapes:?} {dtypes}, computed are {outputs:?}"));
    }
    ensure(shapes == wanted, || format!("shapes of the specs {shapes:?}, expected {wanted:?}"))?;
    ensure(dtypes == *names, || format!("symbolic data types {dtypes}, expected {names}"))
}

impl Case<'_> {
    fn expect(&self, tensor: &str) -> Tensor {
        let data = self.tensors.expect(&format!("{}/{tensor}", self.name));
        Tensor::from_data_on(data, self.device).unwrap()
    }

    fn get(&self, tensor: &str) -> Option<Tensor> {
        let data = self.tensors.get(&format!("{}/{tensor}", self.name))?;
        Some(Tensor::from_data_on(data, self.device).unwrap())
    }

    /// The call with its masks and keyword arguments.
    fn call(&self, inputs: Vec<Tensor>) -> Call {
        let masks = (0..inputs.len()).map(|i| self.get(&format!("mask/{i}"))).collect();
        let mut call = Call::new(inputs).masks(masks).training(self.case["training"] == true);
        for (key, value) in self.case["kwargs"].as_object().into_iter().flatten() {
            call = call.data(key, value.clone());
        }
        for (key, value) in self.case["tensor_kwargs"].as_object().into_iter().flatten() {
            call = match value.as_array() {
                None => call.tensor(key, self.expect(&format!("kwarg/{key}"))),
                Some(list) => {
                    let one = |i: usize| self.expect(&format!("kwarg/{key}/{i}"));
                    call.tensors(key, (0..list.len()).map(one).collect())
                }
            };
        }
        call
    }

    /// The variables, whose names, order, shapes and data types are Keras', with the values of the case.
    fn variables(&self, layer: &LayerRef) -> Result<Vec<Variable>, String> {
        let variables = layer.weights();
        let listed: Vec<String> =
            variables.iter().map(|v| format!("{} {:?} {}", v.name(), v.shape(), v.dtype())).collect();
        let weight = |w: &Value| {
            let shape: Vec<usize> = serde_json::from_value(w["shape"].clone()).unwrap();
            format!("{} {:?} {}", w["name"].as_str().unwrap(), shape, w["dtype"].as_str().unwrap())
        };
        let expected: Vec<String> = self.case["weights"].as_array().unwrap().iter().map(weight).collect();
        ensure(listed == expected, || format!("variables {listed:?}, expected {expected:?}"))?;
        if let Some(batches) = self.case["adapt"].as_array() {
            let batches: Vec<Tensor> =
                (0..batches.len()).map(|i| self.expect(&format!("adapt/{i}"))).collect();
            layer.adapt(batches).map_err(text)?;
        }
        for (i, variable) in variables.iter().enumerate() {
            let weight = format!("weight/{i}");
            if self.case.get("adapt").is_some() {
                let want = self.tensors.expect(&format!("{}/{weight}", self.name));
                compare(variable.name(), &variable.value().map_err(text)?, &want, TOLERANCE)?;
            }
            variable.assign(&self.expect(&weight)).map_err(text)?;
        }
        Ok(variables)
    }

    fn values(&self, outcome: &Outcome) -> Checked {
        let wanted = count(&self.case["outputs"]);
        let got = outcome.outputs.len();
        ensure(got == wanted, || format!("{got} outputs, expected {wanted}"))?;
        for (i, output) in outcome.outputs.iter().enumerate() {
            let want = self.tensors.expect(&format!("{}/output/{i}", self.name));
            let tolerance = match output.dtype() {
                _ if self.case["random"] == true => f64::INFINITY,
                // Two roundings, one a library: Keras' own results in half precision are up to 1.2 * 2^-11 of the scale
                // away from those in float64, for attention and normalization alike.
                keras_rs::DType::F16 => 2.0_f64.powi(-10),
                _ => TOLERANCE,
            };
            compare(&format!("output {i}"), output, &want, tolerance)?;
        }
        Ok(())
    }

    fn masks(&self, outcome: &Outcome) -> Checked {
        let several = self.case["output_masks"].is_array();
        for (i, got) in outcome.masks.iter().enumerate().take(if several { usize::MAX } else { 1 }) {
            match (got, self.tensors.get(&format!("{}/output_mask/{i}", self.name))) {
                (Some(got), Some(want)) => compare(&format!("output mask {i}"), got, &want, 0.0)?,
                (None, None) => {}
                (got, want) => return Err(format!("output mask {i}: {got:?}, expected {want:?}")),
            }
        }
        Ok(())
    }

    /// Losses of regularizers, of variables and of the output.
    fn losses(&self, outcome: &Outcome, variables: &[Variable]) -> Checked {
        let Some(wanted) = self.case["losses"].as_array() else { return Ok(()) };
        let mut losses: Vec<f64> = outcome.losses.iter().map(|t| t.to_scalar().unwrap()).collect();
        for variable in variables {
            if let Some(regularizer) = variable.regularizer() {
                let loss = regularizer.call(&variable.value().map_err(text)?).map_err(text)?;
                losses.push(loss.to_scalar().map_err(text)?);
            }
        }
        let (got, want): (f64, f64) = (losses.iter().sum(), wanted.iter().map(|v| v.as_f64().unwrap()).sum());
        let near = (got - want).abs() <= TOLERANCE * want.abs().max(1.0);
        ensure(near, || format!("losses {losses:?}, expected {wanted:?}"))
    }

    /// The second number of a seed's state counts what was drawn.
    fn seeds(&self, draws: u64) -> Checked {
        let state = self.case["state_after"].as_array();
        let counts = state
            .into_iter()
            .flatten()
            .map(|s| s["after"][1].as_u64().unwrap() - s["before"][1].as_u64().unwrap());
        let Some(wanted) = counts.reduce(|a, b| a + b) else { return Ok(()) };
        ensure(draws == wanted, || format!("{draws} draws from seeds, expected {wanted}"))
    }
}

/// A case that Keras refuses must be refused, as an error value.
fn refuses(case: &Value) -> Checked {
    let accepted = load_layer(&case["layer"]).and_then(|layer| {
        let inputs = case["inputs"].as_array().unwrap();
        let symbolic = inputs
            .iter()
            .map(|input| {
                let dtype = input["dtype"].as_str().unwrap().parse()?;
                Symbolic::keras_tensor(
                    &Input::new(Shape::new(&batched(&input["shape"]).dims()[1..])).dtype(dtype),
                )
            })
            .collect::<keras_rs::Result<Vec<_>>>()?;
        let outputs = match symbolic.as_slice() {
            [one] if case["input_list"] == Value::Bool(false) => layer.apply_many(one)?,
            many => layer.apply_many(many)?,
        };
        Ok(outputs.iter().map(|t| t.shape().clone()).collect::<Vec<_>>())
    });
    match accepted {
        Err(_) => Ok(()),
        Ok(shapes) => Err(format!("accepted what Keras refuses, giving {shapes:?}")),
    }
}

/// A shape of the fixture with its batch unknown.
fn batched(shape: &Value) -> Shape {
    let mut dims: Vec<Option<usize>> =
        shape.as_array().unwrap().iter().map(|d| d.as_u64().map(|d| d as usize)).collect();
    dims[0] = None;
    Shape::new(dims)
}

/// Where two configurations differ first. Keras also writes how layers without variables were built and that
/// nested models were not compiled, which nothing needs.
fn difference(got: &Value, want: &Value) -> Option<String> {
    match (got, want) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            let needless = ["build_config", "compile_config"];
            let mut keys = keys.filter(|key| a.contains_key(*key) || !needless.contains(&key.as_str()));
            keys.find_map(|key| match (a.get(key), b.get(key)) {
                (Some(a), Some(b)) => difference(a, b).map(|rest| format!("/{key}{rest}")),
                (a, b) => Some(format!("/{key}: {a:?}, expected {b:?}")),
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut items = a.iter().zip(b).enumerate();
            items.find_map(|(i, (a, b))| difference(a, b).map(|rest| format!("/{i}{rest}")))
        }
        _ if got == want => None,
        _ => Some(format!(": {got}, expected {want}")),
    }
}
