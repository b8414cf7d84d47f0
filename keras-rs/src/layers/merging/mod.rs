//! Layers that join several tensors.

mod add;
mod average;
mod base;
mod concatenate;
mod dot;
mod functions;
mod maximum;
mod minimum;
mod multiply;
mod subtract;

pub use add::Add;
pub use average::Average;
pub use concatenate::Concatenate;
pub use dot::{Dot, DotAxes};
pub use functions::{add, average, concatenate, dot, maximum, minimum, multiply, subtract};
pub use maximum::Maximum;
pub use minimum::Minimum;
pub use multiply::Multiply;
pub use subtract::Subtract;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Add>(&["Add"]);
    table.class::<Average>(&["Average"]);
    table.class::<Concatenate>(&["Concatenate"]);
    table.class::<Dot>(&["Dot"]);
    table.class::<Maximum>(&["Maximum"]);
    table.class::<Minimum>(&["Minimum"]);
    table.class::<Multiply>(&["Multiply"]);
    table.class::<Subtract>(&["Subtract"]);
}
