//! Products of vectors and matrices, and norms.

use super::arguments::Axes;
use super::einsum::Labels;
use super::matrices::values_of;
use super::reduction::reduced;
use super::rule::Rule;
use super::shapes::elements;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, broadcast_symbolic};
use keras_rs_derive::operation;

/// The matrix product over the last two axes. Keras' `ops.matmul`.
///
/// A vector is a row on the left and a column on the right; leading axes broadcast; data types are promoted.
///
/// # Errors
/// [`Error::Shape`] where the inner sizes differ, and for scalars.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let b = Tensor::from_slice::<f32>(&[1.0, 10.0], [2])?;
/// assert_eq!(ops::matmul(&a, &b)?.to_vec::<f32>()?, [21.0, 43.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn matmul(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let row = if x1.rank() == 1 { x1.expand_dims(0)? } else { x1.clone() };
    let column = if x2.rank() == 1 { x2.expand_dims(1)? } else { x2.clone() };
    let mut y = row.matmul(&column)?;
    if x2.rank() == 1 {
        y = y.squeeze(&[-1])?;
    }
    if x1.rank() == 1 {
        y = y.squeeze(&[if x2.rank() == 1 { -1 } else { -2 }])?;
    }
    y.cast(x1.dtype().promote(x2.dtype()))
}

pub(crate) fn matmul_spec((x1, dtype1): &Spec, (x2, dtype2): &Spec) -> Result<Spec> {
    let refused =
        || Error::shape("matmul", "x2", "matrices that follow one another", format!("{x1} and {x2}"));
    let row = if x1.rank() == 1 { Shape::new([&[Some(1)], x1.dims()].concat()) } else { x1.clone() };
    let column = if x2.rank() == 1 { Shape::new([x2.dims(), &[Some(1)]].concat()) } else { x2.clone() };
    let ([outer1 @ .., n, k], [outer2 @ .., k2, m]) = (row.dims(), column.dims()) else {
        return Err(refused());
    };
    if k.zip(*k2).is_some_and(|(k, k2)| k != k2) {
        return Err(refused());
    }
    let outer = broadcast_symbolic("matmul", &Shape::new(outer1), &Shape::new(outer2))?;
    let mut dims = outer.dims().to_vec();
    dims.extend((x1.rank() != 1).then_some(*n));
    dims.extend((x2.rank() != 1).then_some(*m));
    Ok((Shape::new(dims), dtype1.promote(*dtype2)))
}

/// Which axes of two operands [`tensordot`] sums over in pairs.
///
/// ```
/// use keras_rs::ops::SummedAxes;
///
/// assert_eq!(SummedAxes::from(1), SummedAxes::Count(1));
/// assert_eq!(SummedAxes::from(([0], [1])), SummedAxes::Pairs(vec![0], vec![1]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummedAxes {
    /// So many last axes of the first operand, and first axes of the second.
    Count(isize),
    /// These axes of the first operand, and these of the second.
    Pairs(Vec<isize>, Vec<isize>),
}

impl From<isize> for SummedAxes {
    fn from(count: isize) -> Self {
        Self::Count(count)
    }
}

impl<const N: usize> From<([isize; N], [isize; N])> for SummedAxes {
    fn from((of_x1, of_x2): ([isize; N], [isize; N])) -> Self {
        Self::Pairs(of_x1.to_vec(), of_x2.to_vec())
    }
}

impl SummedAxes {
    fn resolve(&self, rank1: usize, rank2: usize) -> Result<Vec<(usize, usize)>> {
        if rank1 == 0 || rank2 == 0 {
            return Ok(Vec::new());
        }
        let refused = || {
            let expected = "a number of axes, or two lists of axes";
            Error::argument("tensordot", "axes", expected, format!("{self:?}"))
        };
        match self {
            Self::Count(count) => {
                let count = usize::try_from(*count).unwrap_or(0);
                let pairs = || (0..count).map(|i| (rank1 - count + i, i)).collect();
                if count <= rank1.min(rank2) { Ok(pairs()) } else { Err(refused()) }
            }
            Self::Pairs(of_x1, of_x2) => {
                let list = |axes: &[isize], rank| Axes::from(axes).resolve("tensordot", rank);
                let (of_x1, of_x2) = (list(of_x1, rank1)?, list(of_x2, rank2)?);
                let pairs = of_x1.len() == of_x2.len();
                if pairs { Ok(of_x1.into_iter().zip(of_x2).collect()) } else { Err(refused()) }
            }
        }
    }
}

/// The product summed over pairs of axes.
fn product(context: &str, x1: &Tensor, x2: &Tensor, pairs: &[(usize, usize)]) -> Result<Tensor> {
    if let Some((i, j)) = pairs.iter().find(|(i, j)| x1.shape()[*i] != x2.shape()[*j]) {
        let expected = format!("the size {} on axis {j}", x1.shape()[*i]);
        return Err(Error::shape(context, "x2", expected, tuple(x2.shape())));
    }
    Labels::pairs((x1.rank(), x2.rank()), pairs).compute(context, &[x1, x2])
}

fn product_spec(
    context: &str,
    (x1, dtype1): &Spec,
    (x2, dtype2): &Spec,
    pairs: &[(usize, usize)],
) -> Result<Spec> {
    let labels = Labels::pairs((x1.rank(), x2.rank()), pairs);
    Ok((labels.shape(context, &[x1.clone(), x2.clone()])?, dtype1.promote(*dtype2)))
}

/// Sums of products over pairs of axes. Keras' `ops.tensordot`.
///
/// The other axes of `x1` come first, then those of `x2`; data types are promoted.
///
/// # Errors
/// [`Error::Argument`] where there are no such axes, [`Error::Shape`] where sizes in a pair differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
/// let b = Tensor::from_slice::<f32>(&[1.0, 10.0], [2])?;
/// assert_eq!(ops::tensordot(&a, &b, ([0], [0]))?.to_vec::<f32>()?, [31.0, 42.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn tensordot(x1: &Tensor, x2: &Tensor, axes: impl Into<SummedAxes>) -> Result<Tensor> {
    product("tensordot", x1, x2, &axes.into().resolve(x1.rank(), x2.rank())?)
}

pub(crate) fn tensordot_spec(x1: &Spec, x2: &Spec, axes: SummedAxes) -> Result<Spec> {
    product_spec("tensordot", x1, x2, &axes.resolve(x1.0.rank(), x2.0.rank())?)
}

/// Sums of products over the last axis of `x1` and the last but one of `x2`. Keras' `ops.dot`.
///
/// With a scalar it is the product; data types are promoted.
///
/// # Errors
/// [`Error::Shape`] where the sizes of the axes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::dot(&a, &a)?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn dot(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    product("dot", x1, x2, &dotted(x1.rank(), x2.rank()))
}

pub(crate) fn dot_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    product_spec("dot", x1, x2, &dotted(x1.0.rank(), x2.0.rank()))
}

fn dotted(rank1: usize, rank2: usize) -> Vec<(usize, usize)> {
    if rank1 == 0 || rank2 == 0 { Vec::new() } else { vec![(rank1 - 1, rank2.saturating_sub(2))] }
}

/// Sums of products over the last axes. Keras' `ops.inner`.
///
/// With a scalar it is the product; data types are promoted.
///
/// # Errors
/// [`Error::Shape`] where the sizes of the axes differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2])?;
/// assert_eq!(ops::inner(&a, &a)?.to_vec::<f32>()?, [5.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn inner(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    product("inner", x1, x2, &last_axes(x1.rank(), x2.rank()))
}

pub(crate) fn inner_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    product_spec("inner", x1, x2, &last_axes(x1.0.rank(), x2.0.rank()))
}

fn last_axes(rank1: usize, rank2: usize) -> Vec<(usize, usize)> {
    if rank1 == 0 || rank2 == 0 { Vec::new() } else { vec![(rank1 - 1, rank2 - 1)] }
}

/// Every element of the one times every element of the other. Keras' `ops.outer`.
///
/// Shapes: the flattened `(n,)` and `(m,)` give `(n, m)`; data types are promoted.
///
/// # Errors
/// [`Error::TooLarge`] where the result takes too much memory.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2])?;
/// assert_eq!(ops::outer(&a, &a)?.to_vec::<f32>()?, [1.0, 2.0, 2.0, 4.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn outer(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    product("outer", &super::ravel(x1)?, &super::ravel(x2)?, &[])
}

pub(crate) fn outer_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    product_spec("outer", &flat(x1), &flat(x2), &[])
}

/// The sum of products of all elements. Keras' `ops.vdot`.
///
/// # Errors
/// [`Error::Shape`] where the numbers of elements differ.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let a = Tensor::from_slice::<f32>(&[1.0, 2.0], [2, 1])?;
/// assert_eq!(ops::vdot(&a, &a)?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn vdot(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    product("vdot", &super::ravel(x1)?, &super::ravel(x2)?, &[(0, 0)])
}

pub(crate) fn vdot_spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
    product_spec("vdot", &flat(x1), &flat(x2), &[(0, 0)])
}

fn flat((x, dtype): &Spec) -> Spec {
    (Shape::new([elements(x)]), *dtype)
}

/// The kind of a [`norm`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormOrder {
    /// The square root of the sum of squares of a matrix.
    Frobenius,
    /// The sum of the singular values of a matrix.
    Nuclear,
    /// `(sum |x|^order)^(1/order)` of a vector, the largest absolute value for infinity. Of a matrix 1, -1 and
    /// infinities: the largest or smallest sum of a column or row; 2 and -2: the largest or smallest singular value.
    Number(f64),
}

impl From<f64> for NormOrder {
    fn from(order: f64) -> Self {
        Self::Number(order)
    }
}

/// Norms of vectors or matrices. Keras' `ops.norm`.
///
/// One axis holds vectors, two hold matrices; all axes are one vector where no `ord` is given. The axes are
/// gone, or have size one with `keepdims`. Integers and `bool` give `float32`.
///
/// # Errors
/// [`Error::Argument`] where there is no such axis, and for an order that the number of axes does not have;
/// [`Error::DType`] for norms of singular values in half precision.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<f32>(&[3.0, -4.0], [2])?;
/// assert_eq!(ops::norm(&x, None, (), false)?.to_scalar()?, 5.0);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[operation]
pub fn norm(
    x: &Tensor,
    ord: impl Into<Option<NormOrder>>,
    axis: impl Into<Axes>,
    keepdims: bool,
) -> Result<Tensor> {
    let (ord, axis) = (ord.into(), axis.into());
    Rule::Float.each(x, |x| norm_of("norm", x, ord, &axis, keepdims))
}

pub(crate) fn norm_spec((x, dtype): &Spec, axis: Axes, keepdims: bool) -> Result<Spec> {
    Ok((reduced("norm", x, &axis, keepdims)?, Rule::Float.apply(*dtype)))
}

pub(super) fn norm_of(
    context: &str,
    x: &Tensor,
    ord: Option<NormOrder>,
    axis: &Axes,
    keepdims: bool,
) -> Result<Tensor> {
    let over = axis.signed(context, x.rank())?;
    match (ord, over.as_slice()) {
        (None, _) if *axis == Axes::All => vector(x, 2.0, &over, keepdims),
        (None, [_] | [_, _]) | (Some(NormOrder::Frobenius), [_, _]) => vector(x, 2.0, &over, keepdims),
        (Some(NormOrder::Number(order)), [_]) => vector(x, order, &over, keepdims),
        (Some(NormOrder::Nuclear), [rows, columns]) => {
            let sum = |values: &Tensor| values.sum(&[-1], false);
            of_singular_values(context, x, *rows, *columns, keepdims, sum)
        }
        (Some(NormOrder::Number(order)), [rows, columns]) if order.abs() == 2.0 => {
            let one = |values: &Tensor| {
                let last = values.dim(-1)?.saturating_sub(1);
                let index = if order > 0.0 { 0 } else { last };
                values.narrow(-1, index..index + 1)?.squeeze(&[-1])
            };
            of_singular_values(context, x, *rows, *columns, keepdims, one)
        }
        (Some(NormOrder::Number(order)), [rows, columns])
            if order.is_infinite() || order == 1.0 || order == -1.0 =>
        {
            let (summed, compared) = if order.is_infinite() { (columns, rows) } else { (rows, columns) };
            let sums = x.abs()?.sum(&[*summed], true)?;
            let norm =
                if order > 0.0 { sums.max(&[*compared], true)? } else { sums.min(&[*compared], true)? };
            if keepdims { Ok(norm) } else { norm.squeeze(&[*rows, *columns]) }
        }
        (ord, axes) => {
            let expected = "an order that vectors (one axis) or matrices (two axes) have";
            Err(Error::argument(context, "ord", expected, format!("{ord:?} of {} axes", axes.len())))
        }
    }
}

/// A norm that is computed from the singular values of matrices.
fn of_singular_values(
    context: &str,
    x: &Tensor,
    rows: isize,
    columns: isize,
    keepdims: bool,
    norm: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    let (rows, columns) = (x.axis(context, rows)?, x.axis(context, columns)?);
    let mut order: Vec<usize> = (0..x.rank()).filter(|axis| *axis != rows && *axis != columns).collect();
    order.extend([rows, columns]);
    let y = norm(&values_of(context, &x.permute(&order)?)?)?;
    if !keepdims {
        return Ok(y);
    }
    let sizes: Vec<usize> =
        x.shape().iter().enumerate().map(|(i, n)| if i == rows || i == columns { 1 } else { *n }).collect();
    y.reshape(sizes)
}

/// `(sum |x|^order)^(1/order)` over axes.
fn vector(x: &Tensor, order: f64, axes: &[isize], keepdims: bool) -> Result<Tensor> {
    match order {
        f64::INFINITY => x.abs()?.max(axes, keepdims),
        f64::NEG_INFINITY => x.abs()?.min(axes, keepdims),
        0.0 => x.not_equal_scalar(0.0)?.cast(x.dtype())?.sum(axes, keepdims),
        1.0 => x.abs()?.sum(axes, keepdims),
        2.0 => x.square()?.sum(axes, keepdims)?.sqrt(),
        order => x.abs()?.pow_scalar(order)?.sum(axes, keepdims)?.pow_scalar(1.0 / order),
    }
}
