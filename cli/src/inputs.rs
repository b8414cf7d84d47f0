//! Arrays from `.npy` and `.npz` files, assigned to a model's inputs.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use keras_rs::{Model, Tensor, TensorData, npz};

/// Whether the file holds arrays, by its extension.
pub(crate) fn is_array_file(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    extension.eq_ignore_ascii_case("npy") || extension.eq_ignore_ascii_case("npz")
}

/// The tensors of the file in the order of the model's inputs.
pub(crate) fn read(model: &Model, path: &Path) -> Result<Vec<Tensor>> {
    let is_npy = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npy"));
    let mut arrays =
        if is_npy { IndexMap::from([(String::new(), npz::read_npy(path)?)]) } else { npz::read(path)? };
    // A `Sequential` without an input shape has one input without a name.
    let names = if model.is_built() { model.input_names()? } else { vec![String::new()] };
    let assigned = assign(&names, &mut arrays).with_context(|| format!("{} does not fit", path.display()))?;
    assigned.into_iter().map(|data| Ok(Tensor::from_data(data)?)).collect()
}

/// An array for each input: by name, or the only one for the only input.
///
/// Names that NumPy and Keras generate (`arr_0`, `keras_tensor_3`) do not identify an input, so such arrays are
/// assigned in the file's order.
fn assign(names: &[String], arrays: &mut IndexMap<String, TensorData>) -> Result<Vec<TensorData>> {
    if names.len() == 1 && arrays.len() == 1 {
        return Ok(arrays.drain(..).map(|(_, data)| data).collect());
    }
    let held = arrays.keys().cloned().collect::<Vec<_>>().join(", ");
    let named: Vec<Option<TensorData>> = names.iter().map(|name| arrays.shift_remove(name)).collect();
    let mut counted = arrays.drain(..).filter(|(name, _)| is_counted(name)).map(|(_, data)| data);
    let assigned: Option<Vec<TensorData>> =
        named.into_iter().map(|data| data.or_else(|| counted.next())).collect();
    match assigned {
        Some(assigned) => Ok(assigned),
        None => bail!("the model's inputs are {}; the file holds {held}", names.join(", ")),
    }
}

fn is_counted(name: &str) -> bool {
    let number = ["arr", "keras_tensor"].iter().find_map(|stem| name.strip_prefix(stem));
    number.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('_').is_some_and(|n| n.parse::<u32>().is_ok())
    })
}
