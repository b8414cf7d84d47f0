//! Numbers on the host that are rounded as a variable's element type rounds them.

use crate::dtype::DType;
use crate::tensor::Formula;
use std::ops::{Add, Div, Mul, Sub};

/// A number of a float type: operands are rounded to that type, and so are results.
///
/// Keras computes bias corrections such as `1 - 0.999^n` in the element type of the variable; in `float32`,
/// their rounding errors are visible in the first updates.
///
/// ```
/// use keras_rs::{DType, optimizers::HostFloat};
///
/// let beta = HostFloat::new(0.999, DType::F32);
/// assert_eq!((1.0 - beta).get(), f64::from(1.0 - 0.999_f32));
/// assert_eq!((1.0 - HostFloat::new(0.999, DType::F64)).get(), 1.0 - 0.999);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HostFloat {
    value: f64,
    dtype: DType,
}

impl HostFloat {
    /// The nearest number that the type has; types other than floats count as `float64`.
    pub fn new(value: f64, dtype: DType) -> Self {
        let value = match dtype {
            DType::F32 => f64::from(value as f32),
            DType::F16 => half::f16::from_f64(value).to_f64(),
            DType::BF16 => half::bf16::from_f64(value).to_f64(),
            _ => value,
        };
        Self { value, dtype }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.value
    }

    /// Square root.
    #[must_use]
    pub fn sqrt(self) -> Self {
        Self::new(self.value.sqrt(), self.dtype)
    }

    /// To a power, which is rounded too.
    #[must_use]
    pub fn pow(self, exponent: f64) -> Self {
        Self::new(self.value.powf(Self::new(exponent, self.dtype).value), self.dtype)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:tt),*) => {$(
        impl $trait for HostFloat {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                Self::new(self.value $op other.value, self.dtype)
            }
        }

        impl $trait<f64> for HostFloat {
            type Output = Self;

            fn $method(self, other: f64) -> Self {
                self $op Self::new(other, self.dtype)
            }
        }

        impl $trait<HostFloat> for f64 {
            type Output = HostFloat;

            fn $method(self, other: HostFloat) -> HostFloat {
                HostFloat::new(self, other.dtype) $op other
            }
        }

        impl $trait<HostFloat> for &Formula {
            type Output = Formula;

            fn $method(self, other: HostFloat) -> Formula {
                self $op other.value
            }
        }

        impl $trait<HostFloat> for Formula {
            type Output = Self;

            fn $method(self, other: HostFloat) -> Self {
                &self $op other.value
            }
        }
    )*};
}

operators!(Add add +, Sub sub -, Mul mul *, Div div /);
