//! Data types of results, and the functions that compute element by element.

use crate::dtype::DType;
use crate::error::Result;
use crate::shape::Spec;
use crate::tensor::{Tensor, broadcast_symbolic};

/// The data type of a result, from the operands'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The operands'.
    Same,
    /// The operands'; `int32` for `bool`.
    Number,
    /// The operands'; `float32` for integers and `bool`.
    Float,
    /// The operands'; `int32` for `bool`, `uint32` for `uint8`.
    Total,
    /// `bool`.
    Bool,
}

impl Rule {
    pub(super) fn apply(self, dtype: DType) -> DType {
        match (self, dtype) {
            (Self::Bool, _) => DType::Bool,
            (Self::Number | Self::Total, DType::Bool) => DType::I32,
            (Self::Total, DType::U8) => DType::U32,
            (Self::Float, dtype) if !dtype.is_float() => DType::F32,
            (_, dtype) => dtype,
        }
    }

    /// Brings the only operand to the type that is computed in.
    pub(super) fn prepare(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Same | Self::Bool => Ok(x.clone()),
            Self::Number | Self::Float | Self::Total => x.cast(self.apply(x.dtype())),
        }
    }

    /// Computes element by element.
    pub(super) fn each(self, x: &Tensor, function: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
        function(&self.prepare(x)?)?.cast(self.apply(x.dtype()))
    }

    /// Computes from two operands that broadcast.
    pub(super) fn pair(
        self,
        a: &Tensor,
        b: &Tensor,
        function: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        function(a, b)?.cast(self.apply(a.dtype().promote(b.dtype())))
    }

    /// The operand's shape in the type of the result.
    pub(super) fn each_spec(self, (shape, dtype): &Spec) -> Result<Spec> {
        Ok((shape.clone(), self.apply(*dtype)))
    }

    /// The shape that both operands broadcast to, in the type of the result.
    pub(super) fn pair_spec(self, context: &str, (a, a_type): &Spec, (b, b_type): &Spec) -> Result<Spec> {
        Ok((broadcast_symbolic(context, a, b)?, self.apply(a_type.promote(*b_type))))
    }
}

/// Functions of one tensor, computed element by element, each with its rule for symbolic tensors, an example
/// of two elements and what it gives for them.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident, $spec:ident: $rule:ident $x:expr => $y:expr, $function:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", stringify!($name), "`.")]
        ///
        /// The result has the shape of `x`.
        #[doc = $crate::ops::rule::unary!(@ $rule)]
        ///
        /// # Errors
        /// [`Error::DType`](crate::Error::DType) where the backend lacks the type.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        #[doc = concat!("let x = Tensor::from_slice::<f32>(&", stringify!($x), ", [2])?;")]
        #[doc = concat!("let y = ops::", stringify!($name), "(&x)?.to_f64_vec()?;")]
        #[doc = concat!("assert!(y.iter().zip(", stringify!($y), ").all(|(y, want)| (y - want).abs() < 1e-5));")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[$crate::ops::operation]
        pub fn $name(x: &$crate::tensor::Tensor) -> $crate::error::Result<$crate::tensor::Tensor> {
            $crate::ops::rule::Rule::$rule.each(x, $function)
        }

        pub(crate) fn $spec(x: &$crate::shape::Spec) -> $crate::error::Result<$crate::shape::Spec> {
            $crate::ops::rule::Rule::$rule.each_spec(x)
        }
    )*};
    (@ Same) => { "It has the data type of `x`." };
    (@ Number) => { "It has the data type of `x`; `bool` gives `int32`." };
    (@ Float) => { "It has the data type of `x`; integers and `bool` give `float32`." };
    (@ Bool) => { "It is `bool`." };
}

/// Functions of two tensors that broadcast, as [`unary`].
macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident, $keras:literal, $spec:ident: $rule:ident
        $a:expr, $b:expr => $y:expr, $function:expr;)*) => {$(
        $(#[$doc])*
        #[doc = concat!("Keras' `ops.", $keras, "`.")]
        ///
        /// Shapes broadcast as in NumPy, data types are promoted.
        #[doc = $crate::ops::rule::binary!(@ $rule)]
        ///
        /// # Errors
        /// [`Error::Shape`](crate::Error::Shape) where the shapes do not broadcast.
        ///
        /// ```
        /// use keras_rs::{Tensor, ops};
        ///
        #[doc = concat!("let a = Tensor::from_slice::<f32>(&", stringify!($a), ", [2])?;")]
        #[doc = concat!("let b = Tensor::from_slice::<f32>(&", stringify!($b), ", [2])?;")]
        #[doc = concat!("let y = ops::", stringify!($name), "(&a, &b)?.to_f64_vec()?;")]
        #[doc = concat!("assert!(y.iter().zip(", stringify!($y), ").all(|(y, want)| (y - want).abs() < 1e-5));")]
        /// # Ok::<(), keras_rs::Error>(())
        /// ```
        #[$crate::ops::operation]
        pub fn $name(
            x1: &$crate::tensor::Tensor,
            x2: &$crate::tensor::Tensor,
        ) -> $crate::error::Result<$crate::tensor::Tensor> {
            $crate::ops::rule::Rule::$rule.pair(x1, x2, $function)
        }

        pub(crate) fn $spec(
            x1: &$crate::shape::Spec,
            x2: &$crate::shape::Spec,
        ) -> $crate::error::Result<$crate::shape::Spec> {
            $crate::ops::rule::Rule::$rule.pair_spec($keras, x1, x2)
        }
    )*};
    (@ Same) => { "" };
    (@ Number) => { "`bool` gives `int32`." };
    (@ Float) => { "Integers and `bool` give `float32`." };
    (@ Bool) => { "The result is `bool`." };
}

/// Shapes and data types of functions that compute element by element.
macro_rules! each_specs {
    ($($rule:ident: $($spec:ident),+;)*) => {$($(
        pub(crate) fn $spec(x: &$crate::shape::Spec) -> $crate::error::Result<$crate::shape::Spec> {
            $crate::ops::rule::Rule::$rule.each_spec(x)
        }
    )+)*};
}

pub(super) use {binary, each_specs, unary};
