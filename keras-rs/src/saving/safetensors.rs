//! Files in the safetensors format: a JSON table of contents, then the bytes of every tensor.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::files::elements::Element;
use crate::tensor::TensorData;
use indexmap::IndexMap;
use safetensors::tensor::{Dtype, SafeTensors};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

const FORMAT: &str = "safetensors";

/// Tensors of a file by name, and the file's own metadata.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Contents {
    /// Tensors in the order of their data.
    pub(crate) tensors: IndexMap<String, TensorData>,
    /// Free strings; `format` says what wrote the file.
    pub(crate) metadata: HashMap<String, String>,
}

/// Reads a file.
///
/// # Errors
/// [`Error::Io`] where it cannot be read, [`Error::Format`] where it is damaged or holds
/// elements that tensors lack.
pub(crate) fn read_safetensors(path: impl AsRef<Path>) -> Result<Contents> {
    let path = path.as_ref();
    let bytes = crate::files::whole::read_whole(path)?;
    from_bytes(&bytes, path)
}

/// Reads a file in memory; errors name `path`.
///
/// # Errors
/// [`Error::Format`] where it is damaged or holds elements that tensors lack.
pub(crate) fn from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<Contents> {
    let path = path.as_ref();
    let damaged = |e| Error::format(path, FORMAT, "a sound file", e);
    let (_, table) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    // Every tensor is copied out of the file's bytes.
    crate::limits::check_buffers(&path.display().to_string(), bytes.len() as u64)?;
    let mut tensors = IndexMap::new();
    for name in table.offset_keys() {
        let view = file.tensor(&name).map_err(damaged)?;
        let refuse =
            |expected: &str, got: String| Error::format(path, FORMAT, format!("{name}: {expected}"), got);
        let element =
            element(view.dtype()).ok_or_else(|| refuse("a known element type", view.dtype().to_string()))?;
        let values = element
            .decode(view.data().to_vec(), false)
            .ok_or_else(|| refuse("integers that fit into int64", "a larger unsigned integer".into()))?;
        tensors.insert(name, TensorData::new(element.dtype(), view.shape().to_vec(), values)?);
    }
    Ok(Contents { tensors, metadata: table.metadata().clone().unwrap_or_default() })
}

/// What the table of contents of a file says.
#[derive(Debug)]
pub(crate) struct FileTable {
    /// Shapes and types of tensors in the order of their data.
    pub(crate) tensors: IndexMap<String, (Vec<usize>, DType)>,
    /// Free strings.
    pub(crate) metadata: HashMap<String, String>,
}

/// Reads a file's table of contents.
///
/// # Errors
/// As [`read_safetensors`].
pub(crate) fn read_table(path: &Path) -> Result<FileTable> {
    let bytes = crate::files::whole::read_whole(path)?;
    let (_, table) =
        SafeTensors::read_metadata(&bytes).map_err(|e| Error::format(path, FORMAT, "a sound file", e))?;
    let mut tensors = IndexMap::new();
    for name in table.offset_keys() {
        let Some(info) = table.info(&name) else { continue };
        let element = element(info.dtype).ok_or_else(|| {
            Error::format(path, FORMAT, format!("{name}: a known element type"), info.dtype)
        })?;
        tensors.insert(name, (info.shape.clone(), element.dtype()));
    }
    Ok(FileTable { tensors, metadata: table.metadata().clone().unwrap_or_default() })
}

/// Writes tensors in the given order; errors name `path`.
///
/// The metadata is `{"format": "keras"}`.
///
/// # Errors
/// [`Error::Io`] where writing fails.
pub(crate) fn write_safetensors(
    out: &mut impl Write,
    tensors: &IndexMap<String, TensorData>,
    path: impl AsRef<Path>,
) -> Result<()> {
    let mut table = serde_json::Map::new();
    table.insert("__metadata__".into(), serde_json::json!({"format": "keras"}));
    let mut start = 0;
    for (name, data) in tensors {
        let end = start + data.bytes().len();
        let (dtype, shape) = (dtype_name(data.dtype()), data.shape());
        let entry = serde_json::json!({"dtype": dtype, "shape": shape, "data_offsets": [start, end]});
        table.insert(name.clone(), entry);
        start = end;
    }
    let mut header = serde_json::Value::Object(table).to_string();
    // Data begins at a multiple of eight bytes, for readers that map it.
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    let mut write = || {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        tensors.values().try_for_each(|data| out.write_all(data.bytes()))
    };
    write().map_err(|e| Error::io(path, "write", e))
}

fn element(dtype: Dtype) -> Option<Element> {
    Some(match dtype {
        Dtype::F16 => Element::Same(DType::F16),
        Dtype::BF16 => Element::Same(DType::BF16),
        Dtype::F32 => Element::Same(DType::F32),
        Dtype::F64 => Element::Same(DType::F64),
        Dtype::I8 => Element::I8,
        Dtype::I16 => Element::I16,
        Dtype::I32 => Element::Same(DType::I32),
        Dtype::I64 => Element::Same(DType::I64),
        Dtype::U8 => Element::Same(DType::U8),
        Dtype::U16 => Element::U16,
        Dtype::U32 => Element::Same(DType::U32),
        Dtype::U64 => Element::U64,
        Dtype::BOOL => Element::Same(DType::Bool),
        _ => return None,
    })
}

fn dtype_name(dtype: DType) -> &'static str {
    match dtype {
        DType::F16 => "F16",
        DType::BF16 => "BF16",
        DType::F32 => "F32",
        DType::F64 => "F64",
        DType::I32 => "I32",
        DType::I64 => "I64",
        DType::U8 => "U8",
        DType::U32 => "U32",
        DType::Bool => "BOOL",
    }
}

#[cfg(test)]
mod tests;
