//! An SVG image as pixels.

use std::sync::Arc;

use anyhow::{Context, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb::Database};

/// The embedded font, so that pictures do not depend on those that are installed.
static ROBOTO: &[u8] = include_bytes!("../../assets/font/Roboto-Regular.ttf");

/// Pixels to a point, for screens of high resolution.
const PIXELS: u32 = 2;

/// Renders an SVG image as PNG.
pub(super) fn render(svg: &str) -> Result<Vec<u8>> {
    let mut fonts = Database::new();
    fonts.load_font_data(ROBOTO.to_vec());
    let tree = Tree::from_str(svg, &Options { fontdb: Arc::new(fonts), ..Options::default() })?;
    let size = tree.size().to_int_size();
    let mut pixels =
        Pixmap::new(size.width() * PIXELS, size.height() * PIXELS).context("the picture is too large")?;
    let scale = Transform::from_scale(PIXELS as f32, PIXELS as f32);
    resvg::render(&tree, scale, &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}
