//! Cross-entropies of samples, as losses compute them.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

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
    let probability = if from_logits { output.sigmoid()? } else { output };
    let probability = probability.clip(Some(EPSILON), Some(1.0 - EPSILON))?;
    let target = target.cast(probability.dtype())?;
    let not = |x: &Tensor| x.neg()?.add_scalar(1.0);
    let hit = target.mul(&super::log(&probability)?)?;
    hit.add(&not(&target)?.mul(&super::log(&not(&probability)?)?)?)?.neg()
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
    target.cast(logarithms.dtype())?.mul(&logarithms)?.sum(&[axis], false)?.neg()
}

/// As [`categorical_crossentropy`], of classes by number. Keras' `ops.sparse_categorical_crossentropy`.
///
/// `target` has the shape of `output` without the axis, or with 1 for it at the end.
///
/// # Errors
/// [`Error::Shape`] where the shapes do not fit, [`Error::DType`] for floats that are no whole numbers.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let loss = ops::sparse_categorical_crossentropy(&Tensor::from([1])?, &Tensor::from([[0.5, 0.5]])?, false, -1)?;
/// assert!((loss.to_scalar()? - 2.0_f64.ln()).abs() < 1e-6);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn sparse_categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Result<Tensor> {
    let classes = output.dim(axis)?;
    let target = if target.rank() == output.rank() && target.shape().last() == Some(&1) {
        target.squeeze(&[-1])?
    } else {
        target.clone()
    };
    let target =
        super::one_hot(&target.cast(DType::I32)?, classes as isize, axis, output.to_float()?.dtype())?;
    categorical_crossentropy(&target, output, from_logits, axis)
}
