//! The order of an epoch.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// The numbers below `count` in an order that depends only on the seed and the epoch.
pub(super) fn permutation(count: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(&mut StdRng::seed_from_u64(scrambled(seed ^ scrambled(epoch as u64))));
    order
}

/// The finalizer of SplitMix64, a bijective hash, so that neighbouring seeds and epochs have unrelated
/// orders.
fn scrambled(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
