//! Rust's operators on tensors.
//!
//! `&a + &b`, `x * 2.0`, `1.0 - &a`, `-&a` give a `Result`: shapes that do not broadcast are an error, not a panic.
//! A result may stand beside a tensor, so that `&a * &x + &b` is one expression with one `?` around it; a number
//! cannot stand beside a result (Rust reserves that for the type's own crate): `(&a + &b)? * 2.0`.

use super::{Joined, Operand, Value};
use crate::error::Result;
use crate::tensor::Tensor;

/// Rust's binary operators for a kind of tensors `$ty`, which give what functions of `ops` give; `$own` says which
/// function computes an operator whose left side is `$ty`.
macro_rules! operators {
    ($value:ty; $($ty:ty),+; $($trait:ident $method:ident $function:path),+ $(,)?) => {
        $crate::ops::operators::operators!(@ each ($value) [$($ty),+] [$(($trait $method $function))+]);
        $crate::ops::operators::operators!(@ signs $value; $($ty),+);
    };
    (@ each ($value:ty) [$($ty:ty),+] $list:tt) => {
        $($crate::ops::operators::operators!(@ of ($value) $ty; $list);)+
    };
    (@ of ($value:ty) $ty:ty; [$(($trait:ident $method:ident $function:path))+]) => {$(
        impl<R: $crate::ops::Operand> std::ops::$trait<R> for $ty {
            type Output = $crate::error::Result<$crate::ops::Joined<$value, R>>;

            fn $method(self, other: R) -> Self::Output {
                $function(&self, &other)
            }
        }

        impl std::ops::$trait<$crate::error::Result<$value>> for $ty {
            type Output = $crate::error::Result<$value>;

            fn $method(self, other: $crate::error::Result<$value>) -> Self::Output {
                $function(&self, &other?)
            }
        }

        impl std::ops::$trait<$ty> for $crate::error::Result<$value> {
            type Output = Self;

            fn $method(self, other: $ty) -> Self::Output {
                $function(&self?, &other)
            }
        }

        impl std::ops::$trait<$ty> for f64 {
            type Output = $crate::error::Result<$value>;

            fn $method(self, other: $ty) -> Self::Output {
                $function(&self, &other)
            }
        }

        impl std::ops::$trait<$ty> for i32 {
            type Output = $crate::error::Result<$value>;

            fn $method(self, other: $ty) -> Self::Output {
                $function(&self, &other)
            }
        }
    )+};
    (@ signs $value:ty; $($ty:ty),+) => {$(
        impl std::ops::Neg for $ty {
            type Output = $crate::error::Result<$value>;

            fn neg(self) -> Self::Output {
                $crate::ops::negative(&self)
            }
        }

        impl std::ops::Not for $ty {
            type Output = $crate::error::Result<$value>;

            fn not(self) -> Self::Output {
                $crate::ops::logical_not(&self)
            }
        }
    )+};
}
pub(crate) use operators;

operators! {
    Tensor; Tensor, &Tensor;
    Add add sum, Sub sub difference, Mul mul product, Div div quotient, Rem rem super::mod_,
    BitAnd bitand super::logical_and, BitOr bitor super::logical_or, BitXor bitxor super::logical_xor,
}

/// A tensor of floats and a number, which Burn has operations for that need no second tensor.
fn with_number<'a, A: Operand, B: Operand>(tensor: &'a A, number: &B) -> Option<(&'a Tensor, f64)> {
    tensor.tensor().filter(|tensor| tensor.dtype().is_float()).zip(number.number())
}

fn sum<A: Operand, B: Operand>(a: &A, b: &B) -> Result<Joined<A, B>> {
    match with_number(a, b).or_else(|| with_number(b, a)) {
        Some((tensor, number)) => Value::of(tensor.add_scalar(number)?),
        None => super::add(a, b),
    }
}

fn difference<A: Operand, B: Operand>(a: &A, b: &B) -> Result<Joined<A, B>> {
    match with_number(a, b) {
        Some((tensor, number)) => Value::of(tensor.add_scalar(-number)?),
        None => super::subtract(a, b),
    }
}

fn product<A: Operand, B: Operand>(a: &A, b: &B) -> Result<Joined<A, B>> {
    match with_number(a, b).or_else(|| with_number(b, a)) {
        Some((tensor, number)) => Value::of(tensor.mul_scalar(number)?),
        None => super::multiply(a, b),
    }
}

fn quotient<A: Operand, B: Operand>(a: &A, b: &B) -> Result<Joined<A, B>> {
    match with_number(a, b) {
        Some((tensor, number)) => Value::of(tensor.div_scalar(number)?),
        None => super::true_divide(a, b),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::dtype::DType;
    use crate::error::Result;
    use crate::tensor::Tensor;

    fn values(x: Result<Tensor>) -> Vec<f64> {
        x.unwrap().to_f64_vec().unwrap()
    }

    #[test]
    fn tensors_and_numbers_on_both_sides() {
        let (a, b) = (Tensor::from([1.0, 4.0]).unwrap(), Tensor::from([2.0, 8.0]).unwrap());
        assert_eq!(values(&a + &b), [3.0, 12.0]);
        assert_eq!(values(&a - b.clone()), [-1.0, -4.0]);
        assert_eq!(values(a.clone() * &b), [2.0, 32.0]);
        assert_eq!(values(a.clone() / b.clone()), [0.5, 0.5]);
        assert_eq!(values(&b % &a), [0.0, 0.0]);
        assert_eq!(values(&a + 1.0), [2.0, 5.0]);
        assert_eq!(values(&a - 1), [0.0, 3.0]);
        assert_eq!(values(a.clone() * 2.0), [2.0, 8.0]);
        assert_eq!(values(&a / 2), [0.5, 2.0]);
        assert_eq!(values(1.0 + &a), [2.0, 5.0]);
        assert_eq!(values(1.0 - &a), [0.0, -3.0]);
        assert_eq!(values(2 * a.clone()), [2.0, 8.0]);
        assert_eq!(values(4.0 / &a), [4.0, 1.0]);
        assert_eq!(values(-&a), [-1.0, -4.0]);
        assert_eq!(values(-a), [-1.0, -4.0]);
    }

    #[test]
    fn a_result_stands_beside_a_tensor() {
        let (a, b) = (Tensor::from([1.0, 4.0]).unwrap(), Tensor::from([2.0, 8.0]).unwrap());
        assert_eq!(values(&a * &b + &a), [3.0, 36.0]);
        assert_eq!(values(&a - (&a * &b)), [-1.0, -28.0]);
        assert_eq!(values(&a * 2.0 + &b - a.clone()), [3.0, 12.0]);
    }

    #[test]
    fn numbers_take_the_tensors_type_unless_they_have_a_fraction() {
        let x = Tensor::from([1, 2]).unwrap();
        assert_eq!((&x + 1).unwrap().dtype(), DType::I32);
        // As Python's 1.0, which is a float whatever its value.
        assert_eq!((&x + 1.0).unwrap().dtype(), DType::F32);
        assert_eq!((&x / 2).unwrap().dtype(), DType::F32);
        let flags = Tensor::from([true, false]).unwrap();
        assert_eq!((&flags + 1).unwrap().dtype(), DType::I32);
        let half = Tensor::from([1.0, 2.0]).unwrap().cast(DType::F16).unwrap();
        assert_eq!((2.0 - &half).unwrap().dtype(), DType::F16);
        let bytes = Tensor::from([1_u8]).unwrap();
        assert_eq!((&bytes + 1).unwrap().dtype(), DType::U8);
    }

    #[test]
    fn truth_values() {
        let (a, b) = (Tensor::from([true, true]).unwrap(), Tensor::from([true, false]).unwrap());
        assert_eq!(values(&a & &b), [1.0, 0.0]);
        assert_eq!(values(&a | &b), [1.0, 1.0]);
        assert_eq!(values(&a ^ &b), [0.0, 1.0]);
        assert_eq!(values(!&b), [0.0, 1.0]);
    }

    #[test]
    fn shapes_that_do_not_broadcast_are_an_error() {
        let (a, b) = (Tensor::from([1.0, 2.0]).unwrap(), Tensor::from([1.0, 2.0, 3.0]).unwrap());
        let error = (&a + &b).unwrap_err();
        assert!(error.to_string().contains("(2,)"), "{error}");
        assert!((&a + &b + &a).is_err());
    }
}
