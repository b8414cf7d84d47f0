//! Arrays from `.npy` and `.npz` files, assigned to a model's inputs.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use keras_rs::{Model, Tensor, TensorData, npz};

/// Where arrays come from.
pub(crate) enum Arrays<'a> {
    /// A `.npy` or `.npz` file.
    File(&'a Path),
    /// The bytes of such a file, from stdin.
    Bytes(&'a [u8]),
}

/// First bytes of `.npy` files and of ZIP archives, which `.npz` files are.
const NPY: &[u8] = b"\x93NUMPY";
const ZIP: &[u8] = b"PK";

/// Whether the file holds arrays, by its extension.
pub(crate) fn is_array_file(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    extension.eq_ignore_ascii_case("npy") || extension.eq_ignore_ascii_case("npz")
}

/// Whether the bytes are those of a file of arrays.
pub(crate) fn are_arrays(bytes: &[u8]) -> bool {
    bytes.starts_with(NPY) || bytes.starts_with(ZIP)
}

impl Arrays<'_> {
    /// What errors call them.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Bytes(_) => "stdin".into(),
        }
    }

    /// The arrays by name; that of a `.npy` file has none.
    fn read(&self) -> Result<IndexMap<String, TensorData>> {
        let single = |data| IndexMap::from([(String::new(), data)]);
        Ok(match self {
            Self::File(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy")) => {
                single(npz::read_npy(path)?)
            }
            Self::File(path) => npz::read(path)?,
            Self::Bytes(bytes) if bytes.starts_with(NPY) => single(npz::npy_from_bytes(bytes.to_vec())?),
            Self::Bytes(bytes) => npz::from_bytes(bytes)?,
        })
    }
}

/// The tensors in the order of the model's inputs.
pub(crate) fn read(model: &Model, arrays: &Arrays<'_>) -> Result<Vec<Tensor>> {
    // A `Sequential` without an input shape has one input without a name.
    let names = if model.is_built() { model.input_names()? } else { vec![String::new()] };
    let fit = || format!("{} does not fit", arrays.name());
    let assigned = assign(&names, &mut arrays.read()?).with_context(fit)?;
    assigned.into_iter().map(|data| Ok(Tensor::from_data(data)?)).collect()
}

/// An array for each input: by name, as `x_<input>`, as `x` for the only input, or the only array for the only input.
///
/// Names that NumPy and Keras generate (`arr_0`, `keras_tensor_3`) do not identify an input, so such arrays are
/// assigned in the file's order. Targets and weights of samples, which data for training have, are not looked at.
fn assign(names: &[String], arrays: &mut IndexMap<String, TensorData>) -> Result<Vec<TensorData>> {
    let held = arrays.keys().cloned().collect::<Vec<_>>().join(", ");
    arrays.retain(|array, _| names.contains(array) || !is_target(array));
    if names.len() == 1 && arrays.len() == 1 {
        return Ok(arrays.drain(..).map(|(_, data)| data).collect());
    }
    let mut take = |name: &String| {
        let own = arrays.shift_remove(name).or_else(|| arrays.shift_remove(&format!("x_{name}")));
        own.or_else(|| if names.len() == 1 { arrays.shift_remove("x") } else { None })
    };
    let named: Vec<Option<TensorData>> = names.iter().map(&mut take).collect();
    let mut counted = arrays.drain(..).filter(|(name, _)| is_counted(name)).map(|(_, data)| data);
    let mut assigned = Vec::new();
    for (name, data) in names.iter().zip(named) {
        match data.or_else(|| counted.next()) {
            Some(data) => assigned.push(data),
            None => bail!(
                "there is no array for the input {name}: the model's inputs are {}; the file holds {held}",
                names.join(", ")
            ),
        }
    }
    Ok(assigned)
}

/// Whether an array holds targets or weights of samples.
fn is_target(array: &str) -> bool {
    ["y", "sample_weight"]
        .iter()
        .any(|part| array.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')))
}

fn is_counted(name: &str) -> bool {
    let number = ["arr", "keras_tensor"].iter().find_map(|stem| name.strip_prefix(stem));
    number.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('_').is_some_and(|n| n.parse::<u32>().is_ok())
    })
}
