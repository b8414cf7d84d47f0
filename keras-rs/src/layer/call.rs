//! What a layer is called with besides its inputs.

use super::LayerRef;
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::HashMap;

/// The keyword arguments of a call by name.
///
/// Plain data among the positional arguments is here too, named by [`Kwarg::positional`].
pub type Kwargs = IndexMap<String, Kwarg>;

/// A keyword argument of a call: a tensor, a list, or plain data.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "keyword arguments are few")]
pub enum Kwarg {
    /// A tensor.
    Tensor(Tensor),
    /// A list with tensors in it, such as the masks of several inputs.
    List(Vec<Kwarg>),
    /// Plain data, such as a flag.
    Data(Value),
}

impl Kwarg {
    /// The name under which plain data at a place among the positional arguments is handed on.
    pub fn positional(place: usize) -> String {
        format!("#{place}")
    }

    /// The tensor, where it is one.
    pub fn tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }
}

/// What one run through a model shares: the training flag, the losses that layers add and the
/// variables whose use is recorded for gradients.
#[derive(Debug, Default)]
pub struct Run {
    /// Whether layers behave as in training.
    pub training: bool,
    /// Losses that layers added.
    pub losses: Vec<Tensor>,
    recorded: HashMap<usize, Tensor>,
}

impl Run {
    /// A run in which layers behave as in training, or as at inference.
    pub fn new(training: bool) -> Self {
        Self { training, ..Self::default() }
    }

    /// The value of a variable: the recorded one, where gradients of it are wanted.
    ///
    /// # Errors
    /// As [`Variable::value`].
    pub fn value(&self, variable: &Variable) -> Result<Tensor> {
        self.recorded.get(&variable.identity()).map_or_else(|| variable.value(), |v| Ok(v.clone()))
    }

    /// Records the use of a variable from here on; gives the start of the recording.
    pub(crate) fn record(&mut self, variable: &Variable) -> Result<Tensor> {
        let leaf = variable.value()?.record()?;
        self.recorded.insert(variable.identity(), leaf.clone());
        Ok(leaf)
    }
}

/// Hands a layer its variables, masks and keyword arguments during a call.
#[derive(Debug)]
pub struct CallContext<'a> {
    pub(super) layer: &'a str,
    pub(super) policy: DTypePolicy,
    pub(super) trainable: bool,
    pub(super) variables: &'a [Variable],
    pub(super) masks: &'a [Option<Tensor>],
    pub(super) kwargs: &'a Kwargs,
    pub(super) run: &'a mut Run,
}

impl CallContext<'_> {
    /// The layer's path, for errors.
    pub fn layer(&self) -> &str {
        self.layer
    }

    /// Whether the layer is to behave as in training.
    pub fn training(&self) -> bool {
        match self.kwargs.get("training") {
            Some(Kwarg::Data(Value::Bool(training))) => *training,
            _ => self.run.training,
        }
    }

    /// Whether training may change the layer's variables; a frozen one behaves as at inference where
    /// Keras' does.
    pub fn trainable(&self) -> bool {
        self.trainable
    }

    /// A variable that `build` made.
    ///
    /// # Errors
    /// [`Error::UnknownName`] where it made none of this name.
    pub fn variable(&self, name: &str) -> Result<&Variable> {
        self.variables
            .iter()
            .find(|v| v.name() == name)
            .ok_or_else(|| Error::unknown_name("variable", name, self.variables.iter().map(Variable::name)))
    }

    /// The value of a variable in its own type.
    ///
    /// # Errors
    /// As [`CallContext::variable`] and [`Variable::value`].
    pub fn value(&self, name: &str) -> Result<Tensor> {
        self.run.value(self.variable(name)?)
    }

    /// The value of a variable; floats in the type that the layer computes in.
    ///
    /// # Errors
    /// As [`CallContext::variable`] and [`Variable::value`].
    pub fn weight(&self, name: &str) -> Result<Tensor> {
        let value = self.value(name)?;
        if value.dtype().is_float() { value.cast(self.policy.compute_dtype()) } else { Ok(value) }
    }

    /// The mask that came with an input.
    pub fn mask(&self, input: usize) -> Option<&Tensor> {
        self.masks.get(input).and_then(Option::as_ref)
    }

    /// Every input's mask.
    pub fn masks(&self) -> &[Option<Tensor>] {
        self.masks
    }

    /// A keyword argument of the call.
    pub fn kwarg(&self, name: &str) -> Option<&Kwarg> {
        self.kwargs.get(name)
    }

    /// Every keyword argument of the call.
    pub fn kwargs(&self) -> &Kwargs {
        self.kwargs
    }

    /// Adds a scalar to the model's loss.
    pub fn add_loss(&mut self, loss: Tensor) {
        self.run.losses.push(loss);
    }

    /// Calls a layer inside this one.
    ///
    /// # Errors
    /// What the inner layer reports.
    pub fn call_child(&mut self, child: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let values: Vec<(Tensor, Option<Tensor>)> = inputs.iter().map(|t| (t.clone(), None)).collect();
        Ok(child.run(&values, &Kwargs::new(), self.run)?.into_iter().map(|(t, _)| t).collect())
    }

    /// What one run through the model shares.
    pub fn run_mut(&mut self) -> &mut Run {
        self.run
    }
}

/// The only input of a layer that takes one.
///
/// # Errors
/// [`Error::Argument`] where there is not exactly one.
pub fn single<'t, T>(layer: &str, inputs: &'t [T]) -> Result<&'t T> {
    match inputs {
        [one] => Ok(one),
        many => Err(Error::argument(layer, "inputs", "one tensor", format!("{} tensors", many.len()))),
    }
}
