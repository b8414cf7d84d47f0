//! NumPy's `.npy` and `.npz` files.
//!
//! Numbers and truth values only: arrays of Python objects would have to be unpickled, which
//! runs code from the file, and are refused. Integer types that tensors lack become the next
//! wider one that holds every value.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::files::members::Members;
use crate::files::until_failure::UntilFailure;
use crate::tensor::TensorData;
use indexmap::IndexMap;
use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Seek, Write};
use std::path::Path;

mod header;

const FORMAT: &str = "npz";

/// Reads the arrays of a `.npz` file by name, in the file's order.
///
/// ```
/// use indexmap::IndexMap;
/// use keras_rs::{DType, TensorData, npz};
///
/// let path = std::env::temp_dir().join(format!("keras-rs-doc-{}.npz", std::process::id()));
/// let x = TensorData::new(DType::U8, vec![2, 2], vec![1, 2, 3, 4])?;
/// npz::write(&path, &IndexMap::from([("x".to_string(), x.clone())]))?;
/// assert_eq!(npz::read(&path)?["x"], x);
/// # std::fs::remove_file(&path).ok();
/// # Ok::<(), keras_rs::Error>(())
/// ```
///
/// # Errors
/// [`Error::Io`] where the file cannot be read; [`Error::Format`] where it is damaged or holds
/// arrays of other things than numbers; [`Error::TooLarge`] where it unpacks to more than its
/// size explains.
pub fn read(path: impl AsRef<Path>) -> Result<IndexMap<String, TensorData>> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|e| Error::io(path, "open", e))?;
    read_members(file, path)
}

/// Reads the arrays of a `.npz` file that is in memory.
///
/// # Errors
/// Those of [`read`].
pub fn from_bytes(bytes: &[u8]) -> Result<IndexMap<String, TensorData>> {
    read_members(Cursor::new(bytes), Path::new("npz in memory"))
}

fn read_members(reader: impl Read + Seek, path: &Path) -> Result<IndexMap<String, TensorData>> {
    let mut members = Members::open(reader, path, FORMAT)?;
    let names: Vec<String> = members.names().map(str::to_string).collect();
    let mut arrays = IndexMap::new();
    for member in names {
        let path = members.location(&member);
        let Some(name) = member.strip_suffix(".npy") else {
            return Err(Error::format(path, FORMAT, "members that end in .npy", member));
        };
        if let Some(bytes) = members.read(&member, u64::MAX)? {
            arrays.insert(name.to_string(), header::parse_npy(bytes, &path)?);
        }
    }
    Ok(arrays)
}

/// Reads the array of a `.npy` file.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read; [`Error::Format`] where it is damaged or holds
/// an array of other things than numbers.
pub fn read_npy(path: impl AsRef<Path>) -> Result<TensorData> {
    let path = path.as_ref();
    let bytes = crate::files::whole::read_whole(path)?;
    header::parse_npy(bytes, path)
}

/// Reads an array from the bytes of a `.npy` file.
///
/// # Errors
/// Those of [`read_npy`].
pub fn npy_from_bytes(bytes: Vec<u8>) -> Result<TensorData> {
    header::parse_npy(bytes, Path::new("npy in memory"))
}

/// Writes arrays to a `.npz` file, uncompressed, as NumPy's `savez` does.
///
/// The file appears whole or not at all. `bfloat16`, which NumPy lacks, is written as `float32`.
///
/// # Errors
/// [`Error::Io`] where the file cannot be written.
pub fn write(path: impl AsRef<Path>, arrays: &IndexMap<String, TensorData>) -> Result<()> {
    let path = path.as_ref();
    write_atomically(path, |file| {
        let mut zip = zip::ZipWriter::new(UntilFailure::new(BufWriter::new(file)));
        for (name, data) in arrays {
            // NumPy, too, reserves room for sizes beyond 4 GiB.
            let options = zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored)
                .last_modified_time(zip::DateTime::default())
                .large_file(true);
            let failed = |e: zip::result::ZipError| Error::io(path, "write", e.into());
            zip.start_file(format!("{name}.npy"), options).map_err(failed)?;
            write_array(&mut zip, data).map_err(|e| Error::io(path, "write", e))?;
        }
        let mut out = zip.finish().map_err(|e| Error::io(path, "write", e.into()))?;
        out.flush().map_err(|e| Error::io(path, "write", e))
    })
}

/// Writes an array to a `.npy` file; it appears whole or not at all.
///
/// # Errors
/// [`Error::Io`] where the file cannot be written.
pub fn write_npy(path: impl AsRef<Path>, data: &TensorData) -> Result<()> {
    let path = path.as_ref();
    write_atomically(path, |file| write_array(file, data).map_err(|e| Error::io(path, "write", e)))
}

fn write_array(out: &mut impl Write, data: &TensorData) -> std::io::Result<()> {
    if data.dtype() != DType::BF16 {
        out.write_all(&header::write_header(data.dtype(), data.shape()))?;
        return out.write_all(data.bytes());
    }
    out.write_all(&header::write_header(DType::F32, data.shape()))?;
    let widened: Vec<u8> = data.bytes().chunks_exact(2).flat_map(|b| [0, 0, b[0], b[1]]).collect();
    out.write_all(&widened)
}

#[cfg(test)]
mod tests;
