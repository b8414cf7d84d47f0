//! Printing tensors as NumPy does.

use super::Tensor;
use crate::dtype::DType;
use std::fmt;

/// Axes longer than this are shortened once a tensor has more than [`MANY`] elements.
const EDGE: usize = 3;
const MANY: usize = 1000;

impl fmt::Debug for Tensor {
    /// Nested brackets with aligned numbers, then data type and device where they are not the default.
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let t = Tensor::from_vec(vec![1.0_f32, 2.5, -3.0, 4.0], [2, 2])?;
    /// assert_eq!(format!("{t:?}"), "[[ 1.   2.5]\n [-3.   4. ]]");
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

/// Calls back with the flat index of every element that will be shown.
fn visit(shape: &[usize], shorten: bool, base: usize, call: &mut impl FnMut(usize)) {
    let Some((&n, rest)) = shape.split_first() else { return call(base) };
    let stride: usize = rest.iter().product();
    for i in kept(n, shorten).into_iter().flatten() {
        visit(rest, shorten, base + i * stride, call);
    }
}

/// Indices of an axis that are shown; `None` stands for the dots.
fn kept(n: usize, shorten: bool) -> Vec<Option<usize>> {
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
    for (place, index) in kept(n, shorten).into_iter().enumerate() {
        if place > 0 {
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

/// How the numbers of one tensor are written so that they line up.
struct Style {
    kind: Kind,
    width: usize,
}

enum Kind {
    Bool,
    Int,
    Fixed { left: usize, right: usize },
    Scientific { digits: usize },
}

impl Style {
    fn of(dtype: DType, shown: &[f64]) -> Self {
        let mut style = Self { kind: Self::kind_of(dtype, shown), width: 0 };
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
        let digits =
            |v: f64| shortest(v, dtype).split_once('.').map_or(0, |(_, d)| d.trim_end_matches('0').len());
        if max >= 1e8 || (max > 0.0 && (min < 1e-4 || max / min > 1e3 && max / min > 1e7)) || min < 1e-4 {
            return Kind::Scientific { digits: 8 };
        }
        let right = finite.clone().map(digits).max().unwrap_or(0).min(8);
        let left = finite.map(|v| format!("{v:.0}").len()).max().unwrap_or(1);
        Kind::Fixed { left, right }
    }

    fn bare(&self, v: f64) -> String {
        match &self.kind {
            Kind::Bool => if v != 0.0 { "True" } else { "False" }.into(),
            Kind::Int => format!("{v:.0}"),
            _ if v.is_nan() => "nan".into(),
            _ if v.is_infinite() => if v > 0.0 { "inf" } else { "-inf" }.into(),
            Kind::Fixed { right: 0, .. } => format!("{v:.0}."),
            Kind::Fixed { right, left } => {
                let full = format!("{v:.right$}");
                let trimmed = full.trim_end_matches('0');
                let _ = left;
                format!("{trimmed:<width$}", width = full.len())
            }
            Kind::Scientific { digits } => {
                let text = format!("{v:.digits$e}");
                match text.split_once('e') {
                    Some((mantissa, exponent)) => {
                        let (sign, e) =
                            exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                        format!("{mantissa}e{sign}{e:0>2}")
                    }
                    None => text,
                }
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
        _ => (v as f32).to_string(),
    }
}
