//! Elementwise formulas, written with operators and computed in little memory.
//!
//! Tensor operations do not change their operands, so that a chain of them allocates in every step. A
//! formula knows the last use of every intermediate value, so that it is computed in place.

use super::Tensor;
use crate::error::Result;
use burn::backend::ops::FloatTensorOps;
use burn::backend::{Dispatch, DispatchTensor, Scalar};
use std::collections::HashMap;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::rc::Rc;

/// An elementwise formula of float tensors that broadcast; clones share their subexpressions.
#[derive(Clone, Debug)]
pub(crate) struct Formula(Rc<Node>);

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a formula has few nodes")]
enum Node {
    Leaf(Tensor),
    Unary(Unary, Formula),
    WithScalar(Binary, Formula, f64),
    Binary(Binary, Formula, Formula),
    Maximum(Formula, Formula),
}

#[derive(Clone, Copy, Debug)]
enum Unary {
    Sqrt,
    Abs,
    Sign,
    Recip,
}

#[derive(Clone, Copy, Debug)]
enum Binary {
    Add,
    Sub,
    Mul,
    Div,
}

impl From<Tensor> for Formula {
    fn from(tensor: Tensor) -> Self {
        Self(Rc::new(Node::Leaf(tensor)))
    }
}

impl From<&Tensor> for Formula {
    fn from(tensor: &Tensor) -> Self {
        tensor.clone().into()
    }
}

impl Formula {
    fn unary(&self, op: Unary) -> Self {
        Self(Rc::new(Node::Unary(op, self.clone())))
    }

    fn with_scalar(&self, op: Binary, value: f64) -> Self {
        Self(Rc::new(Node::WithScalar(op, self.clone(), value)))
    }

    /// Square root.
    pub(crate) fn sqrt(&self) -> Self {
        self.unary(Unary::Sqrt)
    }

    /// Absolute value.
    pub(crate) fn abs(&self) -> Self {
        self.unary(Unary::Abs)
    }

    /// -1, 0 or 1.
    pub(crate) fn sign(&self) -> Self {
        self.unary(Unary::Sign)
    }

    /// Times itself.
    pub(crate) fn square(&self) -> Self {
        self * self
    }

    /// The larger value; NaN if one of them is NaN.
    pub(crate) fn maximum(&self, other: &Self) -> Self {
        Self(Rc::new(Node::Maximum(self.clone(), other.clone())))
    }

    fn operands(&self) -> impl Iterator<Item = &Self> {
        let (a, b) = match &*self.0 {
            Node::Leaf(_) => (None, None),
            Node::Unary(_, a) | Node::WithScalar(_, a, _) => (Some(a), None),
            Node::Binary(_, a, b) | Node::Maximum(a, b) => (Some(a), Some(b)),
        };
        a.into_iter().chain(b)
    }

    fn key(&self) -> *const Node {
        Rc::as_ptr(&self.0)
    }

    /// Computes several formulas; shared subexpressions are computed once.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) where shapes do not broadcast,
    /// [`Error::DType`](crate::Error::DType) for tensors that are no floats.
    pub(crate) fn evaluate(formulas: Vec<Self>) -> Result<Vec<Tensor>> {
        let mut run = Evaluation::default();
        formulas.iter().for_each(|formula| run.count(formula));
        formulas.iter().try_for_each(|formula| run.compute(formula))?;
        formulas.iter().map(|formula| run.take(formula)).collect()
    }
}

/// Computed values, with the number of their remaining uses.
#[derive(Default)]
struct Evaluation {
    uses: HashMap<*const Node, usize>,
    values: HashMap<*const Node, Tensor>,
}

impl Evaluation {
    fn count(&mut self, formula: &Formula) {
        let uses = self.uses.entry(formula.key()).or_default();
        *uses += 1;
        if *uses == 1 {
            formula.operands().for_each(|operand| self.count(operand));
        }
    }

    /// A value for one use; the last use gets the only handle, so that its buffer can be reused.
    fn take(&mut self, formula: &Formula) -> Result<Tensor> {
        self.compute(formula)?;
        let key = formula.key();
        let left = self.uses.get_mut(&key).map_or(0, |uses| {
            *uses = uses.saturating_sub(1);
            *uses
        });
        let value = if left == 0 { self.values.remove(&key) } else { self.values.get(&key).cloned() };
        value.ok_or_else(|| crate::Error::argument("formula", "value", "one that is computed", "none"))
    }

    fn compute(&mut self, formula: &Formula) -> Result<()> {
        if self.values.contains_key(&formula.key()) {
            return Ok(());
        }
        let value = match &*formula.0 {
            Node::Leaf(tensor) => {
                tensor.require_float("formula")?;
                tensor.clone()
            }
            Node::Unary(op, a) => self.take(a)?.apply_unary(*op),
            Node::WithScalar(op, a, value) => self.take(a)?.apply_scalar(*op, *value),
            Node::Binary(op, a, b) => {
                let a = self.take(a)?;
                a.apply_binary(*op, self.take(b)?)?
            }
            Node::Maximum(a, b) => self.take(a)?.maximum(&self.take(b)?)?,
        };
        self.values.insert(formula.key(), value);
        Ok(())
    }
}

impl Tensor {
    fn map_handle(self, op: impl FnOnce(DispatchTensor) -> DispatchTensor) -> Self {
        let Self { handle, shape, dtype, device } = self;
        Self { handle: op(handle), shape, dtype, device }
    }

    fn apply_unary(self, op: Unary) -> Self {
        self.map_handle(match op {
            Unary::Sqrt => Dispatch::float_sqrt,
            Unary::Abs => Dispatch::float_abs,
            Unary::Sign => Dispatch::float_sign,
            Unary::Recip => Dispatch::float_recip,
        })
    }

    fn apply_scalar(self, op: Binary, value: f64) -> Self {
        let op = match op {
            Binary::Add => Dispatch::float_add_scalar,
            Binary::Sub => Dispatch::float_sub_scalar,
            Binary::Mul => Dispatch::float_mul_scalar,
            Binary::Div => Dispatch::float_div_scalar,
        };
        self.map_handle(|handle| op(handle, Scalar::Float(value)))
    }

    fn apply_binary(self, op: Binary, other: Self) -> Result<Self> {
        if self.shape != other.shape || self.dtype != other.dtype || self.device != other.device {
            return match op {
                Binary::Add => self.add(&other),
                Binary::Sub => self.sub(&other),
                Binary::Mul => self.mul(&other),
                Binary::Div => self.div(&other),
            };
        }
        let op = match op {
            Binary::Add => Dispatch::float_add,
            Binary::Sub => Dispatch::float_sub,
            Binary::Mul => Dispatch::float_mul,
            Binary::Div => Dispatch::float_div,
        };
        Ok(self.map_handle(|handle| op(handle, other.handle)))
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident),*) => {$(
        impl $trait for &Formula {
            type Output = Formula;

            fn $method(self, other: Self) -> Formula {
                Formula(Rc::new(Node::Binary(Binary::$trait, self.clone(), other.clone())))
            }
        }

        impl $trait for Formula {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                (&self).$method(&other)
            }
        }

        impl $trait<&Self> for Formula {
            type Output = Self;

            fn $method(self, other: &Self) -> Self {
                (&self).$method(other)
            }
        }

        impl $trait<Formula> for &Formula {
            type Output = Formula;

            fn $method(self, other: Formula) -> Formula {
                self.$method(&other)
            }
        }

        impl $trait<f64> for &Formula {
            type Output = Formula;

            fn $method(self, other: f64) -> Formula {
                self.with_scalar(Binary::$trait, other)
            }
        }

        impl $trait<f64> for Formula {
            type Output = Self;

            fn $method(self, other: f64) -> Self {
                (&self).$method(other)
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Formula {
    type Output = Self;

    fn neg(self) -> Self {
        self * -1.0
    }
}

impl Sub<Formula> for f64 {
    type Output = Formula;

    fn sub(self, other: Formula) -> Formula {
        -other + self
    }
}

impl Div<Formula> for f64 {
    type Output = Formula;

    #[allow(clippy::suspicious_arithmetic_impl, reason = "by the reciprocal, as Burn has it")]
    fn div(self, other: Formula) -> Formula {
        other.unary(Unary::Recip) * self
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
