//! Every operation of `keras.ops` on tensors and with arguments that do not belong there.

use super::Checks;
use super::arguments::hostile_values;
use super::child::scale;
use crate::support::devices;
use crate::support::layer::{Call, load_layer};
use keras_rs::config::KerasConfig;
use keras_rs::layers::Operation;
use keras_rs::{DType, Device, Shape, Tensor, TensorData};
use keras_rs_tests::hostile::Random;
use serde_json::{Value, json};

/// Cases that are tried unless more are asked for.
const TRIES: usize = 12_000;

/// Operations whose results have shapes that depend on values.
const OF_VALUES: [&str; 7] =
    ["Bincount", "Nonzero", "SegmentMax", "SegmentMin", "SegmentProd", "SegmentSum", "Unique"];

/// A value that an argument is likely to take, where its default is none.
fn usual(argument: &str) -> Value {
    match argument {
        "shape" | "newshape" => json!([2, 2]),
        "subscripts" => json!("ij,jk->ik"),
        "axes" | "source" => json!([0, 1]),
        "destination" => json!([1, 0]),
        "pad_width" => json!([[1, 1], [0, 2]]),
        "dtype" => json!("int32"),
        "num_classes" => json!(3),
        "axis" => json!(0),
        "size" => json!([2, 3]),
        "spatial_dims" => json!([0, 1]),
        "method" => json!("cubic"),
        _ => json!(1),
    }
}

/// Tensors of odd shapes, from one to three.
fn inputs(random: &mut Random, device: &Device) -> Vec<Tensor> {
    let shapes: [&[usize]; 10] =
        [&[2, 2], &[2, 2], &[3], &[], &[0, 2], &[2, 3, 4], &[1, 4, 4, 4], &[2, 4, 2, 2], &[1], &[0]];
    let types =
        [DType::F32, DType::F32, DType::I32, DType::Bool, DType::U8, DType::I64, DType::F16, DType::F64];
    let same = random.below(2) == 0;
    let first = random.below(shapes.len());
    (0..=random.below(3))
        .filter_map(|_| {
            let shape = shapes[if same { first } else { random.below(shapes.len()) }];
            let dtype = types[random.below(types.len())];
            let count: usize = shape.iter().product();
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e20, -1e30];
            let value = |random: &mut Random| match random.below(20) {
                0 => odd[random.below(odd.len())],
                _ => random.below(5) as f64 - 1.0,
            };
            let values: Vec<f64> = (0..count).map(|_| value(random)).collect();
            let x = Tensor::from_data_on(
                TensorData::from_f64(&values, shape.to_vec(), DType::F32).unwrap(),
                device,
            )
            .unwrap();
            device.supports(dtype).then(|| x.cast(dtype).unwrap())
        })
        .collect()
}

pub(super) fn check() {
    let mut checks = Checks::start();
    let values = hostile_values();
    let classes: Vec<&str> = Operation::class_names().collect();
    let devices = devices();
    let mut random = Random(23);
    for i in 0..TRIES * scale() {
        let class = classes[i % classes.len()];
        let mut config = Operation::new(class).unwrap().config();
        for (name, value) in &mut config {
            if value.is_null() && random.below(3) > 0 {
                *value = usual(name);
            }
        }
        if !config.is_empty() && random.below(3) > 0 {
            let at = random.below(config.len());
            if let Some((_, value)) = config.iter_mut().nth(at) {
                *value = values[random.below(values.len())].clone();
            }
        }
        let device = &devices[random.below(devices.len())];
        let inputs = inputs(&mut random, device);
        let mut name = format!("{class} {config:?} of");
        let mut call = Call::new(inputs);
        call.inputs.iter().for_each(|x| name.push_str(&format!(" {:?} {}", x.shape(), x.dtype())));
        if random.below(4) == 0 {
            let value = values[random.below(values.len())].clone();
            name.push_str(&format!(" and {value}"));
            call = call.positional(random.below(3), value);
        }
        checks.case(&name, || try_operation(class, config, &call));
    }
    checks.finish();
}

fn try_operation(class: &str, config: keras_rs::config::Config, call: &Call) {
    let envelope = json!({"module": "keras.src.ops.numpy", "class_name": class, "config": config});
    let Ok(layer) = load_layer(&envelope) else { return };
    let inputs = &call.inputs;
    let known: Vec<_> = inputs.iter().map(|x| (Shape::from(x.shape()), x.dtype())).collect();
    let open: Vec<_> = inputs
        .iter()
        .map(|x| (Shape::new(x.shape().iter().map(|_| None).collect::<Vec<_>>()), x.dtype()))
        .collect();
    let announced = call.output_spec(&layer, &known);
    let roughly = call.output_spec(&layer, &open);
    let outputs = call.run(&layer).map(|outcome| outcome.outputs);
    if let (Ok(outputs), Ok(announced)) = (&outputs, &announced) {
        let got: Vec<_> = outputs.iter().map(|x| (Shape::from(x.shape()), x.dtype())).collect();
        if OF_VALUES.contains(&class) {
            let fits = outputs
                .iter()
                .zip(announced)
                .all(|(x, spec)| spec.0.accepts(x.shape()) && spec.1 == x.dtype());
            assert!(
                fits && outputs.len() == announced.len(),
                "{announced:?} is announced, and {got:?} comes"
            );
        } else {
            assert_eq!(&got, announced, "what is announced and what comes");
        }
        outputs.iter().for_each(|x| drop(x.to_f64_vec()));
    }
    // Which axes have size one is not known before there are data.
    let open_ended = class == "Squeeze" && layer.config()["axis"].is_null();
    if let (Ok(outputs), Ok(roughly), false) = (outputs, roughly, open_ended) {
        let fits = outputs.iter().zip(&roughly).all(|(x, (shape, _))| {
            x.rank() == shape.rank()
                && x.shape().iter().zip(shape.dims()).all(|(n, d)| d.is_none_or(|d| d == *n))
        });
        assert!(fits && outputs.len() == roughly.len(), "{roughly:?} is announced for open shapes");
    }
}
