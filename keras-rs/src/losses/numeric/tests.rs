use super::*;

/// Value and gradient of a function of one tensor, on every backend that is compiled in.
fn check(x: &[f64], f: impl Fn(&Tensor) -> Result<Tensor>, value: &[f64], gradient: &[f64]) {
    for backend in crate::Backend::ALL.into_iter().filter(|b| b.is_enabled()) {
        let device = backend.device().unwrap();
        if !device.supports(crate::DType::F64) {
            continue;
        }
        let x = Tensor::from_slice(x, [x.len()]).unwrap().to_device(&device).unwrap();
        let plain = f(&x).unwrap().to_vec::<f64>().unwrap();
        let mut tape = crate::GradientTape::new(&[]).unwrap();
        let y = f(&tape.watch(&x).unwrap()).unwrap();
        let recorded = y.to_vec::<f64>().unwrap();
        let same = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).all(|(a, b)| a == b || (a - b).abs() < 1e-12 || (a.is_nan() && b.is_nan()))
        };
        assert!(same(&plain, value), "{backend}: {plain:?}");
        assert!(same(&recorded, value), "{backend}: {recorded:?}");
        let computed = tape.gradient(&y.sum(&[], false).unwrap()).unwrap();
        let computed = computed[0].as_ref().unwrap().to_vec::<f64>().unwrap();
        assert!(same(&computed, gradient), "{backend}: {computed:?}");
    }
}

#[test]
fn gradient_at_a_bound_is_one_half() {
    let x = [-1.0, 0.0, 2.0, f64::NAN];
    check(&x, |x| at_least(x, 0.0), &[0.0, 0.0, 2.0, f64::NAN], &[0.0, 0.5, 1.0, 1.0]);
    check(&x, |x| at_most(x, 0.0), &[-1.0, 0.0, 0.0, f64::NAN], &[1.0, 0.5, 0.0, 1.0]);
}

#[test]
fn gradient_of_the_absolute_value_at_zero() {
    check(&[-2.0, 0.0, 3.0], absolute, &[2.0, 0.0, 3.0], &[-1.0, 1.0, 1.0]);
}

#[test]
fn logarithms_of_sums_do_not_overflow() {
    let log2 = 2.0_f64.ln();
    check(&[1000.0, 1000.0], |x| log_sum_exp(x, 0), &[1000.0 + log2], &[0.5, 0.5]);
}
