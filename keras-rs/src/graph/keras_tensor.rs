//! Symbolic tensors, and the forms in which they are handed to layers and models.

use super::Node;
use crate::dtype::DType;
use crate::error::Result;
use crate::layers::LayerRef;
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

/// How a model's inputs or outputs are grouped: alone, in a list, or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IoStructure {
    /// One tensor.
    One,
    /// A list.
    List,
    /// A dictionary with these keys, in the order of the tensors.
    Dict(Vec<String>),
}

/// Things that a model's inputs or outputs can be given as: what [`AsInputs`] takes, or pairs of
/// names and tensors for Keras' dictionaries.
pub trait ModelIo {
    /// The tensors and how they are grouped.
    ///
    /// # Errors
    /// Where making the placeholder of an input fails.
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)>;
}

impl<I: AsInputs> ModelIo for I {
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)> {
        let structure = if self.is_list() { IoStructure::List } else { IoStructure::One };
        Ok((self.keras_tensors()?, structure))
    }
}

/// Tensors by name, for models that take or give dictionaries.
#[derive(Clone, Debug)]
pub struct Named(pub Vec<(String, KerasTensor)>);

impl ModelIo for Named {
    fn tensors(&self) -> Result<(Vec<KerasTensor>, IoStructure)> {
        let (names, tensors) = self.0.iter().cloned().unzip();
        Ok((tensors, IoStructure::Dict(names)))
    }
}
