//! Panels as an SVG image.

use std::fmt::Write;

use anyhow::Result;

use super::canvas::{Anchor, Canvas, Color, Point};
use super::font::Font;
use super::panel::{HEIGHT, Panel, WIDTH};

/// A viewer takes the first that it has; the widths of all are nearly the same.
const FONTS: &str = "Roboto, Helvetica, Arial, sans-serif";

/// Draws the panels in rows of `columns`.
pub(super) fn draw(panels: &[Panel<'_>], columns: usize, font: &Font) -> Result<Vec<u8>> {
    let (width, height) = (WIDTH * columns as u32, HEIGHT * panels.len().div_ceil(columns) as u32);
    let mut svg = Svg(String::new());
    writeln!(
        svg.0,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    )?;
    for (i, panel) in panels.iter().enumerate() {
        let (x, y) = (WIDTH * (i % columns) as u32, HEIGHT * (i / columns) as u32);
        writeln!(svg.0, "<g transform=\"translate({x} {y})\">")?;
        panel.draw(&mut svg, font)?;
        svg.0 += "</g>\n";
    }
    svg.0 += "</svg>\n";
    Ok(svg.0.into_bytes())
}

struct Svg(String);

impl Canvas for Svg {
    fn line(&mut self, points: &[Point], width: f32, color: Color) {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
        self.0 += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n",
            points.join(" "),
            hex(color),
            number(width)
        );
    }

    fn dot(&mut self, (x, y): Point, radius: f32, color: Color) {
        let (x, y, radius) = (number(x), number(y), number(radius));
        self.0 += &format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{}\"/>\n", hex(color));
    }

    fn text(&mut self, text: &str, (x, y): Point, anchor: Anchor, size: f32, color: Color) -> Result<()> {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        writeln!(
            self.0,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" font-size=\"{}\" fill=\"{}\">{}</text>",
            number(x),
            number(y),
            number(size),
            hex(color),
            escape(text)
        )?;
        Ok(())
    }
}

/// A length, to a hundredth of a pixel.
fn number(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

fn hex([red, green, blue]: Color) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            // XML has no way to write these.
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
