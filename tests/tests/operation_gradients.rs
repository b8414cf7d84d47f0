//! Gradients of every operation of `keras.ops` against differences, in float64.

use crate::support::devices;
use keras_rs::config::{CustomObjects, Loading, Registry};
use keras_rs::layers::{Kwarg, Kwargs, LayerRef, Masked, Operation};
use keras_rs::{DType, Device, GradientTape, Tensor, TensorData};
use serde_json::{Value, json};

/// Arguments that an operation needs, or that show more of it than its defaults.
fn arguments(class: &str, name: &str) -> Option<Value> {
    Some(match (class, name) {
        ("Reshape", "newshape") => json!([9]),
        ("BroadcastTo", "shape") => json!([2, 3, 3]),
        ("Slice", "shape") => json!([2, -1]),
        ("Einsum", _) => json!("ij,jk->ki"),
        ("Transpose", "axes") => json!([1, 0]),
        ("Moments", "axes") => json!([1]),
        ("Pad", "mode") => json!("reflect"),
        ("Pad", _) => json!([[1, 2], [0, 1]]),
        ("Tensordot", "axes") => json!([[0], [1]]),
        ("Cumsum" | "Cumprod" | "ExpandDims", "axis") => json!(1),
        ("BatchNorm", "axis") => json!(0),
        ("Cast" | "SaturateCast", "dtype") => json!("float64"),
        ("Split" | "Hsplit" | "Vsplit" | "ArraySplit", "indices_or_sections") => json!(3),
        ("Dsplit", _) | (_, "pool_size" | "block_size") => json!(2),
        ("OneHot" | "MultiHot", "num_classes") => json!(3),
        ("Swapaxes", "axis1") | ("Moveaxis", "source") => json!(0),
        ("Norm", "ord") => json!(3),
        ("Normalize", "order") => json!(3),
        (_, "k" | "axis2" | "destination" | "shift") => json!(1),
        (_, "repeats") => json!(2),
        (_, "threshold" | "default_value") => json!(0.4),
        _ => return None,
    })
}

/// Different numbers between 0.1 and 0.9, apart enough that no order changes.
fn values(count: usize, which: usize) -> Vec<f64> {
    (0..count).map(|i| 0.1 + 0.8 * (((i + 3 * which) as f64 * 0.618_033_988_75 + 0.17) % 1.0)).collect()
}

fn tensor(values: &[f64], shape: &[usize], device: &Device) -> Tensor {
    Tensor::from_data_on(TensorData::from_f64(values, shape.to_vec(), DType::F64).unwrap(), device).unwrap()
}

/// The sum of the outputs' elements, each times a number of its own.
fn weighted(outputs: &[Tensor]) -> Option<Tensor> {
    let mut sum: Option<Tensor> = None;
    for y in outputs.iter().filter(|y| y.dtype() == DType::F64) {
        let weights = tensor(&values(y.len(), 7), y.shape(), y.device());
        let part = y.mul(&weights).unwrap().sum(&[], false).unwrap();
        sum = Some(sum.map_or_else(|| part.clone(), |sum| sum.add(&part).unwrap()));
    }
    sum
}

struct Case {
    class: &'static str,
    layer: LayerRef,
    kwargs: Kwargs,
    list: bool,
}

impl Case {
    fn new(class: &'static str) -> Self {
        let mut config = Operation::new(class).unwrap();
        for name in keras_rs::layers::Layer::config(&config).keys().cloned().collect::<Vec<_>>() {
            if let Some(value) = arguments(class, &name) {
                config = config.argument(&name, value).unwrap();
            }
        }
        let list = keras_rs::layers::Layer::takes_list(&config);
        let mut kwargs = Kwargs::new();
        let positional = match class {
            "GetItem" => {
                Some(json!({"class_name": "__slice__", "config": {"start": 1, "stop": null, "step": 1}}))
            }
            "Slice" => Some(json!([1, 0])),
            "Take" => Some(json!([2, 0, 0])),
            "TakeAlongAxis" => Some(json!([2, 0, 0])),
            _ => None,
        };
        if let Some(value) = positional {
            kwargs.insert(Kwarg::positional(1), Kwarg::Data(value));
        }
        let custom = CustomObjects::new();
        let loading = Loading { registry: Registry::keras(), custom: &custom };
        let config = keras_rs::layers::Layer::config(&config);
        let object = json!({"module": "keras.src.ops.numpy", "class_name": class, "config": config});
        let layer = loading.object::<Box<dyn keras_rs::layers::Layer>>(&object, "case", "layer").unwrap();
        Self { class, layer: LayerRef::from_box(layer), kwargs, list }
    }

    fn run(&self, inputs: &[Tensor], run: &mut keras_rs::layers::Run) -> Option<Tensor> {
        let masked: Vec<Masked> = inputs.iter().map(|x| (x.clone(), None)).collect();
        let outputs = self.layer.run(&masked, &self.kwargs, run).ok()?;
        weighted(&outputs.into_iter().map(|(y, _)| y).collect::<Vec<_>>())
    }

    /// Whether the operation takes inputs of this number and shape; then its gradients are checked.
    fn check(&self, count: usize, shape: &[usize], device: &Device, failures: &mut Vec<String>) -> bool {
        let size: usize = shape.iter().product();
        let data: Vec<Vec<f64>> = (0..count).map(|which| values(size, which)).collect();
        let at =
            |data: &[Vec<f64>]| -> Vec<Tensor> { data.iter().map(|v| tensor(v, shape, device)).collect() };
        let plain = |data: &[Vec<f64>]| {
            let loss = self.run(&at(data), GradientTape::new(&[]).unwrap().run())?;
            loss.to_scalar().ok()
        };
        if plain(&data).is_none() {
            return false;
        }
        let mut tape = GradientTape::new(&[]).unwrap();
        let watched: Vec<Tensor> = at(&data).iter().map(|x| tape.watch(x).unwrap()).collect();
        let loss = self.run(&watched, tape.run()).unwrap();
        let gradients = tape.gradient(&loss).unwrap();
        for (which, gradient) in gradients.iter().enumerate() {
            let got = gradient.as_ref().map_or_else(|| vec![0.0; size], |g| g.to_f64_vec().unwrap());
            for i in 0..size {
                let step = 1e-5;
                let moved = |by: f64| {
                    let mut data = data.clone();
                    data[which][i] += by;
                    plain(&data).unwrap()
                };
                let want = (moved(step) - moved(-step)) / (2.0 * step);
                if (got[i] - want).abs() > 1e-6 * want.abs().max(1.0) {
                    failures.push(format!(
                        "{} on {}: input {which} of {count}, element {i}: {}, expected {want}",
                        self.class,
                        device.backend(),
                        got[i]
                    ));
                    return true;
                }
            }
        }
        true
    }
}

#[test]
fn gradients_of_operations_are_those_of_differences() {
    let mut failures = Vec::new();
    let mut unchecked = Vec::new();
    for device in devices().iter().filter(|device| device.supports(DType::F64)) {
        for class in Operation::class_names() {
            // It has none on purpose.
            if class == "StopGradient" {
                continue;
            }
            let case = Case::new(class);
            let shapes: [&[usize]; 4] = [&[3, 3], &[4], &[1, 4, 4, 4], &[3, 3, 4]];
            let counts: &[usize] = if case.list { &[2] } else { &[1, 2, 3] };
            let fits = shapes.iter().any(|shape| {
                counts.iter().filter(|count| case.check(**count, shape, device, &mut failures)).count() > 0
            });
            if !fits {
                unchecked.push(class);
            }
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    unchecked.sort_unstable();
    unchecked.dedup();
    // Those whose results are no floats.
    let whole = [
        "All",
        "Any",
        "Argmax",
        "Argmin",
        "Argsort",
        "CountNonzero",
        "Equal",
        "Greater",
        "GreaterEqual",
        "InTopK",
        "Isclose",
        "Isfinite",
        "Isinf",
        "Isnan",
        "Isneginf",
        "Isposinf",
        "Less",
        "LessEqual",
        "LogicalAnd",
        "LogicalNot",
        "LogicalOr",
        "LogicalXor",
        "MultiHot",
        "NotEqual",
        "OneHot",
    ];
    assert_eq!(unchecked, whole);
}
