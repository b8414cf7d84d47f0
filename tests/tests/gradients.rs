//! Gradients of layers, activations and whole models against real Keras, and against differences.

use crate::layers::{load, shapes_of};
use crate::support::{Tensors, chain, devices, fixture, floats, json};
use keras_rs::layers::{Kwarg, LayerRef, Masked, Run};
use keras_rs::{Device, GradientTape, Result, Tensor, TensorData, Variable, load_model, npz};
use serde_json::Value;
use std::collections::HashMap;

/// Gradients are held to this, relative to the largest value of a tensor.
const TOLERANCE: f64 = 1e-4;

/// The loss of the fixture: outputs times sines of their places, and what layers and weights add.
fn loss(outputs: &[Tensor], run: &Run, variables: &[Variable]) -> Result<Tensor> {
    let mut total: Option<Tensor> = None;
    let mut add = |value: Tensor| {
        total = Some(match total.take() {
            Some(sum) => sum.add(&value.cast(sum.dtype())?)?,
            None => value,
        });
        Ok::<(), keras_rs::Error>(())
    };
    for (k, output) in outputs.iter().enumerate().filter(|(_, output)| output.dtype().is_float()) {
        let sines: Vec<f64> = (0..output.len()).map(|i| (0.7 * i as f64 + 0.3 + k as f64).sin()).collect();
        let sines = TensorData::from_f64(&sines, output.shape().to_vec(), output.dtype())?;
        add(output.mul(&Tensor::from_data_on(sines, output.device())?)?.sum(&[], false)?)?;
    }
    for extra in &run.losses {
        add(extra.sum(&[], false)?)?;
    }
    for variable in variables {
        if let Some(regularizer) = variable.regularizer() {
            add(regularizer.call(&run.value(variable)?)?)?;
        }
    }
    Ok(total.expect("an output of floats"))
}

/// Holds a gradient to Keras'; where two subgradients are right, anything between them is.
fn check(case: &Value, tensor: &str, got: Option<&Tensor>, want: &TensorData) -> Result<(), String> {
    let want = floats(want);
    let got = match got {
        Some(got) => got.to_f64_vec().map_err(|e| chain(&e))?,
        None => vec![0.0; want.len()],
    };
    if got.len() != want.len() {
        return Err(format!("{tensor}: {} values, expected {}", got.len(), want.len()));
    }
    let mut between: HashMap<usize, (f64, f64)> = HashMap::new();
    for entry in case["ambiguous"].as_array().into_iter().flatten().filter(|e| e["tensor"] == tensor) {
        let list = |key: &str| {
            entry[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>()
        };
        for (at, (a, b)) in list("positions").iter().zip(list("jax").into_iter().zip(list("tensorflow"))) {
            between.insert(*at as usize, (a.min(b).min(0.0), a.max(b).max(0.0)));
        }
    }
    let skipped: Vec<u64> = case["skip"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let scale = want.iter().filter(|v| v.is_finite()).fold(1.0_f64, |m, v| m.max(v.abs()));
    let single = case["family"] == "activations";
    for (i, (&g, &w)) in got.iter().zip(&want).enumerate() {
        if skipped.contains(&(i as u64)) || g == w || (g.is_nan() && w.is_nan()) {
            continue;
        }
        let near = TOLERANCE * if single { w.abs().max(1.0) } else { scale };
        let fits = match between.get(&i) {
            Some((low, high)) => (low - near..=high + near).contains(&g),
            None => (g - w).abs() <= near,
        };
        if !fits {
            return Err(format!("{tensor}: element {i} is {g}, expected {w} (scale {scale})"));
        }
    }
    Ok(())
}

/// A layer with the weights of its case, and what it is called with.
struct Ready {
    layer: LayerRef,
    inputs: Vec<Tensor>,
    masks: Vec<Option<Tensor>>,
    kwargs: keras_rs::layers::Kwargs,
}

fn ready(case: &Value, tensors: &Tensors, device: &Device) -> Result<Option<Ready>> {
    let name = case["name"].as_str().unwrap();
    let layer = load(&case["layer"])?;
    let types = ["weights", "outputs"].into_iter().flat_map(|l| case[l].as_array().into_iter().flatten());
    for entry in types {
        if !device.supports(entry["dtype"].as_str().unwrap().parse()?) {
            return Ok(None);
        }
    }
    let mut inputs = Vec::new();
    for i in 0..case["inputs"].as_array().unwrap().len() {
        let data = tensors.expect(&format!("{name}/input/{i}"));
        if !device.supports(data.dtype()) {
            return Ok(None);
        }
        inputs.push(Tensor::from_data_on(data, device)?);
    }
    layer.build_for(&shapes_of(&inputs), device)?;
    for (i, variable) in layer.variables().iter().enumerate() {
        variable.assign(&Tensor::from_data_on(tensors.expect(&format!("{name}/weight/{i}")), device)?)?;
    }
    let kwargs = case["kwargs"].as_object().into_iter().flatten();
    let kwargs = kwargs.map(|(k, v)| (k.clone(), Kwarg::Data(v.clone()))).collect();
    let mask = |i: usize| tensors.get(&format!("{name}/mask/{i}")).map(|m| Tensor::from_data_on(m, device));
    let masks = (0..inputs.len()).map(|i| mask(i).transpose()).collect::<Result<_>>()?;
    Ok(Some(Ready { layer, inputs, masks, kwargs }))
}

impl Ready {
    /// The loss, and its gradients for the inputs that are floats and the trained weights.
    fn gradients(&self, training: bool) -> Result<(f64, Vec<Option<Tensor>>, Vec<Option<Tensor>>)> {
        let variables = self.layer.trainable_variables();
        let mut tape = GradientTape::new(&variables)?;
        tape.run().training = training;
        let mut inputs: Vec<Masked> = Vec::new();
        let mut floats = Vec::new();
        for (input, mask) in self.inputs.iter().zip(&self.masks) {
            let is_float = input.dtype().is_float();
            let watched = if is_float { tape.watch(input)? } else { input.clone() };
            floats.push(is_float);
            inputs.push((watched, mask.clone()));
        }
        let outputs = self.layer.run(&inputs, &self.kwargs, tape.run())?;
        let outputs: Vec<Tensor> = outputs.into_iter().map(|(t, _)| t).collect();
        let loss = loss(&outputs, tape.run(), &variables)?;
        let mut all = tape.gradient(&loss)?;
        let watched = all.split_off(variables.len());
        let mut watched = watched.into_iter();
        let inputs = floats.iter().map(|f| if *f { watched.next().flatten() } else { None }).collect();
        Ok((loss.detach().to_scalar()?, inputs, all))
    }
}

fn check_layer(
    case: &Value,
    source: &Value,
    tensors: &Tensors,
    wanted: &Tensors,
    device: &Device,
) -> Result<(), String> {
    let name = case["name"].as_str().unwrap();
    let training = case["training"] == true;
    let Some(ready) = ready(source, tensors, device).map_err(|e| chain(&e))? else { return Ok(()) };
    let (_, inputs, weights) = ready.gradients(training).map_err(|e| chain(&e))?;
    for input in case["inputs"].as_array().unwrap() {
        let index = input["index"].as_u64().unwrap() as usize;
        let tensor = format!("input/{index}");
        check(case, &tensor, inputs[index].as_ref(), &wanted.expect(&format!("{name}/{tensor}")))?;
    }
    let variables = ready.layer.variables();
    let trained = ready.layer.trainable_variables();
    for weight in case["weights"].as_array().unwrap() {
        let index = weight["index"].as_u64().unwrap() as usize;
        let place = trained.iter().position(|v| v.same(&variables[index]));
        let place = place.ok_or_else(|| format!("{} is not trained", variables[index].path()))?;
        let tensor = format!("weight/{index}");
        check(case, &tensor, weights[place].as_ref(), &wanted.expect(&format!("{name}/{tensor}")))?;
    }
    Ok(())
}

fn check_model(case: &Value, wanted: &Tensors, device: &Device) -> Result<(), String> {
    let name = case["name"].as_str().unwrap();
    let folder = format!("models/{}", name.split_once('/').unwrap().1);
    let files = ["model.keras", "model.h5"].map(|file| fixture(&format!("{folder}/{file}")));
    let file = files.iter().find(|f| f.exists()).ok_or("no model file")?;
    let run = || -> Result<(Vec<Option<Tensor>>, Vec<(String, Option<Tensor>)>)> {
        let model = load_model(file)?;
        model.to_device(device)?;
        let arrays = npz::read(fixture(&format!("{folder}/x.npz")))?;
        let variables: Vec<Variable> = model.weights().into_iter().filter(|v| v.dtype().is_float()).collect();
        let mut tape = GradientTape::new(&variables)?;
        tape.run().training = false;
        let mut inputs = Vec::new();
        let mut watched = Vec::new();
        let names = model.input_names()?;
        for (i, input) in names.iter().enumerate() {
            let data = arrays.get(input).or_else(|| arrays.get_index(i).map(|(_, data)| data)).unwrap();
            let tensor = Tensor::from_data_on(data.clone(), device)?;
            let float = tensor.dtype().is_float();
            watched.push((input.clone(), float));
            inputs.push(if float { tape.watch(&tensor)? } else { tensor });
        }
        let outputs = model.call_with(&inputs, tape.run())?;
        let trained = model.trainable_weights();
        let loss = loss(&outputs, tape.run(), &trained)?;
        let mut all = tape.gradient(&loss)?;
        let mut floats = all.split_off(variables.len()).into_iter();
        let weights = model.weights();
        let mut of_variables = variables.iter().zip(all);
        let by_index = weights
            .iter()
            .map(|w| if w.dtype().is_float() { of_variables.next().and_then(|(_, g)| g) } else { None })
            .collect();
        let inputs = watched
            .into_iter()
            .map(|(n, float)| (n, if float { floats.next().flatten() } else { None }))
            .collect();
        Ok((by_index, inputs))
    };
    let (weights, inputs) = run().map_err(|e| chain(&e))?;
    for (i, input) in case["inputs"].as_array().unwrap().iter().enumerate() {
        let input = input["name"].as_str().unwrap();
        let got = inputs.iter().find(|(n, _)| n == input).or(inputs.get(i)).and_then(|(_, g)| g.as_ref());
        check(case, &format!("input/{input}"), got, &wanted.expect(&format!("{name}/input/{input}")))?;
    }
    for weight in case["weights"].as_array().unwrap() {
        let index = weight["index"].as_u64().unwrap() as usize;
        let tensor = format!("weight/{index}");
        check(case, &tensor, weights[index].as_ref(), &wanted.expect(&format!("{name}/{tensor}")))?;
    }
    Ok(())
}

fn check_activation(case: &Value, wanted: &Tensors, device: &Device) -> Result<(), String> {
    let name = case["name"].as_str().unwrap();
    let dtype: keras_rs::DType = case["dtype"].as_str().unwrap().parse().unwrap();
    if !device.supports(dtype) {
        return Ok(());
    }
    let text = |e: keras_rs::Error| chain(&e);
    let objects = json("objects/objects.json");
    let x = super::objects::tensor(&objects["activation_input"], device);
    let shape: Vec<usize> = serde_json::from_value(case["inputs"][0]["shape"].clone()).unwrap();
    let x = x.cast(dtype).and_then(|x| x.reshape(shape)).map_err(text)?;
    let mut tape = GradientTape::new(&[]).map_err(text)?;
    let x = tape.watch(&x).map_err(text)?;
    let y = super::objects::apply(case["function"].as_str().unwrap(), &case["kwargs"], &x).map_err(text)?;
    let loss = loss(&[y], &Run::default(), &[]).map_err(text)?;
    let gradient = tape.gradient(&loss).map_err(text)?.remove(0);
    check(case, "input/0", gradient.as_ref(), &wanted.expect(&format!("{name}/input/0")))
}

#[test]
fn gradients_are_those_of_keras() {
    let cases = json("gradients/gradients.json")["cases"].as_array().unwrap().clone();
    let wanted = Tensors::open("gradients/gradients.safetensors");
    let mut sources: HashMap<String, (Value, Tensors)> = HashMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let (name, family) = (case["name"].as_str().unwrap(), case["family"].as_str().unwrap());
        if family == "ties" || family.starts_with("layers/") {
            sources.entry(family.to_string()).or_insert_with(|| {
                let file = if family == "ties" { "gradients/ties" } else { family };
                (json(&format!("{file}.json")), Tensors::open(&format!("{file}.safetensors")))
            });
        }
        for device in devices() {
            // A panic is a failure of its case.
            let check = || match family {
                "models" => check_model(case, &wanted, &device),
                "activations" => check_activation(case, &wanted, &device),
                family => {
                    let (source, tensors) = &sources[family];
                    let short = name.strip_prefix(family).unwrap().trim_start_matches('/');
                    let found = source["cases"].as_array().unwrap().iter().find(|c| c["name"] == short);
                    check_layer(case, found.expect("the layer's case"), tensors, &wanted, &device)
                }
            };
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check))
                .unwrap_or_else(|_| Err("panicked".into()));
            if let Err(why) = result {
                failures.push(format!("{name} on {}: {why}", device.backend()));
            }
        }
    }
    assert!(cases.len() > 800);
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}

/// In `float64`, where rounding does not hide a wrong formula.
#[test]
fn gradients_agree_with_differences_in_float64() {
    let mut checked = 0;
    for family in ["convolutional", "pooling", "normalization", "core", "merging", "reshaping", "activation"]
    {
        let (source, tensors) =
            (json(&format!("layers/{family}.json")), Tensors::open(&format!("layers/{family}.safetensors")));
        let doubles = source["cases"].as_array().unwrap().iter().filter(|c| {
            let all =
                |list: &str| c[list].as_array().is_some_and(|l| l.iter().all(|e| e["dtype"] == "float64"));
            c["error"] != true && all("inputs") && all("weights") && all("outputs") && c["training"] != true
        });
        for case in doubles {
            let Some(ready) = ready(case, &tensors, &devices()[0]).unwrap() else { continue };
            // A masked step jumps where one of its values leaves the mask's.
            if ready.inputs.is_empty() || case["layer"]["class_name"] == "Masking" {
                continue;
            }
            let (_, inputs, _) = ready.gradients(false).unwrap();
            let Some(gradient) = inputs[0].as_ref().map(|g| g.to_f64_vec().unwrap()) else { continue };
            let values = ready.inputs[0].to_f64_vec().unwrap();
            // Some places are enough, spread over the input.
            let stride = (values.len() / 5).max(1);
            for at in (0..values.len()).step_by(stride) {
                let moved = |by: f64| {
                    let mut values = values.clone();
                    values[at] += by;
                    let mut inputs = ready.inputs.clone();
                    let shape = inputs[0].shape().to_vec();
                    inputs[0] = Tensor::from_vec(values, shape).unwrap();
                    let moved = Ready {
                        layer: ready.layer.clone(),
                        inputs,
                        masks: ready.masks.clone(),
                        kwargs: ready.kwargs.clone(),
                    };
                    moved.gradients(false).unwrap().0
                };
                let (low, here, high) = (moved(-1e-5), moved(0.0), moved(1e-5));
                let (left, right) = ((here - low) / 1e-5, (high - here) / 1e-5);
                // Differences of large losses are as rough as those are rounded.
                let near = 1e-3 * left.abs().max(right.abs()).max(1.0) + 1e-9 * here.abs();
                // At a kink any value between both slopes is right.
                let fits = (left.min(right) - near..=left.max(right) + near).contains(&gradient[at]);
                assert!(fits, "{} at {at}: {}, slopes {left} and {right}", case["name"], gradient[at]);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked}");
}
