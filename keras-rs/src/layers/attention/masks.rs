//! Which queries see which keys.

use crate::dtype::DType;
use crate::error::Result;
use crate::layer::Inputs;
use crate::tensor::{Tensor, TensorData};

/// The masks of one call, which are joined by "and".
#[derive(Debug, Default)]
pub(super) struct Masks {
    /// Which queries count: `(batch, queries)`.
    pub(super) query: Option<Tensor>,
    /// Which values count: `(batch, keys)`.
    pub(super) value: Option<Tensor>,
    /// Which keys count: `(batch, keys)`.
    pub(super) key: Option<Tensor>,
    /// Which query sees which key; broadcasts to `(batch, queries, keys)`.
    pub(super) attention: Option<Tensor>,
    /// Whether a query sees no key after its own position.
    pub(super) causal: bool,
    /// How far queries see to either side, their own position included.
    pub(super) window: Option<usize>,
}

impl Masks {
    /// The masks that a call names or that travel with its inputs.
    pub(super) fn of(inputs: &Inputs, window: Option<usize>) -> Result<Self> {
        Ok(Self {
            query: inputs.mask_of("query"),
            value: inputs.mask_of("value"),
            key: inputs.mask_of("key"),
            attention: inputs.tensor("attention_mask")?.map(|mask| mask.tensor.clone()),
            causal: inputs.flag("use_causal_mask", false)?,
            window,
        })
    }

    /// Whether a query sees no key after its own position and nothing else is masked.
    pub(super) fn only_causal(&self) -> bool {
        let others = [&self.query, &self.value, &self.key, &self.attention];
        self.causal && self.window.is_none() && others.into_iter().all(Option::is_none)
    }

    /// All masks as one; `None` where everything is seen. `positions` are the numbers of queries and keys along
    /// the first axis after the batch, and `first` is the position of the first query.
    pub(super) fn joined(
        &self,
        positions: (usize, usize),
        first: usize,
        like: &Tensor,
    ) -> Result<Option<Tensor>> {
        let mut joined: Option<Tensor> = None;
        let mut add = |mask: Tensor| -> Result<()> {
            joined = Some(match joined.take() {
                Some(other) => other.logical_and(&mask)?,
                None => mask,
            });
            Ok(())
        };
        if let Some(mask) = &self.attention {
            add(mask.cast(DType::Bool)?)?;
        }
        if let Some(mask) = &self.query {
            add(mask.cast(DType::Bool)?.expand_dims(-1)?)?;
        }
        for mask in [&self.value, &self.key].into_iter().flatten() {
            add(mask.cast(DType::Bool)?.expand_dims(-2)?)?;
        }
        // The last position sees all positions before it.
        let sees_all = positions == (1, first + 1);
        if (self.causal && !sees_all) || self.window.is_some() {
            add(self.by_position(positions, first, like)?)?;
        }
        Ok(joined)
    }

    /// What follows from positions alone: `(1, queries, keys)`.
    fn by_position(&self, (queries, keys): (usize, usize), first: usize, like: &Tensor) -> Result<Tensor> {
        let seen = |query: usize, key: usize| {
            (!self.causal || key <= query) && self.window.is_none_or(|window| query.abs_diff(key) < window)
        };
        let values: Vec<bool> =
            (first..first + queries).flat_map(|query| (0..keys).map(move |key| seen(query, key))).collect();
        Tensor::from_data_on(TensorData::from_values(&values, vec![1, queries, keys])?, like.device())
    }
}

/// A mask with axes of size one added where scores of `rank` axes have their heads, in front of the last
/// `positions` axes.
pub(super) fn expanded(mask: &Tensor, rank: usize, positions: usize) -> Result<Tensor> {
    let mut mask = mask.clone();
    while mask.rank() < rank {
        mask = mask.expand_dims(-(positions as isize) - 1)?;
    }
    Ok(mask)
}
