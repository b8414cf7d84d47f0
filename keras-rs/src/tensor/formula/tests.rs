use super::*;

#[test]
fn operands_that_are_needed_again_keep_their_values() {
    let x = Tensor::from_vec(vec![1.0_f32, 4.0, 9.0], [3]).unwrap();
    let f = Formula::from(&x);
    let root = f.sqrt();
    let sum = &root + &f;
    let twice = &sum * &sum - &root;
    let values = Formula::evaluate(vec![twice, root, sum, f]).unwrap();
    let [twice, root, sum, same] = values.as_slice() else { unreachable!() };
    assert_eq!(root.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0]);
    assert_eq!(sum.to_vec::<f32>().unwrap(), [2.0, 6.0, 12.0]);
    assert_eq!(twice.to_vec::<f32>().unwrap(), [3.0, 34.0, 141.0]);
    assert_eq!(same.to_vec::<f32>().unwrap(), x.to_vec::<f32>().unwrap());
}

#[test]
fn numbers_stand_on_either_side_and_shapes_broadcast() {
    let f = Formula::from(Tensor::from_vec(vec![2.0_f32, -4.0], [2, 1]).unwrap());
    let one = Formula::from(Tensor::scalar(3.0_f32).unwrap());
    let values = Formula::evaluate(vec![
        1.0 - f.clone(),
        1.0 / f.clone(),
        (&f / 2.0 + 1.0) * &one,
        f.abs().maximum(&one) + f.sign(),
    ])
    .unwrap();
    let [a, b, c, d] = values.as_slice() else { unreachable!() };
    assert_eq!(a.to_vec::<f32>().unwrap(), [-1.0, 5.0]);
    assert_eq!(b.to_vec::<f32>().unwrap(), [0.5, -0.25]);
    assert_eq!(c.to_vec::<f32>().unwrap(), [6.0, -3.0]);
    assert_eq!(d.to_vec::<f32>().unwrap(), [4.0, 3.0]);
    assert_eq!(d.shape(), [2, 1]);
}

#[test]
fn integers_are_refused() {
    let x = Formula::from(Tensor::from_vec(vec![1_i32], [1]).unwrap());
    assert!(matches!(Formula::evaluate(vec![x + 1.0]), Err(crate::Error::DType { .. })));
}
