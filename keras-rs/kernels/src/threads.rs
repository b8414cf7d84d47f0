//! Threads that share the parts of one piece of work.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of threads in use; zero: not yet asked for.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Number of threads that share a piece of work, the caller's included: what [`set_count`] got, else the environment
/// variable `RAYON_NUM_THREADS`, else as many as the machine runs at a time.
///
/// ```
/// assert!(keras_rs_kernels::threads::count() >= 1);
/// ```
pub fn count() -> usize {
    let known = COUNT.load(Ordering::Relaxed);
    if known > 0 {
        return known;
    }
    let named = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.trim().parse().ok());
    let number = named
        .filter(|number| *number > 0)
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    COUNT.store(number, Ordering::Relaxed);
    number
}

/// Sets the number of threads that share a piece of work, the caller's included; zero counts as one.
pub fn set_count(threads: usize) {
    COUNT.store(threads.max(1), Ordering::Relaxed);
}

/// Does `work(part)` for each part from zero to `parts`, on several threads; the caller's thread works too. Returns
/// when all parts are done.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// let sum = AtomicUsize::new(0);
/// keras_rs_kernels::threads::run(10, &|part| {
///     sum.fetch_add(part, Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 45);
/// ```
pub fn run(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..parts).for_each(work);
}
