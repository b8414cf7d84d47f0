//! Circle loss on embeddings: those of one class shall be near each other.

use super::numeric::{at_least, log_sum_exp};
use super::reduction::{same_rank, same_rank_shapes};
use super::{ComputeLoss, LossBase, targets};
use crate::config::{KerasConfig, Number};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;

/// Refuses shapes other than one label for each row of embeddings.
fn check_shapes(context: &str, y_true: &[usize], y_pred: &[usize]) -> Result<()> {
    if y_pred.len() != 2 {
        let expected = "rows of embeddings, (batch, size)";
        return Err(Error::shape(context, "y_pred", expected, tuple(y_pred)));
    }
    if y_true.first() == y_pred.first() && matches!(y_true, [_] | [_, 1]) {
        return Ok(());
    }
    let expected = format!("one label a row of the predictions' {}", tuple(y_pred));
    Err(Error::shape(context, "y_true", expected, tuple(y_true)))
}

/// [`circle_with`] with Keras' defaults: within the batch, without the diagonal, `gamma` 80, `margin` 0.4.
///
/// # Errors
/// As [`circle_with`].
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::circle;
///
/// let labels = Tensor::from_vec(vec![0_i32, 0, 1], [3])?;
/// let apart = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 1.0, 1.0, 0.0], [3, 2])?;
/// let together = Tensor::from_vec(vec![1.0_f32, 0.0, 1.0, 0.0, 0.0, 1.0], [3, 2])?;
/// assert!(circle(&labels, &apart)?.to_vec::<f32>()?[0] > 50.0);
/// assert!(circle(&labels, &together)?.to_vec::<f32>()?[0] < 0.1);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn circle(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    circle_with(y_true, y_pred, None, None, true, 80.0, 0.4)
}

/// `log(1 + sum(exp(-gamma * wp * (margin - dp))) * sum(exp(gamma * wn * (1 - margin - dn))))` for each
/// row. Keras' `circle`; Sun et al., 2020.
///
/// `dp` and `dn` are the cosine distances, at least 0, to rows of the same class and of others; they are
/// weighted by `wp = max(margin + dp, 0)` and `wn = max(1 + margin - dn, 0)`. Rows of `y_pred`, `(batch, size)`, must
/// have length 1. They are compared with each other, or with `ref_embeddings` of classes `ref_labels`;
/// `remove_diagonal` leaves out each row's distance to itself.
///
/// # Errors
/// [`Error::Shape`] where labels and rows differ in number.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::circle_with;
///
/// let (labels, rows) = (Tensor::from_vec(vec![0_i32], [1])?, Tensor::from_vec(vec![1.0_f32, 0.0], [1, 2])?);
/// let known = Tensor::from_vec(vec![0_i32, 1], [2])?;
/// let embeddings = Tensor::from_vec(vec![0.0_f32, 1.0, -1.0, 0.0], [2, 2])?;
/// let loss = circle_with(&labels, &rows, Some(&known), Some(&embeddings), false, 10.0, 0.5)?;
/// assert!((loss.to_scalar()? - 7.5006).abs() < 1e-3);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn circle_with(
    y_true: &Tensor,
    y_pred: &Tensor,
    ref_labels: Option<&Tensor>,
    ref_embeddings: Option<&Tensor>,
    remove_diagonal: bool,
    gamma: f64,
    margin: f64,
) -> Result<Tensor> {
    check_shapes("circle", y_true.shape(), y_pred.shape())?;
    let y_pred = y_pred.to_float()?;
    let rows = |labels: &Tensor| labels.cast(DType::I32)?.reshape([labels.len(), 1]);
    let labels = rows(y_true)?;
    let (others, embeddings) = (
        ref_labels.map_or_else(|| Ok(labels.clone()), rows)?,
        ref_embeddings.map_or_else(|| Ok(y_pred.clone()), |e| e.cast(y_pred.dtype()))?,
    );
    if embeddings.rank() != 2 || others.len() != embeddings.shape()[0] {
        let expected = format!("one row for each of {} reference labels", others.len());
        return Err(Error::shape("circle", "ref_embeddings", expected, tuple(embeddings.shape())));
    }
    let products = y_pred.matmul(&embeddings.transpose()?)?;
    let distances = at_least(&products.neg()?.add_scalar(1.0)?, 0.0)?;

    let mut same = labels.equal(&others.transpose()?)?;
    let other = same.logical_not()?;
    if remove_diagonal {
        let indices = |n: usize| Tensor::arange_on(n, y_pred.device());
        let (row, column) = (indices(labels.len())?.expand_dims(1)?, indices(others.len())?);
        same = same.logical_and(&row.not_equal(&column)?)?;
    }
    let none = distances.full_like([1, 1], f64::NEG_INFINITY)?;
    let pull = at_least(&distances.add_scalar(margin)?, 0.0)?;
    let pull = pull.mul(&distances.add_scalar(-margin)?)?.mul_scalar(gamma)?;
    let push = at_least(&distances.neg()?.add_scalar(1.0 + margin)?, 0.0)?;
    let push = push.mul(&distances.neg()?.add_scalar(1.0 - margin)?)?.mul_scalar(gamma)?;
    let pull = log_sum_exp(&pull.where_(&same, &none)?, 1)?;
    let push = log_sum_exp(&push.where_(&other, &none)?, 1)?;
    pull.add(&push)?.softplus()
}

/// Circle loss on embeddings, those of one class shall be near each other: [`circle_with`].
/// Keras' `Circle`.
///
/// Rows with a loss of 0, such as those of which no other is of the same class, do not count in the mean.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::losses::{Circle, ComputeLoss};
///
/// let labels = Tensor::from_vec(vec![0_i32, 0, 1], [3])?;
/// let rows = Tensor::from_vec(vec![1.0_f32, 0.0, 0.0, 1.0, 1.0, 0.0], [3, 2])?;
/// let loss = Circle::new().gamma(1.0).compute(&labels, &rows, None)?;
/// assert!((loss.to_scalar()? - 1.470384).abs() < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(module = "keras.losses")]
pub struct Circle {
    #[keras(default = LossBase::named("circle"))]
    base: LossBase,
    /// Scale of the distances (default 80).
    #[keras(default = 80.0)]
    gamma: Number,
    /// How far apart, as a cosine, a class may lie, from 0 to 1 (default 0.4).
    #[keras(default = 0.4)]
    margin: Number,
    /// Whether rows are not compared with themselves (default `true`).
    #[keras(default = true)]
    remove_diagonal: bool,
}

impl ComputeLoss for Circle {
    fn check(&self, y_true: &Tensor, y_pred_shape: &[usize]) -> Result<()> {
        let (y_true_shape, y_pred_shape) = same_rank_shapes(y_true.shape(), y_pred_shape);
        check_shapes(self.class_name(), &y_true_shape, &y_pred_shape)?;
        targets::check_finite(self.class_name(), y_true)
    }

    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
        let (y_true, y_pred) = same_rank(y_true, y_pred)?;
        let (gamma, margin) = (self.gamma.get(), self.margin.get());
        circle_with(&y_true, &y_pred, None, None, self.remove_diagonal, gamma, margin)
    }

    fn call_masked(&self, y_true: &Tensor, y_pred: &Tensor) -> Result<(Tensor, Option<Tensor>)> {
        let losses = self.call(y_true, y_pred)?;
        let counts = losses.detach().greater_scalar(0.0)?;
        Ok((losses, Some(counts)))
    }
}
