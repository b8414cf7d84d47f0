//! The arguments of a call by the names that a layer gives them: what layers are built from and called with.

use super::{Argument, Arguments, CarriesMask, KerasTensor, MaskedTensor, Signature};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use serde_json::Value;
use std::sync::Arc;

/// The arguments of one call, found by the names that the layer's [`Signature`] gives them.
#[derive(Clone, Debug)]
pub struct BoundArguments<T> {
    layer: Arc<str>,
    signature: Signature,
    arguments: Arguments<T>,
}

/// Tensors and data that a layer is called with.
pub type Inputs = BoundArguments<MaskedTensor>;

/// Symbolic tensors and data that a layer is applied to.
pub type SymbolicInputs = BoundArguments<KerasTensor>;

/// Shapes that a layer is built for.
pub type InputShapes = BoundArguments<crate::shape::Shape>;

/// Shapes and data types that a layer is applied to.
pub type InputSpecs = BoundArguments<super::Spec>;

impl<T> BoundArguments<T> {
    /// Binds arguments to the parameters of a layer.
    ///
    /// # Errors
    /// [`Error::Argument`] for more positional arguments than the layer has parameters, for a keyword that
    /// is none of them, and for one given twice.
    pub fn bind(layer: Arc<str>, signature: Signature, arguments: Arguments<T>) -> Result<Self> {
        let arguments = signature.arranged(arguments);
        signature.check(&layer, &arguments)?;
        Ok(Self { layer, signature, arguments })
    }

    /// The layer's name, for errors.
    pub fn layer(&self) -> &str {
        &self.layer
    }

    pub(super) fn signature(&self) -> Signature {
        self.signature
    }

    /// The arguments as they were written.
    pub fn arguments(&self) -> &Arguments<T> {
        &self.arguments
    }

    /// The arguments as they were written, by value.
    pub fn into_arguments(self) -> Arguments<T> {
        self.arguments
    }

    /// An argument by name, or an entry of the dictionary that the first one is; `None` where it is not given, or
    /// given as `null`.
    pub fn get(&self, name: &str) -> Option<&Argument<T>> {
        let position = self.signature.position(name);
        let found = position.and_then(|i| self.arguments.positional.get(i));
        found
            .or_else(|| self.arguments.keyword.get(name))
            .or_else(|| self.entry(name))
            .filter(|a| !matches!(a, Argument::Data(Value::Null)))
    }

    /// The entry of the dictionary that the first argument is.
    fn entry(&self, key: &str) -> Option<&Argument<T>> {
        match self.arguments.positional.first()? {
            Argument::Dict(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, entry)| entry),
            _ => None,
        }
    }

    /// The first argument.
    fn first(&self) -> Option<&Argument<T>> {
        self.arguments.iter().next()
    }

    /// The tensors of the first argument, in order.
    pub fn list(&self) -> Vec<&T> {
        self.first().map_or_else(Vec::new, Argument::tensors)
    }

    /// The only tensor of the first argument.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is not exactly one.
    pub fn single(&self) -> Result<&T> {
        match self.list().as_slice() {
            [one] => Ok(one),
            many => Err(self.arity(many.len())),
        }
    }

    fn arity(&self, got: usize) -> Error {
        let name = self.signature.parameters().first().copied().unwrap_or("inputs");
        Error::argument(&*self.layer, name, "one tensor", format!("{got} tensors"))
    }

    /// The tensor given as an argument, where it is given.
    ///
    /// # Errors
    /// [`Error::Argument`] where the argument is no single tensor.
    pub fn tensor(&self, name: &str) -> Result<Option<&T>> {
        match self.get(name) {
            None => Ok(None),
            Some(argument) => match argument.tensors().as_slice() {
                [one] => Ok(Some(one)),
                many => {
                    Err(Error::argument(&*self.layer, name, "one tensor", format!("{} tensors", many.len())))
                }
            },
        }
    }

    /// The tensors given as an argument, of which there may be one, a list, or none.
    pub fn tensors(&self, name: &str) -> Vec<&T> {
        self.get(name).map_or_else(Vec::new, Argument::tensors)
    }

    /// Plain data given as an argument.
    pub fn data(&self, name: &str) -> Option<&Value> {
        match self.get(name) {
            Some(Argument::Data(data)) => Some(data),
            _ => None,
        }
    }

    /// A flag given as an argument, or its default.
    ///
    /// # Errors
    /// [`Error::Argument`] where it is neither true nor false.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Argument::Data(Value::Bool(flag))) => Ok(*flag),
            Some(Argument::Data(other)) => Err(Error::argument(&*self.layer, name, "true or false", other)),
            Some(_) => Err(Error::argument(&*self.layer, name, "true or false", "a tensor")),
        }
    }

    /// The same arguments with every tensor replaced.
    ///
    /// # Errors
    /// What the function reports.
    pub fn try_map<U>(&self, map: impl FnMut(&T) -> Result<U>) -> Result<BoundArguments<U>> {
        let arguments = self.arguments.try_map(map)?;
        Ok(BoundArguments { layer: self.layer.clone(), signature: self.signature, arguments })
    }
}

impl<T: Clone> BoundArguments<T> {
    /// Copies of the tensors of the first argument, in order.
    pub fn to_list(&self) -> Vec<T> {
        self.list().into_iter().cloned().collect()
    }
}

impl Inputs {
    /// The only tensor of the first argument, by value.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is not exactly one.
    pub fn into_single(self) -> Result<Tensor> {
        let layer = self.layer.clone();
        let mut tensors = self.into_list();
        match tensors.len() {
            1 => Ok(tensors.swap_remove(0)),
            got => Err(Error::argument(&*layer, "inputs", "one tensor", format!("{got} tensors"))),
        }
    }

    /// The first argument, by value.
    pub fn into_first(self) -> Option<Argument<MaskedTensor>> {
        let Arguments { positional, keyword } = self.arguments;
        positional.into_iter().chain(keyword.into_values()).next()
    }

    /// The tensors of the first argument in order, by value and with their masks: those that the call names
    /// as `mask`, else those that travel with the tensors.
    pub fn into_masked(self) -> Vec<MaskedTensor> {
        let named = self.names_mask().then(|| self.masks());
        let tensors = self.into_first().map_or_else(Vec::new, Argument::into_tensors);
        match named {
            None => tensors,
            Some(masks) => {
                let named = tensors.into_iter().zip(masks);
                named.map(|(input, mask)| MaskedTensor::new(input.tensor, mask)).collect()
            }
        }
    }

    /// The only tensor of the first argument, by value and with its mask.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is not exactly one tensor.
    pub fn into_single_masked(self) -> Result<MaskedTensor> {
        let layer = self.layer.clone();
        let mut tensors = self.into_masked();
        match tensors.len() {
            1 => Ok(tensors.swap_remove(0)),
            got => Err(Error::argument(&*layer, "inputs", "one tensor", format!("{got} tensors"))),
        }
    }

    /// The tensors of the first argument in order, by value.
    pub fn into_list(self) -> Vec<Tensor> {
        self.into_first()
            .map_or_else(Vec::new, Argument::into_tensors)
            .into_iter()
            .map(|input| input.tensor)
            .collect()
    }

    /// Takes the tensor given as an argument, where it is given.
    ///
    /// # Errors
    /// [`Error::Argument`] where the argument is no single tensor.
    pub fn take(&mut self, name: &str) -> Result<Option<Tensor>> {
        self.tensor(name)?;
        Ok(self.take_all(name).pop())
    }

    /// Takes the tensor given as an argument that a call must have.
    ///
    /// # Errors
    /// [`Error::Argument`] where the argument is missing or no single tensor.
    pub fn required(&mut self, name: &str) -> Result<Tensor> {
        let taken = self.take(name)?;
        taken.ok_or_else(|| Error::argument(&*self.layer, name, "a tensor", "nothing"))
    }

    /// Takes the tensors given as an argument, of which there may be one, a list, or none.
    pub fn take_all(&mut self, name: &str) -> Vec<Tensor> {
        let position = self.signature.position(name);
        let argument = match position.and_then(|i| self.arguments.positional.get_mut(i)) {
            Some(argument) => Some(std::mem::replace(argument, Argument::Data(Value::Null))),
            None => self.arguments.keyword.shift_remove(name).or_else(|| self.take_entry(name)),
        };
        argument.map_or_else(Vec::new, Argument::into_tensors).into_iter().map(|input| input.tensor).collect()
    }
}

impl Inputs {
    fn take_entry(&mut self, key: &str) -> Option<Argument<MaskedTensor>> {
        match self.arguments.positional.first_mut()? {
            Argument::Dict(entries) => {
                let index = entries.iter().position(|(name, _)| name == key)?;
                Some(entries.remove(index).1)
            }
            _ => None,
        }
    }
}

impl<T: CarriesMask> BoundArguments<T> {
    /// The mask of each tensor of the first argument: the one that the call names as `mask`, else the one
    /// that travels with the tensor.
    pub fn masks(&self) -> Vec<Option<T::Mask>> {
        let mut masks: Vec<Option<T::Mask>> = self.list().into_iter().map(T::carried_mask).collect();
        match self.arguments.keyword.get("mask") {
            Some(Argument::Tensor(given)) => {
                masks.iter_mut().take(1).for_each(|mask| *mask = Some(given.as_mask()));
            }
            Some(Argument::List(given)) => masks
                .iter_mut()
                .zip(given)
                .for_each(|(mask, given)| *mask = given.tensor().map(|given| given.as_mask())),
            _ => {}
        }
        masks
    }

    /// Whether the call names masks.
    fn names_mask(&self) -> bool {
        matches!(self.arguments.keyword.get("mask"), Some(Argument::Tensor(_) | Argument::List(_)))
    }

    /// The mask of the first tensor.
    pub fn mask(&self) -> Option<T::Mask> {
        self.masks().into_iter().next().flatten()
    }

    /// The mask of the tensor given as an argument: the one that the call names as `<name>_mask`, else the
    /// one that travels with the tensor.
    pub fn mask_of(&self, name: &str) -> Option<T::Mask> {
        let given = self.get(&format!("{name}_mask")).and_then(Argument::tensor);
        given.map(|given| given.as_mask()).or_else(|| self.get(name)?.tensor()?.carried_mask())
    }
}
