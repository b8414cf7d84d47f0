//! What the cases share: fixtures, backends, objects, comparing numbers.
#![allow(dead_code, reason = "each test target uses a part")]

pub mod layer;
pub mod losses;
pub mod metrics;
pub mod objects;
pub mod variables;

use keras_rs::config::{CustomObjects, Loading, Registered};
use keras_rs::{Backend, DType, Device, Tensor, TensorData};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The backends that every case runs on: those that `KERAS_RS_TEST_BACKENDS` names, else all that
/// are compiled in.
pub fn devices() -> Vec<Device> {
    let named = std::env::var("KERAS_RS_TEST_BACKENDS").unwrap_or_default();
    Backend::ALL
        .into_iter()
        .filter(|b| b.is_enabled() && (named.is_empty() || named.split(',').any(|n| n == b.name())))
        .map(|b| b.device().expect("an enabled backend starts"))
        .collect()
}

/// The folder of random cases that `tests/fixtures/layers/fuzz.py` wrote, where `KERAS_RS_FUZZ` names one.
pub fn fuzz() -> Option<String> {
    std::env::var("KERAS_RS_FUZZ").ok()
}

/// Makes an object of Keras' own classes from its configuration.
pub fn load<T: Registered>(object: &Value) -> keras_rs::Result<T> {
    let custom = CustomObjects::new();
    Loading::new(&custom).object(object, "case", "object")
}

/// An error with its causes.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

/// A file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A file or folder beside this crate's `Cargo.toml`.
pub fn fixture(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// The files of a folder and those in it, as paths within it.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, root, found),
                false => found.push(path.strip_prefix(root).unwrap().to_str().unwrap().into()),
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

pub fn json(path: &str) -> Value {
    let path = fixture(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Whether `got` equals `want` to `tolerance` of the largest expected value.
pub fn compare(what: &str, got: &Tensor, want: &TensorData, tolerance: f64) -> Result<(), String> {
    if got.shape() != want.shape() {
        return Err(format!("{what}: shape {:?}, expected {:?}", got.shape(), want.shape()));
    }
    if got.dtype() != want.dtype() {
        return Err(format!("{what}: data type {}, expected {}", got.dtype(), want.dtype()));
    }
    let got = got.to_f64_vec().map_err(|e| e.to_string())?;
    let want = floats(want);
    let scale = want.iter().copied().filter(|v| v.is_finite()).fold(1.0, |m: f64, v| m.max(v.abs()));
    let mut worst = 0.0_f64;
    for (i, (&g, &w)) in got.iter().zip(&want).enumerate() {
        if g == w || (g.is_nan() && w.is_nan()) {
            continue;
        }
        let off = (g - w).abs();
        if off.is_nan() || off > tolerance * scale {
            return Err(format!("{what}: element {i} is {g}, expected {w} (scale {scale})"));
        }
        worst = worst.max(off);
    }
    Ok(())
}

pub fn floats(data: &TensorData) -> Vec<f64> {
    data.to_f64().unwrap()
}

/// The tensors of a safetensors file by name.
pub struct Tensors {
    bytes: Vec<u8>,
    /// Where the values start: the header is read once, for files of thousands of tensors.
    start: usize,
    header: safetensors::tensor::Metadata,
}

impl Tensors {
    pub fn open(path: &str) -> Self {
        let bytes = std::fs::read(fixture(path)).expect("the fixture is committed");
        let (length, header) =
            safetensors::SafeTensors::read_metadata(&bytes).expect("the fixture is well-formed");
        Self { bytes, start: length + 8, header }
    }

    pub fn get(&self, name: &str) -> Option<TensorData> {
        let info = self.header.info(name)?;
        let dtype = match info.dtype {
            safetensors::Dtype::F16 => DType::F16,
            safetensors::Dtype::F32 => DType::F32,
            safetensors::Dtype::F64 => DType::F64,
            safetensors::Dtype::I32 => DType::I32,
            safetensors::Dtype::I64 => DType::I64,
            safetensors::Dtype::U8 => DType::U8,
            safetensors::Dtype::U32 => DType::U32,
            safetensors::Dtype::BOOL => DType::Bool,
            other => panic!("{name}: unexpected {other:?}"),
        };
        let (from, to) = info.data_offsets;
        let values = self.bytes[self.start + from..self.start + to].to_vec();
        Some(TensorData::new(dtype, info.shape.clone(), values).unwrap())
    }

    pub fn expect(&self, name: &str) -> TensorData {
        self.get(name).unwrap_or_else(|| panic!("the fixture has no {name}"))
    }
}

/// The first line in which two texts differ.
pub fn lines_differ(got: &str, want: &str) -> Option<String> {
    let (mut got, mut want) = (got.lines(), want.trim_end().lines());
    loop {
        match (got.next(), want.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => return Some(format!("\n  {}\n  {}", a.unwrap_or("(end)"), b.unwrap_or("(end)"))),
        }
    }
}
