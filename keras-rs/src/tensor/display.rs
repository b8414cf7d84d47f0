//! Printing tensors as NumPy does.

use super::Tensor;
use crate::dtype::DType;
use std::fmt;

/// Axes longer than this are shortened once a tensor has more than [`MANY`] elements.
const EDGE: usize = 3;
const MANY: usize = 1000;

impl fmt::Debug for Tensor {
    /// As it is displayed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Tensor {
    /// Nested brackets with aligned numbers, as NumPy prints arrays; long axes are shortened.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let x = Tensor::from([[1.0, 2.5], [-3.0, 4.0]])?;
    /// assert_eq!(format!("{x}"), "[[ 1.   2.5]\n [-3.   4. ]]");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = match self.to_f64_vec() {
            Ok(values) => values,
            Err(error) => return write!(f, "<{} {:?}: {error}>", self.dtype, self.shape),
        };
        let shorten = values.len() > MANY;
        let mut shown = Vec::new();
        visit(&self.shape, shorten, 0, &mut |i| shown.push(values[i]));
        let style = Style::of(self.dtype, &shown);
        let mut text = String::new();
        write_axis(&self.shape, &values, &style, shorten, 0, 0, &mut text);
        f.write_str(&text)
    }
}

/// Calls a function with the flat index of every element that is shown.
fn visit(shape: &[usize], shorten: bool, base: usize, call: &mut impl FnMut(usize)) {
    let Some((&n, rest)) = shape.split_first() else { return call(base) };
    let stride: usize = rest.iter().product();
    for i in shown(n, shorten).into_iter().flatten() {
        visit(rest, shorten, base + i * stride, call);
    }
}

/// Indices of an axis that are shown; `None` is the ellipsis.
fn shown(n: usize, shorten: bool) -> Vec<Option<usize>> {
    if shorten && n > 2 * EDGE {
        (0..EDGE).map(Some).chain([None]).chain((n - EDGE..n).map(Some)).collect()
    } else {
        (0..n).map(Some).collect()
    }
}

fn write_axis(
    shape: &[usize],
    values: &[f64],
    style: &Style,
    shorten: bool,
    base: usize,
    depth: usize,
    out: &mut String,
) {
    let Some((&n, rest)) = shape.split_first() else {
        return out.push_str(&style.format(values[base]));
    };
    let stride: usize = rest.iter().product();
    out.push('[');
    for (i, index) in shown(n, shorten).into_iter().enumerate() {
        if i > 0 {
            if rest.is_empty() {
                out.push(' ');
            } else {
                out.push_str(&"\n".repeat(rest.len()));
                out.push_str(&" ".repeat(depth + 1));
            }
        }
        match index {
            Some(i) => write_axis(rest, values, style, shorten, base + i * stride, depth + 1, out),
            None => out.push_str("..."),
        }
    }
    out.push(']');
}

/// The number format of a tensor, the same for all elements so that they are aligned.
struct Style {
    kind: Kind,
    dtype: DType,
    width: usize,
}

enum Kind {
    Bool,
    Int,
    /// Decimals.
    Fixed {
        right: usize,
    },
    /// Decimals of the mantissa.
    Scientific {
        right: usize,
    },
}

/// Largest number of decimals, NumPy's `precision`.
const PRECISION: usize = 8;

impl Style {
    fn of(dtype: DType, shown: &[f64]) -> Self {
        let mut style = Self { kind: Self::kind_of(dtype, shown), dtype, width: 0 };
        style.width = shown.iter().map(|&v| style.bare(v).chars().count()).max().unwrap_or(0);
        style
    }

    fn kind_of(dtype: DType, shown: &[f64]) -> Kind {
        if dtype == DType::Bool {
            return Kind::Bool;
        }
        if dtype.is_int() {
            return Kind::Int;
        }
        let finite = shown.iter().copied().filter(|v| v.is_finite());
        let nonzero = finite.clone().map(f64::abs).filter(|&v| v > 0.0);
        let max = nonzero.clone().fold(0.0, f64::max);
        let min = nonzero.fold(f64::INFINITY, f64::min);
        let decimals = |text: String| {
            let mantissa = text.split('e').next().unwrap_or_default();
            mantissa.split_once('.').map_or(0, |(_, digits)| digits.len()).min(PRECISION)
        };
        if max >= 1e8 || min < 1e-4 || max / min > 1000.0 {
            return Kind::Scientific {
                right: finite.map(|v| decimals(scientific(v, dtype))).max().unwrap_or(0),
            };
        }
        Kind::Fixed { right: finite.map(|v| decimals(shortest(v, dtype))).max().unwrap_or(0) }
    }

    fn bare(&self, v: f64) -> String {
        match &self.kind {
            Kind::Bool => if v != 0.0 { "True" } else { "False" }.into(),
            Kind::Int => format!("{v:.0}"),
            _ if v.is_nan() => "nan".into(),
            _ if v.is_infinite() => if v > 0.0 { "inf" } else { "-inf" }.into(),
            Kind::Fixed { right } => {
                // The shortest digits that identify the value, padded with blanks.
                let text = shortest(v, self.dtype);
                let (whole, digits) = text.split_once('.').unwrap_or((&text, ""));
                if digits.len() > *right {
                    let rounded = format!("{v:.right$}");
                    return rounded.trim_end_matches('0').to_string();
                }
                format!("{whole}.{digits:<right$}")
            }
            Kind::Scientific { right } => {
                let text = scientific(v, self.dtype);
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let digits = mantissa.split_once('.').map_or(0, |(_, digits)| digits.len());
                let mantissa = if digits > *right {
                    let rounded = format!("{v:.right$e}");
                    rounded.split('e').next().unwrap_or_default().to_string()
                } else {
                    let (whole, digits) = mantissa.split_once('.').unwrap_or((mantissa, ""));
                    format!("{whole}.{digits:0<right$}")
                };
                let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
                format!("{mantissa}e{sign}{exponent:0>2}")
            }
        }
    }

    fn format(&self, v: f64) -> String {
        format!("{:>width$}", self.bare(v), width = self.width)
    }
}

/// The shortest decimal text that reads back as the same value of the data type.
fn shortest(v: f64, dtype: DType) -> String {
    match dtype {
        DType::F64 => v.to_string(),
        DType::F16 => half::f16::from_f64(v).to_string(),
        DType::BF16 => half::bf16::from_f64(v).to_string(),
        _ => (v as f32).to_string(),
    }
}

/// As [`shortest`], with an exponent.
fn scientific(v: f64, dtype: DType) -> String {
    if dtype == DType::F64 { format!("{v:e}") } else { format!("{:e}", v as f32) }
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests")]
mod tests;
