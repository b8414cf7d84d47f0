//! Keys and values that attention keeps while a sequence grows.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::tensor::Tensor;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The keys and values of every position so far, for models that are called on a sequence piece by piece: a
/// prompt, then one token after another.
///
/// Attention that is called with `use_causal_mask` computes queries, keys and values of the new positions only,
/// and attends to the kept ones as well, so that the outputs are those of a call on the whole sequence. Layers
/// that look at a position's number ask [`CallContext::position`](super::CallContext::position). A model that is
/// called so must treat each position by itself outside of such attention.
///
/// ```
/// use keras_rs::prelude::*;
///
/// let x = Input::new([None, Some(4)]);
/// let layer = MultiHeadAttention::new(2, 3);
/// let y = layer.apply_with([&x, &x], Call::new().use_causal_mask(true))?;
/// let model = Model::new([&x], [&y])?;
///
/// let sequence = Tensor::arange_on(12, &keras_rs::backend::default_device()?)?.reshape([1, 3, 4])?.cast(DType::F32)?;
/// let whole = model.call(&[sequence.clone()])?.remove(0);
/// let mut cache = KeyValueCache::with_capacity(3);
/// model.call_cached(&[sequence.narrow(1, 0..2)?], &mut cache)?;
/// let last = model.call_cached(&[sequence.narrow(1, 2..3)?], &mut cache)?.remove(0);
/// assert_eq!(cache.len(), 3);
/// let difference = last.sub(&whole.narrow(1, 2..3)?)?.abs()?.max(&[], false)?.to_scalar()?;
/// assert!(difference < 1e-5);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct KeyValueCache {
    capacity: usize,
    length: usize,
    kept: HashMap<CallKey, Kept>,
    /// How often each layer was called in the running pass, and how many positions the pass has.
    calls: HashMap<u64, usize>,
    added: Option<usize>,
}

/// A layer's serial number, and the number of its call within a pass.
type CallKey = (u64, usize);

/// What one call of a layer keeps: `(batch, positions, ...)`, with room for positions to come.
#[derive(Debug)]
struct Kept {
    key: Tensor,
    value: Tensor,
    /// Which positions count; `None` where all do.
    seen: Option<Tensor>,
}

impl KeyValueCache {
    /// A cache that grows as positions come: its room doubles, so that few positions are copied often.
    pub fn new() -> Self {
        Self::default()
    }

    /// A cache with room for so many positions from the start.
    pub fn with_capacity(positions: usize) -> Self {
        Self { capacity: positions, ..Self::default() }
    }

    /// How many positions are kept.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no position is kept.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Forgets all positions but the first ones; the next call goes on from there.
    pub fn truncate(&mut self, positions: usize) {
        self.length = self.length.min(positions);
    }

    /// Begins a call of a model.
    pub(super) fn begin(&mut self) {
        self.calls.clear();
        self.added = None;
    }

    /// Ends a call that went well: what it added counts.
    pub(super) fn end(&mut self) {
        self.length += self.added.take().unwrap_or(0);
    }

    /// Adds the keys and values of new positions; gives those of all positions. Until the call ends well, none of
    /// them count: a call that failed is made again from where it began.
    pub(super) fn extend(
        &mut self,
        (layer, name): (u64, &str),
        (key, value): (&Tensor, &Tensor),
        seen: Option<&Tensor>,
    ) -> Result<(Tensor, Tensor, Option<Tensor>)> {
        let count = key.dim(1)?;
        let added = *self.added.get_or_insert(count);
        if added != count {
            let expected = format!("{added} new positions, as before in this call");
            return Err(Error::shape(name, "key", expected, tuple(key.shape())));
        }
        let number = self.calls.entry(layer).or_insert(0);
        let at = (layer, *number);
        *number += 1;
        let (from, total) = (self.length, self.length + count);
        let kept = match self.kept.entry(at) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(_) if from > 0 => {
                let expected = format!("a call on the {from} positions before");
                return Err(Error::argument(name, "cache", expected, "none"));
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Kept { key: key.clone(), value: value.clone(), seen: None })
            }
        };
        if kept.seen.is_none() && seen.is_some() {
            // Positions that came without a mask count.
            kept.seen = Some(Tensor::full_on([kept.key.dim(0)?, from], 1.0, DType::Bool, key.device())?);
        }
        let seen = match (&kept.seen, seen) {
            (Some(old), None) => Some(old.full_like([old.dim(0)?, count], 1.0)?),
            (_, seen) => seen.cloned(),
        };
        // Everything that may fail comes before the first change.
        let capacity = self.capacity;
        let reserve = |kept: &mut Tensor, new: &Tensor| reserve(name, kept, from, new, capacity);
        reserve(&mut kept.key, key)?;
        reserve(&mut kept.value, value)?;
        let masks = kept.seen.as_mut().zip(seen.as_ref());
        masks.map(|(kept, new)| reserve(kept, new)).transpose()?;
        let used = |kept: &mut Tensor, new: &Tensor| -> Result<Tensor> {
            *kept = std::mem::replace(kept, new.clone()).into_written(1, from, new)?;
            kept.narrow(1, 0..total)
        };
        let masks = kept.seen.as_mut().zip(seen.as_ref());
        let seen = masks.map(|(kept, new)| used(kept, new)).transpose()?;
        Ok((used(&mut kept.key, key)?, used(&mut kept.value, value)?, seen))
    }
}

/// Makes room for new positions behind the first `from`.
fn reserve(name: &str, kept: &mut Tensor, from: usize, new: &Tensor, capacity: usize) -> Result<()> {
    let mut shape = new.shape().to_vec();
    let needed = from + new.dim(1)?;
    if from == 0 {
        shape[1] = needed.max(capacity);
        *kept = new.full_like(shape, 0.0)?;
        return Ok(());
    }
    let room = kept.dim(1)?;
    shape[1] = room;
    if kept.shape() != shape || kept.dtype() != new.dtype() {
        let expected = format!("{} of type {}", tuple(kept.shape()), kept.dtype());
        return Err(Error::shape(
            name,
            "cache",
            expected,
            format!("{} of type {}", tuple(&shape), new.dtype()),
        ));
    }
    if room < needed {
        shape[1] = needed.max(2 * room);
        *kept = new.full_like(shape, 0.0)?.into_written(1, 0, &kept.narrow(1, 0..from)?)?;
    }
    Ok(())
}
