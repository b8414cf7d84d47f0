//! Running cases in a process of their own, with time and memory bounded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Environment variable that tells the child what to run.
pub(super) const GROUP: &str = "KERAS_RS_HOSTILE_GROUP";
const LARGER: &str = "KERAS_RS_HOSTILE";
/// The longest that one case may take, of the clock and of the processors: a busy machine is no failure.
const TIME: Duration = Duration::from_secs(5);
/// The largest tensor that the child allows.
const TENSOR_BYTES: u64 = 16 << 20;
/// Memory beyond what the child had before a case: tensors that one run may hold, and room for
/// the configuration of a hundred thousand layers.
const MEMORY_KIB: u64 = 512 << 10;
/// Address space of the child, where there is a shell to limit it.
const ADDRESS_SPACE_KIB: u64 = 8 << 20;

/// Runs a group of cases in a child: an overflowing stack or an allocation that fails ends the
/// whole process, and the memory of other tests must not count.
pub(super) fn run_child(group: &str) {
    let program = std::env::current_exe().unwrap();
    let arguments = ["--exact", "hostile::child", "--ignored", "--nocapture"];
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("ulimit -v {ADDRESS_SPACE_KIB}; exec \"$0\" \"$@\"")).arg(program);
        shell
    } else {
        Command::new(program)
    };
    let output = command.args(arguments).env(GROUP, group).env("RUST_BACKTRACE", "0").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let failures: Vec<&str> = said.lines().filter(|l| l.starts_with("FAILED ")).take(100).collect();
    let last: Vec<&str> = said.lines().rev().take(5).collect();
    assert!(
        output.status.success(),
        "{}:\n{}\nlatest first:\n{}",
        output.status,
        failures.join("\n"),
        last.join("\n")
    );
}

/// How many times larger than usual the corpus is to be.
pub(super) fn scale() -> usize {
    std::env::var(LARGER).ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// Runs cases one after the other and collects those that go wrong.
pub(super) struct Checks {
    running: Arc<Mutex<Option<(Instant, String)>>>,
    failures: usize,
    count: usize,
}

impl Checks {
    pub(super) fn start() -> Self {
        keras_rs::limits::set_max_tensor_bytes(TENSOR_BYTES);
        let running: Arc<Mutex<Option<(Instant, String)>>> = Arc::default();
        let watched = Arc::clone(&running);
        // A case that never ends must not make the test wait for ever.
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(1));
                if let Some((start, name)) = &*watched.lock().unwrap_or_else(PoisonError::into_inner)
                    && start.elapsed() > 6 * TIME
                {
                    eprintln!("FAILED {name}: does not end");
                    std::process::exit(101);
                }
            }
        });
        Self { running, failures: 0, count: 0 }
    }

    /// Runs a case; its name is said first, so that it is known should the process end.
    pub(super) fn case<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> Option<T> {
        eprintln!("case {name}");
        self.count += 1;
        *self.running.lock().unwrap() = Some((Instant::now(), name.to_string()));
        let before = reset_peak_kib();
        let (start, computed) = (Instant::now(), processor_time());
        let result = catch_unwind(AssertUnwindSafe(work));
        let time = start.elapsed();
        *self.running.lock().unwrap() = None;
        if time > TIME / 10 {
            eprintln!("slow: {time:?}");
        }
        if result.is_err() {
            self.fail(&format!("{name}: panicked"));
        }
        let computed = processor_time().zip(computed).map(|(after, before)| after.saturating_sub(before));
        if time > TIME && computed.is_none_or(|computed| computed > TIME) {
            self.fail(&format!("{name}: took {time:?}"));
        }
        if let (Some(before), Some(peak)) = (before, status_kib("VmHWM:")) {
            let grown = peak.saturating_sub(before);
            if grown > MEMORY_KIB {
                self.fail(&format!("{name}: took {grown} KiB"));
            }
        }
        result.ok()
    }

    pub(super) fn fail(&mut self, why: &str) {
        self.failures += 1;
        eprintln!("FAILED {why}");
    }

    /// Ends with a panic where a case went wrong.
    pub(super) fn finish(self) {
        eprintln!("{} cases", self.count);
        assert!(self.count > 0);
        assert_eq!(self.failures, 0, "cases failed");
    }
}

/// Makes the peak start from what is in use now, and tells that; `None` where the system cannot.
fn reset_peak_kib() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    status_kib("VmRSS:")
}

/// Time that all threads have computed so far; `None` where the system does not tell.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields are counted behind the name, which may hold spaces: user and system time in hundredths.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn status_kib(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
