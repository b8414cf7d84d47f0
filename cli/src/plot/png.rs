//! Panels as a PNG image.

use std::io::Write;

use anyhow::{Context, Result};
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Stroke, Transform};
use ttf_parser::OutlineBuilder;

use super::canvas::{Anchor, Canvas, Color, Point};
use super::font::Font;
use super::panel::{HEIGHT, Panel, WIDTH};

/// Pixels in one point, for screens of high resolution.
const PIXELS: u32 = 2;

/// Draws the panels in rows of `columns`; one row after the other is held in memory.
pub(super) fn draw(panels: &[Panel<'_>], columns: usize, font: &Font) -> Result<Vec<u8>> {
    let rows = panels.len().div_ceil(columns) as u32;
    let (width, height) = (WIDTH * PIXELS * columns as u32, HEIGHT * PIXELS);
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height * rows);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for row in panels.chunks(columns) {
        let mut pixels = Pixmap::new(width, height).context("the picture is too large")?;
        pixels.fill(tiny_skia::Color::WHITE);
        for (i, panel) in row.iter().enumerate() {
            let left = (WIDTH * PIXELS * i as u32) as f32;
            let place = Transform::from_scale(PIXELS as f32, PIXELS as f32).post_translate(left, 0.0);
            panel.draw(&mut Pixels { pixels: &mut pixels, place, font }, font)?;
        }
        // Nothing shines through white.
        let opaque: Vec<u8> = pixels.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        stream.write_all(&opaque)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(bytes)
}

struct Pixels<'a> {
    pixels: &'a mut Pixmap,
    /// From the panel's points to pixels.
    place: Transform,
    font: &'a Font,
}

impl Pixels<'_> {
    fn fill(&mut self, path: PathBuilder, place: Transform, color: Color) {
        if let Some(path) = path.finish() {
            self.pixels.fill_path(&path, &paint(color), FillRule::Winding, place, None);
        }
    }
}

impl Canvas for Pixels<'_> {
    fn line(&mut self, points: &[Point], width: f32, color: Color) {
        let mut path = PathBuilder::new();
        for (i, (x, y)) in points.iter().enumerate() {
            if i == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        let stroke =
            Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        if let Some(path) = path.finish() {
            self.pixels.stroke_path(&path, &paint(color), &stroke, self.place, None);
        }
    }

    fn dot(&mut self, (x, y): Point, radius: f32, color: Color) {
        let mut path = PathBuilder::new();
        path.push_circle(x, y, radius);
        self.fill(path, self.place, color);
    }

    fn text(&mut self, text: &str, (x, y): Point, anchor: Anchor, size: f32, color: Color) -> Result<()> {
        let font = self.font;
        let start = x - match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => font.width(text) * size / 2.0,
            Anchor::End => font.width(text) * size,
        };
        let unit = size / font.units();
        font.outline(text, |Outline(path), offset| {
            let place = self.place.pre_translate(start + offset * size, y).pre_scale(unit, -unit);
            self.fill(path, place, color);
        });
        Ok(())
    }
}

fn paint([red, green, blue]: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(red, green, blue, 0xff);
    paint
}

/// The outline of one character.
#[derive(Default)]
struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}
