//! Threads that share the parts of one piece of work.
//!
//! They wait for the next piece a while without sleeping, since the layers of a network follow each other within
//! microseconds and waking a thread takes longer than that.

use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// How long a thread without work waits before it sleeps.
const PATIENCE: Duration = Duration::from_micros(80);

/// Number of threads in use; zero: not yet asked for.
static COUNT: AtomicUsize = AtomicUsize::new(0);

static POOL: Pool = Pool {
    taken: AtomicBool::new(false),
    open: AtomicBool::new(false),
    round: AtomicUsize::new(0),
    inside: AtomicUsize::new(0),
    next: AtomicUsize::new(0),
    failed: AtomicBool::new(false),
    job: UnsafeCell::new(None),
    workers: Mutex::new(Vec::new()),
};

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
/// The threads serve one caller at a time: who finds them busy, or calls this from inside `work`, does all parts on its
/// own thread.
///
/// # Panics
///
/// If `work` does.
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
    let threads = count().min(parts);
    if threads <= 1 || POOL.taken.swap(true, Ordering::Acquire) {
        (0..parts).for_each(work);
        return;
    }
    let session = Session;
    POOL.share(threads, parts, work);
    session.wait();
    // Read while the pool is still this caller's.
    let failed = POOL.failed.load(Ordering::Relaxed);
    drop(session);
    if failed {
        std::panic::resume_unwind(Box::new("a thread of the kernels failed"));
    }
}

/// Does `work(index, chunk)` for each chunk of `size` values, the last one perhaps shorter, on several threads.
///
/// Unlike rayon's, these threads do nothing else meanwhile, so that the caller may hold a lock.
pub(crate) fn run_chunks<T: Send>(values: &mut [T], size: usize, work: &(dyn Fn(usize, &mut [T]) + Sync)) {
    let chunks: Vec<_> = values.chunks_mut(size.max(1)).map(Mutex::new).collect();
    run(chunks.len(), &|index| {
        work(index, &mut chunks[index].lock().unwrap_or_else(PoisonError::into_inner))
    });
}

/// The right to use the pool; given back when dropped, after the last worker has left the job.
struct Session;

impl Session {
    /// Returns once no worker is inside the job.
    fn wait(&self) {
        POOL.open.store(false, Ordering::SeqCst);
        let mut turns = 0_u32;
        while POOL.inside.load(Ordering::SeqCst) > 0 {
            turns += 1;
            // A worker that lost its core needs this one's.
            if turns.is_multiple_of(1 << 14) { std::thread::yield_now() } else { std::hint::spin_loop() }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.wait();
        POOL.failed.store(false, Ordering::Relaxed);
        POOL.taken.store(false, Ordering::Release);
    }
}

struct Pool {
    /// Whether a caller uses the pool.
    taken: AtomicBool,
    /// Whether workers may look at the job.
    open: AtomicBool,
    /// Number of jobs so far.
    round: AtomicUsize,
    /// Number of workers that may be looking at the job.
    inside: AtomicUsize,
    /// The first part that nobody has begun.
    next: AtomicUsize,
    /// Whether a part failed on a worker.
    failed: AtomicBool,
    /// Written by the caller that has taken the pool, while it is not open and nobody is inside.
    job: UnsafeCell<Option<Job>>,
    workers: Mutex<Vec<Worker>>,
}

#[allow(unsafe_code, reason = "the cell that hands a job to the workers")]
// SAFETY: `job` is written only between `taken` and `open`, when no worker is inside, and read only inside.
unsafe impl Sync for Pool {}

#[derive(Clone, Copy)]
struct Job {
    work: &'static (dyn Fn(usize) + Sync),
    parts: usize,
    threads: usize,
}

struct Worker {
    thread: Thread,
    asleep: Arc<AtomicBool>,
}

impl Pool {
    fn share(&'static self, threads: usize, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        while workers.len() + 1 < threads {
            let Some(worker) = self.hire(workers.len() + 1) else { break };
            workers.push(worker);
        }
        #[allow(unsafe_code, reason = "workers borrow what the caller's stack holds")]
        // SAFETY: the `Session` of the caller waits for the workers to leave before `work` ends, also when it panics.
        // Nobody is inside now, so nobody reads the cell.
        unsafe {
            let work = std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work);
            *self.job.get() = Some(Job { work, parts, threads });
        }
        self.next.store(0, Ordering::Relaxed);
        self.open.store(true, Ordering::SeqCst);
        self.round.fetch_add(1, Ordering::SeqCst);
        for worker in workers.iter().take(threads - 1) {
            if worker.asleep.load(Ordering::SeqCst) {
                worker.thread.unpark();
            }
        }
        drop(workers);
        self.take_parts(parts, work);
    }

    fn take_parts(&self, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return;
            }
            work(part);
        }
    }

    fn hire(&'static self, index: usize) -> Option<Worker> {
        let asleep = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asleep);
        let builder = std::thread::Builder::new().name(format!("keras-rs-{index}"));
        let handle = builder.spawn(move || self.serve(index, &flag)).ok()?;
        Some(Worker { thread: handle.thread().clone(), asleep })
    }

    /// The life of a worker.
    fn serve(&self, index: usize, asleep: &AtomicBool) {
        let mut seen = 0;
        loop {
            seen = self.wait(seen, asleep);
            // Entered before looking whether the job is there: the caller closes it before looking who is inside.
            self.inside.fetch_add(1, Ordering::SeqCst);
            if self.open.load(Ordering::SeqCst) {
                #[allow(unsafe_code, reason = "the cell that hands a job to the workers")]
                // SAFETY: the job is open and this worker inside, so the caller neither returns nor writes the cell.
                let job = unsafe { *self.job.get() };
                if let Some(job) = job.filter(|job| index < job.threads) {
                    let result = catch_unwind(AssertUnwindSafe(|| self.take_parts(job.parts, job.work)));
                    if result.is_err() {
                        self.failed.store(true, Ordering::Relaxed);
                    }
                }
            }
            self.inside.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Waits for another round than the one `seen`.
    fn wait(&self, seen: usize, asleep: &AtomicBool) -> usize {
        let start = Instant::now();
        loop {
            for _ in 0..32 {
                let round = self.round.load(Ordering::SeqCst);
                if round != seen {
                    return round;
                }
                std::hint::spin_loop();
            }
            if start.elapsed() > PATIENCE {
                break;
            }
        }
        loop {
            asleep.store(true, Ordering::SeqCst);
            let round = self.round.load(Ordering::SeqCst);
            if round != seen {
                asleep.store(false, Ordering::SeqCst);
                return round;
            }
            std::thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_once_whoever_calls() {
        set_count(3);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for parts in (0..200).chain([5000]) {
                        let done: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                        run(parts, &|part| {
                            done[part].fetch_add(1, Ordering::Relaxed);
                        });
                        assert!(done.iter().all(|n| n.load(Ordering::Relaxed) == 1));
                    }
                });
            }
        });
    }

    #[test]
    fn chunks_of_values() {
        let mut values = [0.0; 10];
        run_chunks(&mut values, 4, &|index, chunk| chunk.fill((index * 10 + chunk.len()) as f32));
        assert_eq!(values, [4.0, 4.0, 4.0, 4.0, 14.0, 14.0, 14.0, 14.0, 22.0, 22.0]);
    }

    #[test]
    fn inside_itself() {
        let sum = AtomicUsize::new(0);
        run(5, &|i| {
            run(7, &|j| {
                sum.fetch_add(i * j, Ordering::Relaxed);
            })
        });
        assert_eq!(sum.into_inner(), 10 * 21);
    }

    #[test]
    fn a_failure_reaches_the_caller_and_the_pool_goes_on() {
        for _ in 0..20 {
            let failing = catch_unwind(|| run(50, &|part| assert!(part < 30, "part {part}")));
            assert!(failing.is_err());
            let sum = AtomicUsize::new(0);
            run(50, &|part| {
                sum.fetch_add(part, Ordering::Relaxed);
            });
            assert_eq!(sum.into_inner(), 1225);
        }
    }
}
