//! The cell inside a recurrent layer that has the cell's arguments as its own.

use crate::layer::{Layer, LayerRef};
use std::any::Any;
use std::sync::OnceLock;

/// A cell that is made when the layer's arguments are all set.
#[derive(Debug, Default)]
pub(super) struct InnerCell(OnceLock<LayerRef>);

impl Clone for InnerCell {
    /// None yet: a copy of a layer has a cell of its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl InnerCell {
    /// The cell; the first call makes it.
    pub(super) fn get_or_make<C: Layer>(&self, make: impl FnOnce() -> C) -> &LayerRef {
        self.0.get_or_init(|| LayerRef::new(make()))
    }
}

/// The cell's own struct.
pub(super) fn cell_as<C: Layer>(cell: &LayerRef) -> Option<&C> {
    (cell.layer() as &dyn Any).downcast_ref()
}
