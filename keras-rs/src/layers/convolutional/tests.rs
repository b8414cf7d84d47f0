//! Bad arguments are error values that name the argument; extreme ones neither panic nor exhaust memory.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::error::Error;
use crate::layer::{LayerExt, LayerRef};
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::{DType, ops};

const IMAGE: [usize; 4] = [1, 9, 11, 3];

/// The argument that building for an image refuses.
fn refused(layer: LayerRef, shape: &[usize]) -> String {
    let source = match layer.build(&[Shape::from(shape)]).unwrap_err() {
        Error::InLayer { source, .. } => *source,
        other => other,
    };
    assert!(
        layer.compute_output_shape(&[Shape::from(shape)]).is_err() || matches!(source, Error::Shape { .. })
    );
    match source {
        Error::Argument { argument, .. } => argument,
        Error::Shape { expected, .. } => expected,
        other => other.to_string(),
    }
}

#[test]
fn refused_arguments_are_named() {
    let image = &IMAGE[..];
    assert_eq!(refused(Conv2D::new(0, 3).shared(), image), "filters");
    assert_eq!(refused(Conv2D::new(2, (3, 0)).shared(), image), "kernel_size");
    assert_eq!(refused(Conv2D::new(2, 3).strides(0).shared(), image), "strides");
    assert_eq!(refused(Conv2D::new(2, 3).dilation_rate([1, 0]).shared(), image), "dilation_rate");
    assert_eq!(refused(Conv2D::new(2, 3).strides(2).dilation_rate(2).shared(), image), "dilation_rate");
    assert_eq!(refused(Conv2D::new(4, 3).groups(3).shared(), image), "groups");
    assert_eq!(refused(Conv2D::new(4, 3).groups(0).shared(), image), "groups");
    assert_eq!(
        refused(Conv2D::new(4, 3).groups(2).shared(), image),
        "channels that are a multiple of 2 groups"
    );
    assert_eq!(refused(Conv2D::new(4, 3).padding("causal").shared(), image), "padding");
    assert_eq!(refused(Conv2D::new(4, 3).shared(), &[1, 9, 3]), "4 axes");
    assert!(refused(Conv2D::new(4, 10).shared(), image).contains("kernel [10, 10] fits"));
    assert_eq!(
        refused(Conv2DTranspose::new(2, 3).strides(2).output_padding(2).shared(), image),
        "output_padding"
    );
    assert_eq!(refused(DepthwiseConv2D::new(3).depth_multiplier(0).shared(), image), "depth_multiplier");
    assert_eq!(refused(SeparableConv2D::new(2, 3).depth_multiplier(0).shared(), image), "depth_multiplier");
}

#[test]
fn unknown_names_are_reported_when_the_layer_is_used() {
    let error = Conv2D::new(2, 3).padding("full").shared().build(&[Shape::from(IMAGE)]).unwrap_err();
    assert!(error_chain(&error).contains("unknown padding \"full\""), "{}", error_chain(&error));
    let error = Conv2D::new(2, 3).data_format("nhwc").shared().build(&[Shape::from(IMAGE)]).unwrap_err();
    assert!(error_chain(&error).contains("unknown data format \"nhwc\""), "{}", error_chain(&error));
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(error_chain).unwrap_or_default();
    format!("{error}: {source}")
}

#[test]
fn other_channels_than_built_for_are_refused() {
    let layer = Conv1D::new(2, 1).shared();
    layer.build(&[Shape::from([1, 5, 3])]).unwrap();
    let x = Tensor::zeros([1, 5, 4], DType::F32).unwrap();
    assert!(matches!(layer.call(&[x]), Err(Error::InLayer { .. })));
}

/// Layers with a number that a hostile file may hold.
fn extremes(huge: usize, kernel: usize, padding: &str, format: &str) -> Vec<LayerRef> {
    let conv = || Conv2D::new(2, kernel).padding(padding).data_format(format);
    let transpose = || Conv2DTranspose::new(2, kernel).padding(padding).data_format(format);
    vec![
        conv().strides(huge).shared(),
        conv().dilation_rate(huge).shared(),
        Conv2D::new(2, huge).padding(padding).shared(),
        Conv2D::new(huge, kernel).padding(padding).shared(),
        DepthwiseConv2D::new(kernel).dilation_rate((1, huge)).padding(padding).shared(),
        transpose().strides((1, huge)).shared(),
        transpose().strides((1, huge)).output_padding(0).shared(),
        transpose().strides(huge).output_padding((huge - 1, 0)).shared(),
        transpose().dilation_rate(huge).shared(),
        SeparableConv2D::new(2, kernel).depth_multiplier(huge).shared(),
    ]
}

#[test]
fn extreme_numbers_are_errors_or_answers() {
    for huge in [usize::MAX, usize::MAX / 2, 1 << 62, 1 << 40, 1 << 33] {
        for (padding, format) in [
            ("valid", "channels_last"),
            ("same", "channels_last"),
            ("valid", "channels_first"),
            ("same", "channels_first"),
        ] {
            for kernel in [1, 2, 3] {
                for shape in [[1, 3, 3, 2], [1, 2, 3, 3], [1, 1, 1, 1]] {
                    for layer in extremes(huge, kernel, padding, format) {
                        let _ = layer.call(&[Tensor::ones(shape, DType::F32).unwrap()]);
                    }
                }
            }
        }
    }
    let x = Tensor::ones([1, 3, 1], DType::F32).unwrap();
    let far =
        ops::Window { dilation_rate: &[1 << 36], padding: ops::Padding::Same, ..ops::Window::default() };
    let kernel = Tensor::ones([3, 1, 1], DType::F32).unwrap();
    assert!(matches!(ops::conv(&x, &kernel, far), Err(Error::TooLarge { .. })));
    let far = ops::Window { strides: &[usize::MAX], ..ops::Window::default() };
    assert_eq!(ops::conv(&x, &kernel, far).unwrap().to_vec::<f32>().unwrap(), [3.0]);
}

#[test]
fn names_of_keras_2_are_known() {
    let table = <Box<dyn crate::layer::Layer> as crate::config::Registered>::classes();
    for name in ["Convolution2D", "Deconvolution2D", "SeparableConvolution1D", "Convolution3DTranspose"] {
        assert!(table.get(name).is_some(), "{name}");
    }
}

/// Gradients on the recording device, held against differences of the loss.
#[test]
fn gradients_flow_through_every_padding() {
    let values: Vec<f64> = (0..2 * 5 * 2).map(|i| f64::from(i * 7 % 11) / 5.0 - 1.0).collect();
    let weights: Vec<f64> = (0..3 * 2 * 2).map(|i| f64::from(i * 5 % 13) / 6.0 - 1.0).collect();
    for padding in [ops::Padding::Valid, ops::Padding::Same, ops::Padding::Causal] {
        for transposed in [false, true] {
            if transposed && padding == ops::Padding::Causal {
                continue;
            }
            let window = ops::Window { strides: &[2], padding, ..ops::Window::default() };
            let apply = |x: &Tensor, w: &Tensor| {
                let y = if transposed {
                    ops::conv_transpose(x, w, None, window)
                } else {
                    ops::conv(x, w, window)
                };
                y.unwrap().square().unwrap().sum(&[], false).unwrap()
            };
            let loss = |values: &[f64], weights: &[f64]| {
                let x = Tensor::from_vec(values.to_vec(), [2, 5, 2]).unwrap();
                let w = Tensor::from_vec(weights.to_vec(), [3, 2, 2]).unwrap();
                apply(&x, &w).to_scalar().unwrap()
            };
            let x = Tensor::from_vec(values.clone(), [2, 5, 2]).unwrap().record().unwrap();
            let w = Tensor::from_vec(weights.clone(), [3, 2, 2]).unwrap().record().unwrap();
            let mut grads = apply(&x, &w).backward().unwrap().unwrap();
            let near = |got: Tensor, at: &dyn Fn(usize, f64) -> f64| {
                for (i, got) in got.to_vec::<f64>().unwrap().into_iter().enumerate() {
                    let want = (at(i, 1e-4) - at(i, -1e-4)) / 2e-4;
                    assert!((got - want).abs() < 1e-5 * want.abs().max(1.0), "{padding} {i}: {got} {want}");
                }
            };
            let moved = |list: &[f64], i: usize, by: f64| {
                let mut list = list.to_vec();
                list[i] += by;
                list
            };
            near(x.take_gradient(&mut grads).unwrap(), &|i, by| loss(&moved(&values, i, by), &weights));
            near(w.take_gradient(&mut grads).unwrap(), &|i, by| loss(&values, &moved(&weights, i, by)));
        }
    }
}
