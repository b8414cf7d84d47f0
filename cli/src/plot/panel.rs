//! One metric: its curves in training and validation.

use anyhow::Result;
use indexmap::IndexMap;

use super::axis::{Axis, is_drawable};
use super::canvas::{Anchor, Canvas, Color, Point};
use super::font::Font;

/// Size of a panel in points, which are the pixels of an SVG.
pub(super) const WIDTH: u32 = 520;
pub(super) const HEIGHT: u32 = 360;

/// Room around the axes.
const LEFT: f32 = 20.0;
const RIGHT: f32 = WIDTH as f32 - 20.0;
const TOP: f32 = 50.0;
const BOTTOM: f32 = HEIGHT as f32 - 52.0;

/// Where the title and the legend stand, and the title of the epochs.
const TITLE: f32 = 30.0;
const EPOCH: f32 = HEIGHT as f32 - 16.0;

/// Curves of up to so many epochs show each as a point.
const MOST_POINTS: usize = 30;

/// Half the height of a digit, at a size of one.
const HALF_DIGIT: f32 = 0.355;

const TRAINING: Color = [0x1f, 0x6f, 0xc4];
const VALIDATION: Color = [0xe8, 0x6a, 0x17];
const TEXT: Color = [0x1f, 0x29, 0x37];
const FAINT_TEXT: Color = [0x4b, 0x55, 0x63];
const AXIS: Color = [0x9c, 0xa3, 0xaf];
const GRID: Color = [0xe5, 0xe7, 0xeb];

/// A metric and its curves.
#[derive(Debug)]
pub(super) struct Panel<'a> {
    name: &'a str,
    curves: Vec<Curve>,
}

#[derive(Debug)]
struct Curve {
    is_validation: bool,
    /// Epochs, counted from 1, and values.
    points: Vec<(f64, f64)>,
}

impl<'a> Panel<'a> {
    /// The panels of a history, in the order in which it names the metrics.
    pub(super) fn of(history: &'a IndexMap<String, Vec<f64>>) -> Vec<Self> {
        let epochs = history.values().map(Vec::len).max().unwrap_or(0);
        let mut panels: IndexMap<&str, Vec<Curve>> = IndexMap::new();
        for (key, values) in history.iter().filter(|(_, values)| !values.is_empty()) {
            let validated = key.strip_prefix("val_").filter(|name| !name.is_empty());
            let is_validation = validated.is_some();
            // With a `validation_freq`, only every second, third, ... epoch has a value.
            let every = if is_validation { epochs / values.len() } else { 1 };
            let points = (1..).map(|i: usize| (i * every) as f64).zip(values.iter().copied()).collect();
            panels.entry(validated.unwrap_or(key)).or_default().push(Curve { is_validation, points });
        }
        let panel = |(name, mut curves): (&'a str, Vec<Curve>)| {
            curves.sort_by_key(|curve| curve.is_validation);
            Self { name, curves }
        };
        panels.into_iter().map(panel).collect()
    }

    pub(super) fn draw(&self, canvas: &mut impl Canvas, font: &Font) -> Result<()> {
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter().copied());
        let x = Axis::epochs(points().map(|(epoch, _)| epoch as usize).max().unwrap_or(1));
        let y = Axis::of(points().map(|(_, value)| value));
        let labels: Vec<String> = y.ticks.iter().map(|tick| y.label(*tick)).collect();
        let widest = labels.iter().map(|label| font.width(label)).fold(0.0, f32::max);
        let left = (LEFT + widest * 12.0 + 8.0).round() + 0.5;
        let place = |(epoch, value): (f64, f64)| -> Point {
            (left + x.share(epoch) * (RIGHT - left), BOTTOM - y.share(value) * (BOTTOM - TOP))
        };

        for tick in &x.ticks {
            // Thin lines are sharp in the middle of a pixel.
            let at = place((*tick, y.low)).0.floor() + 0.5;
            canvas.line(&[(at, TOP), (at, BOTTOM)], 1.0, GRID);
            canvas.text(&x.label(*tick), (at, BOTTOM + 17.0), Anchor::Middle, 12.0, FAINT_TEXT)?;
        }
        for (tick, label) in y.ticks.iter().zip(&labels) {
            let at = place((x.low, *tick)).1.floor() + 0.5;
            canvas.line(&[(left, at), (RIGHT, at)], 1.0, GRID);
            canvas.text(label, (left - 8.0, at + 12.0 * HALF_DIGIT), Anchor::End, 12.0, FAINT_TEXT)?;
        }
        canvas.line(&[(left, TOP), (left, BOTTOM + 0.5), (RIGHT, BOTTOM + 0.5)], 1.0, AXIS);
        canvas.text("epoch", ((left + RIGHT) / 2.0, EPOCH), Anchor::Middle, 13.0, FAINT_TEXT)?;

        for curve in &self.curves {
            for run in curve.runs() {
                let line: Vec<Point> = run.iter().map(|point| place(*point)).collect();
                if line.len() > 1 {
                    canvas.line(&line, 2.0, curve.color());
                }
                if line.len() == 1 || curve.points.len() <= MOST_POINTS {
                    line.iter().for_each(|point| canvas.dot(*point, 3.0, curve.color()));
                }
            }
            for epoch in curve.gaps() {
                cross(canvas, (place((epoch, y.low)).0, BOTTOM - 8.0), curve.color());
            }
        }
        self.title(canvas, font)
    }

    /// The metric's name, and to the right of it what the colours mean.
    fn title(&self, canvas: &mut impl Canvas, font: &Font) -> Result<()> {
        let middle = TITLE - 13.0 * HALF_DIGIT;
        let mut right = RIGHT;
        if self.curves.iter().any(|curve| curve.gaps().next().is_some()) {
            right = legend(canvas, font, "not finite", right)?;
            cross(canvas, (right - 4.0, middle), FAINT_TEXT);
            right -= 26.0;
        }
        for curve in self.curves.iter().rev() {
            right = legend(canvas, font, curve.name(), right)?;
            canvas.line(&[(right - 17.0, middle), (right - 1.0, middle)], 2.0, curve.color());
            right -= 36.0;
        }
        let name = shortened(self.name, |name| font.width(name) * 17.0 <= right - LEFT);
        canvas.text(&name, (LEFT, TITLE), Anchor::Start, 17.0, TEXT)
    }
}

impl Curve {
    fn name(&self) -> &'static str {
        if self.is_validation { "validation" } else { "training" }
    }

    fn color(&self) -> Color {
        if self.is_validation { VALIDATION } else { TRAINING }
    }

    /// Stretches of values that can be drawn.
    fn runs(&self) -> impl Iterator<Item = &[(f64, f64)]> {
        self.points.split(|(_, value)| !is_drawable(*value)).filter(|run| !run.is_empty())
    }

    /// The epochs at which values stop to be finite numbers.
    fn gaps(&self) -> impl Iterator<Item = f64> {
        let before = [None].into_iter().chain(self.points.iter().map(Some));
        let gaps = self.points.iter().zip(before).filter(|((_, value), before)| {
            !is_drawable(*value) && before.is_none_or(|(_, before)| is_drawable(*before))
        });
        gaps.map(|((epoch, _), _)| *epoch)
    }
}

/// Writes a name in the legend so that it ends at `right`, and says where its mark ends.
fn legend(canvas: &mut impl Canvas, font: &Font, name: &str, right: f32) -> Result<f32> {
    canvas.text(name, (right, TITLE), Anchor::End, 13.0, FAINT_TEXT)?;
    // A viewer of SVG may take a wider font.
    Ok(right - font.width(name) * 13.0 * 1.08 - 6.0)
}

fn cross(canvas: &mut impl Canvas, (x, y): Point, color: Color) {
    let size = 4.0;
    canvas.line(&[(x - size, y - size), (x + size, y + size)], 2.0, color);
    canvas.line(&[(x - size, y + size), (x + size, y - size)], 2.0, color);
}

/// As much of a name as fits.
fn shortened(name: &str, fits: impl Fn(&str) -> bool) -> String {
    let mut shown = name.to_string();
    let mut kept = name.chars().count();
    while !fits(&shown) && kept > 0 {
        kept -= 1;
        shown = name.chars().take(kept).chain(['…']).collect();
    }
    shown
}
