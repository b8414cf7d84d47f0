//! Linear algebra of `ops`: what is refused, and gradients where values are not determined.

use crate::support::devices;
use keras_rs::layers::{Input, LayerExt, Operation};
use keras_rs::ops::{self, NormOrder};
use keras_rs::{DType, Device, Error, GradientTape, Result, Tensor, TensorData};

fn tensor(values: &[f64], shape: &[usize], dtype: DType, device: &Device) -> Tensor {
    Tensor::from_data_on(TensorData::from_f64(values, shape.to_vec(), dtype).unwrap(), device).unwrap()
}

/// The gradient of the sum of what a function gives.
fn gradient(x: &Tensor, function: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Vec<f64>> {
    let mut tape = GradientTape::new(&[])?;
    let x = tape.watch(x)?;
    let loss = function(&x)?.sum(&[], false)?;
    let gradients = tape.gradient(&loss)?;
    gradients[0].as_ref().expect("the sum depends on x").to_f64_vec()
}

#[test]
fn half_precision_has_determinants_and_triangles_alone() {
    for device in devices() {
        for dtype in [DType::F16, DType::BF16].into_iter().filter(|dtype| device.supports(*dtype)) {
            let x = &tensor(&[4.0, 2.0, 2.0, 5.0], &[2, 2], dtype, &device);
            let refused: [(&str, Result<Tensor>); 14] = [
                ("cholesky", ops::cholesky(x, false)),
                ("slogdet", ops::slogdet(x).map(|(sign, _)| sign)),
                ("logdet", ops::logdet(x)),
                ("inv", ops::inv(x)),
                ("lu_factor", ops::lu_factor(x).map(|(factors, _)| factors)),
                ("qr", ops::qr(x, "reduced").map(|(q, _)| q)),
                ("eigh", ops::eigh(x).map(|(values, _)| values)),
                ("svd", ops::svd(x, true).map(|(u, _, _)| u)),
                ("svdvals", ops::svdvals(x)),
                ("pinv", ops::pinv(x, None)),
                ("matrix_rank", ops::matrix_rank(x, None)),
                ("solve", ops::solve(x, x)),
                ("lstsq", ops::lstsq(x, x, None)),
                ("norm", ops::norm(x, NormOrder::Nuclear, (), false)),
            ];
            for (function, result) in refused {
                assert!(matches!(result, Err(Error::DType { .. })), "{function}: {result:?}");
            }
            for result in [
                ops::det(x),
                ops::cholesky_inverse(x, false),
                ops::solve_triangular(x, x, true),
                ops::norm(x, None, (), false),
            ] {
                assert_eq!(result.unwrap().dtype(), dtype);
            }
        }
    }
}

#[test]
fn whole_numbers_and_truth_values_give_float32() {
    for device in devices() {
        let whole = &tensor(&[4.0, 2.0, 2.0, 5.0], &[2, 2], DType::I32, &device);
        let truth = &tensor(&[1.0, 1.0, 0.0, 1.0], &[2, 2], DType::Bool, &device);
        for x in [whole, truth] {
            for result in [
                ops::det(x),
                ops::inv(x),
                ops::svdvals(x),
                ops::pinv(x, None),
                ops::solve(x, x),
                ops::lstsq(x, x, None),
                ops::norm(x, NormOrder::Number(-2.0), (), false),
            ] {
                assert_eq!(result.unwrap().dtype(), DType::F32);
            }
            assert_eq!(ops::matrix_rank(x, None).unwrap().dtype(), DType::I32);
        }
        assert_eq!(ops::cholesky(whole, true).unwrap().dtype(), DType::F32);
    }
}

#[test]
fn shapes_that_keras_refuses_are_errors() {
    for device in devices() {
        let zeros = |shape: &[usize]| tensor(&vec![0.5; shape.iter().product()], shape, DType::F32, &device);
        let (vector, wide, one) = (&zeros(&[3]), &zeros(&[2, 3]), &zeros(&[3, 3]));
        let refused: [(&str, Result<Tensor>); 16] = [
            ("det of a vector", ops::det(vector)),
            ("det", ops::det(wide)),
            ("inv", ops::inv(wide)),
            ("cholesky", ops::cholesky(wide, false)),
            ("eigh", ops::eigh(wide).map(|(values, _)| values)),
            ("logdet", ops::logdet(wide)),
            ("svd of a vector", ops::svdvals(vector)),
            ("qr of a vector", ops::qr(vector, "reduced").map(|(q, _)| q)),
            ("lu_factor of a vector", ops::lu_factor(vector).map(|(factors, _)| factors)),
            ("solve", ops::solve(wide, vector)),
            ("solve with other rows", ops::solve(one, &zeros(&[2]))),
            // As on JAX two axes are a matrix, for which the rows do not fit.
            ("solve with vectors", ops::solve(&zeros(&[2, 3, 3]), wide)),
            ("solve with other leading axes", ops::solve(&zeros(&[2, 3, 3]), &zeros(&[5, 3, 1]))),
            ("lstsq of several", ops::lstsq(&zeros(&[2, 3, 3]), &zeros(&[2, 3, 3]), None)),
            ("lstsq with other rows", ops::lstsq(one, &zeros(&[2]), None)),
            ("matrix_rank without elements", ops::matrix_rank(&zeros(&[0, 3]), None)),
        ];
        for (what, result) in refused {
            assert!(matches!(result, Err(Error::Shape { .. })), "{what}: {result:?}");
        }
        let refused: [(&str, Result<Tensor>); 5] = [
            ("qr in another mode", ops::qr(one, "raw").map(|(q, _)| q)),
            ("cholesky", ops::cholesky(&one.neg().unwrap(), false)),
            ("cholesky of NaN", ops::cholesky(&one.full_like([3, 3], f64::NAN).unwrap(), false)),
            ("norm of matrices", ops::norm(one, NormOrder::Number(3.0), (), false)),
            ("norm of vectors", ops::norm(one, NormOrder::Nuclear, 1, false)),
        ];
        for (what, result) in refused {
            assert!(matches!(result, Err(Error::Argument { .. })), "{what}: {result:?}");
        }
    }
}

#[test]
fn square_factors_of_tall_matrices_are_refused_where_memory_has_no_room() {
    for device in devices() {
        let tall = Tensor::full_on([2_000_000, 1], 0.5, DType::F32, &device).unwrap();
        let (_, r) = ops::qr(&tall, "reduced").unwrap();
        assert!((r.to_scalar().unwrap().abs() - 0.5 * 2e6_f64.sqrt()).abs() < 1e-2);
        for result in [ops::qr(&tall, "complete").map(|(q, _)| q), ops::svd(&tall, true).map(|(u, _, _)| u)] {
            assert!(matches!(result, Err(Error::TooLarge { .. })), "{result:?}");
        }
    }
}

#[test]
fn gradients_that_jax_does_not_have_are_errors() {
    for device in devices() {
        let tall = tensor(&[1.0, 2.0, 3.0, 5.0, 4.0, 7.0], &[3, 2], DType::F32, &device);
        let complete = gradient(&tall, |x| Ok(ops::qr(x, "complete")?.0));
        assert!(matches!(complete, Err(Error::Argument { .. })), "{complete:?}");
        let full = gradient(&tall, |x| Ok(ops::svd(x, true)?.0));
        assert!(matches!(full, Err(Error::Argument { .. })), "{full:?}");
        // Without full matrices the same values have one.
        assert!(gradient(&tall, |x| Ok(ops::svd(x, false)?.1)).is_ok());
    }
}

#[test]
fn equal_values_leave_the_gradients_of_values_finite() {
    for device in devices() {
        let identity = tensor(&[1.0, 0.0, 0.0, 1.0], &[2, 2], DType::F32, &device);
        let want = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(gradient(&identity, |x| Ok(ops::eigh(x)?.0)).unwrap(), want);
        assert_eq!(gradient(&identity, ops::svdvals).unwrap(), want);
        assert_eq!(gradient(&identity, |x| Ok(ops::svd(x, true)?.1)).unwrap(), want);
        assert_eq!(gradient(&identity, |x| ops::norm(x, NormOrder::Nuclear, (), false)).unwrap(), want);
    }
}

#[test]
fn elements_that_are_not_read_have_no_gradient() {
    for device in devices() {
        let a = tensor(&[2.0, 9.0, 1.0, 4.0], &[2, 2], DType::F32, &device);
        let b = tensor(&[2.0, 9.0], &[2], DType::F32, &device);
        for lower in [true, false] {
            let got = gradient(&a, |a| ops::solve_triangular(a, &b, lower)).unwrap();
            assert_eq!(got[if lower { 1 } else { 2 }], 0.0, "{got:?}");
            let got = gradient(&a, |a| ops::cholesky_inverse(a, !lower)).unwrap();
            assert_eq!(got[if lower { 1 } else { 2 }], 0.0, "{got:?}");
        }
    }
}

#[test]
fn complex_eigenvalues_are_refused_with_the_reason() {
    let eig = Operation::new("Eig").unwrap().apply(Input::new([3, 3])).unwrap_err();
    assert!(crate::support::chain(&eig).contains("complex"), "{eig}");
}
