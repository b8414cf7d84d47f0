//! Gradients of layers, activations and whole models against real Keras, and against differences.

use crate::layers::needed;
use crate::objects::apply;
use crate::support::layer::{Call, build_on, load_layer, recorded};
use crate::support::objects::tensor;
use crate::support::{Tensors, chain, devices, fixture, floats, fuzz, json};
use crate::{Checked, dtypes, ensure, named, on_backends, trial};
use keras_rs::layers::LayerRef;
use keras_rs::{DType, Device, GradientTape, Result, Tensor, TensorData, Variable, load_model, npz};
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Gradients are held to this, relative to the largest value of a tensor.
const TOLERANCE: f64 = 1e-4;

/// Families of layers whose gradients are compared with differences.
const DIFFERENCES: [&str; 17] = [
    "convolutional",
    "pooling",
    "normalization",
    "core",
    "merging",
    "reshaping",
    "activation",
    "attention",
    "einsum",
    "layer_normalization",
    "recurrent",
    "wrappers",
    "conv_lstm",
    "regularization",
    "calls",
    "masks",
    "applications",
];

/// Those that have no cases in `float64`: theirs in `float32` are computed so.
const WIDENED: [&str; 2] = ["calls", "masks"];

pub fn trials() -> Vec<Trial> {
    let mut trials = of_keras("gradients/gradients");
    assert!(trials.len() > 1000);
    trials.extend(of_keras("gradients/recurrent"));
    trials.extend(fuzz().into_iter().flat_map(|folder| of_keras(&format!("{folder}/gradients"))));
    trials.extend(DIFFERENCES.into_iter().flat_map(|family| of_differences(&format!("layers/{family}"))));
    trials.extend(fuzz().into_iter().flat_map(|_| of_differences("fuzz")));
    trials
}

fn of_keras(path: &str) -> Vec<Trial> {
    let cases = named(&json(&format!("{path}.json"))["cases"]);
    let wanted = Arc::new(Tensors::open(&format!("{path}.safetensors")));
    let mut sources: HashMap<String, Arc<Source>> = HashMap::new();
    let mut trials = Vec::new();
    for (name, case) in cases {
        let (full, wanted) = (format!("gradients::{name}"), wanted.clone());
        match case["family"].as_str().unwrap() {
            "models" => trials.extend(on_backends(&full, &[], move |d| check_model(&case, &wanted, d))),
            "activations" => {
                let needed = dtypes([&*case]);
                trials.extend(on_backends(&full, &needed, move |d| check_activation(&case, &wanted, d)));
            }
            family => {
                let source =
                    sources.entry(family.to_string()).or_insert_with(|| Arc::new(Source::open(family)));
                let short = name.strip_prefix(family).unwrap().trim_start_matches('/');
                let layer = source.cases.get(short).expect("the layer's case").clone();
                let (needed, source) = (needed(&layer), source.clone());
                trials.extend(on_backends(&full, &needed, move |device| {
                    check_layer(&case, &layer, &source.tensors, &wanted, device)
                }));
            }
        }
    }
    trials
}

/// In `float64`, where rounding does not hide a wrong formula.
fn of_differences(family: &str) -> Vec<Trial> {
    let mut source = Source::open(family);
    let family = family.trim_start_matches("layers/");
    if WIDENED.contains(&family) {
        source.cases.values_mut().for_each(|case| *case = Arc::new(wide(case)));
    }
    let source = Arc::new(source);
    let doubles = source.cases.iter().filter(|(_, c)| {
        let all = |list: &str| c[list].as_array().is_some_and(|l| l.iter().all(|e| e["dtype"] == "float64"));
        let made = all("inputs") && all("weights") && all("outputs");
        // A masked step jumps where one of its values leaves the mask's.
        let smooth = c["training"] != true && c["layer"]["class_name"] != "Masking";
        made && smooth && c["inputs"].as_array().is_some_and(|inputs| !inputs.is_empty())
    });
    doubles
        .map(|(name, case)| {
            let (source, case) = (source.clone(), case.clone());
            trial(&format!("gradients::differences::{family}::{name}"), move || {
                check_differences(&case, &source.tensors)
            })
        })
        .collect()
}

/// A case in `float64` throughout, but for its tensors.
fn wide(case: &Value) -> Value {
    serde_json::from_str(&case.to_string().replace("\"float32\"", "\"float64\"")).unwrap()
}

/// The cases of layers by name, and their tensors.
struct Source {
    cases: HashMap<String, Arc<Value>>,
    tensors: Tensors,
}

impl Source {
    fn open(family: &str) -> Self {
        let file = match family {
            "ties" => "gradients/ties".to_string(),
            "fuzz" => format!("{}/fuzz", fuzz().expect("the folder of the random cases")),
            family => family.to_string(),
        };
        let tensors = Tensors::open(&format!("{file}.safetensors"));
        // What Keras refuses may have the name of what it accepts.
        let cases = named(&json(&format!("{file}.json"))["cases"]).into_iter();
        Self { cases: cases.filter(|(_, case)| case["error"] != true).collect(), tensors }
    }
}

/// The loss of the fixture: outputs times the sines of their positions, and what layers and weights add.
fn loss(outputs: &[Tensor], added: &[Tensor], penalties: Vec<Tensor>) -> Result<Tensor> {
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
    for extra in added {
        add(extra.sum(&[], false)?)?;
    }
    penalties.into_iter().try_for_each(add)?;
    Ok(total.expect("an output of floats"))
}

/// What the regularizers of variables add to the loss.
fn penalties(tape: &mut GradientTape, variables: &[Variable]) -> Result<Vec<Tensor>> {
    let regularized = variables.iter().filter_map(|v| v.regularizer().map(|r| (v, r)));
    regularized.map(|(variable, regularizer)| regularizer.call(&recorded(tape, variable)?)).collect()
}

/// Holds a gradient to Keras'; where two subgradients are right, anything between them is.
fn check(case: &Value, tensor: &str, got: Option<&Tensor>, want: &TensorData) -> Checked {
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
    call: Call,
}

fn ready(case: &Value, tensors: &Tensors, device: &Device) -> Result<Ready> {
    let name = case["name"].as_str().unwrap();
    // Tensors of floats are as wide as the case is.
    let tensor = |what: String, entry: &Value| {
        let tensor = Tensor::from_data_on(tensors.expect(&format!("{name}/{what}")), device)?;
        if entry["dtype"] == "float64" { tensor.cast(DType::F64) } else { Ok(tensor) }
    };
    let layer = load_layer(&case["layer"])?;
    let count = case["inputs"].as_array().unwrap().len();
    let inputs = (0..count).map(|i| tensor(format!("input/{i}"), &case["inputs"][i]));
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    build_on(&layer, &inputs, device)?;
    for (i, variable) in layer.weights().iter().enumerate() {
        variable.assign(&tensor(format!("weight/{i}"), &case["weights"][i])?)?;
    }
    let mask = |i: usize| tensors.get(&format!("{name}/mask/{i}")).map(|m| Tensor::from_data_on(m, device));
    let masks = (0..count).map(|i| mask(i).transpose()).collect::<Result<_>>()?;
    let mut call = Call::new(inputs).masks(masks).training(case["training"] == true);
    for (key, value) in case["kwargs"].as_object().into_iter().flatten() {
        call = call.data(key, value.clone());
    }
    for (key, value) in case["tensor_kwargs"].as_object().into_iter().flatten() {
        call = match value.as_array() {
            None => call.tensor(key, tensor(format!("kwarg/{key}"), value)?),
            Some(list) => {
                let list = list.iter().enumerate();
                let list = list.map(|(i, entry)| tensor(format!("kwarg/{key}/{i}"), entry));
                call.tensors(key, list.collect::<Result<_>>()?)
            }
        };
    }
    Ok(Ready { layer, call })
}

impl Ready {
    /// The weights that a model around the layer trains: a flag of the layer alone does not reach those inside it.
    fn trained(&self) -> Vec<Variable> {
        self.layer.weights().into_iter().filter(Variable::trainable).collect()
    }

    /// The loss, and its gradients for the inputs that are floats, then the tensors given by keyword, and for the trained
    /// weights.
    fn gradients(&self) -> Result<(f64, Vec<Option<Tensor>>, Vec<Option<Tensor>>)> {
        let variables = self.trained();
        let mut tape = GradientTape::new(&variables)?;
        let mut call = self.call.clone();
        let mut floats = Vec::new();
        let mut watch = |input: &mut Tensor| {
            floats.push(input.dtype().is_float());
            if input.dtype().is_float() {
                *input = tape.watch(input)?;
            }
            Ok::<(), keras_rs::Error>(())
        };
        call.inputs.iter_mut().try_for_each(&mut watch)?;
        call.keyword_tensors().into_iter().try_for_each(&mut watch)?;
        let outcome = call.record(&self.layer, &mut tape)?;
        let loss = loss(
            &outcome.outputs,
            &outcome.losses,
            penalties(&mut tape, &self.layer.trainable_variables())?,
        )?;
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
) -> Checked {
    let name = case["name"].as_str().unwrap();
    let ready = ready(source, tensors, device).map_err(|e| chain(&e))?;
    let (_, inputs, weights) = ready.gradients().map_err(|e| chain(&e))?;
    for input in case["inputs"].as_array().unwrap() {
        let index = input["index"].as_u64().unwrap() as usize;
        let tensor = format!("input/{index}");
        check(case, &tensor, inputs[index].as_ref(), &wanted.expect(&format!("{name}/{tensor}")))?;
    }
    let variables = ready.layer.weights();
    let trained = ready.trained();
    for weight in case["weights"].as_array().unwrap() {
        let index = weight["index"].as_u64().unwrap() as usize;
        let position = trained.iter().position(|v| v.same(&variables[index]));
        let position = position.ok_or_else(|| format!("{} is not trained", variables[index].path()))?;
        let tensor = format!("weight/{index}");
        check(case, &tensor, weights[position].as_ref(), &wanted.expect(&format!("{name}/{tensor}")))?;
    }
    Ok(())
}

fn check_model(case: &Value, wanted: &Tensors, device: &Device) -> Checked {
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
        tape.pass().training = false;
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
        let outputs = model.call_with(&inputs, tape.pass())?;
        let trained = model.trainable_weights();
        let added = tape.pass().losses.clone();
        let loss = loss(&outputs, &added, penalties(&mut tape, &trained)?)?;
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

fn check_activation(case: &Value, wanted: &Tensors, device: &Device) -> Checked {
    let name = case["name"].as_str().unwrap();
    let dtype: keras_rs::DType = case["dtype"].as_str().unwrap().parse().unwrap();
    let text = |e: keras_rs::Error| chain(&e);
    let objects = json("objects/objects.json");
    let x = tensor(&objects["activation_input"], device);
    let shape: Vec<usize> = serde_json::from_value(case["inputs"][0]["shape"].clone()).unwrap();
    let x = x.cast(dtype).and_then(|x| x.reshape(shape)).map_err(text)?;
    let mut tape = GradientTape::new(&[]).map_err(text)?;
    let x = tape.watch(&x).map_err(text)?;
    let y = apply(case["function"].as_str().unwrap(), &case["kwargs"], &x).map_err(text)?;
    let loss = loss(&[y], &[], Vec::new()).map_err(text)?;
    let gradient = tape.gradient(&loss).map_err(text)?.remove(0);
    check(case, "input/0", gradient.as_ref(), &wanted.expect(&format!("{name}/input/0")))
}

fn check_differences(case: &Value, tensors: &Tensors) -> Checked {
    let say = |e: keras_rs::Error| chain(&e);
    // Scores of queries that see nothing are -1e9 and what is left of them, in steps of 1e-7.
    let width = if case["name"].as_str().unwrap().ends_with("attention_float64_mask") { 1e-3 } else { 1e-5 };
    let mut ready = ready(case, tensors, &devices()[0]).map_err(say)?;
    ready.call = ready.call.training(false);
    let (here, inputs, _) = ready.gradients().map_err(say)?;
    let values = ready.call.inputs[0].to_f64_vec().map_err(say)?;
    let gradient = match &inputs[0] {
        Some(gradient) => gradient.to_f64_vec().map_err(say)?,
        None => vec![0.0; values.len()],
    };
    // Some elements are enough, spread over the input.
    let stride = (values.len() / 5).max(1);
    // A step that a layer inside masks jumps where one of its values leaves the mask's, -1 in these cases.
    let masks = case["layer"].to_string().contains("\"Masking\"");
    for at in (0..values.len()).step_by(stride).filter(|&at| !(masks && values[at] == -1.0)) {
        let moved = |by: f64| {
            let mut values = values.clone();
            values[at] += by;
            let mut moved = Ready { layer: ready.layer.clone(), call: ready.call.clone() };
            let shape = moved.call.inputs[0].shape().to_vec();
            moved.call.inputs[0] = Tensor::from_vec(values, shape)?;
            Ok(moved.gradients()?.0)
        };
        let (low, high) = (moved(-width).map_err(say)?, moved(width).map_err(say)?);
        let (left, right) = ((here - low) / width, (high - here) / width);
        // Differences of large losses are as rough as those are rounded.
        let near = 1e-3 * left.abs().max(right.abs()).max(1.0) + 1e-9 * here.abs();
        // At a kink any value between both slopes is right.
        let agrees = (left.min(right) - near..=left.max(right) + near).contains(&gradient[at]);
        ensure(agrees, || format!("element {at}: {}, slopes {left} and {right}", gradient[at]))?;
    }
    Ok(())
}
