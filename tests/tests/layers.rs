//! Every layer against real Keras: configuration, shapes, variables, values, on every backend.

use crate::support::{Tensors, chain, compare, devices, json};
use keras_rs::config::{CustomObjects, Loading, Registry};
use keras_rs::graph::Symbolic;
use keras_rs::layers::{Input, Kwarg, Layer, LayerRef, Masked, Run};
use keras_rs::{Device, Shape, Tensor};
use serde_json::Value;

const TOLERANCE: f64 = 1e-5;

#[test]
fn convolutional() {
    check_family("convolutional");
}

#[test]
fn pooling() {
    check_family("pooling");
}

#[test]
fn activation() {
    check_family("activation");
}

#[test]
fn merging() {
    check_family("merging");
}

#[test]
fn reshaping() {
    check_family("reshaping");
}

#[test]
fn normalization() {
    check_family("normalization");
}

#[test]
fn core() {
    check_family("core");
}

#[test]
fn regularization() {
    check_family("regularization");
}

/// Runs every case of a fixture file and reports all that fail.
fn check_family(family: &str) {
    let only = std::env::var("CASE").unwrap_or_default();
    let tensors = Tensors::open(&format!("layers/{family}.safetensors"));
    let cases = json(&format!("layers/{family}.json"));
    let cases = cases["cases"].as_array().expect("a list of cases");
    let mut failures = Vec::new();
    let mut ran = 0;
    for case in cases.iter().filter(|c| c["name"].as_str().unwrap_or_default().contains(&only)) {
        ran += 1;
        for device in devices() {
            if let Err(why) = check_layer(case, &tensors, &device) {
                failures.push(format!("{} on {}: {why}", case["name"], device.backend()));
            }
        }
    }
    assert!(ran > 0, "{family} has no cases");
    assert!(failures.is_empty(), "{} of {ran} cases failed:\n{}", failures.len(), failures.join("\n"));
}

/// Makes the layer of a case from its configuration.
pub fn load(layer: &Value) -> keras_rs::Result<LayerRef> {
    let custom = CustomObjects::new();
    let loading = Loading { registry: Registry::keras(), custom: &custom };
    loading.object::<Box<dyn Layer>>(layer, "case", "layer").map(LayerRef::from_box)
}

pub fn shapes_of(tensors: &[Tensor]) -> Vec<Shape> {
    tensors.iter().map(|t| Shape::from(t.shape())).collect()
}

fn shapes(value: &Value) -> Vec<Shape> {
    let dims =
        |s: &Value| s.as_array().unwrap().iter().map(|d| d.as_u64().map(|d| d as usize)).collect::<Vec<_>>();
    value.as_array().unwrap().iter().map(|s| Shape::new(dims(s))).collect()
}

fn check_layer(case: &Value, tensors: &Tensors, device: &Device) -> Result<(), String> {
    let text = |e: keras_rs::Error| chain(&e);
    let name = case["name"].as_str().unwrap();
    if case["error"] == Value::Bool(true) {
        return refuses(case);
    }
    let layer = load(&case["layer"]).map_err(text)?;

    // The configuration survives a round trip.
    let config = Value::Object(layer.config());
    if config != case["layer"]["config"] {
        return Err(difference(&config, &case["layer"]["config"]));
    }

    // Shapes without data.
    let symbolic = layer.compute_output_shape(&shapes(&case["symbolic_input_shapes"])).map_err(text)?;
    if symbolic != shapes(&case["symbolic_output_shapes"]) {
        return Err(format!("symbolic shapes {symbolic:?}, expected {}", case["symbolic_output_shapes"]));
    }

    // Variables: names, order, shapes, types.
    let types =
        ["weights", "outputs"].into_iter().flat_map(|list| case[list].as_array().into_iter().flatten());
    for entry in types {
        if !device.supports(entry["dtype"].as_str().unwrap().parse().map_err(text)?) {
            return Ok(());
        }
    }
    let mut inputs = Vec::new();
    for i in 0..case["inputs"].as_array().unwrap().len() {
        let data = tensors.expect(&format!("{name}/input/{i}"));
        if !device.supports(data.dtype()) {
            return Ok(());
        }
        inputs.push(Tensor::from_data_on(data, device).map_err(text)?);
    }
    layer.build_for(&shapes_of(&inputs), device).map_err(text)?;
    let variables = layer.variables();
    let wanted = case["weights"].as_array().unwrap();
    let listed: Vec<String> =
        variables.iter().map(|v| format!("{} {:?} {}", v.name(), v.shape(), v.dtype())).collect();
    let expected: Vec<String> = wanted
        .iter()
        .map(|w| {
            let shape: Vec<usize> = serde_json::from_value(w["shape"].clone()).unwrap();
            format!("{} {:?} {}", w["name"].as_str().unwrap(), shape, w["dtype"].as_str().unwrap())
        })
        .collect();
    if listed != expected {
        return Err(format!("variables {listed:?}, expected {expected:?}"));
    }
    for (i, variable) in variables.iter().enumerate() {
        let value =
            Tensor::from_data_on(tensors.expect(&format!("{name}/weight/{i}")), device).map_err(text)?;
        variable.assign(&value).map_err(text)?;
    }

    // Values.
    let mut run = Run::new(case["training"] == Value::Bool(true));
    let kwargs = case["kwargs"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.clone(), Kwarg::Data(v.clone())))
        .collect();
    let mask =
        |i: usize| tensors.get(&format!("{name}/mask/{i}")).map(|m| Tensor::from_data_on(m, device).unwrap());
    let masked: Vec<Masked> = inputs.into_iter().enumerate().map(|(i, t)| (t, mask(i))).collect();
    if masked.is_empty() {
        return Ok(());
    }
    let outputs = layer.run(&masked, &kwargs, &mut run).map_err(text)?;
    let wanted = case["outputs"].as_array().unwrap().len();
    if outputs.len() != wanted {
        return Err(format!("{} outputs, expected {wanted}", outputs.len()));
    }
    for (i, (output, _)) in outputs.iter().enumerate() {
        compare(&format!("output {i}"), output, &tensors.expect(&format!("{name}/output/{i}")), TOLERANCE)?;
    }
    match (&outputs[0].1, tensors.get(&format!("{name}/output_mask/0"))) {
        (Some(got), Some(want)) => compare("output mask", got, &want, 0.0)?,
        (None, None) => {}
        (got, want) => return Err(format!("output mask {got:?}, expected {want:?}")),
    }

    // Losses of regularizers, of variables and of the output.
    if let Some(wanted) = case["losses"].as_array() {
        let mut losses: Vec<f64> = run.losses.iter().map(|t| t.to_scalar().unwrap()).collect();
        for variable in &variables {
            if let Some(regularizer) = variable.regularizer() {
                let loss = regularizer.call(&variable.value().map_err(text)?).map_err(text)?;
                losses.push(loss.to_scalar().map_err(text)?);
            }
        }
        let (got, want): (f64, f64) = (losses.iter().sum(), wanted.iter().map(|v| v.as_f64().unwrap()).sum());
        if (got - want).abs() > TOLERANCE * want.abs().max(1.0) {
            return Err(format!("losses {losses:?}, expected {wanted:?}"));
        }
    }

    // State that the call changed.
    for (i, variable) in variables.iter().enumerate() {
        if let Some(after) = tensors.get(&format!("{name}/weight_after/{i}")) {
            compare(
                &format!("{} after", variable.name()),
                &variable.value().map_err(text)?,
                &after,
                TOLERANCE,
            )?;
        }
    }
    Ok(())
}

/// A case that Keras refuses must be refused, as an error value.
fn refuses(case: &Value) -> Result<(), String> {
    let accepted = load(&case["layer"]).and_then(|layer| {
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

/// The first entries in which two configurations differ.
fn difference(got: &Value, want: &Value) -> String {
    let (Some(got), Some(want)) = (got.as_object(), want.as_object()) else { return "config differs".into() };
    let keys: std::collections::BTreeSet<&String> = got.keys().chain(want.keys()).collect();
    let differing: Vec<String> = keys
        .into_iter()
        .filter(|k| got.get(*k) != want.get(*k))
        .map(|k| format!("{k}: {:?}, expected {:?}", got.get(k), want.get(k)))
        .collect();
    format!("config: {}", differing.join("; "))
}
