//! The arguments of a call: tensors, structures of tensors, and plain data, positional and by keyword.

use crate::error::Result;
use indexmap::IndexMap;
use serde_json::Value;

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

    fn collect_by_name<'a>(&'a self, found: &mut Vec<&'a T>) {
        match self {
            Self::List(items) => items.iter().for_each(|item| item.collect_by_name(found)),
            Self::Dict(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                sorted.sort_by_key(|(key, _)| key);
                sorted.into_iter().for_each(|(_, entry)| entry.collect_by_name(found));
            }
            other => other.collect(found),
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

    /// Whether it has the structure of another, the same data, and tensors that are the same by a function.
    fn matches<U>(&self, other: &Argument<U>, same: &impl Fn(&T, &U) -> bool) -> bool {
        match (self, other) {
            (Self::Tensor(a), Argument::Tensor(b)) => same(a, b),
            (Self::List(a), Argument::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.matches(b, same))
            }
            (Self::Dict(a), Argument::Dict(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.matches(&b.1, same))
            }
            (Self::Data(a), Argument::Data(b)) => a == b,
            _ => false,
        }
    }

    /// Whether it is or holds data that is a list or an object, such as an array of a file.
    fn holds_structures(&self) -> bool {
        match self {
            Self::Tensor(_) => false,
            Self::List(items) => items.iter().any(Self::holds_structures),
            Self::Dict(entries) => entries.iter().any(|(_, entry)| entry.holds_structures()),
            Self::Data(data) => data.is_array() || data.is_object(),
        }
    }

    /// Puts tensors in the place of data that stands for some.
    fn resolve(&mut self, constant: &mut impl FnMut(&Value) -> Option<Result<T>>) -> Result<()> {
        match self {
            Self::Data(data) => match constant(data) {
                Some(tensor) => {
                    *self = Self::Tensor(tensor?);
                    Ok(())
                }
                // A list of arrays, such as the first states of a recurrent layer.
                None => match data.as_array() {
                    Some(items) if items.iter().any(|item| constant(item).is_some()) => {
                        *self = Self::List(items.iter().cloned().map(Self::Data).collect());
                        self.resolve(constant)
                    }
                    _ => Ok(()),
                },
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

    /// Every tensor; entries of dictionaries and arguments by keyword in the order of their names.
    pub(super) fn tensors_by_name(&self) -> Vec<&T> {
        let mut found = Vec::new();
        self.positional.iter().for_each(|argument| argument.collect_by_name(&mut found));
        let mut keyword: Vec<_> = self.keyword.iter().collect();
        keyword.sort_by_key(|(name, _)| *name);
        keyword.into_iter().for_each(|(_, argument)| argument.collect_by_name(&mut found));
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

    /// Whether they have the structure of others, the same data, and tensors that are the same by a function.
    pub(super) fn matches<U>(&self, other: &Arguments<U>, same: &impl Fn(&T, &U) -> bool) -> bool {
        let (positional, keyword) = (self.positional.iter(), self.keyword.iter());
        self.positional.len() == other.positional.len()
            && self.keyword.len() == other.keyword.len()
            && positional.zip(&other.positional).all(|(a, b)| a.matches(b, same))
            && keyword.zip(&other.keyword).all(|(a, b)| a.0 == b.0 && a.1.matches(b.1, same))
    }

    /// Whether a list or an object is among the data, such as an array of a file.
    pub(super) fn holds_structures(&self) -> bool {
        self.iter().any(Argument::holds_structures)
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
