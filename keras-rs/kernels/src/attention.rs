//! Attention: means of values, weighted by the softmax of scaled products of queries and keys; and its gradients.
//!
//! Scores exist for some queries at a time only. Heads stay where the projections put them, `(batch, positions, heads,
//! size)`: nothing is permuted.

use crate::cpu::{self, Work};
use crate::memory::zeros;
use crate::product::Packed;
use crate::{View, ViewMut, softmax};
use rayon::prelude::*;
use std::ops::Range;

mod forward;

pub use forward::attend;

/// Rows of queries whose scores exist at a time.
const ROWS: usize = 32;
/// The score of a key that is not seen: a number, so that a query that sees none takes the mean of all.
const UNSEEN: f32 = -0.7 * f32::MAX;

/// The sizes of attention, and which query sees which key.
#[derive(Clone, Debug)]
pub struct Attention {
    /// Number of samples.
    pub batch: usize,
    /// Number of queries of a sample.
    pub queries: usize,
    /// Number of keys and values of a sample.
    pub keys: usize,
    /// Number of heads of queries; a multiple of that of keys.
    pub heads: usize,
    /// Number of heads of keys and values.
    pub key_heads: usize,
    /// Size of queries and keys.
    pub size: usize,
    /// Size of values.
    pub value_size: usize,
    /// Factor of the products.
    pub scale: f32,
    /// Whether a query sees no key after its own position.
    pub causal: bool,
    /// Which query sees which key; all are seen where there is none.
    pub mask: Option<Mask>,
    /// Whether a query that sees no key gets zeros, or else the mean of all values.
    pub zero_unseen: bool,
}

/// Which query sees which key.
#[derive(Clone, Debug)]
pub struct Mask {
    /// The values.
    pub values: Vec<bool>,
    /// How far apart neighbours are along samples, heads, queries and keys: 0 along an axis that the values lack, and no
    /// more than 1 along the keys.
    pub strides: [usize; 4],
}

/// Gradients of what the means are computed of, each where that is.
#[derive(Debug)]
pub struct AttentionGradients {
    /// Of the queries: `(batch, queries, heads, size)`.
    pub query: Vec<f32>,
    /// Of the keys: `(batch, keys, key_heads, size)`.
    pub key: Vec<f32>,
    /// Of the values: `(batch, keys, key_heads, value_size)`.
    pub value: Vec<f32>,
}

impl Attention {
    /// Heads of queries that share one of keys.
    fn group(&self) -> usize {
        self.heads / self.key_heads.max(1)
    }

    /// The query and the head of a row; the rows of a head of keys are the queries, each with all heads of the group.
    fn of_row(&self, key_head: usize, row: usize) -> (usize, usize) {
        (row / self.group(), key_head * self.group() + row % self.group())
    }

    /// Where a row's vector of a size starts in `(queries, heads, size)`.
    fn at(&self, key_head: usize, row: usize, size: usize) -> usize {
        let (query, head) = self.of_row(key_head, row);
        (query * self.heads + head) * size
    }

    /// Puts a number where a row does not see the key.
    fn cover(&self, sample: usize, key_head: usize, row: usize, scores: &mut [f32], number: f32) {
        let (query, head) = self.of_row(key_head, row);
        if self.causal {
            scores.iter_mut().skip(query + 1).for_each(|score| *score = number);
        }
        let Some(Mask { values, strides: [by_sample, by_head, by_query, by_key] }) = &self.mask else {
            return;
        };
        let values = &values[sample * by_sample + head * by_head + query * by_query..];
        if *by_key == 0 {
            if !values[0] {
                scores.fill(number);
            }
            return;
        }
        for (score, seen) in scores.iter_mut().zip(values) {
            *score = if *seen { *score } else { number };
        }
    }

    /// A head of keys or values of a sample as rows of a size.
    fn rows_of<'a>(
        &self,
        all: &'a [f32],
        sample: usize,
        head: usize,
        size: usize,
    ) -> impl Fn(usize) -> &'a [f32] {
        let stride = self.key_heads * size;
        let first = sample * self.keys * stride + head * size;
        move |key| &all[first + key * stride..][..size]
    }

    /// The keys of a head, scaled, as the right side of the scores.
    fn packed_keys(&self, key: &[f32], sample: usize, head: usize) -> Packed {
        let rows = self.rows_of(key, sample, head, self.size);
        Packed::of_columns(self.size, self.keys, rows, self.scale)
    }

    /// Puts the probabilities of some rows of a head of keys into `scores`, whose rows have the width of `keys`.
    #[inline(always)]
    fn probabilities<const FMA: bool>(
        &self,
        sample: usize,
        key_head: usize,
        rows: Range<usize>,
        queries: &[f32],
        keys: &Packed,
        scores: &mut [f32],
    ) {
        scores.fill(0.0);
        keys.add_product::<FMA>(queries, scores);
        for (row, scores) in rows.zip(scores.chunks_exact_mut(keys.width())) {
            let (scores, beyond) = scores.split_at_mut(self.keys);
            // Infinity times the zeros that fill the last panel is no number.
            beyond.fill(0.0);
            self.cover(sample, key_head, row, scores, UNSEEN);
            softmax::row::<FMA>(scores);
            if self.zero_unseen {
                self.cover(sample, key_head, row, scores, 0.0);
            }
        }
    }

    /// Copies the vectors of some rows together.
    fn gather(&self, from: &[f32], key_head: usize, rows: Range<usize>, size: usize, to: &mut [f32]) {
        for (row, to) in rows.zip(to.chunks_exact_mut(size)) {
            to.copy_from_slice(&from[self.at(key_head, row, size)..][..size]);
        }
    }
}

/// As [`attend`] of values that lie side by side, to new ones.
#[must_use]
pub fn attention(sizes: &Attention, query: &[f32], key: &[f32], value: &[f32]) -> Vec<f32> {
    let Attention { batch, queries, heads, key_heads, size, value_size, .. } = *sizes;
    let mut y = zeros(batch * queries * heads * value_size);
    let channels = [heads * size, key_heads * size, key_heads * value_size];
    let [query, key, value] = [(query, channels[0]), (key, channels[1]), (value, channels[2])]
        .map(|(values, channels)| View::dense(values, channels));
    attend(sizes, [query, key, value], ViewMut::dense(&mut y, heads * value_size));
    y
}

/// The gradients, from that of the means that [`attention`] gave. The probabilities are computed again.
#[must_use]
pub fn attention_backward(
    sizes: &Attention,
    query: &[f32],
    key: &[f32],
    value: &[f32],
    gradient: &[f32],
) -> AttentionGradients {
    let Attention { batch, queries, keys, heads, key_heads, size, value_size, .. } = *sizes;
    let of_head = |i: usize| {
        let (sample, head) = (i / key_heads, i % key_heads);
        let mut made = OfHead::default();
        let query = &query[sample * queries * heads * size..][..queries * heads * size];
        let gradient = &gradient[sample * queries * heads * value_size..][..queries * heads * value_size];
        cpu::run(Backward { sizes, sample, head, query, key, value, gradient, made: &mut made });
        made
    };
    let all: Vec<OfHead> = (0..batch * key_heads).into_par_iter().map(of_head).collect();
    let mut made = AttentionGradients {
        query: zeros(batch * queries * heads * size),
        key: zeros(batch * keys * key_heads * size),
        value: zeros(batch * keys * key_heads * value_size),
    };
    let of_queries = made.query.par_chunks_mut(queries * heads * size);
    let of_keys = made.key.par_chunks_mut(keys * key_heads * size);
    let of_values = made.value.par_chunks_mut(keys * key_heads * value_size);
    let samples = of_queries.zip(of_keys).zip(of_values).zip(all.par_chunks(key_heads));
    samples.for_each(|(((of_queries, of_keys), of_values), heads)| {
        for (head, made) in heads.iter().enumerate() {
            for (row, values) in made.query.chunks_exact(size).enumerate() {
                of_queries[sizes.at(head, row, size)..][..size].copy_from_slice(values);
            }
            spread(&made.key, of_keys, size, head, key_heads);
            spread(&made.value, of_values, value_size, head, key_heads);
        }
    });
    made
}

/// Copies rows of one head, which panels may have made wider, to where they lie among all heads.
fn spread(from: &[f32], to: &mut [f32], size: usize, head: usize, heads: usize) {
    let width = Packed::width_of(size);
    for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(heads * size)) {
        to[head * size..][..size].copy_from_slice(&from[..size]);
    }
}

/// The gradients of a head of keys and of the queries that look at it.
#[derive(Default)]
struct OfHead {
    /// `(rows, size)`.
    query: Vec<f32>,
    /// `(keys, size)`, in rows of whole panels.
    key: Vec<f32>,
    /// `(keys, value_size)`, in rows of whole panels.
    value: Vec<f32>,
}

/// The backward pass of a head of keys of a sample.
struct Backward<'a> {
    sizes: &'a Attention,
    sample: usize,
    head: usize,
    query: &'a [f32],
    key: &'a [f32],
    value: &'a [f32],
    gradient: &'a [f32],
    made: &'a mut OfHead,
}

impl Work for Backward<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { sizes, sample, head, .. } = self;
        let Attention { keys, size, value_size, scale, .. } = *sizes;
        let count = sizes.queries * sizes.group();
        let key = sizes.rows_of(self.key, sample, head, size);
        let value = sizes.rows_of(self.value, sample, head, value_size);
        let for_scores = sizes.packed_keys(self.key, sample, head);
        let width = for_scores.width();
        let for_probabilities = Packed::of_columns(value_size, keys, value, 1.0);
        let for_queries = Packed::of_rows(width, size, keys, key, scale);
        let (size_width, value_width) = (Packed::width_of(size), Packed::width_of(value_size));
        self.made.query = vec![0.0; count * size];
        self.made.key = vec![0.0; keys * size_width];
        self.made.value = vec![0.0; keys * value_width];
        let (mut queries, mut gradients) = (vec![0.0; ROWS * size], vec![0.0; ROWS * value_size]);
        let (mut p, mut dp) = (vec![0.0; ROWS * width], vec![0.0; ROWS * width]);
        let (mut turned, mut dq) = (vec![0.0; ROWS * keys], vec![0.0; ROWS * size_width]);
        for first in (0..count).step_by(ROWS) {
            let rows = first..(first + ROWS).min(count);
            let n = rows.len();
            let (p, dp, dq) = (&mut p[..n * width], &mut dp[..n * width], &mut dq[..n * size_width]);
            let queries = &mut queries[..n * size];
            let gradients = &mut gradients[..n * value_size];
            let turned = &mut turned[..n * keys];
            sizes.gather(self.query, head, rows.clone(), size, queries);
            sizes.gather(self.gradient, head, rows.clone(), value_size, gradients);
            sizes.probabilities::<FMA>(sample, head, rows.clone(), queries, &for_scores, p);
            transpose(p, width, turned, n);
            let of_gradients = |row: usize| &gradients[row * value_size..][..value_size];
            let packed = Packed::of_rows(n, value_size, n, of_gradients, 1.0);
            packed.add_product::<FMA>(turned, &mut self.made.value);
            dp.fill(0.0);
            for_probabilities.add_product::<FMA>(gradients, dp);
            let both = p.chunks_exact(width).zip(dp.chunks_exact_mut(width));
            for (row, (p, dp)) in rows.clone().zip(both) {
                let (dp, beyond) = dp.split_at_mut(keys);
                beyond.fill(0.0);
                softmax::row_backward(&p[..keys], dp);
                sizes.cover(sample, head, row, dp, 0.0);
            }
            dq.fill(0.0);
            for_queries.add_product::<FMA>(dp, dq);
            let to = self.made.query[rows.start * size..].chunks_exact_mut(size);
            for (to, dq) in to.zip(dq.chunks_exact(size_width)) {
                to.copy_from_slice(&dq[..size]);
            }
            transpose(dp, width, turned, n);
            let of_queries = |row: usize| &queries[row * size..][..size];
            let packed = Packed::of_rows(n, size, n, of_queries, scale);
            packed.add_product::<FMA>(turned, &mut self.made.key);
        }
    }
}

/// Makes the columns of `from`, whose rows have `width` numbers, to rows of `rows` numbers.
fn transpose(from: &[f32], width: usize, to: &mut [f32], rows: usize) {
    for (column, to) in to.chunks_exact_mut(rows).enumerate() {
        for (to, from) in to.iter_mut().zip(from.iter().skip(column).step_by(width)) {
            *to = *from;
        }
    }
}

#[cfg(test)]
mod tests;
