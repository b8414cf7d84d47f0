//! The JSON of an answer to `:predict`, as TensorFlow Serving defines it.

use keras_rs::{DType, Result, Tensor};

use super::body::Format;

/// The text for outputs with their names. One output stands alone, several in objects by name.
///
/// Numbers that are not finite are written `NaN`, `Infinity` and `-Infinity` as TensorFlow Serving does; Python reads them.
pub(crate) fn write(outputs: &[(&str, Tensor)], format: Format) -> Result<String> {
    let arrays = outputs.iter().map(|(name, tensor)| Array::of(name, tensor)).collect::<Result<Vec<_>>>()?;
    let mut text = String::new();
    match (format, arrays.as_slice()) {
        (Format::Columns, [array]) => {
            text += "{\"outputs\":";
            array.write(&mut text, 0, 0..array.count);
        }
        (Format::Columns, arrays) => {
            text += "{\"outputs\":{";
            for (i, array) in arrays.iter().enumerate() {
                text += if i > 0 { "," } else { "" };
                text += &array.key;
                array.write(&mut text, 0, 0..array.count);
            }
            text.push('}');
        }
        (Format::Rows, arrays) => {
            text += "{\"predictions\":[";
            let rows = arrays.first().and_then(|array| array.shape.first().copied()).unwrap_or(0);
            for row in 0..rows {
                text += if row > 0 { "," } else { "" };
                match arrays {
                    [array] => array.write_row(&mut text, row),
                    arrays => {
                        for (i, array) in arrays.iter().enumerate() {
                            text += if i > 0 { "," } else { "{" };
                            text += &array.key;
                            array.write_row(&mut text, row);
                        }
                        text.push('}');
                    }
                }
            }
            text.push(']');
        }
    }
    text.push('}');
    Ok(text)
}

/// An output in host memory.
struct Array {
    /// The name as JSON, with the colon.
    key: String,
    shape: Vec<usize>,
    count: usize,
    numbers: Numbers,
}

enum Numbers {
    Single(Vec<f64>),
    Double(Vec<f64>),
    Integers(Vec<i64>),
    Truths(Vec<f64>),
}

impl Array {
    fn of(name: &str, tensor: &Tensor) -> Result<Self> {
        let numbers = match tensor.dtype() {
            DType::F64 => Numbers::Double(tensor.to_f64_vec()?),
            DType::Bool => Numbers::Truths(tensor.to_f64_vec()?),
            dtype if dtype.is_float() => Numbers::Single(tensor.to_f64_vec()?),
            _ => Numbers::Integers(tensor.cast(DType::I64)?.to_vec()?),
        };
        let key = format!("{}:", serde_json::Value::from(name));
        Ok(Self { key, shape: tensor.shape().to_vec(), count: tensor.len(), numbers })
    }

    /// The values of one sample.
    fn write_row(&self, text: &mut String, row: usize) {
        let size: usize = self.shape.iter().skip(1).product();
        self.write(text, 1, row * size..(row + 1) * size);
    }

    /// Values as lists from this axis on.
    fn write(&self, text: &mut String, axis: usize, range: std::ops::Range<usize>) {
        let Some(&size) = self.shape.get(axis) else { return self.number(text, range.start) };
        text.push('[');
        let part = range.len() / size.max(1);
        for i in 0..size {
            text.push_str(if i > 0 { "," } else { "" });
            let start = range.start + i * part;
            self.write(text, axis + 1, start..start + part);
        }
        text.push(']');
    }

    fn number(&self, text: &mut String, index: usize) {
        match &self.numbers {
            Numbers::Single(values) => float(text, values[index], |v| serde_json::to_string(&(v as f32))),
            Numbers::Double(values) => float(text, values[index], |v| serde_json::to_string(&v)),
            Numbers::Integers(values) => *text += &values[index].to_string(),
            Numbers::Truths(values) => *text += if values[index] == 0.0 { "false" } else { "true" },
        }
    }
}

/// A number in the digits that tell it from its neighbours.
fn float(text: &mut String, value: f64, digits: impl Fn(f64) -> serde_json::Result<String>) {
    match digits(value) {
        Ok(digits) if value.is_finite() => *text += &digits,
        _ if value.is_nan() => *text += "NaN",
        _ => *text += if value > 0.0 { "Infinity" } else { "-Infinity" },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_output_stands_alone_and_several_have_names() {
        let a = Tensor::from([[2.5_f32, 1e-9], [f32::NAN, 3.0]]).unwrap();
        let b = Tensor::from_vec(vec![7_i64, -1], [2]).unwrap();
        let text = |outputs: &[(&str, Tensor)], format| write(outputs, format).unwrap();
        let one = [("a", a.clone())];
        assert_eq!(text(&one, Format::Rows), r#"{"predictions":[[2.5,1e-9],[NaN,3.0]]}"#);
        assert_eq!(text(&one, Format::Columns), r#"{"outputs":[[2.5,1e-9],[NaN,3.0]]}"#);
        let both = [("a", a), ("b\"", b)];
        assert_eq!(
            text(&both, Format::Rows),
            r#"{"predictions":[{"a":[2.5,1e-9],"b\"":7},{"a":[NaN,3.0],"b\"":-1}]}"#
        );
        assert_eq!(text(&both, Format::Columns), r#"{"outputs":{"a":[[2.5,1e-9],[NaN,3.0]],"b\"":[7,-1]}}"#);
    }
}
