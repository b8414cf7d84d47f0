//! What the machine can do at best, beside which the speed of a kernel is quoted.

use crate::cpu::{Kernel, Level};
use crate::simd::Vector;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Instant;

/// Sums that do not depend on each other: more than an instruction takes cycles times those that start in a cycle.
const SUMS: usize = 12;
/// The same where a vector takes two registers, of which there are sixteen.
const PORTABLE_SUMS: usize = 12;
/// Products and sums of each of them in a run.
const STEPS: usize = 1 << 17;
/// Numbers of a buffer that no cache holds.
const NUMBERS: usize = 1 << 26;
/// Runs, of which the fastest one counts: other programs may take time from some.
const RUNS: usize = 25;

/// Products and sums of `f32`, in 10^9 a second, on so many threads: for each set of instructions that the CPU has, the
/// widest one last. A product with a sum counts as two.
///
/// ```no_run
/// for (instructions, gflops) in keras_rs_kernels::peak::arithmetic(1) {
///     println!("{instructions}: {gflops:.1} GFLOP/s");
/// }
/// ```
pub fn arithmetic(threads: usize) -> Vec<(String, f64)> {
    let of = |level: Level| {
        let numbers = AtomicUsize::new(0);
        let seconds = fastest(threads, |_| level.run(MultiplyAdd { numbers: &numbers }));
        let operations = 2 * numbers.into_inner() * STEPS * threads;
        (format!("{level:?}"), operations as f64 / seconds / 1e9)
    };
    Level::all().iter().copied().map(of).collect()
}

/// Bytes read from memory, in 10^9 a second, on so many threads.
pub fn reading(threads: usize) -> f64 {
    let buffer = vec![1.0_f32; NUMBERS];
    let best = Level::best();
    let seconds = fastest(threads, |thread| {
        best.run(Read { values: &buffer[crate::cells::range(NUMBERS, threads, thread)] });
    });
    size_of_val(&buffer[..]) as f64 / seconds / 1e9
}

/// Bytes copied from memory to memory, in 10^9 a second, on so many threads; each one is read and written.
pub fn copying(threads: usize) -> f64 {
    let from = vec![1.0_f32; NUMBERS];
    let mut to = vec![0.0_f32; NUMBERS];
    let parts: Vec<_> = to.chunks_mut(NUMBERS.div_ceil(threads.max(1))).map(Mutex::new).collect();
    let seconds = fastest(threads, |thread| {
        if let Some(Ok(mut to)) = parts.get(thread).map(Mutex::lock) {
            let first = thread * NUMBERS.div_ceil(threads);
            let size = to.len();
            to.copy_from_slice(&from[first..first + size]);
        }
    });
    size_of_val(&from[..]) as f64 / seconds / 1e9
}

/// Seconds from the first thread's start to the last one's end, in the fastest of several runs.
fn fastest(threads: usize, work: impl Fn(usize) + Sync) -> f64 {
    let (start, end) = (Barrier::new(threads), Barrier::new(threads));
    let times = |thread: usize| {
        let mut fastest = f64::INFINITY;
        for _ in 0..RUNS {
            start.wait();
            let begin = Instant::now();
            work(thread);
            end.wait();
            fastest = fastest.min(begin.elapsed().as_secs_f64());
        }
        fastest
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || times(thread))).collect();
        let own = times(0);
        others.into_iter().filter_map(|thread| thread.join().ok()).fold(own, f64::max)
    })
}

struct MultiplyAdd<'a> {
    /// Takes how many numbers are computed at a time.
    numbers: &'a AtomicUsize,
}

impl Kernel for MultiplyAdd<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        if V::FMA { self.sums::<V, SUMS>() } else { self.sums::<V, PORTABLE_SUMS>() }
    }
}

impl MultiplyAdd<'_> {
    #[inline(always)]
    fn sums<V: Vector, const N: usize>(&self) {
        self.numbers.store(N * V::LANES, Ordering::Relaxed);
        // SAFETY: `Level::run` has found the instructions.
        #[allow(unsafe_code, reason = "the instructions of the vectors")]
        let (factor, term) = unsafe { (V::splat(black_box(0.999)), V::splat(black_box(0.001))) };
        let mut sums = [factor; N];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, term);
            }
        }
        keep(sums.into_iter().fold(term, V::add));
    }
}

/// Makes the compiler compute a vector.
#[inline(always)]
fn keep<V: Vector>(vector: V) {
    let mut numbers = [0.0; 16];
    // SAFETY: no vector has more than 16 numbers.
    #[allow(unsafe_code, reason = "writes a vector")]
    unsafe {
        vector.store(numbers.as_mut_ptr());
    }
    black_box(numbers);
}

struct Read<'a> {
    values: &'a [f32],
}

impl Kernel for Read<'_> {
    #[inline(always)]
    #[allow(unsafe_code, reason = "the instructions of the vectors")]
    unsafe fn run<V: Vector>(self) {
        // SAFETY: `Level::run` has found the instructions.
        let zero = unsafe { V::splat(0.0) };
        let mut sums = [zero; 8];
        for values in self.values.chunks_exact(8 * V::LANES) {
            for (i, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the chunk has eight vectors.
                let value = unsafe { V::load(values.as_ptr().add(i * V::LANES)) };
                *sum = sum.add(value);
            }
        }
        keep(sums.into_iter().fold(zero, V::add));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_of_instructions_has_a_speed() {
        let speeds = arithmetic(2);
        assert_eq!(speeds.len(), Level::all().len());
        assert!(speeds.iter().all(|(_, speed)| speed.is_finite() && *speed > 0.0));
    }
}
