//! The stopwatch.

use std::time::Instant;

use anyhow::Result;

/// What calls took, in milliseconds.
pub(super) struct Times {
    pub(super) first_ms: f64,
    sorted: Vec<f64>,
}

impl Times {
    /// Times the first call, and `runs` calls after `warmup` more. `runs` is at least 1.
    pub(super) fn of(runs: usize, warmup: usize, mut call: impl FnMut() -> Result<()>) -> Result<Self> {
        let ((), first_ms) = timed(&mut call)?;
        for _ in 0..warmup {
            call()?;
        }
        let mut sorted = (0..runs).map(|_| Ok(timed(&mut call)?.1)).collect::<Result<Vec<f64>>>()?;
        sorted.sort_by(f64::total_cmp);
        Ok(Self { first_ms, sorted })
    }

    /// Number of timed calls.
    pub(super) fn runs(&self) -> usize {
        self.sorted.len()
    }

    /// The shortest.
    pub(super) fn min_ms(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(0.0)
    }

    /// The middle one.
    pub(super) fn median_ms(&self) -> f64 {
        median(&self.sorted)
    }
}

/// The middle of sorted numbers; of an even count the mean of the two in the middle.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    f64::midpoint(at(low), at(high))
}

/// A result and the milliseconds that it took.
pub(super) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64() * 1e3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[2.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 9.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), 3.0);
    }

    #[test]
    fn calls_are_counted() {
        let mut calls = 0;
        let times = Times::of(4, 2, || {
            calls += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!((calls, times.runs()), (7, 4));
        assert!(times.min_ms() <= times.median_ms());
    }
}
