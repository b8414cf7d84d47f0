#![allow(clippy::unwrap_used, reason = "tests")]

use crate::layer::LayerExt;
use crate::layers::{AveragePooling1D, MaxPooling1D};
use crate::tensor::Tensor;

#[test]
fn windows_much_larger_than_the_input() {
    let x = Tensor::from_vec(vec![1.0_f32, 2.0, 6.0], [1, 3, 1]).unwrap();
    for window in [100, usize::MAX / 4] {
        let max = MaxPooling1D::new(window).strides(2).padding("same").shared();
        assert_eq!(max.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap(), [6.0, 6.0]);
        let mean = AveragePooling1D::new(window).strides(2).padding("same").shared();
        let means = mean.call(std::slice::from_ref(&x)).unwrap()[0].to_vec::<f32>().unwrap();
        assert!(means.len() == 2 && means.iter().all(|m| (m - 3.0).abs() < 1e-6), "{means:?}");
        assert!(MaxPooling1D::new(window).shared().call(std::slice::from_ref(&x)).is_err());
    }
}

#[test]
fn shapes_without_data_are_those_with_data() {
    for (size, window, stride) in
        (1..8).flat_map(|s| (1..5).flat_map(move |w| (1..4).map(move |t| (s, w, t))))
    {
        let x = Tensor::zeros([1, size, 2], crate::DType::F32).unwrap();
        for padding in ["valid", "same"] {
            let layer = MaxPooling1D::new(window).strides(stride).padding(padding).shared();
            match layer.compute_output_shape(&[x.shape().into()]) {
                Ok(shapes) => {
                    assert!(shapes[0].accepts(layer.call(std::slice::from_ref(&x)).unwrap()[0].shape()))
                }
                Err(_) => {
                    assert!(
                        padding == "valid" && window > size && layer.call(std::slice::from_ref(&x)).is_err()
                    )
                }
            }
        }
    }
}

#[test]
fn other_names_of_the_classes_are_known() {
    let table = <Box<dyn crate::layer::Layer> as crate::config::Registered>::classes();
    for rank in 1..4 {
        for name in ["MaxPool", "AvgPool", "GlobalMaxPool", "GlobalAvgPool"] {
            assert!(table.get(&format!("{name}{rank}D")).is_some(), "{name}{rank}D");
        }
    }
}
