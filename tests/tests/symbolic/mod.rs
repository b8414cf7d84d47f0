//! Functions of `ops` on symbolic tensors: the operation that they make, its numbers, and its way through files.
//!
//! With `KERAS_RS_WRITE_OPERATIONS` set to a folder, every model is saved there with its inputs and outputs;
//! `tests/python/operations.py` has real Keras open them.

use indexmap::IndexMap;
use keras_rs::layer::KerasTensor;
use keras_rs::ops::{
    CtcDecoding, CtcStrategy, DataFormat, Index, PadMode, Padding, QuantileMethod, ScatterReduction,
    SignalWindow, Unique, Window,
};
use keras_rs::prelude::*;
use keras_rs::{model_from_json, npz, ops};

/// One input of a model: its name, the symbolic tensor and the values.
struct Given {
    name: &'static str,
    symbolic: KerasTensor,
    values: Tensor,
}

/// What functions return as a list.
trait Many<T> {
    fn many(self) -> Vec<T>;
}

macro_rules! many {
    ($($ty:ty),*) => {$(
        impl Many<$ty> for $ty {
            fn many(self) -> Vec<$ty> {
                vec![self]
            }
        }

        impl Many<$ty> for ($ty, $ty) {
            fn many(self) -> Vec<$ty> {
                vec![self.0, self.1]
            }
        }

        impl Many<$ty> for [$ty; 2] {
            fn many(self) -> Vec<$ty> {
                self.into()
            }
        }

        impl Many<$ty> for ($ty, $ty, $ty) {
            fn many(self) -> Vec<$ty> {
                vec![self.0, self.1, self.2]
            }
        }

        impl Many<$ty> for Vec<$ty> {
            fn many(self) -> Vec<$ty> {
                self
            }
        }
    )*};
}
many!(Tensor, KerasTensor);

fn floats(shape: &[usize], scale: f64, offset: f64) -> Tensor {
    let count: usize = shape.iter().product();
    let value = |i: usize| (((i * 37 + 11) % 101) as f64 / 101.0 * scale + offset) as f32;
    Tensor::from_vec((0..count).map(value).collect(), shape).unwrap()
}

fn given(name: &'static str) -> Given {
    let values = match name {
        // Between -1 and 1, between 0 and 1, above 1.
        "x" => floats(&[2, 4], 2.0, -1.0),
        "y" => floats(&[2, 4], -2.0, 1.0),
        "small" => floats(&[2, 4], 0.9, 0.05),
        "large" => floats(&[2, 4], 2.0, 1.1),
        "m" => floats(&[2, 4, 4], 2.0, -1.0),
        "image" => floats(&[2, 4, 4, 4], 2.0, -1.0),
        "photo" => floats(&[2, 5, 6, 3], 0.9, 0.05),
        "pixels" => floats(&[2, 5, 6, 3], 255.0, 0.0).cast(DType::U8).unwrap(),
        "volume" => floats(&[2, 4, 4, 4, 2], 2.0, -1.0),
        "picture" => floats(&[5, 6, 3], 0.9, 0.05),
        "places" => floats(&[3, 4], 5.0, -1.0),
        "transform" => Tensor::from([
            [0.9, 0.2, -1.3, -0.15, 1.1, 0.7, 0.0, 0.0],
            [1.2, -0.1, 2.6, 0.05, 0.8, -3.3, 0.0, 0.0],
        ])
        .unwrap(),
        "start" => Tensor::from([[[0.1, 0.2], [0.3, 4.1], [5.2, 0.1], [4.9, 3.8]]; 2]).unwrap(),
        "end" => Tensor::from([[[0.6, 0.1], [0.2, 3.6], [4.8, 0.4], [5.1, 4.2]]; 2]).unwrap(),
        "vector" => floats(&[4], 2.0, -1.0),
        "three" => floats(&[2, 3], 2.0, -1.0),
        "line" => Tensor::from([-0.5, 0.0, 0.25, 0.75]).unwrap(),
        "matrix" => floats(&[4, 2], 2.0, -1.0),
        "part" => floats(&[2, 1], -2.0, 1.0),
        "ids" => Tensor::from([2, 0, 2, 1]).unwrap(),
        "at" => Tensor::from([[1], [0]]).unwrap(),
        "definite" => definite(),
        "triangle" => ops::cholesky(&definite(), false).unwrap(),
        "tall" => floats(&[4, 3], 2.0, -1.0),
        "square" => floats(&[4, 4], 2.0, -1.0).add(&ops::identity(4, DType::F32).unwrap()).unwrap(),
        "n" => Tensor::from([[1, 0, 3, 2], [2, 2, 0, 1]]).unwrap(),
        "label" => Tensor::from([1, 3]).unwrap(),
        "b" => Tensor::from([[true, false, true, true], [false, false, true, false]]).unwrap(),
        "c" => Tensor::from([[true, true, false, true], [false, true, true, false]]).unwrap(),
        other => panic!("no input {other}"),
    };
    let mut shape = Shape::from(values.shape()).dims().to_vec();
    let batch = shape.remove(0);
    let mut input = Input::new(shape).dtype(values.dtype()).name(name);
    if ["vector", "line", "matrix", "part", "ids", "at", "tall", "square", "picture", "places"]
        .contains(&name)
    {
        input = input.batch_size(batch.unwrap());
    }
    Given { name, symbolic: input.keras_tensor().unwrap(), values }
}

/// Two symmetric, positive definite matrices.
fn definite() -> Tensor {
    let x = floats(&[2, 3, 3], 2.0, -1.0);
    x.matmul(&x.transpose().unwrap()).unwrap().add(&ops::identity(3, DType::F32).unwrap()).unwrap()
}

fn assert_equal(what: &str, got: &[Tensor], want: &[Tensor]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert_eq!((got.shape(), got.dtype()), (want.shape(), want.dtype()), "{what}");
        let pairs = got.to_f64_vec().unwrap().into_iter().zip(want.to_f64_vec().unwrap());
        for (got, want) in pairs {
            assert!(got == want || (got.is_nan() && want.is_nan()), "{what}: {got} instead of {want}");
        }
    }
}

/// Everything that is asked of one function.
fn check(class: &str, case: usize, given: &[Given], outputs: Vec<KerasTensor>, want: &[Tensor]) {
    assert_eq!(outputs[0].layer().class_name(), class);
    for (output, want) in outputs.iter().zip(want) {
        assert!(output.shape().accepts(want.shape()), "{class}: {} for {:?}", output.shape(), want.shape());
        assert_eq!(output.dtype(), want.dtype(), "{class}");
    }
    let inputs: Vec<KerasTensor> = given.iter().map(|g| g.symbolic.clone()).collect();
    let data: Vec<Tensor> = given.iter().map(|g| g.values.clone()).collect();
    let model = Model::new(inputs, outputs).unwrap_or_else(|e| panic!("{class}: {e}"));
    let got = model.call(&data).unwrap_or_else(|e| panic!("{class}: {e}"));
    assert_equal(class, &got, want);
    let again = model_from_json(&model.to_json()).unwrap_or_else(|e| panic!("{class}: {e}"));
    assert_equal(class, &again.call(&data).unwrap(), want);

    let Ok(folder) = std::env::var("KERAS_RS_WRITE_OPERATIONS") else { return };
    let path = std::path::Path::new(&folder).join(format!("{class}_{case}"));
    model.save(path.with_extension("keras")).unwrap();
    let mut arrays = IndexMap::new();
    for g in given {
        arrays.insert(g.name.to_string(), g.values.to_data().unwrap());
    }
    for (i, y) in want.iter().enumerate() {
        arrays.insert(format!("output_{i}"), y.to_data().unwrap());
    }
    npz::write(path.with_extension("npz"), &arrays).unwrap();
}

/// Each expression is evaluated for symbolic tensors and for tensors with values.
macro_rules! cases {
    ($($class:literal ($($input:ident),+) $call:expr;)+) => {{
        let mut case = 0;
        $({
            case += 1;
            let given = [$(given(stringify!($input))),+];
            let outputs = || -> Result<Vec<KerasTensor>> {
                let mut next = given.iter();
                $(let $input = &next.next().unwrap().symbolic;)+
                Ok(Many::<KerasTensor>::many($call?))
            };
            let outputs = outputs().unwrap_or_else(|e| panic!("{}: {e}", $class));
            let want = || -> Result<Vec<Tensor>> {
                let mut next = given.iter();
                $(let $input = &next.next().unwrap().values;)+
                Ok(Many::<Tensor>::many($call?))
            };
            let want = want().unwrap_or_else(|e| panic!("{}: {e}", $class));
            check($class, case, &given, outputs, &want);
        })+
    }};
}

const LAST: DataFormat = DataFormat::ChannelsLast;

mod functions;
mod rules;
