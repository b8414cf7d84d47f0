#![allow(clippy::unwrap_used)]
use super::*;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const TARGET: &str = "KERAS_RS_ATOMIC_TARGET";

fn entries(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

fn save(path: &Path, byte: u8, len: usize) -> Result<()> {
    write_atomically(path, |file| {
        let chunk = [byte; 4096];
        (0..len / 4096).try_for_each(|_| file.write_all(&chunk)).map_err(|e| Error::io(path, "write", e))
    })
}

#[test]
fn writes_and_replaces() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.keras");
    for byte in [1, 2] {
        save(&path, byte, 8192).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), vec![byte; 8192]);
    }
    assert_eq!(entries(directory.path()), ["model.keras"]);
}

#[test]
fn an_error_leaves_the_old_file_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.keras");
    save(&path, 1, 4096).unwrap();
    let result = write_atomically(&path, |file| {
        file.write_all(b"half").map_err(|e| Error::io(&path, "write", e))?;
        Err(Error::argument("test", "x", "a", "b"))
    });
    assert!(matches!(result, Err(Error::Argument { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), vec![1; 4096]);
    assert_eq!(entries(directory.path()), ["model.keras"]);
}

#[test]
fn a_place_where_no_file_can_be_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for path in [directory.path().join("absent/model.keras"), file.join("model.keras")] {
        assert!(matches!(save(&path, 1, 1), Err(Error::Io { action: "create", .. })), "{}", path.display());
    }
    assert!(matches!(save(directory.path(), 1, 1), Err(Error::Argument { .. })));
    assert_eq!(entries(directory.path()), ["file"]);
}

#[cfg(unix)]
#[test]
fn permissions_are_those_of_any_file_or_of_the_replaced_one() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (path, plain) = (directory.path().join("model.keras"), directory.path().join("plain"));
    save(&path, 1, 4096).unwrap();
    std::fs::write(&plain, "x").unwrap();
    assert_eq!(mode(&path), mode(&plain));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    save(&path, 2, 4096).unwrap();
    assert_eq!(mode(&path), 0o640);
    let link = directory.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    save(&link, 3, 4096).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read(&path).unwrap(), vec![3; 4096]);
}

#[test]
fn files_of_others_and_of_writers_at_work_stay() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let others = [".keras-rs-notes.txt", ".other-abc.tmp", "model.keras.tmp"];
    others.iter().for_each(|name| std::fs::write(path(name), "x").unwrap());
    std::fs::create_dir(path(".keras-rs-folder.tmp")).unwrap();
    std::fs::write(path(".keras-rs-left00.tmp"), "x").unwrap();
    write_atomically(path("outer"), |file| {
        file.write_all(b"outer").map_err(|e| Error::io("outer", "write", e))?;
        // A second writer in the same directory, while the first is at work.
        save(&path("inner"), 2, 4096)
    })
    .unwrap();
    assert_eq!(std::fs::read(path("outer")).unwrap(), b"outer");
    let mut left = entries(directory.path());
    left.sort();
    let mut expected = others.to_vec();
    expected.extend([".keras-rs-folder.tmp", "inner", "outer"]);
    expected.sort_unstable();
    assert_eq!(left, expected);
}

/// Runs as a process of its own: replaces the file until it is killed.
#[test]
#[ignore = "started by the test below"]
fn child_replaces_the_file_for_ever() {
    let Ok(path) = std::env::var(TARGET) else { return };
    for byte in (0..=255).cycle() {
        save(Path::new(&path), byte, 1 << 20).unwrap();
    }
}

#[test]
fn killing_the_writer_leaves_one_version_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.keras");
    save(&path, 7, 1 << 20).unwrap();
    let mut interrupted = 0;
    for round in 0..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::atomic::tests::child_replaces_the_file_for_ever", "--ignored"])
            .env(TARGET, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + 7 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let content = std::fs::read(&path).unwrap();
        assert_eq!(content.len(), 1 << 20);
        assert!(content.iter().all(|byte| *byte == content[0]));
        interrupted += entries(directory.path()).iter().filter(|name| name.ends_with(".tmp")).count();
        // The next write, of whatever file, removes what was left over.
        save(&directory.path().join("other"), 1, 4096).unwrap();
        let mut left = entries(directory.path());
        left.sort();
        assert_eq!(left, ["model.keras", "other"]);
    }
    assert!(interrupted > 0, "no kill came in the middle of a write");
}

/// Runs as a process of its own under a limit on the size of files, which fails like a full disk.
#[test]
#[ignore = "started by the test below"]
fn child_runs_out_of_room() {
    let Ok(path) = std::env::var(TARGET) else { return };
    let error = save(Path::new(&path), 9, 1 << 20).unwrap_err();
    assert!(matches!(error, Error::Io { action: "write", .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn running_out_of_room_leaves_the_old_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.keras");
    save(&path, 7, 4096).unwrap();
    let status = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "files::atomic::tests::child_runs_out_of_room", "--ignored"])
        .env(TARGET, &path)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read(&path).unwrap(), vec![7; 4096]);
    assert_eq!(entries(directory.path()), ["model.keras"]);
}
