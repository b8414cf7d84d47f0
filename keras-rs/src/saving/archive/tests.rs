#![allow(clippy::unwrap_used)]
use super::*;
use crate::{DType, TensorData};
use serde_json::json;
use std::io::Cursor;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)
}

#[test]
fn reads_what_keras_writes() {
    for file in ["formats/small.keras", "formats/deflated.keras"] {
        let mut archive = KerasArchive::open(fixture(file)).unwrap();
        assert_eq!(archive.config().unwrap()["class_name"], "Sequential");
        let kernel = archive.weights().unwrap().root().dataset("layers/dense/vars/0").unwrap();
        assert_eq!((kernel.dtype(), kernel.shape()), (DType::F32, &[4, 3][..]));
        assert_eq!(kernel.bytes()[4..8], 1f32.to_le_bytes());
    }
}

#[test]
fn what_is_written_reads_back() {
    let mut weights = Hdf5Writer::new();
    let kernel =
        TensorData::new(DType::F32, vec![2], [1.5f32, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect())
            .unwrap();
    weights.add_dataset("layers/dense/vars/0", kernel.clone()).unwrap();
    let config = json!({"class_name": "Sequential", "bound": crate::config::json::float(f64::INFINITY)});
    let mut out = Cursor::new(Vec::new());
    write_archive(&mut out, &json!({"keras_version": "3.15.1"}), &config, weights, "m.keras").unwrap();
    let bytes = out.into_inner();
    if let Ok(path) = std::env::var("KERAS_RS_WRITE_FORMATS") {
        std::fs::write(PathBuf::from(path).join("written.keras"), &bytes).unwrap();
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.keras");
    std::fs::write(&path, bytes).unwrap();
    let mut archive = KerasArchive::open(&path).unwrap();
    let order: Vec<&str> = archive.members.names().collect();
    assert_eq!(order, [METADATA, CONFIG, WEIGHTS]);
    assert_eq!(archive.config().unwrap(), config);
    assert_eq!(archive.weights().unwrap().root().dataset("layers/dense/vars/0").unwrap(), kernel);
}

#[test]
fn hostile_archives_are_refused() {
    for (file, said) in [
        ("escape_up", "expected members inside the archive"),
        ("escape_absolute", "expected members inside the archive"),
        ("escape_backslash", "expected members inside the archive"),
        ("escape_drive", "expected members inside the archive"),
        ("not_an_archive", "expected a sound ZIP archive"),
        ("no_config", ".keras!config.json: not a usable Keras file: expected this member, got none"),
        ("twice", "got a name twice"),
        ("encrypted", "got an encrypted one"),
        ("checksum", "hecksum"),
        ("claims_4_gib", "expected sizes that the archive can hold"),
        ("claims_less", "larger than its declared"),
        ("claims_more", "expected 2000 bytes"),
        ("stored_claims", "expected sizes that the archive can hold"),
    ] {
        let path = fixture(&format!("hostile/{file}.keras"));
        let error = KerasArchive::open(&path).and_then(|mut archive| archive.config()).unwrap_err();
        assert!(matches!(error, Error::Format { .. }) && error.to_string().contains(said), "{file}: {error}");
    }
    for file in ["weights_no_hdf5", "weights_cut"] {
        let mut archive = KerasArchive::open(fixture(&format!("hostile/{file}.keras"))).unwrap();
        let result = archive.weights().and_then(|weights| weights.root().dataset("layers/dense/vars/1"));
        assert!(matches!(result, Err(Error::Format { .. })), "{file}");
    }
    let mut archive = KerasArchive::open(fixture("hostile/overlapping.keras")).unwrap();
    let names: Vec<String> = archive.members.names().map(str::to_string).collect();
    let refused = names.iter().find_map(|name| archive.members.read(name, u64::MAX).err());
    assert!(matches!(refused, Some(Error::TooLarge { .. })), "{refused:?}");
}

#[test]
fn a_configuration_that_inflates_is_refused() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(CONFIG, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated))
        .unwrap();
    for _ in 0..65 {
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert!(bytes.len() < 100_000);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bomb.keras");
    std::fs::write(&path, bytes).unwrap();
    let mut archive = KerasArchive::open(&path).unwrap();
    assert!(matches!(archive.config(), Err(Error::TooLarge { limit: MAX_JSON, .. })));
}

const TARGET: &str = "KERAS_RS_ARCHIVE_TARGET";

/// Runs as a process of its own under a limit on the size of files, which fails like a full disk.
#[test]
#[ignore = "started by the test below"]
fn child_writes_to_a_full_disk() {
    let Ok(path) = std::env::var(TARGET) else { return };
    for size in [1000, 100_000, 1_000_000] {
        let mut weights = Hdf5Writer::new();
        let data = crate::TensorData::new(crate::DType::U8, vec![size], vec![1; size]).unwrap();
        weights.add_dataset("layers/dense/vars/0", data).unwrap();
        let result = crate::files::atomic::write_atomically(&path, |file| {
            write_archive(file, &Value::Null, &Value::Null, weights, &path)
        });
        assert_eq!(result.is_ok(), size < 10_000, "{size}");
        assert!(matches!(result, Ok(()) | Err(Error::Io { action: "write", .. })));
    }
    let arrays = [(
        "a".to_string(),
        crate::TensorData::new(crate::DType::U8, vec![1 << 20], vec![1; 1 << 20]).unwrap(),
    )];
    assert!(matches!(crate::npz::write(&path, &arrays.into()), Err(Error::Io { action: "write", .. })));
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_nothing_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "saving::archive::tests::child_writes_to_a_full_disk", "--ignored", "--nocapture"])
        .env(TARGET, directory.path().join("model.keras"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert!(!said.contains("ZipWriter"), "{said}");
}
