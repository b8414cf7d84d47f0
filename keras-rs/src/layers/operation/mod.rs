//! Operations of `keras.ops` that functional models hold among their layers.
//!
//! Python makes them from arithmetic on symbolic tensors (`x / 255.0`, `x[:, 1:3]`), from calls of
//! `keras.ops`, and for masks that one layer hands to another. [`table`] lists the classes that files may name;
//! each reads its arguments and calls its function of [`crate::ops`], where everything is computed.

mod adapters;
mod arguments;
mod call;
mod constant;
mod convolution;
mod forms;
mod images;
mod symbolic;
mod table;

use crate::config::{
    ClassTable, Config, ConfigReader, ConstructorArgument, IntoConfig, KerasConfig, OPERATIONS,
};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::layer::{
    CallContext, Form, Function, InputShapes, InputSpecs, Inputs, Layer, LayerBase, LayerFields, Outputs,
    Role, Signature, Spec,
};
use crate::shape::Shape;
use crate::tensor::Tensor;
use arguments::Arguments;
use call::{Kwargs, operands, with_tensors};
use constant::Constant;
use forms::{ANY_KEYWORD, Operands, Row};
use keras_rs_kernels::Activation;
use serde_json::Value;
use table::rows;

/// An operation of `keras.ops` as a part of a functional model, such as `x + y` or `ops.mean(x, axis=1)`.
///
/// Shapes, data types and arguments are those of the function of `keras.ops`: the class is named in
/// Keras' spelling of classes (`Mean`, `ExpandDims`), its arguments are the class' own, and operands
/// that are no tensors stand among the positional arguments of the call. Errors are
/// [`Error::Argument`], [`Error::Shape`] and [`Error::DType`], in the name of the class.
///
/// Arithmetic on symbolic tensors is spelled more shortly with [`Operators`](crate::graph::Operators).
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([2, 2]);
/// let y = Operation::new("Mean")?.argument("axis", 1_isize)?.apply(&x)?;
/// assert_eq!(y.shape().to_string(), "(None, 2)");
///
/// let model = Model::new(&x, &y)?;
/// let data = Tensor::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [1, 2, 2])?;
/// assert_eq!(model.predict(&data)?.to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Operation {
    base: LayerBase,
    row: &'static Row,
    /// Arguments of the class, as they were written.
    config: Config,
}

/// Operations that give a tensor of the wanted type as it is, the mask that travels with it included.
const HANDS_ON: [&str; 2] = ["Cast", "ConvertToTensor"];

impl Operation {
    /// An operation of this class with its default arguments.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a class that is not known; it names those that are like it.
    pub fn new(class: &str) -> Result<Self> {
        let row = rows().find(|row| row.class == class);
        let row = row.ok_or_else(|| Error::unknown_name("operation", class, Self::class_names()))?;
        let defaults = row.parameters.iter().map(|p| (p.name.to_string(), p.default.to_value()));
        Ok(Self { base: LayerBase::default(), row, config: defaults.collect() })
    }

    /// Sets an argument of the class.
    ///
    /// # Errors
    /// [`Error::Argument`] where the class has no such argument or does not take the value.
    pub fn argument(mut self, name: &str, value: impl IntoConfig) -> Result<Self> {
        let value = value.to_config();
        let Some(parameter) = self.row.parameters.iter().find(|p| p.name == name) else {
            let names: Vec<&str> = self.row.parameters.iter().map(|p| p.name).collect();
            return Err(Error::argument(self.row.class, "argument", format!("one of {names:?}"), name));
        };
        parameter.check(self.row.class, &value)?;
        self.config.insert(name.into(), value);
        Ok(self)
    }

    /// Class names that files may use.
    pub fn class_names() -> impl Iterator<Item = &'static str> {
        rows().map(|row| row.class)
    }

    fn from_config(row: &'static Row, c: &mut ConfigReader<'_>) -> Result<Self> {
        // Only the name: `dtype` is an argument of some operations.
        let mut base = LayerBase::default();
        base.name = c.take_or("name", None)?;
        let mut config = Config::new();
        for parameter in row.parameters {
            let value: Value = c.take_or(parameter.name, parameter.default.to_value())?;
            parameter.check(row.class, &value)?;
            config.insert(parameter.name.into(), value);
        }
        Ok(Self { base, row, config })
    }

    fn arguments<'a>(&'a self, kwargs: &'a Kwargs) -> Result<Arguments<'a>> {
        let keywords = self.row.keywords;
        let known =
            |name: &str| name.starts_with('#') || keywords.contains(&name) || keywords == [ANY_KEYWORD];
        if let Some((name, _)) = kwargs.iter().find(|(name, _)| !known(name)) {
            let of_class = self.row.parameters.iter().any(|parameter| parameter.name == name);
            let expected =
                if of_class { "nothing, as Keras keeps no tensor here" } else { "no argument of this name" };
            return Err(Error::argument(self.row.class, name, expected, "one"));
        }
        Ok(Arguments { class: self.row.class, config: &self.config, kwargs })
    }

    /// The operands in the order of the call: each either the next input, or a constant.
    fn operands<T: Clone>(
        &self,
        inputs: &[T],
        arguments: &Arguments<'_>,
        dtype: impl Fn(&T) -> DType,
        constant: impl Fn(Constant, DType) -> Result<T>,
    ) -> Result<Vec<T>> {
        let kind = self.row.function.operands;
        if kind == Operands::Tensors {
            return Ok(inputs.to_vec());
        }
        let positions = inputs.len() + arguments.constants();
        let mut left = inputs.iter();
        let given: Vec<Option<&Value>> = (0..positions).map(|position| arguments.at(position)).collect();
        // What a condition chooses between does not take the condition's type.
        let condition = usize::from(kind == Operands::Chosen && given.first().is_some_and(Option::is_none));
        let like = match kind {
            Operands::Indices => DType::I32,
            _ => inputs.iter().skip(condition).map(dtype).reduce(DType::promote).unwrap_or(DType::Bool),
        };
        let mut operands = Vec::with_capacity(positions);
        for value in given {
            match value {
                None => operands.extend(left.next().cloned()),
                Some(Value::Null) if kind == Operands::Optional => {}
                Some(value) => operands.push(constant(Constant::parse(self.row.class, value)?, like)?),
            }
        }
        Ok(operands)
    }
}

impl KerasConfig for Operation {
    fn class_name(&self) -> &str {
        self.row.class
    }

    fn module(&self) -> Option<&str> {
        Some(self.row.module)
    }

    fn registered_name(&self) -> Option<String> {
        Some(self.row.class.into())
    }

    fn config(&self) -> Config {
        self.config.clone()
    }

    /// Refused: a configuration does not say which class of the table it belongs to.
    fn from_config(c: &mut ConfigReader<'_>) -> Result<Self> {
        let expected = "the class of an operation beside its configuration";
        Err(Error::argument(c.object(), "class_name", expected, "a configuration alone"))
    }

    /// None: each class of the table has its own.
    fn arguments() -> Vec<ConstructorArgument> {
        Vec::new()
    }
}

impl LayerFields for Operation {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut LayerBase {
        &mut self.base
    }
}

impl Layer for Operation {
    fn role(&self) -> Role {
        Role::Operation
    }

    fn signature(&self) -> Signature {
        if matches!(self.row.function.operands, Operands::List | Operands::Lists) {
            Signature::OPERAND_LIST
        } else {
            Signature::OPERANDS
        }
    }

    fn autocast(&self) -> bool {
        false
    }

    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        let (operands, kwargs) = operands(&inputs);
        let kwargs = with_tensors(kwargs, &inputs);
        let tensors: Vec<Tensor> = operands.iter().map(|input| input.tensor.clone()).collect();
        let outputs = self.compute(&tensors, &kwargs)?;
        match (operands.as_slice(), outputs.as_slice()) {
            ([x], [y]) if HANDS_ON.contains(&self.row.class) && x.tensor.dtype() == y.dtype() => {
                Ok(x.clone().into())
            }
            _ => Ok(outputs.into()),
        }
    }

    fn form(&self) -> Option<Form> {
        match self.row.class {
            "Add" => Some(Form::Add),
            "Subtract" => Some(Form::Subtract),
            "Multiply" => Some(Form::Multiply),
            "Divide" | "TrueDivide" => Some(Form::Divide),
            class => {
                let activation = match class {
                    "Relu" => Activation::Relu,
                    "Relu6" => Activation::Relu6,
                    "Sigmoid" => Activation::Sigmoid,
                    "Tanh" => Activation::Tanh,
                    "Silu" => Activation::Silu,
                    "HardSigmoid" => Activation::HardSigmoid,
                    "HardSilu" => Activation::HardSilu,
                    "Exp" => Activation::Exponential,
                    _ => return None,
                };
                Some(Form::Function(Function::Elementwise(activation)))
            }
        }
    }

    fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
        let specs = inputs.try_map(|shape| Ok((shape.clone(), DType::F32)))?;
        Ok(self.compute_output_spec(&specs)?.into_iter().map(|(shape, _)| shape).collect())
    }

    fn compute_output_spec(&self, inputs: &InputSpecs) -> Result<Vec<Spec>> {
        let (specs, kwargs) = operands(inputs);
        let arguments = self.arguments(&kwargs)?;
        let operands = self.operands(&specs, &arguments, |(_, dtype)| *dtype, |c, like| Ok(c.spec(like)))?;
        (self.row.function.spec)(&operands, &arguments)
    }
}

impl Operation {
    /// Computes the outputs for tensors and the other arguments of a call.
    fn compute(&self, inputs: &[Tensor], kwargs: &Kwargs) -> Result<Vec<Tensor>> {
        let arguments = self.arguments(kwargs)?;
        let Some(device) = inputs.first().map(|x| x.device().clone()) else {
            return Err(Error::argument(self.row.class, "inputs", "at least one tensor", "none"));
        };
        let constant = |c: Constant, like| c.tensor(like, &device);
        let operands = self.operands(inputs, &arguments, Tensor::dtype, constant)?;
        (self.row.function.call)(&operands, &arguments)
    }
}

/// Adds every operation.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    for row in rows() {
        let key = format!("{OPERATIONS}{}", row.class);
        table.add(&[&key], |c| Ok(Box::new(Operation::from_config(row, c)?) as Box<dyn Layer>));
    }
}
