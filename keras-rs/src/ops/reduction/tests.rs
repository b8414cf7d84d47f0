//! Axes that are none, all, or named twice, and values that take part in extremes.
#![allow(clippy::unwrap_used, reason = "tests")]

use crate::dtype::DType;
use crate::error::Error;
use crate::ops;
use crate::shape::Shape;
use crate::tensor::Tensor;

fn x() -> Tensor {
    Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2]).unwrap()
}

#[test]
fn an_empty_list_of_axes_reduces_every_element_by_itself() {
    let none: [isize; 0] = [];
    assert_eq!(ops::sum(&x(), none, false).unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(ops::var(&x(), none, true).unwrap().to_vec::<f32>().unwrap(), [0.0; 4]);
    let spec = ops::var_spec(&(Shape::from([2, 2]), DType::I32), none.into(), false).unwrap();
    assert_eq!(spec, (Shape::from([2, 2]), DType::F32));
}

#[test]
fn an_axis_named_twice_is_refused_with_and_without_data() {
    let twice = [0, -2];
    assert!(matches!(ops::mean(&x(), twice, false), Err(Error::Argument { .. })));
    let spec = ops::mean_spec(&(Shape::from([2, 2]), DType::F32), twice.into(), false);
    assert!(matches!(spec, Err(Error::Argument { .. })));
}

#[test]
fn the_initial_value_of_an_extreme_keeps_the_data_type() {
    let x = Tensor::from_slice(&[3_u8, 7], [2]).unwrap();
    let y = ops::min(&x, 0, true, 5.0).unwrap();
    assert_eq!((y.shape(), y.to_vec::<u8>().unwrap()), (&[1_usize][..], vec![3]));
    assert_eq!(ops::max(&x, 0, false, 9.0).unwrap().to_vec::<u8>().unwrap(), [9]);
}
