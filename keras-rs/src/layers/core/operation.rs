//! Arithmetic on symbolic tensors, which Keras stores as operations among a model's layers.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{CallContext, Kwarg, Layer, LayerBase};
use crate::config::{Config, ConfigReader};
use crate::shape::Shape;
use crate::tensor::{Tensor, broadcast_symbolic};
use serde_json::Value;

/// What an operation computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
    Minimum,
    Power,
    Negative,
    Absolute,
    Exp,
    Log,
    Sqrt,
    Square,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    LogicalAnd,
    LogicalOr,
    LogicalNot,
}

impl Function {
    /// Whether the result is a truth value.
    fn decides(self) -> bool {
        use Function::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        use Function::{LogicalAnd, LogicalNot, LogicalOr};
        matches!(self, Equal | NotEqual | Greater | GreaterEqual | Less | LessEqual)
            || matches!(self, LogicalAnd | LogicalOr | LogicalNot)
    }
}

/// Keras' class names, each with its function.
const FUNCTIONS: [(&str, Function); 24] = [
    ("Add", Function::Add),
    ("Subtract", Function::Subtract),
    ("Multiply", Function::Multiply),
    ("Divide", Function::Divide),
    ("TrueDivide", Function::Divide),
    ("Maximum", Function::Maximum),
    ("Minimum", Function::Minimum),
    ("Power", Function::Power),
    ("Negative", Function::Negative),
    ("Absolute", Function::Absolute),
    ("Abs", Function::Absolute),
    ("Exp", Function::Exp),
    ("Log", Function::Log),
    ("Sqrt", Function::Sqrt),
    ("Square", Function::Square),
    ("Equal", Function::Equal),
    ("NotEqual", Function::NotEqual),
    ("Greater", Function::Greater),
    ("GreaterEqual", Function::GreaterEqual),
    ("Less", Function::Less),
    ("LessEqual", Function::LessEqual),
    ("LogicalAnd", Function::LogicalAnd),
    ("LogicalOr", Function::LogicalOr),
    ("LogicalNot", Function::LogicalNot),
];

/// An elementwise operation of `keras.ops` in a functional model, such as `x + y` or `2 * x`.
///
/// Files name these under the module `keras.src.ops.numpy`. Operands are the inputs, or plain
/// numbers among the positional arguments of the call.
#[derive(Clone, Debug)]
pub struct Operation {
    base: LayerBase,
    class_name: &'static str,
    function: Function,
}

impl Operation {
    /// Class names that files may use.
    pub(crate) fn class_names() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.into_iter().map(|(name, _)| name)
    }

    pub(crate) fn from_config(class: &str, c: &mut ConfigReader<'_>) -> Result<Self> {
        let known = FUNCTIONS.into_iter().find(|(name, _)| *name == class);
        let (class_name, function) =
            known.ok_or_else(|| Error::unknown_name("operation", class, Self::class_names()))?;
        Ok(Self { base: LayerBase::from_config(c)?, class_name, function })
    }

    /// The operands in order: inputs, and numbers as tensors that take the input's type.
    fn operands(&self, inputs: &[Tensor], context: &CallContext<'_>) -> Result<Vec<Tensor>> {
        let mut left = inputs.iter();
        let mut operands = Vec::new();
        for place in 0..2 {
            match context.kwarg(&Kwarg::positional(place)) {
                Some(Kwarg::Data(Value::Number(number))) => {
                    let first = inputs.first().ok_or_else(|| self.arity(0))?;
                    let value = number.as_f64().unwrap_or(f64::NAN);
                    // A number takes the tensor's type, but a fraction makes integers floats.
                    let float = first.dtype().is_float() || number.is_f64();
                    let like = if float { first.to_float()? } else { first.clone() };
                    operands.push(like.full_like(Vec::new(), value)?);
                }
                Some(Kwarg::Data(other)) => {
                    return Err(Error::argument(self.class_name, "operand", "a number or a tensor", other));
                }
                _ => operands.extend(left.next().cloned()),
            }
        }
        Ok(operands)
    }

    fn arity(&self, got: usize) -> Error {
        Error::argument(self.class_name, "inputs", "one or two operands", format!("{got} operands"))
    }
}

impl Layer for Operation {
    fn class_name(&self) -> &str {
        self.class_name
    }

    fn module(&self) -> Option<&str> {
        Some("keras.src.ops.numpy")
    }

    fn registered_name(&self) -> Option<String> {
        Some(self.class_name.into())
    }

    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }

    fn config(&self) -> Config {
        Config::new()
    }

    fn is_operation(&self) -> bool {
        true
    }

    fn autocast(&self) -> bool {
        false
    }

    fn call(&self, inputs: &[Tensor], context: &mut CallContext<'_>) -> Result<Vec<Tensor>> {
        let operands = self.operands(inputs, context)?;
        let result = match (self.function, operands.as_slice()) {
            (Function::Add, [a, b]) => a.add(b),
            (Function::Subtract, [a, b]) => a.sub(b),
            (Function::Multiply, [a, b]) => a.mul(b),
            (Function::Divide, [a, b]) => a.div(b),
            (Function::Maximum, [a, b]) => a.maximum(b),
            (Function::Minimum, [a, b]) => a.minimum(b),
            (Function::Power, [a, b]) => a.pow(b),
            (Function::Equal, [a, b]) => a.equal(b),
            (Function::NotEqual, [a, b]) => a.not_equal(b),
            (Function::Greater, [a, b]) => a.greater(b),
            (Function::GreaterEqual, [a, b]) => a.greater_equal(b),
            (Function::Less, [a, b]) => a.less(b),
            (Function::LessEqual, [a, b]) => a.less_equal(b),
            (Function::LogicalAnd, [a, b]) => a.cast(DType::Bool)?.logical_and(&b.cast(DType::Bool)?),
            (Function::LogicalOr, [a, b]) => a.cast(DType::Bool)?.logical_or(&b.cast(DType::Bool)?),
            (Function::LogicalNot, [a]) => a.cast(DType::Bool)?.logical_not(),
            (Function::Negative, [a]) => a.neg(),
            (Function::Absolute, [a]) => a.abs(),
            (Function::Exp, [a]) => a.to_float()?.exp(),
            (Function::Log, [a]) => a.to_float()?.log(),
            (Function::Sqrt, [a]) => a.to_float()?.sqrt(),
            (Function::Square, [a]) => a.square(),
            (_, other) => Err(self.arity(other.len())),
        };
        Ok(vec![result?])
    }

    fn compute_output_shape(&self, inputs: &[Shape]) -> Result<Vec<Shape>> {
        match inputs {
            [one] => Ok(vec![one.clone()]),
            [a, b] => Ok(vec![broadcast_symbolic(self.class_name, a, b)?]),
            many => Err(self.arity(many.len())),
        }
    }

    fn compute_output_dtype(&self, inputs: &[DType], outputs: usize) -> Vec<DType> {
        if self.function.decides() {
            return vec![DType::Bool; outputs];
        }
        let dtype = inputs.iter().copied().reduce(DType::promote).unwrap_or(DType::F32);
        vec![dtype; outputs]
    }
}
