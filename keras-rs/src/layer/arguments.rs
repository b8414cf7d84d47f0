//! The arguments of a call: tensors, structures of tensors, and plain data, positional and by keyword.

use super::{MaskedTensor, Signature};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use indexmap::IndexMap;
use serde_json::Value;
use std::sync::Arc;

/// One argument of a call. Its leaves are tensors, symbolic tensors, shapes or whatever stands for them.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument<T> {
    /// One tensor.
    Tensor(T),
    /// A list, such as the operands of `Add` or the states of a recurrent layer.
    List(Vec<Argument<T>>),
    /// A dictionary, in the order in which it was written.
    Dict(Vec<(String, Argument<T>)>),
    /// Plain data, such as a flag.
    Data(Value),
}

impl<T> Argument<T> {
    /// The tensor, where it is one.
    pub fn tensor(&self) -> Option<&T> {
        match self {
            Self::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The tensors in it, in order.
    pub fn tensors(&self) -> Vec<&T> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a T>) {
        match self {
            Self::Tensor(tensor) => found.push(tensor),
            Self::List(items) => items.iter().for_each(|item| item.collect(found)),
            Self::Dict(entries) => entries.iter().for_each(|(_, entry)| entry.collect(found)),
            Self::Data(_) => {}
        }
    }

    /// The tensors in it, by value.
    pub fn into_tensors(self) -> Vec<T> {
        match self {
            Self::Tensor(tensor) => vec![tensor],
            Self::List(items) => items.into_iter().flat_map(Self::into_tensors).collect(),
            Self::Dict(entries) => entries.into_iter().flat_map(|(_, entry)| entry.into_tensors()).collect(),
            Self::Data(_) => Vec::new(),
        }
    }

    /// The same structure with every tensor replaced.
    ///
    /// # Errors
    /// What the function reports.
    pub fn try_map<U>(&self, map: &mut impl FnMut(&T) -> Result<U>) -> Result<Argument<U>> {
        Ok(match self {
            Self::Tensor(tensor) => Argument::Tensor(map(tensor)?),
            Self::List(items) => {
                Argument::List(items.iter().map(|item| item.try_map(map)).collect::<Result<_>>()?)
            }
            Self::Dict(entries) => Argument::Dict(
                entries
                    .iter()
                    .map(|(key, entry)| Ok((key.clone(), entry.try_map(map)?)))
                    .collect::<Result<_>>()?,
            ),
            Self::Data(data) => Argument::Data(data.clone()),
        })
    }

    /// Puts tensors in the place of data that stands for some.
    fn resolve(&mut self, constant: &mut impl FnMut(&Value) -> Option<Result<T>>) -> Result<()> {
        match self {
            Self::Data(data) => match constant(data) {
                Some(tensor) => {
                    *self = Self::Tensor(tensor?);
                    Ok(())
                }
                None => Ok(()),
            },
            Self::List(items) => items.iter_mut().try_for_each(|item| item.resolve(constant)),
            Self::Dict(entries) => entries.iter_mut().try_for_each(|(_, entry)| entry.resolve(constant)),
            Self::Tensor(_) => Ok(()),
        }
    }

    /// Replaces every tensor where it stands.
    ///
    /// # Errors
    /// What the function reports.
    fn try_for_each_mut(&mut self, change: &mut impl FnMut(&mut T) -> Result<()>) -> Result<()> {
        match self {
            Self::Tensor(tensor) => change(tensor),
            Self::List(items) => items.iter_mut().try_for_each(|item| item.try_for_each_mut(change)),
            Self::Dict(entries) => {
                entries.iter_mut().try_for_each(|(_, entry)| entry.try_for_each_mut(change))
            }
            Self::Data(_) => Ok(()),
        }
    }
}

/// The arguments of a call as they were written: positional ones in order, then those by keyword.
#[derive(Clone, Debug, PartialEq)]
pub struct Arguments<T> {
    /// Positional arguments in order.
    pub positional: Vec<Argument<T>>,
    /// Arguments by keyword.
    pub keyword: IndexMap<String, Argument<T>>,
}

impl<T> Default for Arguments<T> {
    fn default() -> Self {
        Self { positional: Vec::new(), keyword: IndexMap::new() }
    }
}

impl<T> Arguments<T> {
    /// One positional argument.
    pub fn one(argument: Argument<T>) -> Self {
        Self { positional: vec![argument], keyword: IndexMap::new() }
    }

    /// Tensors as the first argument: one tensor alone, several as a list.
    pub fn of(mut tensors: Vec<T>) -> Self {
        if tensors.len() == 1 {
            return Self::one(Argument::Tensor(tensors.swap_remove(0)));
        }
        Self::one(Argument::List(tensors.into_iter().map(Argument::Tensor).collect()))
    }

    /// Adds an argument by keyword.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, argument: Argument<T>) -> Self {
        self.keyword.insert(name.into(), argument);
        self
    }

    /// Every argument in order.
    pub fn iter(&self) -> impl Iterator<Item = &Argument<T>> {
        self.positional.iter().chain(self.keyword.values())
    }

    /// Every tensor in order.
    pub fn tensors(&self) -> Vec<&T> {
        let mut found = Vec::new();
        self.iter().for_each(|argument| argument.collect(&mut found));
        found
    }

    /// Every tensor in order, by value.
    pub fn into_tensors(self) -> Vec<T> {
        self.positional
            .into_iter()
            .chain(self.keyword.into_values())
            .flat_map(Argument::into_tensors)
            .collect()
    }

    /// The same arguments with every tensor replaced.
    ///
    /// # Errors
    /// What the function reports.
    pub fn try_map<U>(&self, mut map: impl FnMut(&T) -> Result<U>) -> Result<Arguments<U>> {
        let positional = self.positional.iter().map(|argument| argument.try_map(&mut map));
        let positional = positional.collect::<Result<_>>()?;
        let keyword =
            self.keyword.iter().map(|(name, argument)| Ok((name.clone(), argument.try_map(&mut map)?)));
        Ok(Arguments { positional, keyword: keyword.collect::<Result<_>>()? })
    }

    /// Puts tensors in the place of arrays that a file holds among the arguments.
    pub(super) fn resolve(&mut self, mut constant: impl FnMut(&Value) -> Option<Result<T>>) -> Result<()> {
        let all = self.positional.iter_mut().chain(self.keyword.values_mut());
        all.into_iter().try_for_each(|argument| argument.resolve(&mut constant))
    }

    /// Replaces every tensor where it stands.
    ///
    /// # Errors
    /// What the function reports.
    pub fn try_for_each_mut(&mut self, mut change: impl FnMut(&mut T) -> Result<()>) -> Result<()> {
        let all = self.positional.iter_mut().chain(self.keyword.values_mut());
        all.into_iter().try_for_each(|argument| argument.try_for_each_mut(&mut change))
    }
}

/// The arguments of one call, found by the names that the layer's [`Signature`] gives them.
#[derive(Clone, Debug)]
pub struct BoundArguments<T> {
    layer: Arc<str>,
    signature: Signature,
    arguments: Arguments<T>,
}

/// Tensors and data that a layer is called with.
pub type Inputs = BoundArguments<MaskedTensor>;

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
        signature.check(&layer, &arguments)?;
        Ok(Self { layer, signature, arguments })
    }

    /// The layer's name, for errors.
    pub fn layer(&self) -> &str {
        &self.layer
    }

    /// The arguments as they were written.
    pub fn arguments(&self) -> &Arguments<T> {
        &self.arguments
    }

    /// An argument by name; `None` where it is not given, or given as `null`.
    pub fn get(&self, name: &str) -> Option<&Argument<T>> {
        let place = self.signature.position(name);
        let found = place.and_then(|i| self.arguments.positional.get(i));
        found
            .or_else(|| self.arguments.keyword.get(name))
            .filter(|a| !matches!(a, Argument::Data(Value::Null)))
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
        let masks: Vec<Option<Tensor>> = self.masks().into_iter().map(|mask| mask.cloned()).collect();
        let tensors = self.into_list();
        tensors.into_iter().zip(masks).map(|(tensor, mask)| MaskedTensor { tensor, mask }).collect()
    }

    /// The only tensor of the first argument, by value and with its mask.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is not exactly one tensor.
    pub fn into_single_masked(self) -> Result<MaskedTensor> {
        let mask = self.mask().cloned();
        Ok(MaskedTensor { tensor: self.into_single()?, mask })
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

    /// Takes the tensors given as an argument, of which there may be one, a list, or none.
    pub fn take_all(&mut self, name: &str) -> Vec<Tensor> {
        let place = self.signature.position(name);
        let argument = match place.and_then(|i| self.arguments.positional.get_mut(i)) {
            Some(argument) => Some(std::mem::replace(argument, Argument::Data(Value::Null))),
            None => self.arguments.keyword.shift_remove(name),
        };
        argument.map_or_else(Vec::new, Argument::into_tensors).into_iter().map(|input| input.tensor).collect()
    }

    /// The mask of each tensor of the first argument: the one that the call names as `mask`, else the one
    /// that travels with the tensor.
    pub fn masks(&self) -> Vec<Option<&Tensor>> {
        let mut masks: Vec<Option<&Tensor>> =
            self.list().into_iter().map(|input| input.mask.as_ref()).collect();
        match self.arguments.keyword.get("mask") {
            Some(Argument::Tensor(given)) => masks.iter_mut().take(1).for_each(|m| *m = Some(&given.tensor)),
            Some(Argument::List(given)) => masks
                .iter_mut()
                .zip(given)
                .for_each(|(mask, given)| *mask = given.tensor().map(|given| &given.tensor)),
            _ => {}
        }
        masks
    }

    /// The mask of the first tensor.
    pub fn mask(&self) -> Option<&Tensor> {
        self.masks().into_iter().next().flatten()
    }

    /// The mask of the tensor given as an argument: the one that the call names as `<name>_mask`, else the
    /// one that travels with the tensor.
    pub fn mask_of(&self, name: &str) -> Option<&Tensor> {
        let given = self.get(&format!("{name}_mask")).and_then(Argument::tensor).map(|given| &given.tensor);
        given.or_else(|| self.get(name)?.tensor()?.mask.as_ref())
    }
}
