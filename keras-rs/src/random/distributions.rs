//! Draws from distributions whose parameters are numbers or tensors, and random orders.

use super::{drawn, standard_normal};
use crate::backend::Device;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, TensorData, resolve_axis};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Whole numbers from `minval` below `maxval`, each as likely. Keras' `random.randint`.
///
/// # Errors
/// [`Error::Argument`] for bounds in the wrong order, [`Error::DType`] for a type that is no integer type.
///
/// ```
/// use keras_rs::{DType, backend, random};
///
/// let x = random::randint(&[100], 3, 5, DType::I32, &backend::default_device()?, 1)?;
/// assert!(x.to_vec::<i32>()?.iter().all(|v| (3..5).contains(v)));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn randint(
    shape: &[usize],
    minval: i64,
    maxval: i64,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    if !dtype.is_int() {
        return Err(Error::DType {
            context: "randint `dtype`".into(),
            expected: "an integer type".into(),
            got: dtype.to_string(),
        });
    }
    if minval >= maxval {
        return Err(Error::argument("randint", "maxval", format!("above {minval}"), maxval));
    }
    drawn(shape, dtype, device, seed, |rng| rng.random_range(minval..maxval) as f64)
}

/// Classes drawn by their logits: `(samples, num_samples)` for logits `(samples, classes)`. Keras' `random.categorical`,
/// whose classes are `int32` by default.
///
/// # Errors
/// [`Error::Shape`] for other shapes or no classes, [`Error::DType`] where the device lacks the type.
///
/// ```
/// use keras_rs::{DType, Tensor, backend, random};
///
/// let logits = Tensor::from_slice::<f32>(&[-100.0, 0.0], [1, 2])?;
/// let classes = random::categorical(&logits, 3, DType::I32, &backend::default_device()?, 1)?;
/// assert_eq!(classes.to_vec::<i32>()?, [1, 1, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn categorical(
    logits: &Tensor,
    num_samples: usize,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    let &[samples, classes] = logits.shape() else {
        return Err(Error::shape("categorical", "logits", "(samples, classes)", tuple(logits.shape())));
    };
    if classes == 0 {
        return Err(Error::shape("categorical", "logits", "at least one class", tuple(logits.shape())));
    }
    let mut rng = StdRng::seed_from_u64(seed);
    let mut chosen = Vec::with_capacity(samples * num_samples);
    for row in logits.to_f64_vec()?.chunks(classes) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = row.iter().map(|logit| (logit - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        for _ in 0..num_samples {
            let mut rest = sum * rng.random::<f64>();
            let class = weights.iter().position(|weight| {
                rest -= weight;
                rest < 0.0
            });
            chosen.push(class.unwrap_or(classes - 1) as f64);
        }
    }
    Tensor::from_data_on(TensorData::from_f64(&chosen, vec![samples, num_samples], dtype)?, device)
}

/// Numbers of successes in `counts` trials with these probabilities; the parameters broadcast to the shape. Keras'
/// `random.binomial`.
///
/// NaN where a count is negative or no finite number, or a probability is outside 0 to 1.
///
/// # Errors
/// [`Error::Shape`] where a parameter does not broadcast, [`Error::DType`] for a type that is no float type.
///
/// ```
/// use keras_rs::{DType, Tensor, backend, random};
///
/// let (counts, sure) = (Tensor::from([4.0])?, Tensor::from([1.0])?);
/// let x = random::binomial(&[2], &counts, &sure, DType::F32, &backend::default_device()?, 1)?;
/// assert_eq!(x.to_vec::<f32>()?, [4.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn binomial(
    shape: &[usize],
    counts: &Tensor,
    probabilities: &Tensor,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    of_two("binomial", shape, [counts, probabilities], (dtype, device), seed, draw_binomial)
}

/// Values of the beta distribution; the parameters broadcast to the shape. Keras' `random.beta`.
///
/// NaN where a parameter is negative or no finite number.
///
/// # Errors
/// As [`binomial`].
///
/// ```
/// use keras_rs::{DType, Tensor, backend, random};
///
/// let one = Tensor::from([1.0])?;
/// let x = random::beta(&[3], &one, &one, DType::F32, &backend::default_device()?, 1)?;
/// assert!(x.to_vec::<f32>()?.iter().all(|v| (0.0..=1.0).contains(v)));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn beta(
    shape: &[usize],
    alpha: &Tensor,
    beta: &Tensor,
    dtype: DType,
    device: &Device,
    seed: u64,
) -> Result<Tensor> {
    of_two("beta", shape, [alpha, beta], (dtype, device), seed, draw_beta)
}

/// Values of the gamma distribution with scale 1; `alpha` broadcasts to the shape. Keras' `random.gamma`.
///
/// NaN where `alpha` is negative or NaN.
///
/// # Errors
/// As [`binomial`].
///
/// ```
/// use keras_rs::{DType, Tensor, backend, random};
///
/// let x = random::gamma(&[3], &Tensor::from([2.0])?, DType::F32, &backend::default_device()?, 1)?;
/// assert!(x.to_vec::<f32>()?.iter().all(|v| *v > 0.0));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn gamma(shape: &[usize], alpha: &Tensor, dtype: DType, device: &Device, seed: u64) -> Result<Tensor> {
    let one = |rng: &mut StdRng, alpha: f64, _: f64| draw_log_gamma(rng, alpha).exp();
    of_two("gamma", shape, [alpha, alpha], (dtype, device), seed, one)
}

/// Draws one value for each pair of parameters.
fn of_two(
    context: &str,
    shape: &[usize],
    parameters: [&Tensor; 2],
    (dtype, device): (DType, &Device),
    seed: u64,
    mut one: impl FnMut(&mut StdRng, f64, f64) -> f64,
) -> Result<Tensor> {
    if !dtype.is_float() {
        return Err(Error::DType {
            context: format!("{context} `dtype`"),
            expected: "a float type".into(),
            got: dtype.to_string(),
        });
    }
    let read = |x: &Tensor| x.to_float()?.broadcast_to(shape.to_vec())?.to_f64_vec();
    let [a, b] = [read(parameters[0])?, read(parameters[1])?];
    let mut rng = StdRng::seed_from_u64(seed);
    let values: Vec<f64> = a.into_iter().zip(b).map(|(a, b)| one(&mut rng, a, b)).collect();
    Tensor::from_data_on(TensorData::from_f64(&values, shape.to_vec(), dtype)?, device)
}

/// The logarithm of a value of the gamma distribution: values for a small `alpha` are too small for a float. Marsaglia
/// and Tsang, 2000.
fn draw_log_gamma(rng: &mut StdRng, alpha: f64) -> f64 {
    if alpha.is_nan() || alpha < 0.0 {
        return f64::NAN;
    }
    // The loop below would not end for an infinite parameter.
    if alpha == 0.0 || alpha.is_infinite() {
        return alpha.ln();
    }
    if alpha < 1.0 {
        let u: f64 = 1.0 - rng.random::<f64>();
        return draw_log_gamma(rng, alpha + 1.0) + u.ln() / alpha;
    }
    let d = alpha - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = standard_normal(rng);
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && (1.0 - rng.random::<f64>()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return (d * v).ln();
        }
    }
}

/// `a / (a + b)` of two values of the gamma distribution.
fn draw_beta(rng: &mut StdRng, alpha: f64, beta: f64) -> f64 {
    if alpha.is_infinite() || beta.is_infinite() {
        return f64::NAN;
    }
    let (a, b) = (draw_log_gamma(rng, alpha), draw_log_gamma(rng, beta));
    1.0 / (1.0 + (b - a).exp())
}

/// Trial by trial once few are left; before, halved: the middle one of `n` sorted uniform numbers has a beta
/// distribution, and half of the trials lie on one side of it. Devroye, Non-Uniform Random Variate Generation, X.4.
fn draw_binomial(rng: &mut StdRng, count: f64, probability: f64) -> f64 {
    if !count.is_finite() || count < 0.0 || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let (mut trials, mut probability, mut hits) = (count.floor(), probability, 0.0);
    while trials > 64.0 {
        let middle = 1.0 + (trials / 2.0).floor();
        let value = draw_beta(rng, middle, trials + 1.0 - middle);
        if value <= probability {
            hits += middle;
            trials -= middle;
            probability = (probability - value) / (1.0 - value);
        } else {
            trials = middle - 1.0;
            probability /= value;
        }
    }
    hits + (0..trials as u64).filter(|_| rng.random::<f64>() < probability).count() as f64
}

/// The tensor with elements set to zero at a rate, and the others scaled up; one draw decides for all axes of size 1 in
/// `noise_shape`. Keras' `random.dropout`.
///
/// # Errors
/// [`Error::Argument`] for a rate outside 0 to 1, [`Error::Shape`] where `noise_shape` does not broadcast to the
/// inputs, [`Error::DType`] for inputs that are no floats.
///
/// ```
/// use keras_rs::{Tensor, random};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(random::dropout(&x, 0.0, None, 1)?.to_vec::<f32>()?, [1.0, 2.0]);
/// assert_eq!(random::dropout(&x, 1.0, None, 1)?.to_vec::<f32>()?, [0.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn dropout(inputs: &Tensor, rate: f64, noise_shape: Option<&[usize]>, seed: u64) -> Result<Tensor> {
    if !(0.0..=1.0).contains(&rate) {
        return Err(Error::argument("dropout", "rate", "from 0 to 1", rate));
    }
    if rate == 1.0 {
        return inputs.full_like(inputs.shape(), 0.0);
    }
    if rate == 0.0 {
        return Ok(inputs.clone());
    }
    if !inputs.dtype().is_float() {
        return Err(Error::DType {
            context: "dropout `inputs`".into(),
            expected: "a float type".into(),
            got: inputs.dtype().to_string(),
        });
    }
    let shape = noise_shape.unwrap_or(inputs.shape());
    let kept = |rng: &mut StdRng| f64::from(u8::from(rng.random::<f64>() >= rate));
    let kept = drawn(shape, DType::Bool, inputs.device(), seed, kept)?.broadcast_to(inputs.shape())?;
    // Chosen, not multiplied by 0, which would make NaN of infinities.
    inputs.div_scalar(1.0 - rate)?.where_(&kept, &inputs.full_like(inputs.shape(), 0.0)?)
}

/// The elements along an axis in random orders. Keras' `random.shuffle`.
///
/// Each vector along the axis has an order of its own, as with Keras on JAX and NumPy: Keras' documentation says that
/// elements are shuffled. On TensorFlow one order holds for all of them, so that slices stay together; with
/// [`Tensor::take`] and a shuffled range of numbers they do here, too.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, random};
///
/// let x = Tensor::from_slice::<i32>(&[1, 2, 3], [3])?;
/// let mut y = random::shuffle(&x, 0, 1)?.to_vec::<i32>()?;
/// y.sort();
/// assert_eq!(y, [1, 2, 3]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn shuffle(x: &Tensor, axis: isize, seed: u64) -> Result<Tensor> {
    let at = resolve_axis("shuffle", axis, x.rank())?;
    let size = x.shape()[at];
    let indices = i32::try_from(size)?;
    let vectors = if x.is_empty() { return Ok(x.clone()) } else { x.len() / size };
    let mut rng = StdRng::seed_from_u64(seed);
    let mut orders = Vec::with_capacity(x.len());
    for _ in 0..vectors {
        let start = orders.len();
        orders.extend(0..indices);
        for i in (1..size).rev() {
            orders.swap(start + i, start + rng.random_range(0..=i));
        }
    }
    let last = x.rank() as isize - 1;
    let x = x.move_axis(at as isize, last)?;
    let orders = Tensor::from_data_on(TensorData::from_values(&orders, x.shape().to_vec())?, x.device())?;
    x.take_along_axis(&orders, last)?.move_axis(last, at as isize)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::backend::default_device;

    fn moments(x: &Tensor) -> (f64, f64) {
        let values = x.to_f64_vec().unwrap();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64)
    }

    fn near(got: (f64, f64), want: (f64, f64)) {
        assert!((got.0 - want.0).abs() < 0.05 * want.0.max(1.0), "{got:?} {want:?}");
        assert!((got.1 - want.1).abs() < 0.08 * want.1.max(0.1), "{got:?} {want:?}");
    }

    #[test]
    fn draws_have_mean_and_variance_of_their_distributions() {
        let number = |v: f32| Tensor::from_slice::<f32>(&[v], [1]).unwrap();
        let count = [40_000];
        let device = default_device().unwrap();
        near(moments(&gamma(&count, &number(3.0), DType::F32, &device, 1).unwrap()), (3.0, 3.0));
        near(moments(&gamma(&count, &number(0.5), DType::F32, &device, 2).unwrap()), (0.5, 0.5));
        near(
            moments(&beta(&count, &number(2.0), &number(3.0), DType::F32, &device, 3).unwrap()),
            (0.4, 0.04),
        );
        let hits = binomial(&count, &number(10.0), &number(0.3), DType::F32, &device, 4).unwrap();
        near(moments(&hits), (3.0, 2.1));
        near(moments(&randint(&count, 0, 11, DType::I32, &device, 5).unwrap()), (5.0, 10.0));
        let logits = Tensor::from_slice::<f32>(&[0.0, 3.0_f32.ln()], [1, 2]).unwrap();
        near(moments(&categorical(&logits, 40_000, DType::I32, &device, 6).unwrap()), (0.75, 0.1875));
        let ones = Tensor::ones([40_000], DType::F32).unwrap();
        near(moments(&dropout(&ones, 0.25, None, 7).unwrap()), (1.0, 1.0 / 3.0));
    }

    #[test]
    fn parameters_at_their_limits_give_the_values_of_keras() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let drawn = |y: Result<Tensor>| y.unwrap().to_vec::<f32>().unwrap();
        let of = |values: [f32; 4]| Tensor::from_slice(&values, [4]).unwrap();
        let device = &default_device().unwrap();
        let x = drawn(gamma(&[4], &of([nan, inf, 0.0, -1e30]), DType::F32, device, 1));
        assert!(x[0].is_nan() && x[1] == inf && x[2] == 0.0 && x[3].is_nan(), "{x:?}");
        let x =
            drawn(beta(&[4], &of([nan, 0.0, -1.0, 2.0]), &of([1.0, 1.0, 1.0, inf]), DType::F32, device, 1));
        assert!(x[0].is_nan() && x[1] == 0.0 && x[2].is_nan() && x[3].is_nan(), "{x:?}");
        let x = drawn(binomial(
            &[4],
            &of([inf, -1.0, 5.0, 200.0]),
            &of([0.5, 0.5, 1.5, 1.0]),
            DType::F32,
            device,
            1,
        ));
        assert!(x[..3].iter().all(|v| v.is_nan()) && x[3] == 200.0, "{x:?}");
    }

    #[test]
    fn small_and_large_parameters_have_their_moments() {
        let number = |v: f32| Tensor::from_slice::<f32>(&[v], [1]).unwrap();
        let device = &default_device().unwrap();
        let half = beta(&[40_000], &number(1e-3), &number(1e-3), DType::F32, device, 1).unwrap();
        near(moments(&half), (0.5, 0.25 / 1.002));
        let drawn = |count: usize, trials: f32, sure: f32, seed: u64| {
            binomial(&[count], &number(trials), &number(sure), DType::F32, device, seed).unwrap()
        };
        near(moments(&drawn(40_000, 1000.0, 0.3, 2)), (300.0, 210.0));
        let many = drawn(100, 1e9, 0.25, 3).to_f64_vec().unwrap();
        assert!(many.iter().all(|v| (v - 2.5e8).abs() < 1e5), "{many:?}");
    }

    #[test]
    fn dropped_elements_are_zero_and_shapes_stay() {
        let x = Tensor::full([2, 500], f64::INFINITY, DType::F32).unwrap();
        let y = dropout(&x, 0.5, Some(&[1, 500]), 1).unwrap().to_vec::<f32>().unwrap();
        assert!(y.iter().all(|v| *v == 0.0 || *v == f32::INFINITY));
        assert!(y.contains(&0.0) && y[..500] == y[500..]);
        assert!(dropout(&Tensor::ones([1], DType::F32).unwrap(), 0.5, Some(&[3]), 1).is_err());
        assert!(dropout(&Tensor::ones([3], DType::I32).unwrap(), 0.5, None, 1).is_err());
    }

    #[test]
    fn types_are_those_asked_for() {
        let (one, device) = (Tensor::from([1.0]).unwrap(), &default_device().unwrap());
        for dtype in [DType::F32, DType::F64, DType::F16].into_iter().filter(|dtype| device.supports(*dtype))
        {
            assert_eq!(gamma(&[2], &one, dtype, device, 1).unwrap().dtype(), dtype);
            assert_eq!(beta(&[2], &one, &one, dtype, device, 1).unwrap().dtype(), dtype);
            assert_eq!(binomial(&[2], &one, &one, dtype, device, 1).unwrap().dtype(), dtype);
        }
        let logits = Tensor::ones([2, 3], DType::F32).unwrap();
        for dtype in [DType::I32, DType::U8, DType::F32] {
            assert_eq!(categorical(&logits, 4, dtype, device, 1).unwrap().dtype(), dtype);
        }
        for refused in [
            gamma(&[2], &one, DType::I32, device, 1),
            beta(&[2], &one, &one, DType::I32, device, 1),
            binomial(&[2], &one, &one, DType::Bool, device, 1),
        ] {
            assert!(matches!(refused, Err(Error::DType { .. })), "{refused:?}");
        }
    }

    #[test]
    fn every_vector_along_the_axis_has_an_order_of_its_own() {
        let x = Tensor::arange_on(5 * 40, &default_device().unwrap()).unwrap().reshape([5, 40]).unwrap();
        for axis in [0, 1, -1] {
            let y = shuffle(&x, axis, 3).unwrap();
            assert_eq!((y.shape(), y.dtype()), (x.shape(), x.dtype()));
            assert_eq!(y.sort(axis, false).unwrap().to_f64_vec().unwrap(), x.to_f64_vec().unwrap());
            let steps = y.sub(&x).unwrap().to_f64_vec().unwrap();
            let rows: Vec<&[f64]> = steps.chunks(40).collect();
            let is_same = if axis == 0 {
                rows.iter().all(|row| row.iter().all(|step| step == &row[0]))
            } else {
                rows.iter().all(|row| row == &rows[0])
            };
            assert!(!is_same, "{steps:?}");
        }
        assert_eq!(shuffle(&Tensor::zeros([0, 3], DType::F32).unwrap(), 0, 1).unwrap().shape(), [0, 3]);
        assert!(shuffle(&x, 2, 1).is_err());
    }
}
