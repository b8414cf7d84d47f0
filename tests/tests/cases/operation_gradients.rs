//! Gradients of every operation of `keras.ops` against differences, in float64.

use crate::support::layer::{Call, load_layer};
use crate::{Checked, ensure, on_backends};
use keras_rs::config::KerasConfig;
use keras_rs::layers::{Layer, LayerRef, Operation};
use keras_rs::{DType, Device, GradientTape, Tensor, TensorData};
use libtest_mimic::Trial;
use serde_json::{Value, json};

/// Operations of whole numbers or truth values, and those whose gradient Keras gives as zero.
const WHOLE: &[&str] = &[
    "All",
    "AllClose",
    "Any",
    "Argmax",
    "Argmin",
    "Argpartition",
    "Argsort",
    "Bincount",
    "BitwiseAnd",
    "BitwiseInvert",
    "BitwiseLeftShift",
    "BitwiseNot",
    "BitwiseOr",
    "BitwiseRightShift",
    "BitwiseXor",
    "CountNonzero",
    "Digitize",
    "Equal",
    "Gcd",
    "Greater",
    "GreaterEqual",
    "InTopK",
    "IsIn",
    "Isclose",
    "Isfinite",
    "Isinf",
    "Isnan",
    "Isneginf",
    "Isposinf",
    "Isreal",
    "Lcm",
    "Ldexp",
    "LeftShift",
    "Less",
    "LessEqual",
    "LogicalAnd",
    "LogicalNot",
    "LogicalOr",
    "LogicalXor",
    "MatrixRank",
    "MultiHot",
    "Nanargmax",
    "Nanargmin",
    "Ndim",
    "Nonzero",
    "NotEqual",
    "OneHot",
    "RightShift",
    "SearchSorted",
    "Signbit",
    "Size",
    "UnravelIndex",
];

pub fn trials() -> Vec<Trial> {
    // These have none on purpose, as in Keras; of `Eig` there is no result.
    let without = ["StopGradient", "Nextafter", "Eig"];
    let classes = Operation::class_names().filter(|class| !without.contains(class));
    classes
        .flat_map(|class| {
            on_backends(&format!("operation_gradients::{class}"), &[DType::F64], move |device| {
                check(class, device)
            })
        })
        .collect()
}

fn check(class: &'static str, device: &Device) -> Checked {
    let case = Case::new(class);
    let shapes: [&[usize]; 4] = [&[3, 3], &[4], &[1, 4, 4, 4], &[3, 3, 4]];
    let counts: &[usize] = if case.list { &[2] } else { &[1, 2, 3] };
    let mut checked = false;
    for shape in shapes {
        for count in counts {
            checked |= case.check(*count, shape, device)?;
        }
        // The first shape that fits is enough.
        if checked {
            break;
        }
    }
    ensure(checked != WHOLE.contains(&class), || format!("gradients were checked: {checked}"))
}

/// Arguments that an operation needs, or that show more of it than its defaults.
fn arguments(class: &str, name: &str) -> Option<Value> {
    Some(match (class, name) {
        ("RGBToGrayscale" | "RGBToHSV" | "HSVToRGB", "data_format") => json!("channels_first"),
        ("Resize", "size") => json!([5, 3]),
        ("Resize", "interpolation") => json!("bicubic"),
        ("ElasticTransform", "sigma") => json!(0.5),
        ("ElasticTransform", "alpha") => json!(0.3),
        ("ElasticTransform", "seed") => json!(4),
        ("MapCoordinates", "order") => json!(1),
        ("SSIM", "filter_size") => json!(2),
        ("ExtractPatches", "size") => json!([2, 3]),
        ("ExtractPatches", "strides") => json!(1),
        ("ScaleAndTranslate", "spatial_dims") => json!([1, 2]),
        ("ScaleAndTranslate", "method") => json!("lanczos3"),
        (_, "target_height") => json!(if class == "CropImages" { 2 } else { 6 }),
        (
            _,
            "left_padding" | "right_padding" | "left_cropping" | "right_cropping" | "top_padding"
            | "top_cropping",
        ) => json!(1),
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
        ("Cast" | "SaturateCast" | "Full", "dtype") => json!("float64"),
        ("Split" | "Hsplit" | "Vsplit" | "ArraySplit", "indices_or_sections") => json!(3),
        ("Dsplit", _) | (_, "pool_size" | "block_size") => json!(2),
        ("OneHot" | "MultiHot", "num_classes") => json!(3),
        ("Scatter", "shape") => json!([4, 3]),
        ("Full", "shape") => json!([2, 3, 3]),
        ("UnravelIndex", "shape") => json!([9]),
        (_, "num_segments" | "sequence_length") => json!(2),
        (_, "sequence_stride" | "kth") => json!(1),
        ("Linspace" | "Logspace" | "Geomspace", "num") => json!(4),
        ("Swapaxes", "axis1") | ("Moveaxis", "source") => json!(0),
        ("Norm", "ord") => json!(3),
        ("Normalize", "order") => json!(3),
        ("Fold", "output_size") => json!([3, 4]),
        ("Fold", "kernel_size") => json!([3, 1]),
        ("Unfold", "kernel_size") => json!([2, 3]),
        ("STFT" | "ISTFT", "fft_length") => json!(4),
        (_, "max_val") => json!(2.5),
        (_, "k" | "axis2" | "destination" | "shift") => json!(1),
        (_, "repeats") => json!(2),
        (_, "output_size") => json!(3),
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
    layer: LayerRef,
    call: Call,
    list: bool,
    /// What is added to the values, so that the operation has a result.
    shift: f64,
    /// What is added to the values of each further input, so that it has a slope.
    apart: f64,
    /// What is added to the diagonals of matrices.
    diagonal: f64,
}

impl Case {
    fn new(class: &'static str) -> Self {
        let mut operation = Operation::new(class).unwrap();
        for name in operation.config().keys().cloned().collect::<Vec<_>>() {
            if let Some(value) = arguments(class, &name) {
                operation = operation.argument(&name, value).unwrap();
            }
        }
        let list = operation.signature().takes_list();
        let slice = json!({"class_name": "__slice__", "config": {"start": 1, "stop": null, "step": 1}});
        let pointwise = json!({"class_name": "__numpy__", "config": {"value": [[vec![[0.3, 0.7]; 16]]], "dtype": "float64"}});
        let call = match class {
            "GetItem" => Call::default().positional(1, slice),
            "Slice" => Call::default().positional(1, json!([1, 0])),
            "AffineTransform" => {
                Call::default().positional(1, json!([0.9, 0.2, -1.3, -0.15, 1.1, 0.7, 0.1, 0.2]))
            }
            "PerspectiveTransform" => Call::default()
                .positional(1, json!([[0.1, 0.2], [0.3, 3.1], [3.2, 0.1], [2.9, 2.8]]))
                .positional(2, json!([[0.6, 0.1], [0.2, 2.6], [2.8, 0.4], [3.1, 3.2]])),
            "ScaleAndTranslate" => Call::default()
                .positional(1, json!([1, 3, 5, 4]))
                .positional(2, json!([0.7, 1.3]))
                .positional(3, json!([0.35, -0.8])),
            "Take" | "TakeAlongAxis" => Call::default().positional(1, json!([2, 0, 0])),
            "Scatter" => Call::default().positional(0, json!([[2], [0], [2]])),
            "ScatterUpdate" => Call::default().positional(1, json!([[2], [0], [2]])),
            "SliceUpdate" => Call::default().positional(1, json!([0, 0])),
            "SegmentSum" | "SegmentProd" | "SegmentMax" | "SegmentMin" => {
                Call::default().positional(1, json!([1, 0, 1]))
            }
            "Rearrange" => Call::default().positional(1, json!("a b -> b a")),
            "SparseCategoricalCrossentropy" => Call::default().positional(0, json!([1, 0, 2])),
            "CTCLoss" => Call::default()
                .positional(0, json!([[1, 1], [3, 2], [2, 0]]))
                .positional(2, json!([2, 2, 1]))
                .positional(3, json!([3, 2, 3])),
            "CTCDecode" => Call::default().positional(1, json!([3, 2, 3])),
            "SeparableConv" => Call::default().positional(2, pointwise),
            "Select" => Call::default().positional(1, json!(0.5)),
            _ => Call::default(),
        };
        let object =
            json!({"module": "keras.src.ops.numpy", "class_name": class, "config": operation.config()});
        Self {
            layer: load_layer(&object).unwrap(),
            call,
            list,
            shift: if class == "Arccosh" { 1.0 } else { 0.0 },
            // Keras gives NaN where a distance is zero.
            apart: if class == "CDist" { 0.05 } else { 0.0 },
            diagonal: if class == "Cholesky" { 2.0 } else { 0.0 },
        }
    }

    fn with(&self, inputs: Vec<Tensor>) -> Call {
        self.call.clone().inputs(inputs)
    }

    /// Whether the operation takes inputs of this number and shape; then its gradients are checked.
    fn check(&self, count: usize, shape: &[usize], device: &Device) -> Result<bool, String> {
        let size: usize = shape.iter().product();
        let mut data: Vec<Vec<f64>> = (0..count).map(|which| values(size, which)).collect();
        let columns = shape.last().copied().unwrap_or(1);
        for (which, values) in data.iter_mut().enumerate() {
            values.iter_mut().for_each(|v| *v += self.shift + self.apart * which as f64);
            values.iter_mut().step_by(columns + 1).for_each(|v| *v += self.diagonal);
        }
        let at =
            |data: &[Vec<f64>]| -> Vec<Tensor> { data.iter().map(|v| tensor(v, shape, device)).collect() };
        let plain = |data: &[Vec<f64>]| {
            let outcome = self.with(at(data)).run(&self.layer).ok()?;
            weighted(&outcome.outputs)?.to_scalar().ok()
        };
        if plain(&data).is_none() {
            return Ok(false);
        }
        let mut tape = GradientTape::new(&[]).unwrap();
        let watched: Vec<Tensor> = at(&data).iter().map(|x| tape.watch(x).unwrap()).collect();
        let outcome = self.with(watched).record(&self.layer, &mut tape).unwrap();
        let gradients = tape.gradient(&weighted(&outcome.outputs).unwrap()).unwrap();
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
                let near = (got[i] - want).abs() <= 1e-6 * want.abs().max(1.0);
                ensure(near, || {
                    format!("input {which} of {count}, element {i}: {}, expected {want}", got[i])
                })?;
            }
        }
        Ok(true)
    }
}
