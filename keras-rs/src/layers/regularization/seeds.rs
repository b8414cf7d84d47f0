//! The seeds that layers draw from.

use std::sync::atomic::{AtomicU64, Ordering};

/// The next seed of a layer: of its own sequence where it has a seed, else of the process'.
pub(in crate::layers) fn next(seed: Option<u64>, drawn: &AtomicU64) -> u64 {
    match seed {
        None => crate::random::next_seed(),
        Some(seed) => mix(seed ^ mix(drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1))),
    }
}

/// Scrambles a number into one that looks random (SplitMix64; Steele et al., 2014).
pub(super) fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
