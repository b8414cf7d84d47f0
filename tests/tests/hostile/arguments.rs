//! Every argument of every layer class replaced by values that do not belong there.

use super::Checks;
use super::child::scale;
use crate::support::layer::{Call, load_layer, shapes_of};
use crate::support::{Tensors, json};
use keras_rs::{Device, Shape, Tensor};
use keras_rs_tests::hostile::Random;
use serde_json::{Value, json};

/// Families, and how many replacements are tried in each unless more are asked for: fewer where a call takes its time.
const FAMILIES: [(&str, usize); 15] = [
    ("activation", 6000),
    ("attention", 2500),
    ("conv_lstm", 1500),
    ("convolutional", 6000),
    ("core", 6000),
    ("einsum", 2500),
    ("layer_normalization", 2500),
    ("masks", 2500),
    ("merging", 6000),
    ("normalization", 6000),
    ("pooling", 6000),
    ("recurrent", 2500),
    ("regularization", 6000),
    ("reshaping", 6000),
    ("wrappers", 2500),
];

/// Values that some argument will not expect.
pub(super) fn hostile_values() -> Vec<Value> {
    let huge = 1_000_000_000_000_u64;
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1),
        json!(7),
        json!(1.5),
        json!(-0.0),
        json!(1e300),
        json!("\u{e000}NaN"),
        json!("\u{e000}-Infinity"),
        json!(100_000),
        json!(1_000_000_000),
        json!(i32::MAX),
        json!(huge),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!("no such thing"),
        json!("same"),
        json!("channels_first"),
        json!("glorot_uniform"),
        json!([]),
        json!([0]),
        json!([-1]),
        json!([null]),
        json!([huge]),
        json!([1, 2]),
        json!([1_000_000_000, 1_000_000_000]),
        json!([[1, 2], [3, 4]]),
        json!([[i32::MAX, i32::MAX], [i32::MAX, i32::MAX]]),
        json!([i32::MAX, i32::MAX, i32::MAX]),
        json!([-1, -1]),
        json!(vec![1; 100]),
        json!([["a", {}], null, 1e308]),
        json!({}),
        json!({"class_name": "Dense", "config": {"units": 100_000}}),
        json!({"class_name": "Orthogonal", "config": {"gain": 1e300}}),
        json!({"class_name": "Constant", "config": {"value": [[1, 2]]}}),
        json!({"class_name": "MaxNorm", "config": {"max_value": -1, "axis": [9, -9]}}),
    ]
}

pub(super) fn check() {
    let mut checks = Checks::start();
    let values = hostile_values();
    for (family, tries) in FAMILIES {
        let tensors = Tensors::open(&format!("layers/{family}.safetensors"));
        let file = json(&format!("layers/{family}.json"));
        let cases: Vec<&Value> =
            file["cases"].as_array().unwrap().iter().filter(|c| c["error"] != true).collect();
        let mut places = Vec::new();
        for case in &cases {
            collect(&case["layer"]["config"], String::new(), &mut |path| places.push((*case, path)));
        }
        let all = places.len() * values.len();
        let count = (tries * scale()).min(all);
        let mut random = Random(11);
        for i in 0..count {
            // Everything in turn where all are wanted, else a sample.
            let pick = if count == all { i } else { random.below(all) };
            let (case, path) = &places[pick / values.len()];
            let value = &values[pick % values.len()];
            // As many steps as are asked for take their time, and so does a large kernel at every one.
            let many = value.as_f64().is_some_and(|number| number > 1e4);
            let kernel = family == "conv_lstm" && path.contains("/kernel_size") && value == 100_000;
            if many && (path.ends_with("/power_iterations") || kernel) {
                continue;
            }
            let mut layer = case["layer"].clone();
            *layer["config"].pointer_mut(path).unwrap() = value.clone();
            let name = format!("{family} {} {path} = {value}", case["name"]);
            let devices = crate::support::devices();
            let device = &devices[i % devices.len()];
            checks.case(&name, || try_layer(&layer, case, &tensors, device));
        }
    }
    checks.finish();
}

/// The entries of a configuration and of the objects in it.
fn collect(value: &Value, path: String, found: &mut impl FnMut(String)) {
    if !path.is_empty() {
        found(path.clone());
    }
    match value {
        Value::Object(entries) => entries.iter().for_each(|(k, v)| collect(v, format!("{path}/{k}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| collect(v, format!("{path}/{i}"), found))
        }
        _ => {}
    }
}

/// The call of a case with its masks and keyword arguments, where the device has their data types.
fn call(case: &Value, inputs: Vec<Tensor>, tensors: &Tensors, device: &Device) -> Option<Call> {
    let name = case["name"].as_str().unwrap();
    let tensor = |key: &str| {
        let data = tensors.expect(&format!("{name}/{key}"));
        device.supports(data.dtype()).then(|| Tensor::from_data_on(data, device).unwrap())
    };
    let mask =
        |i: usize| Some(Tensor::from_data_on(tensors.get(&format!("{name}/mask/{i}"))?, device).unwrap());
    let masks = (0..inputs.len()).map(mask).collect();
    let mut call = Call::new(inputs).masks(masks);
    for (key, value) in case["kwargs"].as_object().into_iter().flatten() {
        call = call.data(key, value.clone());
    }
    for (key, value) in case["tensor_kwargs"].as_object().into_iter().flatten() {
        call = match value.as_array() {
            None => call.tensor(key, tensor(&format!("kwarg/{key}"))?),
            Some(list) => {
                let list = (0..list.len()).map(|i| tensor(&format!("kwarg/{key}/{i}")));
                call.tensors(key, list.collect::<Option<_>>()?)
            }
        };
    }
    Some(call)
}

/// Uses a layer in every way; errors are as good as results.
fn try_layer(layer: &Value, case: &Value, tensors: &Tensors, device: &Device) {
    let Ok(layer) = load_layer(layer) else { return };
    let shapes: Vec<Shape> = case["symbolic_input_shapes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            s.as_array().unwrap().iter().map(|d| d.as_u64().map(|d| d as usize)).collect::<Vec<_>>().into()
        })
        .collect();
    let _ = (layer.compute_output_shape(&shapes), layer.to_json());
    let mut inputs = Vec::new();
    for i in 0..case["inputs"].as_array().unwrap().len() {
        let data = tensors.expect(&format!("{}/input/{i}", case["name"].as_str().unwrap()));
        if !device.supports(data.dtype()) {
            return;
        }
        inputs.push(Tensor::from_data_on(data, device).unwrap());
    }
    let known = shapes_of(&inputs);
    if layer.build_for(&known, device).is_err() {
        return;
    }
    let Some(call) = call(case, inputs, tensors, device) else { return };
    let specs: Vec<_> = known.into_iter().zip(call.inputs.iter().map(Tensor::dtype)).collect();
    let announced = call.output_spec(&layer, &specs).map(|specs| specs.into_iter().map(|(shape, _)| shape));
    let announced = announced.map(Iterator::collect::<Vec<_>>);
    for training in [false, true] {
        let outcome = call.clone().training(training).run(&layer);
        let (Ok(outcome), Ok(announced)) = (outcome, &announced) else { continue };
        // Keras itself announces the input's shape for activations, which may be layers that change
        // it, and for scales of any shape.
        let config = Value::Object(layer.config());
        let is_free = |activation: &str| config.pointer(activation).is_some_and(Value::is_object);
        let free = ["Activation", "Rescaling", "Dense", "InputLayer"].contains(&layer.class_name())
            || is_free("/activation")
            || is_free("/layer/config/activation");
        if !free {
            let agree = |(got, announced): (&Tensor, &Shape)| announced.accepts(got.shape());
            let all =
                outcome.outputs.len() == announced.len() && outcome.outputs.iter().zip(announced).all(agree);
            assert!(all, "shapes {:?} with data, {announced:?} without", shapes_of(&outcome.outputs));
        }
        outcome.outputs.iter().for_each(|t| drop(t.to_f64_vec()));
    }
    for variable in layer.variables() {
        if let (Ok(value), Some(constraint)) = (variable.value(), variable.constraint()) {
            let _ = constraint.call(&value);
        }
    }
    let _ = layer.to_json();
}
