//! The tensors of one part of a batch: inputs, targets or sample weights.

use crate::error::{Error, Result, tuple};
use crate::tensor::{Element, Tensor, TensorData};
use indexmap::IndexMap;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::ops::Range;

/// Inputs, targets or sample weights: none, a list in the order of the model's inputs or outputs, or by their name.
///
/// Made from a tensor, from arrays, vectors and tuples of tensors, from pairs of names and tensors or a map of them,
/// from `()` for nothing, and, where it can fail, from `ndarray` arrays and [`TensorData`] in all these forms
/// ([`HostArray`](super::HostArray)), and from what [`npz::read`](crate::npz::read) gives.
///
/// ```
/// use keras_rs::{DType, Tensor};
/// use keras_rs::data::Columns;
///
/// let x = Tensor::zeros([4, 2], DType::F32)?;
/// assert_eq!(Columns::from(&x).len(), 1);
/// assert_eq!(Columns::from([&x, &x]).num_samples("x")?, Some(4));
/// assert!(Columns::from(()).is_none());
/// let from_ndarray = Columns::try_from(&ndarray::array![[1.0_f32], [2.0]])?;
/// assert_eq!(from_ndarray.num_samples("y")?, Some(2));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub enum Columns {
    /// No tensors.
    #[default]
    None,
    /// Tensors in the order of the model's inputs or outputs.
    List(Vec<Tensor>),
    /// Tensors by name of the model's input or output.
    Named(IndexMap<String, Tensor>),
}

impl Columns {
    /// Number of tensors.
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::List(tensors) => tensors.len(),
            Self::Named(tensors) => tensors.len(),
        }
    }

    /// Whether there are no tensors.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is [`Columns::None`].
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The tensors, in order.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        let (list, named) = match self {
            Self::None => (None, None),
            Self::List(tensors) => (Some(tensors.iter()), None),
            Self::Named(tensors) => (None, Some(tensors.values())),
        };
        list.into_iter().flatten().chain(named.into_iter().flatten())
    }

    /// The tensors with their names in errors: `x`, `x[1]` or `x["image"]`.
    fn labelled<'a>(&'a self, part: &'a str) -> impl Iterator<Item = (String, &'a Tensor)> {
        self.tensors().enumerate().map(move |(i, tensor)| {
            let label = match self {
                Self::Named(tensors) => tensors.get_index(i).map(|(name, _)| format!("{part}[{name:?}]")),
                _ if self.len() > 1 => Some(format!("{part}[{i}]")),
                _ => None,
            };
            (label.unwrap_or_else(|| part.to_string()), tensor)
        })
    }

    /// The number of samples that all tensors agree on; nothing where there are no tensors.
    ///
    /// `part` is the name of the columns in errors: `x`, `y`, `sample_weight`.
    ///
    /// # Errors
    /// [`Error::Shape`] that names a tensor without an axis of samples, or with another number of
    /// samples than the first one.
    pub fn num_samples(&self, part: &str) -> Result<Option<usize>> {
        let mut count = None;
        self.check_samples(part, &mut count)?;
        Ok(count.map(|(n, _)| n))
    }

    /// Checks that every tensor has the number of samples found first, and what it was found in.
    pub(super) fn check_samples(&self, part: &str, first: &mut Option<(usize, String)>) -> Result<()> {
        for (label, tensor) in self.labelled(part) {
            let Some(&n) = tensor.shape().first() else {
                return Err(Error::shape("data", label, "an axis of samples", tuple(tensor.shape())));
            };
            match first {
                None => *first = Some((n, label)),
                Some((expected, from)) if *expected != n => {
                    let expected = format!("{expected} samples, as in `{from}`");
                    return Err(Error::shape("data", label, expected, tuple(tensor.shape())));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The columns with a function applied to each tensor; names and order are kept.
    ///
    /// # Errors
    /// Those of the function.
    pub fn map(&self, mut each: impl FnMut(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(match self {
            Self::None => Self::None,
            Self::List(tensors) => Self::List(tensors.iter().map(each).collect::<Result<_>>()?),
            Self::Named(tensors) => Self::Named(
                tensors
                    .iter()
                    .map(|(name, tensor)| Ok((name.clone(), each(tensor)?)))
                    .collect::<Result<_>>()?,
            ),
        })
    }

    /// Stacks the tensors of several samples along a new first axis; names and number must agree.
    pub(super) fn stack(part: &str, samples: &[&Self]) -> Result<Self> {
        let Some(first) = samples.first() else {
            return Err(Error::argument("data", part, "at least one sample", "none"));
        };
        let names: Vec<String> = first.labelled(part).map(|(label, _)| label).collect();
        for sample in samples {
            let others: Vec<String> = sample.labelled(part).map(|(label, _)| label).collect();
            if others != names {
                let expected = format!("tensors {names:?} in every sample");
                return Err(Error::argument("data", part, expected, format!("{others:?}")));
            }
        }
        let mut index = 0;
        first.map(|_| {
            let tensors: Vec<Tensor> =
                samples.iter().filter_map(|sample| sample.tensors().nth(index)).cloned().collect();
            index += 1;
            Tensor::stack(&tensors, 0)
        })
    }

    /// A range of the samples, without copying.
    ///
    /// # Errors
    /// [`Error::Argument`] where the range exceeds the samples.
    pub fn narrow(&self, range: Range<usize>) -> Result<Self> {
        self.map(|tensor| tensor.narrow(0, range.clone()))
    }
}

impl From<()> for Columns {
    fn from((): ()) -> Self {
        Self::None
    }
}

impl From<Tensor> for Columns {
    fn from(tensor: Tensor) -> Self {
        Self::List(vec![tensor])
    }
}

impl From<&Tensor> for Columns {
    fn from(tensor: &Tensor) -> Self {
        Self::List(vec![tensor.clone()])
    }
}

impl From<Vec<Tensor>> for Columns {
    fn from(tensors: Vec<Tensor>) -> Self {
        Self::List(tensors)
    }
}

impl From<&Vec<Tensor>> for Columns {
    fn from(tensors: &Vec<Tensor>) -> Self {
        Self::List(tensors.clone())
    }
}

impl From<&[Tensor]> for Columns {
    fn from(tensors: &[Tensor]) -> Self {
        Self::List(tensors.to_vec())
    }
}

impl<const N: usize> From<[Tensor; N]> for Columns {
    fn from(tensors: [Tensor; N]) -> Self {
        Self::List(tensors.into())
    }
}

impl<const N: usize> From<&[Tensor; N]> for Columns {
    fn from(tensors: &[Tensor; N]) -> Self {
        Self::List(tensors.to_vec())
    }
}

impl<const N: usize> From<[&Tensor; N]> for Columns {
    fn from(tensors: [&Tensor; N]) -> Self {
        Self::List(tensors.into_iter().cloned().collect())
    }
}

impl From<Vec<&Tensor>> for Columns {
    fn from(tensors: Vec<&Tensor>) -> Self {
        Self::List(tensors.into_iter().cloned().collect())
    }
}

impl From<&[&Tensor]> for Columns {
    fn from(tensors: &[&Tensor]) -> Self {
        Self::List(tensors.iter().copied().cloned().collect())
    }
}

impl<N: Into<String>, T: Borrow<Tensor>> From<HashMap<N, T>> for Columns {
    fn from(tensors: HashMap<N, T>) -> Self {
        Self::Named(
            tensors.into_iter().map(|(name, tensor)| (name.into(), tensor.borrow().clone())).collect(),
        )
    }
}

impl From<IndexMap<String, Tensor>> for Columns {
    fn from(tensors: IndexMap<String, Tensor>) -> Self {
        Self::Named(tensors)
    }
}

impl From<&IndexMap<String, Tensor>> for Columns {
    fn from(tensors: &IndexMap<String, Tensor>) -> Self {
        Self::Named(tensors.clone())
    }
}

impl<const N: usize> From<[(&str, &Tensor); N]> for Columns {
    fn from(tensors: [(&str, &Tensor); N]) -> Self {
        Self::Named(tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor.clone())).collect())
    }
}

impl<const N: usize> From<[(&str, Tensor); N]> for Columns {
    fn from(tensors: [(&str, Tensor); N]) -> Self {
        Self::Named(tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect())
    }
}

impl From<Vec<(&str, &Tensor)>> for Columns {
    fn from(tensors: Vec<(&str, &Tensor)>) -> Self {
        Self::Named(tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor.clone())).collect())
    }
}

impl From<Vec<(&str, Tensor)>> for Columns {
    fn from(tensors: Vec<(&str, Tensor)>) -> Self {
        Self::Named(tensors.into_iter().map(|(name, tensor)| (name.to_string(), tensor)).collect())
    }
}

impl From<Vec<(String, Tensor)>> for Columns {
    fn from(tensors: Vec<(String, Tensor)>) -> Self {
        Self::Named(tensors.into_iter().collect())
    }
}

/// Tensors in the order of the model's inputs or outputs.
macro_rules! tuples {
    ($(($($name:ident),+))*) => {$(
        impl<$($name: Borrow<Tensor>),+> From<($($name,)+)> for Columns {
            #[allow(non_snake_case, reason = "names of types stand for the tensors")]
            fn from(($($name,)+): ($($name,)+)) -> Self {
                Self::List(vec![$($name.borrow().clone()),+])
            }
        }
    )*};
}

tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) }

impl From<&Self> for Columns {
    fn from(columns: &Self) -> Self {
        columns.clone()
    }
}

impl<C: Into<Self>> From<Option<C>> for Columns {
    fn from(columns: Option<C>) -> Self {
        columns.map_or(Self::None, Into::into)
    }
}

/// Copies to the default device.
impl TryFrom<TensorData> for Columns {
    type Error = Error;

    fn try_from(data: TensorData) -> Result<Self> {
        Ok(Tensor::from_data(data)?.into())
    }
}

/// Copies to the default device: what [`npz::read`](crate::npz::read) gives, by name.
impl TryFrom<IndexMap<String, TensorData>> for Columns {
    type Error = Error;

    fn try_from(arrays: IndexMap<String, TensorData>) -> Result<Self> {
        let tensors = arrays.into_iter().map(|(name, data)| Ok((name, Tensor::from_data(data)?)));
        Ok(Self::Named(tensors.collect::<Result<_>>()?))
    }
}

/// Copies to the default device: what [`npz::read`](crate::npz::read) gives, by name.
impl TryFrom<&IndexMap<String, TensorData>> for Columns {
    type Error = Error;

    fn try_from(arrays: &IndexMap<String, TensorData>) -> Result<Self> {
        Self::try_from(arrays.clone())
    }
}

/// Copies to the default device.
impl TryFrom<&TensorData> for Columns {
    type Error = Error;

    fn try_from(data: &TensorData) -> Result<Self> {
        Self::try_from(data.clone())
    }
}

/// Copies to the default device.
impl<E, S, D> TryFrom<&ndarray::ArrayBase<S, D>> for Columns
where
    E: Element,
    S: ndarray::Data<Elem = E>,
    D: ndarray::Dimension,
{
    type Error = Error;

    fn try_from(array: &ndarray::ArrayBase<S, D>) -> Result<Self> {
        Ok(Tensor::from_ndarray(array)?.into())
    }
}

/// Copies to the default device.
impl<E, S, D> TryFrom<ndarray::ArrayBase<S, D>> for Columns
where
    E: Element,
    S: ndarray::Data<Elem = E>,
    D: ndarray::Dimension,
{
    type Error = Error;

    fn try_from(array: ndarray::ArrayBase<S, D>) -> Result<Self> {
        Self::try_from(&array)
    }
}
