//! Activation functions as layers.

#[allow(clippy::module_inception, reason = "the layer is called like its family")]
mod activation;
mod elu;
mod leaky_relu;
mod prelu;
mod relu;
mod softmax;

pub use activation::Activation;
pub use elu::ELU;
pub use leaky_relu::LeakyReLU;
pub use prelu::PReLU;
pub use relu::ReLU;
pub use softmax::Softmax;

use crate::config::{ClassTable, Number};
use crate::error::{Error, Result};
use crate::layer::Layer;

/// Checks an argument that must not be negative.
fn not_negative(layer: &str, argument: &str, value: Number) -> Result<()> {
    if value.get() >= 0.0 {
        return Ok(());
    }
    Err(Error::argument(layer, argument, "a number that is not negative", value.get()))
}

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Activation>(&["Activation"]);
    table.class::<ELU>(&["ELU"]);
    table.class::<LeakyReLU>(&["LeakyReLU"]);
    table.class::<PReLU>(&["PReLU"]);
    table.class::<ReLU>(&["ReLU"]);
    table.class::<Softmax>(&["Softmax"]);
}
