//! Groups of rows, reduced.

use super::host::counted;
use super::lookup::places;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;
use keras_rs_derive::operation;

macro_rules! segments {
    ($($(#[$doc:meta])* $name:ident: $reduce:expr => $y:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// `segment_ids` is a vector with the group of each row, `num_segments` the number of groups, by default as
        /// many as occur. Gradients flow to the data; rows that share an extreme share its gradient.
        ///
        /// # Errors
        /// [`Error::Shape`](crate::Error::Shape) where there are not as many groups as rows,
        /// [`Error::Argument`](crate::Error::Argument) for groups below 0 or beyond their number.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        /// let data = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [3])?;
        /// let groups = Tensor::from_slice::<i32>(&[0, 0, 1], [3])?;
        #[doc = concat!("let y = ops::", stringify!($name), "(&data, &groups, None)?;")]
        #[doc = concat!("assert_eq!(y.to_vec::<f32>()?, ", stringify!($y), ");")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[operation]
        pub fn $name(
            data: &Tensor,
            segment_ids: &Tensor,
            num_segments: impl Into<Option<usize>>,
        ) -> Result<Tensor> {
            let groups = groups(stringify!($name), data, segment_ids)?;
            let count = num_segments.into().unwrap_or_else(|| groups.iter().max().map_or(0, |n| n + 1));
            if let Some(beyond) = groups.iter().find(|&&n| n >= count) {
                return Err(Error::argument(stringify!($name), "segment_ids", format!("below {count}"), beyond));
            }
            over_rows(data, &groups, count, $reduce)
        }
    )*};
}

segments! {
    /// Sums of the rows of each group; 0 for a group without rows.
    segment_sum: Reduction::Sum => [3.0, 3.0];
    /// Products of the rows of each group; 1 for a group without rows.
    segment_prod: Reduction::Product => [2.0, 3.0];
    /// The largest values of each group; the least value of the type for a group without rows.
    segment_max: Reduction::Max => [2.0, 3.0];
    /// The smallest values of each group; the largest value of the type for a group without rows.
    segment_min: Reduction::Min => [1.0, 3.0];
}

pub(crate) fn segment_spec((data, dtype): &Spec, _ids: &Spec, num_segments: Option<usize>) -> Result<Spec> {
    let rest = data.dims().iter().skip(1).copied();
    Ok((Shape::new(std::iter::once(num_segments).chain(rest).collect::<Vec<_>>()), *dtype))
}

/// The group of each row.
fn groups(context: &str, data: &Tensor, segment_ids: &Tensor) -> Result<Vec<usize>> {
    let groups = places(context, "segment_ids", segment_ids)?;
    if segment_ids.rank() == 1 && data.shape().first() == Some(&groups.len()) {
        return Ok(groups);
    }
    let expected = format!("a group for each row of {}", tuple(data.shape()));
    Err(Error::shape(context, "segment_ids", expected, tuple(segment_ids.shape())))
}

/// What becomes of the rows of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    Sum,
    Product,
    Max,
    Min,
}

impl Reduction {
    /// What is left of no rows, which changes nothing beside others.
    fn of_none(self, dtype: DType) -> f64 {
        let (low, high) = match dtype {
            DType::Bool => (0.0, 1.0),
            dtype if dtype.is_float() => (f64::NEG_INFINITY, f64::INFINITY),
            dtype => {
                let (low, high) = dtype.int_range();
                (low as f64, high as f64)
            }
        };
        match self {
            Self::Sum => 0.0,
            Self::Product => 1.0,
            Self::Max => low,
            Self::Min => high,
        }
    }

    fn join(self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        match self {
            Self::Sum => a.add(b),
            Self::Product => a.mul(b),
            Self::Max => a.maximum(b),
            Self::Min => a.minimum(b),
        }
    }
}

/// One row for each of `count` groups; the groups are known to be below.
pub(super) fn over_rows(
    data: &Tensor,
    groups: &[usize],
    count: usize,
    reduction: Reduction,
) -> Result<Tensor> {
    let mut shape = data.shape().to_vec();
    let inner: usize = shape.iter().skip(1).product();
    if let Some(first) = shape.first_mut() {
        *first = count;
    }
    crate::limits::check_shape("segments", data.dtype(), &shape)?;
    let rows = data.reshape([groups.len(), inner])?;
    let y = match reduction {
        Reduction::Sum => summed(&rows, groups, count)?,
        Reduction::Max | Reduction::Min if rows.is_recorded() => shared(&rows, groups, count, reduction)?,
        _ => paired(&rows, groups, count, reduction)?,
    };
    y.cast(data.dtype())?.reshape(shape)
}

fn summed(rows: &Tensor, groups: &[usize], count: usize) -> Result<Tensor> {
    let zeros = rows.full_like([count, rows.dim(1)?], 0.0)?;
    zeros.add_rows(&counted(groups, [groups.len()], rows)?, rows)
}

/// Joins neighbours of a group until one row is left of each.
fn paired(rows: &Tensor, groups: &[usize], count: usize, reduction: Reduction) -> Result<Tensor> {
    let none = rows.full_like([1, rows.dim(1)?], reduction.of_none(rows.dtype()))?;
    let mut rows = rows.clone();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (row, group) in groups.iter().enumerate() {
        members[*group].push(row);
    }
    let with_none = |rows: &Tensor| Tensor::concat(&[rows.clone(), none.clone()], 0);
    while members.iter().any(|of_group| of_group.len() > 1) {
        let last = rows.dim(0)?;
        let pairs = members.iter().flat_map(|of_group| of_group.chunks(2));
        let (left, right): (Vec<usize>, Vec<usize>) =
            pairs.map(|pair| (pair[0], pair.get(1).copied().unwrap_or(last))).unzip();
        let all = with_none(&rows)?;
        let side = |numbers: &[usize]| all.take(&counted(numbers, [numbers.len()], &all)?, 0);
        rows = reduction.join(&side(&left)?, &side(&right)?)?;
        let mut next = 0;
        for of_group in &mut members {
            let first = next;
            next += of_group.len().div_ceil(2);
            *of_group = (first..next).collect();
        }
    }
    let last = rows.dim(0)?;
    let left: Vec<usize> = members.iter().map(|of_group| of_group.first().copied().unwrap_or(last)).collect();
    let all = with_none(&rows)?;
    all.take(&counted(&left, [count], &all)?, 0)
}

/// Extremes whose gradient is shared by the rows that reach them.
fn shared(rows: &Tensor, groups: &[usize], count: usize, reduction: Reduction) -> Result<Tensor> {
    let constant = rows.detach();
    let extremes = paired(&constant, groups, count, reduction)?;
    let of_row = extremes.take(&counted(groups, [groups.len()], rows)?, 0)?;
    let reached = constant.equal(&of_row)?;
    let times = summed(&reached.cast(rows.dtype())?, groups, count)?.clip(Some(1.0), None)?;
    // Zero in value: what is added carries the gradient only. Infinities have no difference.
    let finite = super::isfinite(&constant)?;
    let slope = rows.sub(&constant)?.where_(&reached.logical_and(&finite)?, &rows.full_like(vec![], 0.0)?)?;
    extremes.add(&summed(&slope, groups, count)?.div(&times)?)
}
