//! Loss and metric curves of a training history, as SVG or PNG.

mod axis;
mod panel;
mod svg;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::Result;
use indexmap::IndexMap;

use crate::drawing::Format;
use panel::Panel;

/// There is nothing to draw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EmptyHistory;

impl fmt::Display for EmptyHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the history holds no values to draw")
    }
}

impl std::error::Error for EmptyHistory {}

/// Draws each metric in a panel, together with its `val_` curve, to a `.svg` or `.png` file.
pub(crate) fn plot_history(history: &IndexMap<String, Vec<f64>>, path: &Path) -> Result<()> {
    let format = Format::of(path)?;
    let panels = Panel::of(history);
    if panels.is_empty() {
        return Err(EmptyHistory.into());
    }
    format.write(path, &svg::draw(&panels)?)
}
