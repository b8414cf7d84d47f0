//! The forward pass: each head of keys and values is packed, and the queries that look at it go by in tiles, whose
//! scores and probabilities stay in the first two caches.

#![allow(unsafe_code, reason = "threads write to parts of one output")]

use super::{Attention, UNSEEN};
use crate::cpu::{Kernel, Level};
use crate::multiply::{Target, part};
use crate::panels::Panels;
use crate::rows::Rows;
use crate::simd::Vector;
use crate::tile::Kernels;
use crate::{AlignedBuffer, View, ViewMut, softmax, threads};
use std::cell::RefCell;
use std::ops::Range;

/// Tiles of queries whose scores exist at a time.
const TILES: usize = 2;
/// Products that one thread computes while two would find each other.
const SMALL: usize = 1 << 17;
/// Numbers behind each row of scores, so that rows do not share a set of the first cache.
const GAP: usize = 16;
/// Memory that a thread keeps from head to head.
#[derive(Default)]
struct Scratch {
    keys: Panels,
    values: Panels,
    scores: AlignedBuffer,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Puts means of values `(batch, keys, key_heads, value_size)` for queries `(batch, queries, heads, size)` and keys
/// `(batch, keys, key_heads, size)` into an output `(batch, queries, heads, value_size)`. The heads of a position are
/// the channels of a pixel. No size is zero.
///
/// ```
/// use keras_rs_kernels::{Attention, View, ViewMut, attend};
///
/// let sizes = Attention {
///     batch: 1,
///     queries: 1,
///     keys: 2,
///     heads: 1,
///     key_heads: 1,
///     size: 1,
///     value_size: 2,
///     scale: 1.0,
///     causal: false,
///     mask: None,
///     zero_unseen: false,
/// };
/// let (query, key, value, mut y) = ([0.0], [1.0, 2.0], [1.0, 2.0, 3.0, 4.0], [0.0; 2]);
/// let [query, key, value] = [(&query[..], 1), (&key, 1), (&value, 2)].map(|(x, size)| View::dense(x, size));
/// attend(&sizes, [query, key, value], ViewMut::dense(&mut y, 2));
/// assert_eq!(y, [2.0, 3.0]);
/// ```
///
/// # Panics
/// Where a view is too short.
pub fn attend(sizes: &Attention, operands: [View<'_>; 3], output: ViewMut<'_>) {
    attend_at(Level::best(), sizes, operands, output);
}

/// [`attend`] with a set of instructions.
pub(crate) fn attend_at(level: Level, sizes: &Attention, operands: [View<'_>; 3], mut output: ViewMut<'_>) {
    let Attention { batch, queries, keys, heads, key_heads, size, value_size, .. } = *sizes;
    let channels = [(queries, heads * size), (keys, key_heads * size), (keys, key_heads * value_size)];
    let holds = |(view, (rows, channels)): (&View<'_>, (usize, usize))| view.holds(batch * rows, channels);
    assert!(operands.iter().zip(channels).all(holds), "an operand is too short");
    assert!(output.holds(batch * queries, heads * value_size), "the output is too short");
    let kernels = Kernels::of(level);
    let heads_in_all = batch * key_heads;
    let work = (batch * heads * queries * keys).saturating_mul(size + value_size);
    // Few heads are shared out by queries, too; each part packs all keys, which is little beside many queries.
    let wanted = if work < SMALL { 1 } else { (2 * threads::count()).div_ceil(heads_in_all) };
    let pieces = wanted.min(queries.div_ceil(kernels.rows() * TILES)).max(1);
    let forward = Forward { sizes, level, kernels, operands, target: Target::new(&mut output) };
    let piece = |index: usize| {
        let (head, queries) = (index / pieces, part(queries, pieces, index % pieces));
        SCRATCH.with_borrow_mut(|scratch| forward.head(head / key_heads, head % key_heads, queries, scratch));
    };
    let parts = heads_in_all * pieces;
    if work < SMALL { (0..parts).for_each(piece) } else { threads::run(parts, &piece) }
}

struct Forward<'a> {
    sizes: &'a Attention,
    level: Level,
    kernels: &'static Kernels,
    operands: [View<'a>; 3],
    target: Target,
}

impl Forward<'_> {
    /// Some queries of a sample, with all heads that look at one of keys.
    fn head(&self, sample: usize, key_head: usize, queries: Range<usize>, scratch: &mut Scratch) {
        let Attention { keys, size, value_size, scale, causal, ref mask, .. } = *self.sizes;
        let [query, key, value] = self.operands;
        let Kernels { lanes, .. } = *self.kernels;
        let width = self.kernels.width();
        let key = moved(key, sample * keys, key_head * size);
        scratch.keys.refill_columns([size, keys], width, lanes, scale, |row| key.pixel(row, size));
        let value = moved(value, sample * keys, key_head * value_size);
        let mut finite = true;
        scratch.values.refill([keys, value_size], width, lanes, |row| {
            let numbers = value.pixel(row, value_size);
            finite &= numbers.iter().fold(true, |all, x| all & x.is_finite());
            numbers
        });
        let pitch = keys.next_multiple_of(GAP) + GAP;
        let rows = self.kernels.rows() * TILES;
        if scratch.scores.len() < rows * pitch {
            scratch.scores = AlignedBuffer::new(rows * pitch);
        }
        // What nobody sees among the keys behind is left out, where it cannot make a number none.
        let ends = causal && mask.is_none() && finite;
        let group = self.sizes.group();
        for head in key_head * group..(key_head + 1) * group {
            for first in queries.clone().step_by(rows) {
                let count = rows.min(queries.end - first);
                let seen = if ends { keys.min(first + count) } else { keys };
                let scores = &mut scratch.scores[..count * pitch];
                let row = sample * self.sizes.queries + first;
                let left = moved(query, row, head * size);
                let product = |panels, left, depth| Rows {
                    kernels: self.kernels,
                    panels,
                    count,
                    left,
                    depth,
                    bias: None,
                    add: false,
                };
                let panels = 0..seen.div_ceil(width);
                let to = &mut ViewMut { values: &mut *scores, pitch, offset: 0 };
                product(&scratch.keys, left, size).some(panels, to);
                let sizes = self.sizes;
                self.level.run(Probabilities { sizes, sample, key_head, head, first, seen, scores, pitch });
                let left = View { values: scores, pitch, offset: 0 };
                // SAFETY: the output holds all heads of all queries, and this part alone has these.
                unsafe {
                    product(&scratch.values, left, seen)
                        .write(0..scratch.values.count(), self.target.moved(row, head * value_size));
                }
            }
        }
    }
}

/// The view whose first channel is that of a pixel here.
fn moved(view: View<'_>, pixel: usize, channel: usize) -> View<'_> {
    View { offset: view.offset + pixel * view.pitch + channel, ..view }
}

/// Makes probabilities of the scores of some queries.
struct Probabilities<'a> {
    sizes: &'a Attention,
    sample: usize,
    key_head: usize,
    head: usize,
    first: usize,
    seen: usize,
    scores: &'a mut [f32],
    pitch: usize,
}

impl Kernel for Probabilities<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        if V::FMA { self.rows::<true>() } else { self.rows::<false>() }
    }
}

impl Probabilities<'_> {
    #[inline(always)]
    fn rows<const FMA: bool>(self) {
        let Self { sizes, sample, key_head, .. } = self;
        let group = sizes.group();
        for (i, scores) in self.scores.chunks_exact_mut(self.pitch).enumerate() {
            let scores = &mut scores[..self.seen];
            let row = (self.first + i) * group + self.head % group;
            sizes.cover(sample, key_head, row, scores, UNSEEN);
            softmax::row::<FMA>(scores);
            if sizes.zero_unseen {
                sizes.cover(sample, key_head, row, scores, 0.0);
            }
        }
    }
}
