//! Memory that is freed and soon needed again.

use crate::threads;
use std::mem::MaybeUninit;

/// Numbers from which on a buffer is filled by several threads, and which each takes at a time.
const PART: usize = 1 << 16;

/// So many zeros. Large buffers are filled by several threads: memory that was in use before has to be cleared.
///
/// ```
/// assert_eq!(keras_rs_kernels::zeros(3), [0.0; 3]);
/// ```
pub fn zeros(length: usize) -> Vec<f32> {
    if length <= PART {
        return vec![0.0; length];
    }
    let mut values = Vec::with_capacity(length);
    threads::run_chunks(&mut values.spare_capacity_mut()[..length], PART, &|_, part| {
        part.fill(MaybeUninit::new(0.0));
    });
    #[allow(unsafe_code, reason = "zeros that several threads have written")]
    // SAFETY: the capacity is that much, and every number of it was just written.
    unsafe {
        values.set_len(length);
    }
    values
}

/// Has the C library keep memory that is freed, up to a limit, for what is allocated next, instead of giving it back to the
/// system, which must clear each page before it hands it out again: a step of training frees and allocates the same large
/// buffers each time. Only the first call does something, only with glibc, and only where its settings are not in the
/// environment (`MALLOC_TRIM_THRESHOLD_`, `MALLOC_MMAP_THRESHOLD_`).
///
/// ```
/// keras_rs_kernels::keep_memory();
/// ```
pub fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(glibc::keep_memory);
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    /// Bytes of freed memory at the heap's end that are kept.
    const KEPT: i32 = 1 << 30;
    /// Bytes from which on a buffer has pages of its own, which go back to the system when it is freed.
    const LARGE: i32 = 256 << 20;
    /// The most that versions before 2.35 allow.
    const LARGE_BEFORE: i32 = 32 << 20;
    /// The C library's numbers for these settings.
    const TRIM_THRESHOLD: i32 = -1;
    const MMAP_THRESHOLD: i32 = -3;

    #[allow(unsafe_code, reason = "a function of the system")]
    // SAFETY: the declaration is that of the system's C library, which the standard library links.
    unsafe extern "C" {
        fn mallopt(parameter: i32, value: i32) -> i32;
    }

    pub(super) fn keep_memory() {
        let set = |name| std::env::var_os(name).is_some();
        if set("MALLOC_TRIM_THRESHOLD_") || set("MALLOC_MMAP_THRESHOLD_") || set("GLIBC_TUNABLES") {
            return;
        }
        #[allow(unsafe_code, reason = "a function of the system")]
        // SAFETY: the settings change where memory comes from, nothing else; the function takes the allocator's lock.
        unsafe {
            mallopt(TRIM_THRESHOLD, KEPT);
            if mallopt(MMAP_THRESHOLD, LARGE) == 0 {
                mallopt(MMAP_THRESHOLD, LARGE_BEFORE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_zero() {
        for length in [0, 1, PART, PART + 1, 5 * PART - 3] {
            // Memory that something else was in.
            drop(vec![1.0_f32; length]);
            let made = zeros(length);
            assert_eq!(made.len(), length);
            assert!(made.iter().all(|x| x.to_bits() == 0));
        }
    }
}
