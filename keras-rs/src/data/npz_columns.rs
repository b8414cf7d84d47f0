//! Which arrays of a `.npz` file are inputs, targets and sample weights.

use super::Columns;
use crate::error::{Error, Result};
use crate::tensor::{Tensor, TensorData};
use indexmap::IndexMap;

/// Inputs, targets and sample weights from arrays named `x`, `y`, `sample_weight`, or, for models
/// with several inputs or outputs, `x_<input>`, `y_<output>`, `sample_weight_<output>`.
///
/// Targets and sample weights may be missing.
///
/// # Errors
/// [`Error::Argument`] where there are no inputs, or both `x` and `x_<input>`;
/// [`Error::UnknownName`] for an array of any other name; those of [`Tensor::from_data`].
///
/// ```
/// use indexmap::IndexMap;
/// use keras_rs::TensorData;
/// use keras_rs::data::npz_columns;
///
/// let arrays = IndexMap::from([
///     ("x_left".to_string(), TensorData::from_values(&[1.0_f32, 2.0], vec![2])?),
///     ("x_right".to_string(), TensorData::from_values(&[3.0_f32, 4.0], vec![2])?),
///     ("y".to_string(), TensorData::from_values(&[0_i32, 1], vec![2])?),
/// ]);
/// let (x, y, sample_weight) = npz_columns(arrays)?;
/// assert_eq!((x.len(), y.len(), sample_weight.len()), (2, 1, 0));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn npz_columns(arrays: IndexMap<String, TensorData>) -> Result<(Columns, Columns, Columns)> {
    let mut parts = [Part::new("x"), Part::new("y"), Part::new("sample_weight")];
    for (name, data) in arrays {
        let Some((part, column)) = parts.iter_mut().find_map(|part| {
            let column = part.column(&name)?;
            Some((part, column))
        }) else {
            let known = ["x", "y", "sample_weight", "x_<input>", "y_<output>", "sample_weight_<output>"];
            return Err(Error::unknown_name("array", name, known));
        };
        let tensor = Tensor::from_data(data)?;
        match column {
            None => part.only = Some(tensor),
            Some(column) => drop(part.named.insert(column, tensor)),
        }
    }
    let [x, y, sample_weight] = parts;
    let x = x.columns()?;
    if x.is_none() {
        return Err(Error::argument("npz", "x", "an array `x`, or `x_<input>` for each input", "neither"));
    }
    Ok((x, y.columns()?, sample_weight.columns()?))
}

/// The arrays of one part: the one called as the part, and those that name a column.
struct Part {
    name: &'static str,
    only: Option<Tensor>,
    named: IndexMap<String, Tensor>,
}

impl Part {
    fn new(name: &'static str) -> Self {
        Self { name, only: None, named: IndexMap::new() }
    }

    /// Whether the array belongs to this part, and the name of its column.
    fn column(&self, array: &str) -> Option<Option<String>> {
        match array.strip_prefix(self.name)? {
            "" => Some(None),
            rest => match rest.strip_prefix('_') {
                Some(column) if !column.is_empty() => Some(Some(column.to_string())),
                _ => None,
            },
        }
    }

    fn columns(self) -> Result<Columns> {
        match (self.only, self.named.is_empty()) {
            (None, true) => Ok(Columns::None),
            (None, false) => Ok(Columns::Named(self.named)),
            (Some(tensor), true) => Ok(tensor.into()),
            (Some(_), false) => {
                let names: Vec<&String> = self.named.keys().collect();
                let expected = format!("either `{0}` or arrays `{0}_<name>`", self.name);
                Err(Error::argument("npz", self.name, expected, format!("both, with names {names:?}")))
            }
        }
    }
}

#[cfg(test)]
mod tests;
