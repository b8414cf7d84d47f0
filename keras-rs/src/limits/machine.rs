//! What the system says about memory: Linux' `/proc` and control groups.
//!
//! Other systems have no such files; every answer is `None` there.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// Where the system's files are; tests have trees of their own.
const ROOT: &str = "/";

/// Bytes that the system, and the process' control group, can still give.
pub(super) fn available_memory() -> Option<u64> {
    available_below(Path::new(ROOT))
}

/// Bytes of address space that the process may still take; `None` where it has no limit.
pub(super) fn address_space() -> Option<u64> {
    address_space_below(Path::new(ROOT))
}

/// Bytes of memory that the process holds.
pub(super) fn resident_memory() -> Option<u64> {
    kilobytes(&read_to_string("/proc/self/status").ok()?, "VmRSS:")
}

/// Most bytes of memory that the process has held at a time.
pub(super) fn peak_resident_memory() -> Option<u64> {
    kilobytes(&read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

pub(super) fn available_below(root: &Path) -> Option<u64> {
    let system = read_to_string(root.join("proc/meminfo")).ok();
    let system = system.and_then(|text| kilobytes(&text, "MemAvailable:"));
    [system, control_groups(root)].into_iter().flatten().min()
}

pub(super) fn address_space_below(root: &Path) -> Option<u64> {
    let limits = read_to_string(root.join("proc/self/limits")).ok()?;
    let limited = [("Max address space", "VmSize:"), ("Max data size", "VmData:")];
    let limited: Vec<(u64, &str)> = limited
        .into_iter()
        .filter_map(|(name, used)| {
            let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
            // The soft limit comes first, as a number or `unlimited`.
            Some((line.split_whitespace().next()?.parse().ok()?, used))
        })
        .collect();
    if limited.is_empty() {
        return None;
    }
    let status = read_to_string(root.join("proc/self/status")).ok()?;
    let left = limited.into_iter().map(|(limit, used)| {
        let used = kilobytes(&status, used).unwrap_or(0);
        limit.saturating_sub(used)
    });
    left.min()
}

/// A number of a file of lines such as `MemAvailable:   1234 kB`, in bytes.
fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// What control group version 1 writes where there is no limit is a little below this.
const UNLIMITED: u64 = 1 << 62;

/// The files of one version of control groups.
struct Files {
    limit: &'static str,
    used: &'static str,
    /// Pages of files that the kernel drops when memory is wanted.
    droppable: &'static str,
}

const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    droppable: "total_inactive_file ",
};
const VERSION_2: Files = Files { limit: "memory.max", used: "memory.current", droppable: "inactive_file " };

/// The least that the process' control group and those around it leave.
fn control_groups(root: &Path) -> Option<u64> {
    let groups = read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mut least = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let (mount, files) = match controllers {
            "" => ("sys/fs/cgroup", VERSION_2),
            list if list.split(',').any(|name| name == "memory") => ("sys/fs/cgroup/memory", VERSION_1),
            _ => continue,
        };
        let mount = root.join(mount);
        for directory in upwards(&mount, path) {
            least = [least, left_in(&directory, &files)].into_iter().flatten().min();
        }
    }
    least
}

/// A group's directory and those above it, the mount included. In a container the path may be the
/// host's, and the mount is the group itself.
fn upwards(mount: &Path, path: &str) -> Vec<PathBuf> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts = if parts.contains(&"..") { &[] } else { parts.as_slice() };
    (0..=parts.len()).map(|depth| mount.join(parts[..depth].join("/"))).collect()
}

fn left_in(directory: &Path, files: &Files) -> Option<u64> {
    let number = |name: &str| read_to_string(directory.join(name)).ok()?.trim().parse::<u64>().ok();
    let limit = number(files.limit).filter(|limit| *limit < UNLIMITED)?;
    let used = number(files.used)?;
    let droppable = read_to_string(directory.join("memory.stat")).ok().and_then(|text| {
        text.lines().find_map(|line| line.strip_prefix(files.droppable))?.trim().parse::<u64>().ok()
    });
    Some(limit.saturating_sub(used.saturating_sub(droppable.unwrap_or(0))))
}
