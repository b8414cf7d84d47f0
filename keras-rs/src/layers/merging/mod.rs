//! Layers that join several tensors.

mod add;
mod average;
mod base;
mod concatenate;
mod dot;
mod maximum;
mod minimum;
mod multiply;
mod subtract;

pub use add::Add;
pub use average::Average;
pub use concatenate::Concatenate;
pub use dot::{Dot, DotAxes};
pub use maximum::Maximum;
pub use minimum::Minimum;
pub use multiply::Multiply;
pub use subtract::Subtract;

use crate::config::ClassTable;
use crate::layer::Layer;

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.add(&["Add"], |c| Ok(Box::new(Add::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Average"], |c| Ok(Box::new(Average::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Concatenate"], |c| Ok(Box::new(Concatenate::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Dot"], |c| Ok(Box::new(Dot::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Maximum"], |c| Ok(Box::new(Maximum::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Minimum"], |c| Ok(Box::new(Minimum::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Multiply"], |c| Ok(Box::new(Multiply::from_config(c)?) as Box<dyn Layer>));
    table.add(&["Subtract"], |c| Ok(Box::new(Subtract::from_config(c)?) as Box<dyn Layer>));
}
