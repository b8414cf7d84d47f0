//! No file, however damaged, makes a reader panic, hang or fill the memory.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../../../tests/src/hostile.rs"]
mod corpus;

use super::archive::KerasArchive;
use super::hdf5::{Group, Hdf5File, on_deep_stack};
use super::safetensors;
use crate::config::json::parse_json;
use crate::data::npz;
use crate::error::Result;
use corpus::{Case, committed, damaged, fixtures};
use std::process::Command;
use std::time::{Duration, Instant};

const IN_CHILD: &str = "KERAS_RS_HOSTILE";
/// Damaged copies of each honest file; `KERAS_RS_HOSTILE` may ask for more.
const COPIES: usize = 600;
const TIME: Duration = Duration::from_secs(5);
/// Memory beyond what the process had before: no file of the corpus has more than 120 KiB.
const MEMORY_KIB: u64 = 192 << 10;

/// The work is done by a process of its own: an overflowing stack or an allocation that fails
/// ends the whole process, and the memory of other tests must not count.
#[test]
fn hostile_files_end_in_errors_within_bounds() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "saving::tests::child_reads_hostile_files", "--ignored", "--nocapture"])
        .env(IN_CHILD, COPIES.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last: Vec<&str> = said.lines().rev().take(20).collect();
    assert!(output.status.success(), "{}: latest first:\n{}", output.status, last.join("\n"));
}

#[test]
#[ignore = "started by the test above"]
fn child_reads_hostile_files() {
    let Ok(copies) = std::env::var(IN_CHILD) else { return };
    let copies: usize = copies.parse().unwrap();
    for case in committed() {
        check(&case.name.clone(), &case);
    }
    for name in [
        "small.keras",
        "deflated.keras",
        "small.h5",
        "small.weights.h5",
        "types.weights.h5",
        "attributes.h5",
        "earliest.h5",
        "latest.h5",
        "stored.npz",
        "deflated.npz",
        "version1.npy",
        "types.safetensors",
    ] {
        let honest = std::fs::read(fixtures("formats").join(name)).unwrap();
        assert!(read(name, &honest).is_ok(), "{name} is honest");
        damaged(name, &honest, copies, 20_240_229).for_each(|case| check(name, &case));
    }
    let mut archive = KerasArchive::open(fixtures("formats").join("small.keras")).unwrap();
    let config = archive.config().unwrap().to_string().into_bytes();
    damaged("config.json", &config, copies, 1).for_each(|case| check("config.json", &case));
}

fn check(name: &str, case: &Case) {
    eprintln!("{}", case.name);
    let before = reset_peak_kib();
    let start = Instant::now();
    // An error or not: a flipped bit may do no harm.
    let _ = read(name, &case.bytes);
    let time = start.elapsed();
    assert!(time < TIME, "{}: {time:?}", case.name);
    if let (Some(before), Some(peak)) = (before, status_kib("VmHWM:")) {
        let grown = peak.saturating_sub(before);
        assert!(grown < MEMORY_KIB, "{}: {grown} KiB", case.name);
    }
}

/// Reads everything that a file offers.
fn read(name: &str, bytes: &[u8]) -> Result<()> {
    let bytes = bytes.to_vec();
    match name.rsplit('.').next() {
        Some("h5") => read_hdf5(Hdf5File::from_bytes(bytes, name)?),
        Some("keras") => {
            let path = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(&path, &bytes).unwrap();
            // Its answer depends on more than the bytes: whether classes are known.
            let _ = super::inspect(&path);
            read_archive(KerasArchive::open(&path)?)
        }
        Some("npz") => npz::from_bytes(&bytes).map(|_| ()),
        Some("npy") => npz::npy_from_bytes(bytes).map(|_| ()),
        Some("safetensors") => safetensors::from_bytes(&bytes, name).map(|_| ()),
        Some("json") => parse_json(&bytes, name).map(|_| ()),
        _ => panic!("{name}: no reader"),
    }
}

fn read_archive(mut archive: KerasArchive) -> Result<()> {
    let config = archive.config().map(|_| ());
    read_hdf5(archive.weights()?)?;
    config
}

fn read_hdf5(file: Hdf5File) -> Result<()> {
    on_deep_stack(|| {
        let mut visits = 300;
        read_group(&file.root(), &mut visits)
    })
}

fn read_group(group: &Group, visits: &mut usize) -> Result<()> {
    if *visits == 0 {
        return Ok(());
    }
    *visits -= 1;
    let mut result = Ok(());
    for name in ["name", "model_config", "layer_names", "weight_names", "list", "compound"] {
        // Most are of another kind or absent, also in honest files.
        let _ = (group.attr_str(name), group.attr_strs(name));
    }
    for name in group.datasets()? {
        let _ = group.dataset_info(&name);
        let read = group.dataset(&name).map(|_| ());
        // Honest files of the corpus hold a few datasets that are no tensors.
        if !["large_unsigned", "text", "complex"].contains(&name.as_str()) {
            result = result.and(read);
        }
    }
    for name in group.groups()? {
        result = result.and(read_group(&group.group(&name)?, visits));
    }
    result
}

/// Makes the peak start from what is in use now, and tells that; `None` where the system cannot.
fn reset_peak_kib() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    status_kib("VmRSS:")
}

fn status_kib(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
