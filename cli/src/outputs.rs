//! Outputs of a model, written to a file in the format that its extension names.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use indexmap::IndexMap;
use keras_rs::{Tensor, npz};
use safetensors::tensor::{Dtype, TensorView};

use crate::files::write_atomically;
use crate::report::nested;
use crate::usage::Usage;

/// The format of a file of outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Format {
    /// One row a sample, one column a number.
    Csv,
    /// NumPy's array; one output only.
    Npy,
    /// NumPy's arrays by name.
    Npz,
    /// Nested lists by name.
    Json,
    Safetensors,
}

impl Format {
    /// By the extension of the file's name.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Ok(Self::Csv),
            "npy" => Ok(Self::Npy),
            "npz" => Ok(Self::Npz),
            "json" => Ok(Self::Json),
            "safetensors" => Ok(Self::Safetensors),
            _ => Err(Usage::error(format!(
                "outputs are written as .csv, .npy, .npz, .json or .safetensors, not to {}",
                path.display()
            ))),
        }
    }

    /// Writes outputs under their names; if two have the same name, the last is kept, as in a Python dict.
    pub(crate) fn write(self, path: &Path, outputs: &[(String, Tensor)], samples: &[String]) -> Result<()> {
        match self {
            Self::Csv => write_atomically(path, csv(outputs, samples)?.as_bytes()),
            Self::Json => {
                let arrays: Result<serde_json::Map<_, _>> =
                    outputs.iter().map(|(name, tensor)| Ok((name.clone(), nested(tensor)?))).collect();
                let value = serde_json::json!({"outputs": arrays?});
                write_atomically(path, format!("{value}\n").as_bytes())
            }
            Self::Safetensors => write_atomically(path, &safetensors(outputs)?),
            Self::Npz => {
                let mut arrays = IndexMap::new();
                for (name, tensor) in outputs {
                    arrays.insert(name.clone(), tensor.to_data()?);
                }
                npz::write(path, &arrays).with_context(|| format!("cannot write {}", path.display()))
            }
            Self::Npy => match outputs {
                [(_, tensor)] => npz::write_npy(path, &tensor.to_data()?)
                    .with_context(|| format!("cannot write {}", path.display())),
                _ => Err(Usage::error(format!(
                    "an .npy file holds one array, but the model has {} outputs; write an .npz file",
                    outputs.len()
                ))),
            },
        }
    }
}

/// A row for each sample with its name; columns are named after the output and the place in it.
fn csv(outputs: &[(String, Tensor)], samples: &[String]) -> Result<String> {
    let mut header = String::from("sample");
    let mut columns = Vec::new();
    for (name, tensor) in outputs {
        let width: usize = tensor.shape().iter().skip(1).product();
        match tensor.rank() {
            0 | 1 => write!(header, ",{}", quoted(name))?,
            _ => (0..width).try_for_each(|at| write!(header, ",{}", quoted(&format!("{name}_{at}"))))?,
        }
        columns.push((width, tensor.to_f64_vec()?, tensor.dtype()));
    }
    let mut text = header + "\n";
    for (row, sample) in samples.iter().enumerate() {
        text += &quoted(sample);
        for (width, values, dtype) in &columns {
            for value in values.iter().skip(row * width).take(*width) {
                match dtype {
                    keras_rs::DType::F32 => write!(text, ",{}", *value as f32)?,
                    _ => write!(text, ",{value}")?,
                }
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// A field as RFC 4180 has it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

fn safetensors(outputs: &[(String, Tensor)]) -> Result<Vec<u8>> {
    let data =
        outputs.iter().map(|(name, tensor)| Ok((name, tensor.to_data()?))).collect::<Result<Vec<_>>>()?;
    let mut views = IndexMap::new();
    for (name, data) in &data {
        let dtype = match data.dtype().to_string().as_str() {
            "float64" => Dtype::F64,
            "float16" => Dtype::F16,
            "bfloat16" => Dtype::BF16,
            "int64" => Dtype::I64,
            "int32" => Dtype::I32,
            "int16" => Dtype::I16,
            "int8" => Dtype::I8,
            "uint64" => Dtype::U64,
            "uint32" => Dtype::U32,
            "uint16" => Dtype::U16,
            "uint8" => Dtype::U8,
            "bool" => Dtype::BOOL,
            _ => Dtype::F32,
        };
        views.insert(name.as_str(), TensorView::new(dtype, data.shape().to_vec(), data.bytes())?);
    }
    Ok(safetensors::serialize(views, None)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn rows_of_csv() {
        let y = Tensor::from_vec(vec![0.1_f32, 0.9, 1e-9, 1.0], [2, 2]).unwrap();
        let count = Tensor::from_vec(vec![3_i32, 4], [2]).unwrap();
        let outputs = [("y".to_string(), y), ("count".to_string(), count)];
        let text = csv(&outputs, &["a.png".into(), "b, \"c\".png".into()]).unwrap();
        assert_eq!(text, "sample,y_0,y_1,count\na.png,0.1,0.9,3\n\"b, \"\"c\"\".png\",0.000000001,1,4\n");
    }

    #[test]
    fn names_without_a_known_end_are_refused() {
        assert_eq!(Format::of("Y.NPZ".as_ref()).unwrap(), Format::Npz);
        assert!(Format::of("y.txt".as_ref()).unwrap_err().to_string().contains("not to y.txt"));
        assert!(Format::of("y".as_ref()).is_err());
    }
}
