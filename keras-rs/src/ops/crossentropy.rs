//! Cross-entropies of samples, as losses compute them.

use super::rule::Rule;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use keras_rs_derive::operation;

/// Probabilities are kept this far from 0 and 1.
const EPSILON: f64 = 1e-7;

/// Cross-entropies of single probabilities, or of logits. Keras' `ops.binary_crossentropy`.
///
/// # Errors
/// [`Error::Shape`] where the shapes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let loss = ops::binary_crossentropy(&Tensor::from([1.0])?, &Tensor::from([0.5])?, false)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn binary_crossentropy(target: &Tensor, output: &Tensor, from_logits: bool) -> Result<Tensor> {
    if target.shape() != output.shape() {
        return Err(Error::shape(
            "binary_crossentropy",
            "target",
            tuple(output.shape()),
            tuple(target.shape()),
        ));
    }
    let output = output.to_float()?;
    let target = target.cast(target.dtype().promote(output.dtype()))?;
    let not = |x: &Tensor| x.neg()?.add_scalar(1.0);
    let (hit, miss) = if from_logits {
        (output.log_sigmoid()?, output.neg()?.log_sigmoid()?)
    } else {
        let probability = output.clip(Some(EPSILON), Some(1.0 - EPSILON))?;
        (super::log(&probability)?, super::log(&not(&probability)?)?)
    };
    let (hit, miss) = (hit.cast(target.dtype())?, miss.cast(target.dtype())?);
    target.mul(&hit)?.add(&not(&target)?.mul(&miss)?)?.neg()
}

/// The data type of a loss.
fn loss_type(target: DType, output: DType) -> DType {
    target.promote(Rule::Float.apply(output))
}

pub(crate) fn binary_crossentropy_spec(
    (target, of_target): &Spec,
    (output, of_output): &Spec,
    _from_logits: bool,
) -> Result<Spec> {
    if target != output {
        return Err(Error::shape("binary_crossentropy", "target", output, target));
    }
    Ok((output.clone(), loss_type(*of_target, *of_output)))
}

/// Cross-entropies of distributions along an axis, or of logits. Keras' `ops.categorical_crossentropy`.
///
/// # Errors
/// [`Error::Shape`] where the shapes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let target = Tensor::from([[0.0, 1.0]])?;
/// let loss = ops::categorical_crossentropy(&target, &Tensor::from([[0.5, 0.5]])?, false, -1)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Result<Tensor> {
    if target.shape() != output.shape() {
        let expected = tuple(output.shape());
        return Err(Error::shape("categorical_crossentropy", "target", expected, tuple(target.shape())));
    }
    let output = output.to_float()?;
    let logarithms = if from_logits {
        output.log_softmax(axis)?
    } else {
        let share = output.div(&output.sum(&[axis], true)?)?;
        super::log(&share.clip(Some(EPSILON), Some(1.0 - EPSILON))?)?
    };
    let dtype = target.dtype().promote(logarithms.dtype());
    target.cast(dtype)?.mul(&logarithms.cast(dtype)?)?.sum(&[axis], false)?.neg()
}

/// The shape without an axis.
fn without(context: &str, shape: &Shape, axis: isize) -> Result<Shape> {
    let mut dims = shape.dims().to_vec();
    dims.remove(resolve_axis(context, axis, shape.rank())?);
    Ok(Shape::new(dims))
}

pub(crate) fn categorical_crossentropy_spec(
    (target, of_target): &Spec,
    (output, of_output): &Spec,
    _from_logits: bool,
    axis: isize,
) -> Result<Spec> {
    if target != output {
        return Err(Error::shape("categorical_crossentropy", "target", output, target));
    }
    Ok((without("categorical_crossentropy", output, axis)?, loss_type(*of_target, *of_output)))
}

/// As [`categorical_crossentropy`], of classes by number. Keras' `ops.sparse_categorical_crossentropy`.
///
/// `target` has the shape of `output` without the axis, or with 1 for it at the end; fractions are cut off. The loss is
/// `float32` or wider, as in Keras on JAX.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not fit.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let loss = ops::sparse_categorical_crossentropy(&Tensor::from([1])?, &Tensor::from([[0.5, 0.5]])?, false, -1)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn sparse_categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Result<Tensor> {
    let at = resolve_axis("sparse_categorical_crossentropy", axis, output.rank())?;
    let classes = output.shape()[at];
    let target = if target.rank() == output.rank() && target.shape().last() == Some(&1) {
        target.squeeze(&[-1])?
    } else {
        target.clone()
    };
    let others = [&output.shape()[..at], &output.shape()[at + 1..]].concat();
    if target.shape() != others {
        let got = tuple(target.shape());
        return Err(Error::shape("sparse_categorical_crossentropy", "target", tuple(&others), got));
    }
    // `one_hot` takes a new last axis as -1 only.
    let place = if at + 1 == output.rank() { -1 } else { at as isize };
    let target = super::one_hot(&target.cast(DType::I32)?, classes as isize, place, DType::F32)?;
    categorical_crossentropy(&target, output, from_logits, axis)
}

pub(crate) fn sparse_categorical_crossentropy_spec(
    (target, _): &Spec,
    (output, dtype): &Spec,
    _from_logits: bool,
    axis: isize,
) -> Result<Spec> {
    let context = "sparse_categorical_crossentropy";
    let others = without(context, output, axis)?;
    let own = match target.dims() {
        [own @ .., Some(1)] if target.rank() == output.rank() => Shape::new(own),
        _ => target.clone(),
    };
    if own != others {
        return Err(Error::shape(context, "target", others, target));
    }
    Ok((others, loss_type(DType::F32, *dtype)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn near(got: Tensor, want: &[f64]) {
        let got = got.to_f64_vec().unwrap();
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-10 + 1e-5 * b.abs();
        assert!(got.len() == want.len() && got.iter().zip(want).all(close), "{got:?} {want:?}");
    }

    #[test]
    fn large_logits_give_the_losses_of_keras() {
        let target = Tensor::from([1.0, 0.0, 1.0, 0.0]).unwrap();
        let logits = Tensor::from([-30.0, 30.0, 20.0, -0.5]).unwrap();
        near(
            binary_crossentropy(&target, &logits, true).unwrap(),
            &[30.0, 30.0, 2.061_153_7e-9, 0.474_076_99],
        );
        let shares = Tensor::from([0.0, 0.9, 0.3, 1.0]).unwrap();
        let want = [16.118_095, 2.302_584_9, 1.203_972_8, 15.942_385];
        near(binary_crossentropy(&target, &shares, false).unwrap(), &want);
    }

    #[test]
    fn classes_give_the_losses_of_keras() {
        let output = Tensor::from([[0.2, 0.3, 0.1], [5.0, 1.0, 0.5]]).unwrap();
        let target = Tensor::from([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25]]).unwrap();
        let loss = |logits, axis| categorical_crossentropy(&target, &output, logits, axis).unwrap();
        near(loss(false, -1), &[std::f64::consts::LN_2, 1.240_370_0]);
        near(loss(true, -1), &[1.001_942_75, 2.154_000_3]);
        near(loss(true, 0), &[0.004_098_026_5, 1.203_982_6, 0.128_253_82]);
        let sparse = sparse_categorical_crossentropy;
        let numbers = Tensor::from([1, 2]).unwrap();
        near(sparse(&numbers, &output, false, -1).unwrap(), &[std::f64::consts::LN_2, 2.564_949_3]);
        let beyond = Tensor::from([[1], [7]]).unwrap();
        near(sparse(&beyond, &output, true, -1).unwrap(), &[1.001_942_75, 0.0]);
        let square = Tensor::from([[0.2, 0.3], [5.0, 1.0]]).unwrap();
        near(sparse(&numbers, &square, true, 0).unwrap(), &[0.008_196_053, 0.0]);
        let error = sparse(&Tensor::from([1, 2, 0]).unwrap(), &output, false, -1).unwrap_err();
        assert!(error.to_string().contains("sparse_categorical_crossentropy"), "{error}");
    }
}
