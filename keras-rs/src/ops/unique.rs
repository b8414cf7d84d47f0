//! The different elements of a tensor.

use super::host::counted;
use super::operand::Results;
use super::{Operand, OperationCall, ToData, Value};
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::{Shape, Spec};
use crate::tensor::{Tensor, resolve_axis};
use std::cmp::Ordering;

/// Optional arguments of [`unique`].
///
/// ```
/// use keras_rs::ops::Unique;
///
/// assert!(Unique::new().return_counts(true).return_counts);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Unique {
    /// Whether to return the number of the first element of each value.
    pub return_index: bool,
    /// Whether to return for each element the number of its value.
    pub return_inverse: bool,
    /// Whether to return how often each value occurs.
    pub return_counts: bool,
    /// The axis whose slices are compared; by default all elements are.
    pub axis: Option<isize>,
    /// How many values to return: further ones are left out, missing ones filled up.
    pub size: Option<usize>,
    /// What missing ones are filled with; by default the first value.
    pub fill_value: Option<f64>,
}

/// Setters, named as the fields.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $ty:ty => $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, $name: $ty) -> Self {
            self.$name = $value;
            self
        }
    )*};
}

impl Unique {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Sets whether to return the number of the first element of each value.
        return_index: bool => return_index;
        /// Sets whether to return for each element the number of its value.
        return_inverse: bool => return_inverse;
        /// Sets whether to return how often each value occurs.
        return_counts: bool => return_counts;
        /// Sets the axis whose slices are compared.
        axis: isize => Some(axis);
        /// Sets how many values to return.
        size: usize => Some(size);
        /// Sets what missing values are filled with.
        fill_value: f64 => Some(fill_value);
    }
}

/// The different elements, or slices along an axis, in ascending order; then, where the options ask for them, numbers of
/// the first ones, for each element the number of its value, and counts, as `int32`. Keras' `ops.unique`.
///
/// NaN differs from NaN. Gradients flow to the first element of each value.
///
/// # Errors
/// [`Error::Argument`](crate::Error::Argument) where there is no such axis.
///
/// ```
/// use keras_rs::{Tensor, ops, ops::Unique};
///
/// let x = Tensor::from_slice::<i32>(&[3, 1, 3], [3])?;
/// let all = ops::unique(&x, Unique::new().return_counts(true))?;
/// assert_eq!((all[0].to_vec::<i32>()?, all[1].to_vec::<i32>()?), (vec![1, 3], vec![1, 2]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn unique<X: Operand>(x: &X, options: Unique) -> Result<Vec<X::Output>> {
    if <X::Output as Value>::SYMBOLIC {
        let mut call = OperationCall::new("Unique");
        call.argument("return_index", options.return_index.to_data());
        call.argument("return_inverse", options.return_inverse.to_data());
        call.argument("return_counts", options.return_counts.to_data());
        call.argument("axis", options.axis.to_data());
        call.argument("size", options.size.to_data());
        call.argument("fill_value", options.fill_value.to_data());
        call.operand(x.given()?);
        return <Vec<Tensor> as Results<X::Output>>::of_call(call);
    }
    different(&*x.real(&[])?, options)?.into_iter().map(Value::of).collect()
}

fn different(x: &Tensor, options: Unique) -> Result<Vec<Tensor>> {
    let axis = options.axis.map(|axis| resolve_axis("unique", axis, x.rank())).transpose()?;
    // What is compared are rows.
    let front = match axis {
        Some(axis) => x.move_axis(axis as isize, 0)?,
        None => x.reshape([x.len()])?,
    };
    let (count, inner) = (front.shape()[0], front.shape()[1..].iter().product::<usize>());
    let values = front.to_f64_vec()?;
    let row = |number: usize| &values[number * inner..(number + 1) * inner];
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compared(row(*a), row(*b)));
    let (mut firsts, mut counts, mut inverse) = (Vec::new(), Vec::new(), vec![0; count]);
    for (place, &number) in order.iter().enumerate() {
        // Where elements are equal, the order is that of their numbers.
        if place == 0 || row(order[place - 1]) != row(number) {
            firsts.push(number);
            counts.push(0_usize);
        }
        inverse[number] = firsts.len() - 1;
        if let Some(times) = counts.last_mut() {
            *times += 1;
        }
    }
    let found = firsts.len();
    let size = options.size.unwrap_or(found);
    crate::limits::check_shape("unique", x.dtype(), &[size, inner])?;
    firsts.resize(size, firsts.first().copied().unwrap_or(0));
    counts.resize(size, 0);

    let front_rows = front.reshape([count, inner])?;
    let mut rows = match count {
        0 => front_rows.full_like([size, inner], options.fill_value.unwrap_or(0.0))?,
        _ => front_rows.take(&counted(&firsts, [size], x)?, 0)?,
    };
    if let Some(value) = options.fill_value.filter(|_| size > found) {
        let filled = rows.full_like([size - found, inner], value)?;
        rows = Tensor::concat(&[rows.narrow(0, 0..found)?, filled], 0)?;
    }
    let mut shape = front.shape().to_vec();
    shape[0] = size;
    let rows = rows.reshape(shape)?;
    let mut all = vec![match axis {
        Some(axis) => rows.move_axis(0, axis as isize)?,
        None => rows,
    }];
    if options.return_index {
        all.push(counted(&firsts, [size], x)?);
    }
    if options.return_inverse {
        let shape = if axis.is_some() { vec![count] } else { x.shape().to_vec() };
        all.push(counted(&inverse, shape, x)?);
    }
    if options.return_counts {
        all.push(counted(&counts, [size], x)?);
    }
    Ok(all)
}

/// The order of rows by their first elements that differ; NaN is the largest.
fn compared(a: &[f64], b: &[f64]) -> Ordering {
    let of_elements = |(a, b): (&f64, &f64)| a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
    a.iter().zip(b).map(of_elements).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

pub(crate) fn unique_spec((x, dtype): &Spec, options: Unique) -> Result<Vec<Spec>> {
    let axis = options.axis.map(|axis| resolve_axis("unique", axis, x.rank())).transpose()?;
    let mut dims = match axis {
        Some(_) => x.dims().to_vec(),
        None => vec![None],
    };
    dims[axis.unwrap_or(0)] = options.size;
    let inverse = axis.map_or_else(|| x.clone(), |axis| Shape::new([x.dims()[axis]]));
    let numbers = Shape::new([options.size]);
    let mut all = vec![(Shape::new(dims), *dtype)];
    for (asked, shape) in [
        (options.return_index, &numbers),
        (options.return_inverse, &inverse),
        (options.return_counts, &numbers),
    ] {
        if asked {
            all.push((shape.clone(), DType::I32));
        }
    }
    Ok(all)
}
