#![allow(clippy::unwrap_used)]
use super::*;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(name)
}

#[test]
fn reads_what_python_writes() {
    let contents = read_safetensors(fixture("formats/types.safetensors")).unwrap();
    assert_eq!(contents.metadata["format"], "np");
    for (name, dtype) in [
        ("float16", DType::F16),
        ("float32", DType::F32),
        ("float64", DType::F64),
        ("int8", DType::I32),
        ("int16", DType::I32),
        ("int32", DType::I32),
        ("int64", DType::I64),
        ("uint8", DType::U8),
        ("uint16", DType::I32),
        ("uint32", DType::U32),
        ("bool", DType::Bool),
    ] {
        let tensor = &contents.tensors[&format!("layer/{name}")];
        assert_eq!((tensor.dtype(), tensor.shape()), (dtype, &[2, 3][..]), "{name}");
    }
    let int32 = (0..6).flat_map(i32::to_le_bytes).collect::<Vec<u8>>();
    assert_eq!(contents.tensors["layer/int8"].bytes(), int32);
    assert_eq!(contents.tensors["layer/uint16"].bytes(), int32);
    assert_eq!(contents.tensors["scalar"].bytes(), 3f32.to_le_bytes());
    assert_eq!(contents.tensors["empty"].shape(), [0, 5]);
}

#[test]
fn what_is_written_reads_back() {
    let tensors: IndexMap<String, TensorData> = DType::ALL
        .into_iter()
        .map(|dtype| {
            (format!("dense/{dtype}"), TensorData::new(dtype, vec![3, 2], vec![1; 6 * dtype.size()]).unwrap())
        })
        .chain([("empty".into(), TensorData::new(DType::F32, vec![2, 0], vec![]).unwrap())])
        .chain([("größe".into(), TensorData::new(DType::I64, vec![], vec![5; 8]).unwrap())])
        .collect();
    let mut bytes = Vec::new();
    write_safetensors(&mut bytes, &tensors, "x.safetensors").unwrap();
    if let Ok(path) = std::env::var("KERAS_RS_WRITE_FORMATS") {
        std::fs::write(PathBuf::from(path).join("written.safetensors"), &bytes).unwrap();
    }
    let contents = from_bytes(&bytes, "x.safetensors").unwrap();
    assert_eq!(contents.metadata["format"], "keras");
    assert_eq!(contents.tensors, tensors);
}

#[test]
fn hostile_tables_are_refused() {
    let directory = std::fs::read_dir(fixture("hostile")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        directory.filter(|path| path.extension().is_some_and(|e| e == "safetensors")).collect();
    assert_eq!(files.len(), 11);
    for file in files {
        assert!(matches!(read_safetensors(&file), Err(Error::Format { .. })), "{}", file.display());
    }
}
