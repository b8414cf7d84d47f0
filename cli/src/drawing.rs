//! Pictures as files: SVG as it is, or its pixels as PNG.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

use crate::files::write_atomically;
use crate::usage::Usage;

/// The embedded font, so that pictures do not depend on those that are installed.
static ROBOTO: &[u8] = include_bytes!("../assets/font/Roboto-Regular.ttf");

/// Fonts of texts: a viewer takes the first that it has; the widths of all are nearly the same.
pub(crate) const FONTS: &str = "Roboto, Helvetica, Arial, sans-serif";

/// Pixels to a point, for screens of high resolution.
const PIXELS: f32 = 2.0;

/// Most pixels of a picture: 256 MiB while it is drawn.
const MOST_PIXELS: f32 = (64 << 20) as f32;

/// Most pixels of a side, which browsers can show.
const LONGEST: f32 = 32_767.0;

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
                "pictures are drawn to files that end in .svg or .png, not to {}",
                path.display()
            ))),
        }
    }

    /// Writes an SVG image in this format.
    pub(crate) fn write(self, path: &Path, svg: &str) -> Result<()> {
        match self {
            Self::Svg => write_atomically(path, svg.as_bytes()),
            Self::Png => write_atomically(path, &render(svg)?),
        }
    }
}

/// Renders an SVG image as PNG; one that would take too much memory with fewer pixels to a point.
fn render(svg: &str) -> Result<Vec<u8>> {
    let mut fonts = Database::new();
    fonts.load_font_data(ROBOTO.to_vec());
    let tree = Tree::from_str(svg, &Options { fontdb: Arc::new(fonts), ..Options::default() })?;
    let size = tree.size();
    let all = (MOST_PIXELS / (size.width() * size.height())).sqrt();
    let scale = PIXELS.min(all).min(LONGEST / size.width().max(size.height()));
    let pixels = |length: f32| ((length * scale).round() as u32).max(1);
    let mut image =
        Pixmap::new(pixels(size.width()), pixels(size.height())).context("the picture is too large")?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut image.as_mut());
    Ok(image.encode_png()?)
}
