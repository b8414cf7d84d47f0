//! Checks that a loss is defined for its targets: their shape and their values.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::{Tensor, broadcast_shapes};

/// Checks the shapes of targets and predictions; the first argument names the loss in errors.
pub(super) type ShapeCheck = fn(&str, &[usize], &[usize]) -> Result<()>;

/// Refuses shapes that do not broadcast together.
pub(super) fn check_broadcast(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
    if broadcast_shapes(context, y_true, y_pred).is_ok() {
        return Ok(());
    }
    let expected = format!("a shape that broadcasts with the predictions' {}", tuple(y_pred));
    Err(Error::shape(context, "y_true", expected, tuple(y_true)))
}

/// Refuses shapes that differ.
pub(super) fn check_equal(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
    if y_true == y_pred {
        return Ok(());
    }
    let expected = format!("the predictions' shape {}", tuple(y_pred));
    Err(Error::shape(context, "y_true", expected, tuple(y_true)))
}

/// The indices, one for each axis, of the element that is at `index` in row-major order.
fn indices(shape: &[usize], mut index: usize) -> String {
    let mut indices = vec![0; shape.len()];
    for (i, &size) in indices.iter_mut().zip(shape).rev() {
        *i = index % size.max(1);
        index /= size.max(1);
    }
    tuple(&indices)
}

/// The error that names the first element that is not accepted.
fn value_error(context: &str, y_true: &Tensor, expected: String, accepts: impl Fn(f64) -> bool) -> Error {
    let first = y_true.to_f64_vec().map(|values| {
        let found = values.iter().enumerate().find(|(_, v)| !accepts(**v));
        found.map(|(i, v)| format!("{v} at {}", indices(y_true.shape(), i)))
    });
    match first {
        Ok(found) => {
            Error::argument(context, "y_true", expected, found.unwrap_or_else(|| "other values".into()))
        }
        Err(error) => error,
    }
}

/// Refuses targets that are infinite or not a number.
///
/// # Errors
/// [`Error::Argument`] names the first of them and its indices.
pub(super) fn check_finite(context: &str, y_true: &Tensor) -> Result<()> {
    if !y_true.dtype().is_float() || y_true.is_empty() {
        return Ok(());
    }
    // Zero times a finite number is zero, so only one number is read from the device.
    let y_true = y_true.detach();
    if y_true.mul_scalar(0.0)?.sum(&[], false)?.to_scalar()? == 0.0 {
        return Ok(());
    }
    Err(value_error(context, &y_true, "finite numbers".into(), f64::is_finite))
}

/// Refuses labels outside `0..classes`, except `ignore`, which stands for no class.
///
/// # Errors
/// [`Error::Argument`] names the first of them and its indices.
pub(super) fn check_labels(
    context: &str,
    y_true: &Tensor,
    classes: usize,
    ignore: Option<i64>,
) -> Result<()> {
    check_finite(context, y_true)?;
    if y_true.is_empty() {
        return Ok(());
    }
    let labels = if y_true.dtype() == DType::Bool { y_true.cast(DType::I32)? } else { y_true.detach() };
    let considered = match ignore {
        None => labels.clone(),
        Some(class) => {
            let zero = labels.full_like(vec![1; labels.rank()], 0.0)?;
            labels.where_(&labels.not_equal_scalar(class as f64)?, &zero)?
        }
    };
    let (low, high) = (considered.min(&[], false)?.to_scalar()?, considered.max(&[], false)?.to_scalar()?);
    // Keras truncates labels towards zero.
    let is_label = |v: f64| v > -1.0 && v < classes as f64;
    if is_label(low) && is_label(high) {
        return Ok(());
    }
    let expected = match (classes, ignore) {
        (0, _) => "no labels, because there are no classes".into(),
        (n, None) => format!("labels from 0 to {}", n - 1),
        (n, Some(class)) => format!("labels from 0 to {}, or {class}, which is ignored", n - 1),
    };
    Err(value_error(context, &labels, expected, |v| {
        is_label(v) || ignore.is_some_and(|class| v == class as f64)
    }))
}
