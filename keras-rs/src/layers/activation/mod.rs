//! Activation functions as layers.

use crate::serialization::Registry;

/// Adds the layers of this family.
pub(crate) fn register(_registry: &mut Registry) {}
