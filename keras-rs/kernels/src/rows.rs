//! Products of a few rows with packed columns, on the caller's thread: parts of what a larger kernel computes.

#![allow(unsafe_code, reason = "the kernels of tiles take pointers")]

use crate::multiply::{Target, part};
use crate::panels::Panels;
use crate::tile::{Kernels, Tile};
use crate::{View, ViewMut};
use std::ops::Range;

/// Rows times the columns of some panels.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) kernels: &'static Kernels,
    pub(crate) panels: &'a Panels,
    /// As many rows.
    pub(crate) count: usize,
    pub(crate) left: View<'a>,
    /// How many numbers each has, and how many rows of the panels are used.
    pub(crate) depth: usize,
    /// A number for each column; none where products are added to others.
    pub(crate) bias: Option<&'a [f32]>,
    /// Whether the products are added to what stands in the output.
    pub(crate) add: bool,
}

impl Rows<'_> {
    /// The product with all panels.
    ///
    /// # Panics
    /// Where a slice is too short.
    pub(crate) fn all(&self, output: &mut ViewMut<'_>) {
        self.some(0..self.panels.count(), output);
    }

    /// The product with some panels; the others' columns stay as they are.
    ///
    /// # Panics
    /// Where a slice is too short.
    pub(crate) fn some(&self, panels: Range<usize>, output: &mut ViewMut<'_>) {
        assert!(output.holds(self.count, self.panels.columns), "the output is too short");
        let target = Target::new(output);
        // SAFETY: the output was just checked, and is borrowed.
        unsafe { self.write(panels, target) };
    }

    /// As [`Rows::some`].
    ///
    /// # Panics
    /// Where the left side or the bias is too short.
    ///
    /// # Safety
    /// The target holds the rows and columns, and no one else reads or writes them meanwhile.
    pub(crate) unsafe fn write(&self, panels: Range<usize>, target: Target) {
        let Self { kernels, panels: all, count, left, depth, bias, add } = *self;
        assert!(depth <= all.inner, "the panels have too few rows");
        assert!(left.holds(count, depth), "the left side is too short");
        assert_eq!((all.lanes(), all.width()), (kernels.lanes, kernels.width()), "panels of other kernels");
        assert!(
            bias.is_none_or(|bias| bias.len() >= all.columns && !add),
            "the bias is too short, or not the first"
        );
        let tiles = count.div_ceil(kernels.rows());
        for panel in panels {
            let (values, columns, vectors) = all.panel(panel);
            let first = panel * kernels.width();
            for tile in 0..tiles {
                let rows = part(count, tiles, tile);
                let tile = Tile {
                    left: left.values[left.offset + rows.start * left.pitch..].as_ptr(),
                    stride: left.pitch,
                    panel: values.as_ptr(),
                    depth,
                    turns: 1,
                    skip: 0,
                    bias: bias.map_or(std::ptr::null(), |bias| bias[first..].as_ptr()),
                    output: target.at(rows.start, first),
                    pitch: target.pitch(),
                    columns,
                    add,
                    finish: None,
                };
                // SAFETY: the kernels are those of a level that the CPU has, and the lengths of all slices were checked.
                unsafe { kernels.tile(true, vectors, columns)[rows.len() - 1](&tile) };
            }
        }
    }
}
