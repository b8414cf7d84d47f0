//! Symbolic tensors, and the forms in which they are handed to layers and models.

use super::{CarriesMask, LayerRef, Node};
use crate::dtype::DType;
use crate::error::Result;
use crate::shape::Shape;
use std::fmt;
use std::sync::Arc;

/// A tensor without data: the output of a layer that was applied to others. Keras' `KerasTensor`.
#[derive(Clone)]
pub struct KerasTensor {
    pub(super) node: Arc<Node>,
    pub(super) index: usize,
}

impl KerasTensor {
    /// Output `index` of a call.
    pub(crate) fn of(node: Arc<Node>, index: usize) -> Self {
        Self { node, index }
    }

    /// Shape, with unknown sizes as `None`.
    pub fn shape(&self) -> &Shape {
        &self.node.outputs()[self.index].0
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.node.outputs()[self.index].1
    }

    /// The layer that makes it.
    pub fn layer(&self) -> &LayerRef {
        self.node.layer()
    }

    /// The call that makes it.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Which output of the call it is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether both are the same output of the same call.
    pub fn same(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    pub(crate) fn key(&self) -> (u64, usize) {
        (self.node.serial(), self.index)
    }
}

impl CarriesMask for KerasTensor {
    type Mask = Self;

    fn carried_mask(&self) -> Option<Self> {
        self.node.mask(self.index).cloned()
    }

    fn as_mask(&self) -> Self {
        self.clone()
    }
}

impl fmt::Debug for KerasTensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<KerasTensor shape={}, dtype={}, layer={}>",
            self.shape(),
            self.dtype(),
            self.layer().name()
        )
    }
}

/// Things that are one symbolic tensor.
pub trait Symbolic {
    /// The tensor.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn keras_tensor(&self) -> Result<KerasTensor>;
}

impl Symbolic for KerasTensor {
    fn keras_tensor(&self) -> Result<KerasTensor> {
        Ok(self.clone())
    }
}

impl<S: Symbolic> Symbolic for &S {
    fn keras_tensor(&self) -> Result<KerasTensor> {
        (**self).keras_tensor()
    }
}

/// Things that a layer can be applied to: one symbolic tensor, or a list of them.
///
/// Lists of one type are arrays, slices and vectors; lists of several types (an [`Input`] and a
/// [`KerasTensor`]) are tuples.
///
/// [`Input`]: crate::layers::Input
pub trait AsInputs {
    /// The tensors in order.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>>;

    /// Whether it is a list.
    fn is_list(&self) -> bool {
        true
    }
}

impl<S: Symbolic> AsInputs for S {
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
        Ok(vec![self.keras_tensor()?])
    }

    fn is_list(&self) -> bool {
        false
    }
}

impl<S: Symbolic, const N: usize> AsInputs for [S; N] {
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
        self.iter().map(Symbolic::keras_tensor).collect()
    }
}

impl<S: Symbolic> AsInputs for &[S] {
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
        self.iter().map(Symbolic::keras_tensor).collect()
    }
}

impl<S: Symbolic> AsInputs for Vec<S> {
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
        self.iter().map(Symbolic::keras_tensor).collect()
    }
}

impl<S: Symbolic> AsInputs for &Vec<S> {
    fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
        self.iter().map(Symbolic::keras_tensor).collect()
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<$($name: Symbolic),+> AsInputs for ($($name,)+) {
            fn keras_tensors(&self) -> Result<Vec<KerasTensor>> {
                Ok(vec![$(self.$index.keras_tensor()?),+])
            }
        }
    )*};
}

tuples! { (A 0, B 1) (A 0, B 1, C 2) (A 0, B 1, C 2, D 3) (A 0, B 1, C 2, D 3, E 4) }

/// How a model's inputs or outputs are grouped. Leaves are numbers of tensors in flat order.
///
/// Dictionaries are flattened in the order of their sorted keys, as Keras does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IoStructure {
    /// One tensor.
    One(usize),
    /// A list.
    List(Vec<IoStructure>),
    /// A dictionary, in the order in which it was written.
    Dict(Vec<(String, IoStructure)>),
}

impl IoStructure {
    /// A plain list of `count` tensors.
    pub fn list(count: usize) -> Self {
        Self::List((0..count).map(Self::One).collect())
    }

    /// A list of one tensor as the tensor alone; anything else as it is.
    pub(crate) fn unlisted(self) -> Self {
        match self {
            Self::List(items) if items == [Self::One(0)] => Self::One(0),
            other => other,
        }
    }

    /// The key of each tensor where all are entries of one dictionary.
    pub fn keys(&self) -> Option<Vec<String>> {
        let Self::Dict(entries) = self else { return None };
        let mut keys = vec![None; entries.len()];
        for (key, entry) in entries {
            match entry {
                Self::One(index) => *keys.get_mut(*index)? = Some(key.clone()),
                _ => return None,
            }
        }
        keys.into_iter().collect()
    }
}

/// Things that a model's inputs or outputs can be given as: what [`AsInputs`] takes, or
/// [`NamedTensors`] for Keras' dictionaries.
pub trait ModelIo {
    /// The tensors and how they are grouped.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)>;
}

impl<I: AsInputs> ModelIo for I {
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)> {
        let tensors = self.keras_tensors()?;
        let structure = if self.is_list() { IoStructure::list(tensors.len()) } else { IoStructure::One(0) };
        Ok((tensors, structure))
    }
}

/// Tensors by name, for models that take or give dictionaries.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([4]);
/// let outputs = NamedTensors::new()
///     .with("price", Dense::new(1).apply(&x)?)
///     .with("class", Dense::new(3).apply(&x)?);
/// let model = Model::new(&x, outputs)?;
/// assert_eq!(model.output_names()?, ["class", "price"]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct NamedTensors(Vec<(String, KerasTensor)>);

impl NamedTensors {
    /// Without tensors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, tensor: KerasTensor) -> Self {
        self.0.push((name.into(), tensor));
        self
    }
}

impl ModelIo for NamedTensors {
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)> {
        let mut order: Vec<usize> = (0..self.0.len()).collect();
        order.sort_by_key(|&i| &self.0[i].0);
        let tensors = order.iter().map(|&i| self.0[i].1.clone()).collect();
        let position = |i: usize| order.iter().position(|&o| o == i).unwrap_or(i);
        let entries =
            self.0.iter().enumerate().map(|(i, (key, _))| (key.clone(), IoStructure::One(position(i))));
        Ok((tensors, IoStructure::Dict(entries.collect())))
    }
}
