//! How many threads compute.

use crate::error::{Error, Result};

/// Number of threads that computations on the processor are shared out to, the caller's included: what
/// [`set_threads`] was called with, else the environment variable `RAYON_NUM_THREADS`, else one for each processor.
///
/// ```
/// assert!(keras_rs::backend::threads() >= 1);
/// ```
pub fn threads() -> usize {
    rayon::current_num_threads()
}

/// Sets the number of threads that computations on the processor are shared out to, for the whole process; zero stands
/// for one for each processor. It wins over the environment variable `RAYON_NUM_THREADS`.
///
/// # Errors
/// [`Error::Argument`] for another number than [`threads`] once something was computed, because the threads run then.
///
/// ```standalone_crate
/// use keras_rs::backend;
///
/// backend::set_threads(2)?;
/// assert_eq!(backend::threads(), 2);
/// assert!(backend::set_threads(3).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn set_threads(count: usize) -> Result<()> {
    let started = rayon::ThreadPoolBuilder::new().num_threads(count).build_global();
    if started.is_err() && threads() != count {
        let expected = format!("{} as before, or a call before anything is computed", threads());
        return Err(Error::argument("set_threads", "count", expected, count));
    }
    keras_rs_kernels::threads::set_count(threads());
    Ok(())
}
