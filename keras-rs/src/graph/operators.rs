//! Arithmetic on symbolic tensors, which becomes operations of the model.

use crate::config::{IntoConfig, Number};
use crate::error::{Error, Result};
use crate::layer::{Argument, Arguments, KerasTensor, LayerRef, Node, Symbolic};
use crate::layers::Operation;

/// One side of an operator: a symbolic tensor, or a number that takes its data type.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A symbolic tensor.
    Tensor(KerasTensor),
    /// A number; a fraction makes integers floats.
    Number(Number),
}

/// Things that can stand on the right of an operator: symbolic tensors, `f64` and `i32`.
pub trait AsOperand {
    /// The operand.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn operand(&self) -> Result<Operand>;
}

impl<S: Symbolic> AsOperand for S {
    fn operand(&self) -> Result<Operand> {
        Ok(Operand::Tensor(self.keras_tensor()?))
    }
}

macro_rules! numbers {
    ($($ty:ty),*) => {$(
        impl AsOperand for $ty {
            fn operand(&self) -> Result<Operand> {
                Ok(Operand::Number(Number::from(*self)))
            }
        }
    )*};
}

numbers!(f64, i32);

impl AsOperand for Operand {
    fn operand(&self) -> Result<Operand> {
        Ok(self.clone())
    }
}

/// Calls an operation of `keras.ops` on operands in order.
fn connect(class: &str, operands: &[Operand]) -> Result<KerasTensor> {
    let layer = LayerRef::new(Operation::new(class)?);
    let positional = operands.iter().map(|operand| match operand {
        Operand::Tensor(tensor) => Argument::Tensor(tensor.clone()),
        Operand::Number(number) => Argument::Data(number.to_config()),
    });
    let outputs =
        Node::connect(&layer, Arguments { positional: positional.collect(), ..Arguments::default() })?;
    let first = outputs.into_iter().next();
    first.ok_or_else(|| Error::argument(class, "outputs", "at least one output", "none"))
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident: $class:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Shape`] where the shapes do not broadcast.
        fn $name(&self, other: impl AsOperand) -> Result<KerasTensor> {
            connect($class, &[self.operand()?, other.operand()?])
        }
    )*};
}

macro_rules! reflected {
    ($($(#[$doc:meta])* $name:ident: $class:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`Error::Shape`] where the shapes do not broadcast.
        fn $name(&self, other: impl AsOperand) -> Result<KerasTensor> {
            connect($class, &[other.operand()?, self.operand()?])
        }
    )*};
}

/// Python's operators on symbolic tensors. Shapes broadcast, data types are promoted.
///
/// ```
/// use keras_rs::graph::Operators;
/// use keras_rs::prelude::*;
///
/// let x = Input::new([3]);
/// let y = x.mul(2.0)?.add(1)?.add(&x)?; // and 1 - x is x.rsub(1)
/// let model = Model::new(&x, &y)?;
/// let data = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0], [1, 3])?;
/// assert_eq!(model.predict(&data)?.to_vec::<f32>()?, [4.0, 7.0, 10.0]);
///
/// let again = keras_rs::model_from_json(&model.to_json())?;
/// assert_eq!(again.predict(&data)?.to_vec::<f32>()?, [4.0, 7.0, 10.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait Operators: Symbolic + Sized {
    binary! {
        /// `self + other`
        add: "Add";
        /// `self - other`
        sub: "Subtract";
        /// `self * other`
        mul: "Multiply";
        /// `self / other`; integers give floats.
        div: "TrueDivide";
        /// `self ** other`
        pow: "Power";
        /// The larger of both.
        maximum: "Maximum";
        /// The smaller of both.
        minimum: "Minimum";
    }

    reflected! {
        /// `other - self`
        rsub: "Subtract";
        /// `other / self`; integers give floats.
        rdiv: "TrueDivide";
        /// `other ** self`
        rpow: "Power";
    }

    /// `-self`
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn neg(&self) -> Result<KerasTensor> {
        connect("Negative", &[self.operand()?])
    }

    /// `abs(self)`
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn abs(&self) -> Result<KerasTensor> {
        connect("Absolute", &[self.operand()?])
    }
}

impl<S: Symbolic> Operators for S {}
