//! Arithmetic on symbolic tensors, which becomes operations of the model.

use super::{KerasTensor, Node, Slot, Symbolic};
use crate::config::{IntoConfig, Number};
use crate::error::{Error, Result};
use crate::layer::LayerRef;
use crate::layers::Operation;
use indexmap::IndexMap;

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
    let (mut inputs, mut layout) = (Vec::new(), Vec::new());
    for operand in operands {
        match operand {
            Operand::Tensor(tensor) => {
                inputs.push(tensor.clone());
                layout.push(Slot::One);
            }
            Operand::Number(number) => layout.push(Slot::Data(number.to_config())),
        }
    }
    let outputs = Node::connect(&layer, inputs, layout, IndexMap::new())?;
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

/// Python's operators on symbolic tensors. Shapes broadcast, data types are promoted.
///
/// ```
/// use keras_rs::graph::Operators;
/// use keras_rs::prelude::*;
///
/// let x = Input::new([3]);
/// let y = x.mul(2.0)?.add(1)?.add(&x)?;
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

    /// `number - self`, or any other operator with a number on its left: `class` is the operation's.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a class that is not known.
    ///
    /// ```
    /// use keras_rs::graph::Operators;
    /// use keras_rs::prelude::*;
    ///
    /// let x = Input::new([2]);
    /// let model = Model::new(&x, &x.right_of("Subtract", 1.0)?)?;
    /// let y = model.predict(&Tensor::from_vec(vec![0.25_f32, 3.0], [1, 2])?)?;
    /// assert_eq!(y.to_vec::<f32>()?, [0.75, -2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    fn right_of(&self, class: &str, left: impl AsOperand) -> Result<KerasTensor> {
        connect(class, &[left.operand()?, self.operand()?])
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
