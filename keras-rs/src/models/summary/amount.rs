//! Numbers of parameters and the memory that they take.

use crate::dtype::DType;
use crate::layer::count;
use crate::models::Model;
use crate::variable::Variable;

/// A number of values, and the memory that they take.
#[derive(Clone, Copy, Default)]
pub(super) struct Amount {
    count: usize,
    bytes: usize,
}

impl Amount {
    /// What variables take.
    pub(super) fn of(variables: &[Variable]) -> Self {
        let size = |v: &Variable| v.shape().iter().product::<usize>() * v.dtype().size();
        Self { count: count(variables), bytes: variables.iter().map(size).sum() }
    }

    /// What the optimizer remembers; `None` before it was built by training or by loading a file.
    pub(super) fn of_optimizer(model: &Model) -> Option<Self> {
        let compiled = model.compiled().ok().filter(|compiled| compiled.optimizer().is_built())?;
        let variables = compiled.optimizer().variables().ok()?;
        // Keras keeps whole numbers in four bytes, on all its backends but TensorFlow.
        let size = |v: &Variable| if v.dtype() == DType::I64 { 4 } else { v.dtype().size() };
        let bytes = variables.iter().map(|v| v.shape().iter().product::<usize>() * size(v)).sum();
        Some(Self { count: count(&variables), bytes })
    }

    /// One line of the totals: ` Total params: 1,234 (4.82 KB)`.
    pub(super) fn line(self, what: &str) -> String {
        format!(" {what} params: {} ({})", thousands(self.count), readable(self.bytes))
    }
}

impl std::ops::Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes + other.bytes }
    }
}

/// A number of bytes with its unit.
fn readable(bytes: usize) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KB", "MB", "GB", "TB"] {
        if size < 1024.0 {
            return format!("{size:.2} {unit}");
        }
        size /= 1024.0;
    }
    format!("{size:.2} PB")
}

/// A number with a comma between thousands.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
