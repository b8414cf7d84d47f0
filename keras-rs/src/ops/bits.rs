//! Bits of whole numbers, and their common divisors and multiples. Computed on the host; no gradient flows.

use super::host::pairs;
use super::rule::Rule;
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::Spec;
use crate::tensor::Tensor;

macro_rules! of_bits {
    ($($(#[$doc:meta])* $name:ident, $spec:ident: $a:expr, $b:expr => $y:expr, $function:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// Shapes broadcast, data types are promoted.
        ///
        /// # Errors
        /// [`Error::DType`](crate::Error::DType) for floats, [`Error::Shape`](crate::Error::Shape) where the shapes
        /// do not broadcast.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        #[doc = concat!("let a = Tensor::from_slice::<i32>(&", stringify!($a), ", [2])?;")]
        #[doc = concat!("let b = Tensor::from_slice::<i32>(&", stringify!($b), ", [2])?;")]
        #[doc = concat!("assert_eq!(ops::", stringify!($name), "(&a, &b)?.to_vec::<i32>()?, ", stringify!($y), ");")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[super::operation]
        pub fn $name(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
            pairs(stringify!($name), x1, x2, $function)
        }

        pub(crate) fn $spec(x1: &Spec, x2: &Spec) -> Result<Spec> {
            Rule::Same.pair_spec(stringify!($name), x1, x2)
        }
    )*};
}

of_bits! {
    /// Bits that both have.
    bitwise_and, bitwise_and_spec: [12, 5], [10, 3] => [8, 1], |a, b| a & b;
    /// Bits that at least one has.
    bitwise_or, bitwise_or_spec: [12, 5], [10, 3] => [14, 7], |a, b| a | b;
    /// Bits that exactly one has.
    bitwise_xor, bitwise_xor_spec: [12, 5], [10, 3] => [6, 6], |a, b| a ^ b;
    /// Bits moved up by `x2` positions.
    bitwise_left_shift, bitwise_left_shift_spec: [1, 5], [4, 1] => [16, 10], up;
    /// Bits moved up by `x2` positions; another name of [`bitwise_left_shift`].
    left_shift, left_shift_spec: [1, 5], [4, 1] => [16, 10], up;
    /// Bits moved down by `x2` positions; the sign stays.
    bitwise_right_shift, bitwise_right_shift_spec: [16, -5], [4, 1] => [1, -3], down;
    /// Bits moved down by `x2` positions; another name of [`bitwise_right_shift`].
    right_shift, right_shift_spec: [16, -5], [4, 1] => [1, -3], down;
    /// The greatest number that divides both.
    gcd, gcd_spec: [12, 0], [18, 5] => [6, 5], common_divisor;
    /// The least number that both divide.
    lcm, lcm_spec: [4, 0], [6, 5] => [12, 0], common_multiple;
}

fn up(a: i64, by: i64) -> i64 {
    if (0..64).contains(&by) { a << by } else { 0 }
}

fn down(a: i64, by: i64) -> i64 {
    a >> if (0..64).contains(&by) { by } else { 63 }
}

fn common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a as i64
}

fn common_multiple(a: i64, b: i64) -> i64 {
    match common_divisor(a, b) {
        0 => 0,
        divisor => (a / divisor).wrapping_mul(b).wrapping_abs(),
    }
}

/// Every bit turned around. Keras' `ops.bitwise_not`.
///
/// # Errors
/// [`Error::DType`](crate::Error::DType) for floats.
///
/// ```
/// use keras_rs::{Tensor, ops};
///
/// let x = Tensor::from_slice::<i32>(&[0, 5], [2])?;
/// assert_eq!(ops::bitwise_not(&x)?.to_vec::<i32>()?, [-1, -6]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[super::operation]
pub fn bitwise_not(x: &Tensor) -> Result<Tensor> {
    if x.dtype() == DType::Bool {
        return x.logical_not();
    }
    pairs("bitwise_not", x, x, |a, _| !a)
}

/// Every bit turned around; another name of [`bitwise_not`]. Keras' `ops.bitwise_invert`.
///
/// # Errors
/// As [`bitwise_not`].
#[super::operation]
pub fn bitwise_invert(x: &Tensor) -> Result<Tensor> {
    bitwise_not(x)
}

super::rule::each_specs! { Same: bitwise_not_spec, bitwise_invert_spec; }
