//! Loss and metric curves of a training history, as SVG or PNG.

mod axis;
mod panel;
mod png;
mod svg;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use anyhow::Result;
use indexmap::IndexMap;

use crate::files::write_atomically;
use crate::usage::Usage;
use panel::Panel;

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Svg,
    Png,
}

impl Format {
    /// The format that the name of a file asks for; an error of usage where it asks for another.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        match path.extension().map(|e| e.to_string_lossy().to_lowercase()).as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => Err(Usage::error(format!(
                "curves are drawn to files that end in .svg or .png, not to {}",
                path.display()
            ))),
        }
    }
}

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
    let svg = svg::draw(&panels)?;
    match format {
        Format::Svg => write_atomically(path, svg.as_bytes()),
        Format::Png => write_atomically(path, &png::render(&svg)?),
    }
}
