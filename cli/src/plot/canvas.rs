//! What a panel is drawn with.

use anyhow::Result;

/// A point, in points from the upper left corner of the panel.
pub(super) type Point = (f32, f32);

/// Red, green and blue.
pub(super) type Color = [u8; 3];

/// Which part of a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Draws a panel; all lengths are in points.
pub(super) trait Canvas {
    /// A line through all points.
    fn line(&mut self, points: &[Point], width: f32, color: Color);

    /// A filled circle.
    fn dot(&mut self, center: Point, radius: f32, color: Color);

    /// A text on a baseline.
    fn text(&mut self, text: &str, at: Point, anchor: Anchor, size: f32, color: Color) -> Result<()>;
}
