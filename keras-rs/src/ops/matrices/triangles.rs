//! Triangular factors.

use super::elimination::{Factors, factored, substituted};
use super::matrix::Matrix;
use super::{change, matrices, product, require_factorable, sizes, smaller, spec, stacked};
use crate::dtype::DType;
use crate::error::Result;
use crate::ops::host::counted;
use crate::ops::{tril, triu};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

/// Triangular factors of matrices `(..., m, n)` in one, and the row that elimination exchanged each row with. Keras'
/// `ops.lu_factor`.
///
/// Shapes: factors `(..., m, n)`, rows `(..., k)` of `int32`, with `k` the smaller of `m` and `n`.
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for less than two axes, [`Error::DType`](crate::Error::DType) for half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 2.0, 2.0], [2, 2])?;
/// let (factors, exchanged) = ops::lu_factor(&x)?;
/// assert_eq!(factors.to_vec::<f32>()?, [2.0, 2.0, 0.5, 1.0]);
/// assert_eq!(exchanged.to_vec::<i32>()?, [1, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn lu_factor(x: &Tensor) -> Result<(Tensor, Tensor)> {
    require_factorable("lu_factor", x.dtype())?;
    let (all, leading) = matrices("lu_factor", "x", x)?;
    let (rows, columns) = (x.dim(-2)?, x.dim(-1)?);
    let factors: Vec<Factors> = all.iter().map(factored).collect();
    let pivots: Vec<usize> = factors.iter().flat_map(|factors| factors.pivots.iter().copied()).collect();
    let pivots = counted(&pivots, [&leading[..], &[rows.min(columns)]].concat(), x)?;
    let stack = |size: [usize; 2], of: fn(&Factors) -> Matrix| {
        stacked(&factors.iter().map(of).collect::<Vec<_>>(), &leading, size, x)
    };
    let lu = stack([rows, columns], |factors| factors.lu.clone())?;
    let Some(dx) = change(x)? else { return Ok((lu, pivots)) };
    let lower = stack([rows, rows], Factors::lower)?;
    let upper = stack([columns, columns], Factors::upper)?;
    let left = stack([rows, rows], |factors| {
        substituted(&factors.lower(), &factors.ordered(&Matrix::identity(factors.lu.rows)), true, true)
    })?;
    let right = stack([columns, columns], |factors| {
        substituted(&factors.upper(), &Matrix::identity(factors.lu.columns), false, false)
    })?;
    let inner = product(&[&left, &dx, &right])?;
    let change = lower.matmul(&tril(&inner, -1)?)?.add(&triu(&inner, 0)?.matmul(&upper)?)?;
    Ok((lu.add(&change)?, pivots))
}

pub(crate) fn lu_factor_spec((x, dtype): &Spec) -> Result<(Spec, Spec)> {
    require_factorable("lu_factor", *dtype)?;
    let (leading, rows, columns) = sizes("lu_factor", "x", x)?;
    let pivots = Shape::new([leading, &[smaller(rows, columns)]].concat());
    Ok((spec(leading, &[rows, columns], *dtype), (pivots, DType::I32)))
}
