//! The buckets of a histogram, as `tf.summary.histogram` makes them.

/// TensorFlow's default number of buckets.
const BUCKETS: usize = 30;

/// Left edge, right edge and count of each bucket.
///
/// All buckets have the same width. If all values are equal, all edges are that value and the last bucket
/// has all counts; without values, everything is zero. Values that are not finite are left out, because a
/// single NaN would make every edge NaN.
pub(super) fn buckets(values: &[f64]) -> [[f64; 3]; BUCKETS] {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let mut buckets = [[0.0; 3]; BUCKETS];
    let Some(low) = finite().reduce(f64::min) else {
        return buckets;
    };
    let high = finite().fold(low, f64::max);
    let width = (high - low) / BUCKETS as f64;
    let edge = |i: usize| if i == BUCKETS { high } else { i as f64 * width + low };
    for (i, bucket) in buckets.iter_mut().enumerate() {
        (bucket[0], bucket[1]) = if low == high { (low, low) } else { (edge(i), edge(i + 1)) };
    }
    for value in finite() {
        let index = if low == high { BUCKETS - 1 } else { ((value - low) / width) as usize };
        buckets[index.min(BUCKETS - 1)][2] += 1.0;
    }
    buckets
}
