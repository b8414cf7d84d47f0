#![allow(clippy::unwrap_used)]
use super::*;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// A machine of the files given, path and content each.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    root
}

fn available(files: &[(&str, &str)]) -> Option<u64> {
    machine::available_below(tree(files).path())
}

const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:       8192 kB\nMemAvailable:       4096 kB\n");

#[test]
fn sizes_have_units() {
    for (text, bytes) in [
        ("1", 1),
        ("2GB", 2_000_000_000),
        ("2gib", 2 << 30),
        ("512MB", 512_000_000),
        ("512 m", 512 * MIB),
        (" 1.5KiB ", 1536),
        ("3t", 3 << 40),
    ] {
        assert_eq!(parse_size(text).unwrap(), bytes, "{text}");
    }
    for text in
        ["", "0", "GB", "-1", "1e9", "2 GB RAM", "1.2.3", "99999999999999999999", "9999999999TB", "0.1"]
    {
        assert!(matches!(parse_size(text), Err(Error::Argument { .. })), "{text}");
    }
}

#[test]
fn the_system_says_what_is_available() {
    assert_eq!(available(&[]), None);
    assert_eq!(available(&[MEMINFO]), Some(4 * MIB));
    assert_eq!(available(&[("proc/meminfo", "MemAvailable: many\n")]), None);
}

#[test]
fn control_groups_of_version_2_count_with_those_around_them() {
    let group = ("proc/self/cgroup", "0::/a/b\n");
    let inner = ("sys/fs/cgroup/a/b/memory.max", "max\n");
    let outer = [
        ("sys/fs/cgroup/a/memory.max", "3145728\n"),
        ("sys/fs/cgroup/a/memory.current", "2097152\n"),
        ("sys/fs/cgroup/a/memory.stat", "anon 1048576\ninactive_file 1048576\n"),
    ];
    assert_eq!(available(&[MEMINFO, group, inner, outer[0], outer[1]]), Some(MIB));
    // Files that the kernel would drop are no reason to refuse.
    assert_eq!(available(&[MEMINFO, group, inner, outer[0], outer[1], outer[2]]), Some(2 * MIB));
    // In a container the group is the mount itself, whatever the path says.
    for path in ["0::/\n", "0::/docker/0123\n", "0::/../outside\n"] {
        let mount = [("sys/fs/cgroup/memory.max", "2097152\n"), ("sys/fs/cgroup/memory.current", "0\n")];
        assert_eq!(available(&[MEMINFO, ("proc/self/cgroup", path), mount[0], mount[1]]), Some(2 * MIB));
    }
}

#[test]
fn control_groups_of_version_1_count_too() {
    let groups = ("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n0::/\n");
    let used = ("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1048576\n");
    let limited = ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3145728\n");
    let unlimited = ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    assert_eq!(available(&[MEMINFO, groups, limited, used]), Some(2 * MIB));
    assert_eq!(available(&[MEMINFO, groups, unlimited, used]), Some(4 * MIB));
}

#[test]
fn the_address_space_is_what_the_limits_leave() {
    let status = ("proc/self/status", "VmSize:\t    1024 kB\nVmData:\t     512 kB\n");
    let limits = |space: &str, data: &str| {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max data size             {data}            unlimited            bytes     \n\
             Max address space         {space}            unlimited            bytes     \n"
        )
    };
    for (space, data, left) in [
        ("unlimited", "unlimited", None),
        ("2097152", "unlimited", Some(MIB)),
        ("4194304", "1048576", Some(MIB / 2)),
        ("1000", "unlimited", Some(0)),
    ] {
        let root = tree(&[status, ("proc/self/limits", &limits(space, data))]);
        assert_eq!(machine::address_space_below(root.path()), left, "{space} {data}");
    }
    assert_eq!(machine::address_space_below(Path::new("/absent")), None);
}
