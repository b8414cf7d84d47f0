//! JSON as Python writes and reads it.
//!
//! Python's `json` prints the floats that JSON lacks as `Infinity`, `-Infinity` and `NaN`, and
//! Keras' configurations hold them (a `max_value`, a constraint's bound). `serde_json` has no
//! value for them, so between [`parse_json`] and [`to_json`] such a float is a string that
//! starts with U+E000, a private character that no honest name contains; [`float`] and
//! [`as_float`] turn floats into values and back.

use crate::error::{Error, Result};
use serde_json::Value;
use std::path::Path;

/// Values in one text: bounds the memory of the parsed form, which is larger than the text.
const MAX_VALUES: usize = 8 << 20;
/// Memory that the parsed form of a value takes.
const VALUE_BYTES: u64 = 128;

const TOKENS: [(&str, &str); 3] = [
    ("Infinity", "\"\u{e000}Infinity\""),
    ("-Infinity", "\"\u{e000}-Infinity\""),
    ("NaN", "\"\u{e000}NaN\""),
];

/// Parses JSON; errors name `path` with line and column.
///
/// Of two equal keys the later one counts, as in Python. Nesting is limited to 128 levels.
///
/// # Errors
/// [`Error::Format`] where the text is not JSON; [`Error::TooLarge`] beyond eight million values.
pub(crate) fn parse_json(bytes: &[u8], path: impl AsRef<Path>) -> Result<Value> {
    let path = path.as_ref();
    let text = std::str::from_utf8(bytes).map_err(|e| Error::format(path, "JSON", "UTF-8", e))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let scan = Scan::new(text);
    if scan.values > MAX_VALUES {
        let context = format!("values in {}", path.display());
        return Err(Error::TooLarge { context, bytes: scan.values as u64, limit: MAX_VALUES as u64 });
    }
    // Objects of few entries take the most: a table, and an entry of a name and a value each.
    crate::limits::check_buffers(&path.display().to_string(), scan.values as u64 * VALUE_BYTES)?;
    let marked = scan.marked(text);
    serde_json::from_str(marked.as_deref().unwrap_or(text)).map_err(|error| {
        let (line, column) = (error.line(), scan.column(text, error.line(), error.column()));
        // serde_json appends the place in the marked text, which is not the file's.
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        Error::format(path, "JSON", "valid JSON", format!("{reason} at line {line}, column {column}"))
    })
}

/// Prints JSON on one line as Python's `json.dumps` does, floats that JSON lacks included.
pub(crate) fn to_json(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, PythonFormatter);
    // Writing a `Value` to memory has no way to fail.
    let _ = serde::Serialize::serialize(value, &mut serializer);
    let mut text = String::from_utf8(out).unwrap_or_default();
    for (token, marker) in TOKENS {
        if text.contains(marker) {
            text = text.replace(marker, token);
        }
    }
    text
}

/// A float as JSON value.
pub(crate) fn float(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => Value::from("\u{e000}NaN"),
        None if value > 0.0 => Value::from("\u{e000}Infinity"),
        None => Value::from("\u{e000}-Infinity"),
    }
}

/// The float that a JSON value stands for, if it is a number.
pub(crate) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.strip_prefix('\u{e000}')? {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            "NaN" => Some(f64::NAN),
            _ => None,
        },
        _ => None,
    }
}

/// What one pass over a text finds outside its strings.
struct Scan {
    /// Where a token that JSON lacks starts, and which.
    tokens: Vec<(usize, usize)>,
    values: usize,
}

impl Scan {
    fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut scan = Self { tokens: Vec::new(), values: 1 };
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = end_of_string(bytes, at),
                b',' | b':' | b'[' | b'{' => scan.values += 1,
                b'I' | b'N' | b'-' => {
                    if let Some(which) =
                        TOKENS.iter().position(|(token, _)| bytes[at..].starts_with(token.as_bytes()))
                    {
                        scan.tokens.push((at, which));
                        at += TOKENS[which].0.len() - 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        scan
    }

    /// The text with markers for its tokens, where it has any.
    fn marked(&self, text: &str) -> Option<String> {
        if self.tokens.is_empty() {
            return None;
        }
        let mut out = String::with_capacity(text.len() + self.tokens.len() * 8);
        let mut copied = 0;
        for (at, which) in &self.tokens {
            out.push_str(&text[copied..*at]);
            out.push_str(TOKENS[*which].1);
            copied = at + TOKENS[*which].0.len();
        }
        out.push_str(&text[copied..]);
        Some(out)
    }

    /// The column in the text for one in the marked text.
    fn column(&self, text: &str, line: usize, column: usize) -> usize {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let start = starts.take(line).last().unwrap_or(0);
        let (mut shift, mut end) = (0, column);
        for (at, which) in self.tokens.iter().filter(|(at, _)| *at >= start) {
            let (token, marker) = TOKENS[*which];
            if at - start + shift + marker.len() > column {
                break;
            }
            shift += marker.len() - token.len();
            end = column - shift;
        }
        end
    }
}

/// Position of the closing quote, or of the end where there is none.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Separators as Python prints them: `", "` and `": "`.
struct PythonFormatter;

impl serde_json::ser::Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, out: &mut W) -> std::io::Result<()> {
        out.write_all(b": ")
    }
}

#[cfg(test)]
mod tests;
