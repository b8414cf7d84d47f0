//! Attention as one operation, where the backend has it.

#[cfg(feature = "flex")]
mod flex;

use super::Tensor;
use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::Result;
use keras_rs_kernels::{Attention, Mask};

/// Rows that look at one head of keys: with fewer, packing the keys would cost more than the products.
const LEAST_ROWS: usize = 4;

impl Tensor {
    /// Means of values `(batch, keys, key heads, size)`, weighted by the softmax of the scaled products of queries
    /// `(batch, queries, heads, size)` and keys; `mask` broadcasts to `(batch, heads, queries, keys)`.
    ///
    /// A query that sees no key gets the mean of all values, or zeros where `zero_unseen` says so. `None` where the
    /// backend or the data type has no such operation, shapes broadcast, or it would not be faster.
    pub(crate) fn attention(
        [query, key, value]: [&Self; 3],
        scale: f64,
        causal: bool,
        mask: Option<&Self>,
        zero_unseen: bool,
    ) -> Result<Option<Self>> {
        let suits = |x: &Self| {
            x.dtype == DType::F32 && x.device.backend() == Backend::Flex && !x.is_empty() && x.rank() == 4
        };
        if ![query, key, value].into_iter().all(suits) {
            return Ok(None);
        }
        let (of_queries, of_keys) = (&query.shape, &key.shape);
        let fit = [0, 3].iter().all(|i| of_queries[*i] == of_keys[*i]) && of_keys[..3] == value.shape[..3];
        if !fit || !of_queries[2].is_multiple_of(of_keys[2]) {
            return Ok(None);
        }
        let mut sizes = Attention {
            batch: of_queries[0],
            queries: of_queries[1],
            keys: of_keys[1],
            heads: of_queries[2],
            key_heads: of_keys[2],
            size: of_queries[3],
            value_size: value.shape[3],
            scale: scale as f32,
            causal,
            mask: None,
            zero_unseen,
        };
        if sizes.queries * (sizes.heads / sizes.key_heads) < LEAST_ROWS {
            return Ok(None);
        }
        let scores = [sizes.batch, sizes.heads, sizes.queries, sizes.keys];
        if let Some(mask) = mask {
            let Some(mask) = mask.as_attention_mask(scores) else { return Ok(None) };
            sizes.mask = Some(mask?);
        }
        let shape = vec![sizes.batch, sizes.queries, sizes.heads, sizes.value_size];
        crate::limits::check_shape("attention", DType::F32, &shape)?;
        #[cfg(not(feature = "flex"))]
        return Ok(None);
        #[cfg(feature = "flex")]
        {
            let [q, k, v] = [query, key, value].map(Self::raw);
            let means = <burn::backend::Dispatch as flex::Attend>::attend(q, k, v, sizes);
            Ok(Some(query.with(means, shape)))
        }
    }

    /// The values of a mask, which broadcasts to the shape of scores without making it larger.
    fn as_attention_mask(&self, scores: [usize; 4]) -> Option<Result<Mask>> {
        let missing = scores.len().checked_sub(self.rank())?;
        let mut strides = [0; 4];
        let mut stride = 1;
        for (axis, size) in self.shape.iter().enumerate().rev() {
            if *size != 1 {
                if *size != scores[missing + axis] {
                    return None;
                }
                strides[missing + axis] = stride;
            }
            stride *= size;
        }
        Some(self.to_vec::<bool>().map(|values| Mask { values, strides }))
    }
}
