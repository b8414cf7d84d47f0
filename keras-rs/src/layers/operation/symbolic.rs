//! Functions of `ops` and Rust's operators on symbolic tensors, which become operations of the model.

use super::Operation;
use crate::config::json::float;
use crate::error::{Error, Result};
use crate::layer::{Argument, Arguments, KerasTensor, LayerRef, Node, Symbolic, constant};
use crate::layers::Input;
use crate::ops::{self, Data, Given, Index, Operand, OperationCall, Value};
use crate::tensor::Tensor;
use indexmap::IndexMap;
use serde_json::json;
use std::borrow::Cow;

impl Operand for KerasTensor {
    type Output = Self;

    fn real(&self, _beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>> {
        Err(Error::argument("operation", "operand", "a tensor with values", format!("{self:?}")))
    }

    fn given(&self) -> Result<Given> {
        Ok(Given::Symbolic(Box::new(self.clone())))
    }
}

impl Value for KerasTensor {
    type With<V: Value> = Self;

    const SYMBOLIC: bool = true;

    fn of(tensor: Tensor) -> Result<Self> {
        Err(Error::argument("operation", "operands", "tensors with values", format!("a result {tensor}")))
    }

    fn of_call(call: OperationCall) -> Result<Vec<Self>> {
        let class = call.class;
        let mut operation = Operation::new(class)?;
        for (name, data) in call.arguments {
            operation = operation.argument(name, json(data))?;
        }
        let layer = LayerRef::new(operation);
        let mut arguments = Arguments::default();
        for given in call.positional {
            match argument(class, given)? {
                // The operands of a class that takes no list are arguments of their own.
                Argument::List(items) if !layer.layer().signature().takes_list() => {
                    arguments.positional.extend(items);
                }
                argument => arguments.positional.push(argument),
            }
        }
        let keyword =
            call.keyword.into_iter().map(|(name, given)| Ok((name.into_owned(), argument(class, given)?)));
        arguments.keyword = keyword.collect::<Result<IndexMap<_, _>>>()?;
        Node::connect(&layer, arguments)
    }
}

impl Operand for Input {
    type Output = KerasTensor;

    fn real(&self, _beside: &[Option<&Tensor>]) -> Result<Cow<'_, Tensor>> {
        Err(Error::argument("operation", "operand", "a tensor with values", format!("{self:?}")))
    }

    fn given(&self) -> Result<Given> {
        self.keras_tensor()?.given()
    }
}

ops::operators::operators! {
    KerasTensor; KerasTensor, &KerasTensor, Input, &Input;
    Add add ops::add, Sub sub ops::subtract, Mul mul ops::multiply, Div div ops::true_divide, Rem rem ops::mod_,
    BitAnd bitand ops::logical_and, BitOr bitor ops::logical_or, BitXor bitxor ops::logical_xor,
}

/// An argument as the graph keeps it; tensors with values become constants.
fn argument(class: &str, given: Given) -> Result<Argument<KerasTensor>> {
    Ok(match given {
        Given::Tensor(tensor) => Argument::Data(constant(&tensor)?),
        Given::Symbolic(any) => match any.downcast::<KerasTensor>() {
            Ok(tensor) => Argument::Tensor(*tensor),
            Err(_) => {
                return Err(Error::argument(
                    class,
                    "operand",
                    "a symbolic tensor",
                    "an object of another type",
                ));
            }
        },
        Given::List(items) => {
            Argument::List(items.into_iter().map(|item| argument(class, item)).collect::<Result<_>>()?)
        }
        Given::Data(data) => Argument::Data(json(data)),
    })
}

/// Plain data as files hold it.
fn json(data: Data) -> serde_json::Value {
    match data {
        Data::Null => serde_json::Value::Null,
        Data::Flag(flag) => flag.into(),
        Data::Whole(number) => number.into(),
        Data::Number(number) => float(number),
        Data::Text(text) => text.into(),
        Data::List(items) => items.into_iter().map(json).collect(),
        Data::Index(index) => match index {
            Index::At(at) => at.into(),
            Index::NewAxis => serde_json::Value::Null,
            Index::Ellipsis => json!({ "class_name": "__ellipsis__", "config": {} }),
            Index::Range { start, stop, step } => json!({
                "class_name": "__slice__",
                "config": { "start": start, "stop": stop, "step": (step != 1).then_some(step) },
            }),
        },
    }
}
