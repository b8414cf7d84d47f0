use crate::{DType, Tensor, TensorData};

/// Texts by NumPy 2.4.6's `str`.
#[test]
fn prints_as_numpy() {
    let text = |values: &[f64], dtype| {
        let data = TensorData::from_f64(values, vec![values.len()], dtype).expect("the sizes agree");
        format!("{:?}", Tensor::from_data(data).expect("flex has every type"))
    };
    assert_eq!(text(&[-101.284_927_368_164_06, 25.0], DType::F32), "[-101.28493   25.     ]");
    assert_eq!(text(&[1.0, 1234.5], DType::F32), "[1.0000e+00 1.2345e+03]");
    assert_eq!(text(&[0.1, 0.25, f64::NAN, f64::INFINITY], DType::F64), "[0.1  0.25  nan  inf]");
    assert_eq!(text(&[1.0 / 3.0, 2.0], DType::F64), "[0.33333333 2.        ]");
    assert_eq!(text(&[1e-5, 1.0], DType::F64), "[1.e-05 1.e+00]");
    assert_eq!(text(&[3.0, -20.0], DType::I32), "[  3 -20]");
    assert_eq!(text(&[1.0, 0.0], DType::Bool), "[ True False]");
}
