//! What a layer says about its arguments.

use super::{Argument, Arguments};
use crate::error::{Error, Result};

/// The parameters of a layer's `call`, in Keras' order and under Keras' names.
///
/// From it follow how arguments are found by name, which masks a layer may be handed, which shapes it is
/// built from, and how a file stores the call and the build.
///
/// ```
/// use keras_rs::layer::Signature;
///
/// const ATTENTION: Signature = Signature::new(&["query", "value", "key", "attention_mask"])
///     .built_from(&["query", "value", "key"]);
/// assert_eq!(ATTENTION.position("key"), Some(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    parameters: &'static [&'static str],
    built_from: &'static [&'static str],
    keys: &'static [&'static str],
    takes_list: bool,
    open: bool,
    takes_mask: bool,
    rest: Option<&'static str>,
}

impl Signature {
    /// One argument, `inputs`, with a mask where the call gives one: what most layers have.
    pub const INPUTS: Self = Self::new(&["inputs", "mask"]).built_from(&["inputs"]);

    /// A list of tensors as the one argument `inputs`, as merging layers take it.
    pub const LIST: Self = Self { takes_list: true, ..Self::INPUTS };

    /// Any operands, checked by the layer itself: operations of `keras.ops`.
    pub const OPERANDS: Self = Self { open: true, ..Self::INPUTS };

    /// Any operands, the first of them a list: operations such as `Concatenate`.
    pub const OPERAND_LIST: Self = Self { takes_list: true, ..Self::OPERANDS };

    /// As [`Signature::INPUTS`], of a layer that makes use of the mask: see [`Signature::masked`].
    pub const MASKED: Self = Self::INPUTS.masked();

    /// Parameters of these names; the layer is built from the first one.
    pub const fn new(parameters: &'static [&'static str]) -> Self {
        let built_from = match parameters.split_first() {
            Some((_, rest)) => parameters.split_at(parameters.len() - rest.len()).0,
            None => parameters,
        };
        Self {
            parameters,
            built_from,
            keys: &[],
            takes_list: false,
            open: false,
            takes_mask: false,
            rest: None,
        }
    }

    /// Parameters of these names, each a tensor; the layer is built from all of them.
    ///
    /// ```
    /// use keras_rs::layer::Signature;
    ///
    /// assert_eq!(Signature::tensors(&["mean", "log_var"]).build_parameters(), ["mean", "log_var"]);
    /// ```
    pub const fn tensors(parameters: &'static [&'static str]) -> Self {
        Self::new(parameters).built_from(parameters)
    }

    /// One argument, `inputs`, a dictionary of tensors with these keys. Several tensors that are handed over without
    /// names are in the order of the keys; `fit` and `predict` take them by key as well.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// /// The difference of two tensors by name.
    /// #[derive(Debug, KerasConfig)]
    /// #[keras(package = "forest")]
    /// struct Difference {
    ///     base: LayerBase,
    /// }
    ///
    /// impl Layer for Difference {
    ///     fn signature(&self) -> Signature {
    ///         Signature::dictionary(&["from", "to"])
    ///     }
    ///
    ///     fn call(&self, mut inputs: Inputs, _context: &mut CallContext<'_>) -> keras_rs::Result<Outputs> {
    ///         Ok((inputs.required("to")? - inputs.required("from")?)?.into())
    ///     }
    /// }
    ///
    /// let model = Model::subclassed(Difference::new());
    /// let (from, to) = (Tensor::from([[1.0]])?, Tensor::from([[3.0]])?);
    /// assert_eq!(model.predict([("to", &to), ("from", &from)])?.to_vec::<f32>()?, [2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub const fn dictionary(keys: &'static [&'static str]) -> Self {
        Self { keys, ..Self::INPUTS }
    }

    /// Sets from the shapes of which arguments the layer is built. With one, files hold `input_shape`; with
    /// several, `shapes_dict` by name.
    #[must_use]
    pub const fn built_from(self, built_from: &'static [&'static str]) -> Self {
        Self { built_from, ..self }
    }

    /// Says that the first argument is a list of tensors.
    #[must_use]
    pub const fn of_list(self) -> Self {
        Self { takes_list: true, ..self }
    }

    /// Says that the layer's own `call` has the parameter `mask`. As in Keras, the mask of a symbolic tensor that is the
    /// only argument of a call becomes an argument of the call, so that a layer that takes masks off tensors with
    /// values, as [`MultiHeadAttention`](crate::layers::MultiHeadAttention) does, does not take away this one.
    #[must_use]
    pub const fn masked(self) -> Self {
        Self { takes_mask: true, ..self }
    }

    /// Says that of a list as the first argument the first tensor alone is the first argument, and the others are
    /// another one: the states that Keras 2 lets a recurrent layer be called with in a list.
    #[must_use]
    pub const fn with_rest(self, rest: &'static str) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// Whether several tensors that a user hands over are arguments of their own.
    pub(super) fn takes_apart(&self) -> bool {
        self.built_from.len() > 1 && self.rest.is_none()
    }

    /// The arguments with the list of [`Signature::with_rest`] taken apart.
    pub(super) fn arranged<T>(&self, mut arguments: Arguments<T>) -> Arguments<T> {
        let Some(rest) = self.rest else { return arguments };
        match arguments.positional.as_mut_slice() {
            [Argument::List(items)] if items.len() > 1 && !arguments.keyword.contains_key(rest) => {
                let others = items.split_off(1);
                arguments.positional = std::mem::take(items);
                arguments.keyword.insert(rest.into(), Argument::List(others));
            }
            [first @ Argument::List(_), ..] => {
                let list = std::mem::replace(first, Argument::Data(serde_json::Value::Null));
                *first = match list {
                    Argument::List(mut items) if items.len() == 1 => items.swap_remove(0),
                    other => other,
                };
            }
            _ => {}
        }
        arguments
    }

    /// Whether the mask of a symbolic tensor becomes an argument of the call.
    pub(crate) fn takes_mask(&self) -> bool {
        self.takes_mask
    }

    /// Names of the parameters in order.
    pub fn parameters(&self) -> &'static [&'static str] {
        self.parameters
    }

    /// Names of the parameters from whose shapes the layer is built.
    pub fn build_parameters(&self) -> &'static [&'static str] {
        self.built_from
    }

    /// Keys of the dictionary that the first argument is; none where it is another thing.
    pub fn keys(&self) -> &'static [&'static str] {
        self.keys
    }

    /// Whether the first argument is a list of tensors.
    pub fn takes_list(&self) -> bool {
        self.takes_list
    }

    /// Where a parameter stands among the positional arguments.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|p| *p == name)
    }

    /// Refuses arguments that the layer does not have.
    pub(super) fn check<T>(&self, layer: &str, arguments: &Arguments<T>) -> Result<()> {
        if self.open {
            return Ok(());
        }
        let count = arguments.positional.len();
        if count > self.parameters.len() {
            let expected = format!("at most {} positional arguments", self.parameters.len());
            return Err(Error::argument(layer, "call", expected, count));
        }
        for name in arguments.keyword.keys() {
            match self.position(name) {
                Some(position) if position < count => {
                    return Err(Error::argument(layer, name, "one value", "two: by position and by keyword"));
                }
                // Every layer may be told how to behave; what has no use for it hands it on.
                None if name != "training" && name != "mask" => {
                    let names = self.parameters.join(", ");
                    return Err(Error::argument(
                        layer,
                        name,
                        format!("one of the arguments {names}"),
                        "another",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
