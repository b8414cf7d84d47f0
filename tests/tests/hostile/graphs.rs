//! Configurations of models that cannot be, or that would be too much.

use super::{Checks, use_model};
use keras_rs::{Model, Result, model_from_json};
use serde_json::{Value, json};

/// A reference to a layer's first output, as Keras 2 writes it.
fn from(name: &str) -> Value {
    json!([name, 0, 0, {}])
}

fn layer(class: &str, name: &str, mut config: Value, inbound: Value) -> Value {
    config["name"] = name.into();
    json!({"class_name": class, "name": name, "config": config, "inbound_nodes": inbound})
}

fn input(name: &str, shape: Value) -> Value {
    layer("InputLayer", name, json!({"batch_shape": shape}), json!([]))
}

fn identity(name: &str, of: &str) -> Value {
    layer("Activation", name, json!({"activation": "linear"}), json!([[from(of)]]))
}

fn functional(layers: Vec<Value>, inputs: Value, outputs: Value) -> Value {
    json!({
        "class_name": "Functional",
        "config": {"name": "m", "layers": layers, "input_layers": inputs, "output_layers": outputs},
    })
}

fn sequential(layers: Vec<Value>) -> Value {
    json!({"class_name": "Sequential", "config": {"name": "s", "layers": layers}})
}

fn plain(class: &str, config: Value) -> Value {
    json!({"class_name": class, "config": config})
}

/// From the input `x` of four numbers to the layer `y`.
fn x_to_y(mut layers: Vec<Value>) -> Value {
    layers.insert(0, input("x", json!([null, 4])));
    functional(layers, json!([["x", 0, 0]]), json!([["y", 0, 0]]))
}

fn chain(length: usize, reversed: bool) -> Value {
    let mut layers: Vec<Value> = (0..length)
        .map(|i| {
            let of = if i == 0 { "x".to_string() } else { format!("l{}", i - 1) };
            identity(&if i + 1 == length { "y".into() } else { format!("l{i}") }, &of)
        })
        .collect();
    if reversed {
        layers.reverse();
    }
    x_to_y(layers)
}

/// Models in models, each calling the next one twice in a row.
fn doubling(depth: usize) -> Value {
    let mut inner = x_to_y(vec![identity("y", "x")]);
    for _ in 0..depth {
        let mut called = inner;
        called["config"]["name"] = "y".into();
        called["name"] = "y".into();
        called["inbound_nodes"] = json!([[["x", 0, 0, {}]], [["y", 1, 0, {}]]]);
        inner = functional(
            vec![input("x", json!([null, 4])), called],
            json!([["x", 0, 0]]),
            json!([["y", 2, 0]]),
        );
    }
    inner
}

fn refused() -> Vec<(&'static str, Value)> {
    let dense = |name: &str, inbound: Value| layer("Dense", name, json!({"units": 2}), inbound);
    let one = json!([["x", 0, 0]]);
    vec![
        ("cycle", x_to_y(vec![identity("a", "y"), identity("y", "a")])),
        ("self-loop", x_to_y(vec![identity("y", "y")])),
        (
            "waits for its own later call",
            x_to_y(vec![dense("y", json!([[["y", 1, 0, {}]], [["x", 0, 0, {}]]]))]),
        ),
        ("missing layer", x_to_y(vec![identity("y", "nobody")])),
        ("missing call", x_to_y(vec![dense("y", json!([[["x", 1_000_000_000, 0, {}]]]))])),
        ("missing output", x_to_y(vec![dense("y", json!([[["x", 0, 7, {}]]]))])),
        ("negative call", x_to_y(vec![dense("y", json!([[["x", -1, 0, {}]]]))])),
        ("reference of words", x_to_y(vec![dense("y", json!([[["x", "zero", 0, {}]]]))])),
        ("reference of nothing", x_to_y(vec![dense("y", json!([[[]]]))])),
        ("calls of a number", x_to_y(vec![dense("y", json!([7]))])),
        ("never called", x_to_y(vec![dense("y", json!([]))])),
        ("same name", x_to_y(vec![identity("y", "x"), identity("y", "x")])),
        ("same name as the input", x_to_y(vec![identity("x", "x")])),
        ("no outputs", functional(vec![input("x", json!([null, 4]))], one.clone(), json!([]))),
        ("no inputs", functional(vec![input("x", json!([null, 4]))], json!([]), one.clone())),
        ("no layers", functional(vec![], json!([]), json!([]))),
        (
            "output of nobody",
            functional(vec![input("x", json!([null, 4]))], one.clone(), json!([["z", 0, 0]])),
        ),
        (
            "disconnected",
            functional(
                vec![input("x", json!([null, 4])), input("z", json!([null, 4])), identity("y", "z")],
                one.clone(),
                json!([["y", 0, 0]]),
            ),
        ),
        ("layers as an object", json!({"class_name": "Functional", "config": {"layers": {"0": 1}}})),
        ("layers of numbers", sequential(vec![json!(1), json!(2)])),
        (
            "input of a huge size",
            sequential(vec![plain("InputLayer", json!({"batch_shape": [null, 1_000_000_000_000_u64]}))]),
        ),
        (
            "input of huge sizes",
            sequential(vec![plain("InputLayer", json!({"batch_shape": vec![2_000_000_000; 8]}))]),
        ),
        (
            "input of a thousand axes",
            sequential(vec![plain("InputLayer", json!({"batch_shape": vec![1; 1000]}))]),
        ),
        (
            "input of a negative size",
            sequential(vec![plain("InputLayer", json!({"batch_shape": [null, -4]}))]),
        ),
        ("calls beyond counting", doubling(25)),
        ("a Lambda inside", sequential(vec![sequential(vec![plain("Lambda", json!({"function": "x"}))])])),
        (
            "many large layers",
            sequential(
                std::iter::once(plain("InputLayer", json!({"batch_shape": [null, 1000]})))
                    .chain((0..200).map(|_| plain("Dense", json!({"units": 1000}))))
                    .collect(),
            ),
        ),
        (
            "growth without end",
            sequential(
                std::iter::once(plain("InputLayer", json!({"batch_shape": [null, 4, 4, 1]})))
                    .chain((0..64).map(|_| plain("UpSampling2D", json!({"size": [2, 2]}))))
                    .collect(),
            ),
        ),
        ("concatenated to double, again and again", {
            let mut layers = Vec::new();
            for i in 0..64 {
                let of = if i == 0 { "x".into() } else { format!("c{}", i - 1) };
                let name = if i == 63 { "y".into() } else { format!("c{i}") };
                layers.push(layer("Concatenate", &name, json!({}), json!([[from(&of), from(&of)]])));
            }
            x_to_y(layers)
        }),
    ]
}

/// Large, and within reason.
fn accepted() -> Vec<(&'static str, Value)> {
    let many: Vec<String> = (0..20_000).map(|i| format!("a{i}")).collect();
    let all = many.iter().map(|name| from(name)).collect::<Value>();
    let mut wide = vec![layer("Add", "y", json!({}), json!([all]))];
    wide.extend(many.iter().map(|name| identity(name, "x")));
    let mut shared = vec![identity("a", "x")];
    let calls: Vec<Value> =
        (0..20_000).map(|i| if i == 0 { json!([from("x")]) } else { json!([["y", i - 1, 0, {}]]) }).collect();
    shared.push(layer("Dense", "y", json!({"units": 4}), calls.into()));
    vec![
        ("a chain of 10,000 layers", chain(10_000, false)),
        ("a chain of 100,000 layers", chain(100_000, false)),
        ("a chain of 100,000 layers, last first", chain(100_000, true)),
        ("20,000 branches, their sum first", x_to_y(wide)),
        ("one layer called 20,000 times", {
            let mut model = x_to_y(shared);
            model["config"]["output_layers"] = json!([["y", 19_999, 0]]);
            model
        }),
        (
            "10,000 dense layers in a row",
            sequential(
                std::iter::once(plain("InputLayer", json!({"batch_shape": [null, 4]})))
                    .chain((0..10_000).map(|_| plain("Dense", json!({"units": 4}))))
                    .collect(),
            ),
        ),
        ("models in models, 512 calls", doubling(8)),
    ]
}

pub(super) fn check() {
    let mut checks = Checks::start();
    for (name, config) in refused() {
        let text = config.to_string();
        if let Some(Ok(model)) = checks.case(name, || model_from_json(&text)) {
            checks.fail(&format!("{name}: accepted as {}", model.name()));
        }
    }
    for (name, config) in accepted() {
        let text = config.to_string();
        match checks.case(&format!("{name}, loading"), || model_from_json(&text)) {
            Some(Ok(model)) => use_large(&mut checks, name, &model),
            Some(Err(error)) => checks.fail(&format!("{name}: {}", crate::support::chain(&error))),
            None => {}
        }
    }
    deep(&mut checks);
    settings(&mut checks);
    checks.finish();
}

fn use_large(checks: &mut Checks, name: &str, model: &Model) {
    let x = keras_rs::Tensor::ones([2, 4], keras_rs::DType::F32).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let [h5, safetensors] = ["m.weights.h5", "m.safetensors"].map(|name| directory.path().join(name));
    type Step<'a> = (&'a str, &'a dyn Fn() -> Result<()>);
    let steps: [Step<'_>; 7] = [
        ("predicting", &|| model.predict(&x).map(drop)),
        ("its summary", &|| {
            drop(model.summary());
            Ok(())
        }),
        ("as JSON", &|| {
            drop(model.to_json());
            Ok(())
        }),
        ("saving .weights.h5", &|| model.save_weights(&h5)),
        ("loading .weights.h5", &|| model.load_weights(&h5)),
        ("saving .safetensors", &|| model.save_weights(&safetensors)),
        ("loading .safetensors", &|| model.load_weights(&safetensors)),
    ];
    // What a file asks for is to load and to predict; the rest is asked for by the user.
    let count = if model.layers().len() > 50_000 { 1 } else { steps.len() };
    for (what, step) in steps.into_iter().take(count) {
        let name = format!("{name}, {what}");
        if let Some(Err(error)) = checks.case(&name, step) {
            checks.fail(&format!("{name}: {}", crate::support::chain(&error)));
        }
    }
}

/// Nesting: what JSON's own limit lets through works on a small stack, what is deeper is refused.
fn deep(checks: &mut Checks) {
    let input = r#"{"class_name":"InputLayer","config":{"batch_shape":[null,4]}},"#;
    for levels in [30, 40, 60, 10_000] {
        let open = format!(r#"{{"class_name":"Sequential","config":{{"layers":[{input}"#).repeat(levels);
        let dense = r#"{"class_name":"Dense","config":{"units":4}}"#;
        let text = format!("{open}{dense}{}", "]}}".repeat(levels));
        let model = checks.case(&format!("{levels} nested models"), || {
            let model = model_from_json(&text);
            model.iter().for_each(use_model);
            model.is_ok()
        });
        if levels >= 60 && model == Some(true) {
            checks.fail(&format!("{levels} nested models: accepted"));
        }
    }
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), ("[[{\"config\":", "}]]")] {
        let text = format!("{}1{}", open.repeat(1_000_000), close.repeat(1_000_000));
        checks.case(&format!("a million of {open}"), || drop(model_from_json(&text)));
    }
    let text =
        format!(r#"{{"class_name":"Sequential","config":{{"layers":[{}1]}}}}"#, "[],".repeat(12_000_000));
    checks.case("twelve million values", || drop(model_from_json(&text)));
}

/// Compile settings are kept as they are, whatever they hold.
fn settings(checks: &mut Checks) {
    for garbage in super::arguments::hostile_values() {
        let mut model = x_to_y(vec![identity("y", "x")]);
        model["compile_config"] = garbage.clone();
        model["config"]["build_input_shape"] = garbage.clone();
        let text = model.to_string();
        checks.case(&format!("settings {garbage}"), || model_from_json(&text).iter().for_each(use_model));
        let mut model = sequential(vec![plain("Dense", json!({"units": 2}))]);
        model["config"]["build_input_shape"] = garbage.clone();
        model["build_config"] = garbage.clone();
        model["compile_config"] = json!({"optimizer": garbage.clone(), "loss": [garbage.clone()]});
        let text = model.to_string();
        checks.case(&format!("shapes {garbage}"), || model_from_json(&text).iter().for_each(use_model));
    }
}
