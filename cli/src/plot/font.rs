//! The embedded font, so that pictures do not depend on those that are installed.

use anyhow::{Context, Result};
use ttf_parser::{Face, OutlineBuilder};

static ROBOTO: &[u8] = include_bytes!("../../assets/font/Roboto-Regular.ttf");

/// A font that was read.
pub(super) struct Font(Face<'static>);

impl Font {
    pub(super) fn load() -> Result<Self> {
        Ok(Self(Face::parse(ROBOTO, 0).context("the embedded font is damaged")?))
    }

    /// How wide a text is at a size of one.
    pub(super) fn width(&self, text: &str) -> f32 {
        text.chars().map(|c| self.advance(c)).sum()
    }

    /// Hands the outline of each character to `draw`, with its place at a size of one.
    ///
    /// Outlines are in [`units`](Self::units) to a size of one, with y upwards.
    pub(super) fn outline<B: OutlineBuilder + Default>(&self, text: &str, mut draw: impl FnMut(B, f32)) {
        let mut x = 0.0;
        for c in text.chars() {
            let mut builder = B::default();
            self.0.outline_glyph(self.0.glyph_index(c).unwrap_or_default(), &mut builder);
            draw(builder, x);
            x += self.advance(c);
        }
    }

    pub(super) fn units(&self) -> f32 {
        self.0.units_per_em().into()
    }

    /// What the font lacks is drawn as its box for missing characters.
    fn advance(&self, c: char) -> f32 {
        let glyph = self.0.glyph_index(c).unwrap_or_default();
        f32::from(self.0.glyph_hor_advance(glyph).unwrap_or_default()) / self.units()
    }
}
