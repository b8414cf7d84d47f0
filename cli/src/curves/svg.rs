//! Panels as an SVG image.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::axis::{Axis, TICKS};
use super::panel::{Curve, Panel};
use crate::drawing::FONTS;

/// Size of a panel in points, which are the pixels of an SVG.
const WIDTH: u32 = 520;
const HEIGHT: u32 = 360;

/// Units to a point. `plotters` draws at whole units, so that points alone would make stairs of
/// curves. All lengths below are in units.
const UNITS: u32 = 2;

/// Sizes of fonts, as `plotters` counts them.
const TITLE: u32 = 42;
const LABEL: u32 = 30;

/// Width of a digit.
const DIGIT: usize = 14;

/// As many characters of a title are shown.
const MOST_CHARACTERS: usize = 48;

/// Curves of up to so many epochs show each as a point.
const MOST_POINTS: usize = 30;

const TRAINING: RGBColor = RGBColor(0x1f, 0x6f, 0xc4);
const VALIDATION: RGBColor = RGBColor(0xe8, 0x6a, 0x17);
const TEXT: RGBColor = RGBColor(0x1f, 0x29, 0x37);
const FAINT_TEXT: RGBColor = RGBColor(0x4b, 0x55, 0x63);
const AXIS: RGBColor = RGBColor(0x9c, 0xa3, 0xaf);
const GRID: RGBColor = RGBColor(0xe5, 0xe7, 0xeb);

/// Draws the panels in rows.
pub(super) fn draw(panels: &[Panel<'_>]) -> Result<String> {
    let columns = match panels.len() {
        1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let rows = panels.len().div_ceil(columns);
    let (width, height) = (WIDTH * columns as u32, HEIGHT * rows as u32);
    let (wide, high) = (width * UNITS, height * UNITS);
    let mut svg = String::new();
    {
        let picture = SVGBackend::with_string(&mut svg, (wide, high)).into_drawing_area();
        picture.fill(&WHITE)?;
        for (panel, area) in panels.iter().zip(picture.split_evenly((rows, columns))) {
            draw_panel(panel, &area)?;
        }
        picture.present()?;
    }
    let of_units = format!("width=\"{wide}\" height=\"{high}\"");
    Ok(svg.replacen(&of_units, &format!("width=\"{width}\" height=\"{height}\""), 1))
}

/// One metric: its title, axes, curves and legend.
fn draw_panel(panel: &Panel<'_>, area: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<()> {
    let epochs = panel.epochs();
    let axis = Axis::of(panel.points().map(|(_, value)| value));
    // One epoch stands in the middle.
    let first_and_last = if epochs == 1 { 0..2 } else { 1..epochs };
    let text = |size: u32, color: RGBColor| (FONTS, size).into_font().color(&color);
    let widest = axis.ticks().iter().map(|tick| axis.label(*tick).chars().count()).max().unwrap_or(0);
    let mut chart = ChartBuilder::on(area)
        .margin(20)
        .margin_right(40)
        .caption(title(panel.name), text(TITLE, TEXT))
        .x_label_area_size(84)
        .y_label_area_size((widest * DIGIT + 30) as u32)
        .build_cartesian_2d(first_and_last, axis.range.clone())?;
    chart
        .configure_mesh()
        .max_light_lines(1)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(AXIS)
        .label_style(text(LABEL, FAINT_TEXT))
        .x_labels(10)
        .y_labels(TICKS)
        .x_label_formatter(&|epoch| {
            if (1..=epochs).contains(epoch) { epoch.to_string() } else { String::new() }
        })
        .y_label_formatter(&|value| axis.label(*value))
        .x_desc("epoch")
        .draw()?;

    for curve in &panel.curves {
        let style = color(curve).stroke_width(4);
        let are_marked = curve.points.len() <= MOST_POINTS;
        let mut name = Some(curve.name());
        for run in curve.runs() {
            let line = run.iter().map(|(epoch, value)| (*epoch, axis.scaled(*value)));
            let size = if are_marked || run.len() == 1 { 6 } else { 0 };
            let series = chart.draw_series(LineSeries::new(line, style.filled()).point_size(size))?;
            if let Some(name) = name.take() {
                series.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 32, y)], style));
            }
        }
    }
    let bottom = axis.range.start + 0.03 * (axis.range.end - axis.range.start);
    let mut name = Some("not finite");
    for curve in panel.curves.iter().filter(|curve| curve.gaps().next().is_some()) {
        let style = color(curve).stroke_width(4);
        let crosses = curve.gaps().map(|epoch| Cross::new((epoch, bottom), 8, style));
        let series = chart.draw_series(crosses)?;
        if let Some(name) = name.take() {
            let style = FAINT_TEXT.stroke_width(4);
            series.label(name).legend(move |(x, y)| Cross::new((x + 16, y), 8, style));
        }
    }
    // Where the curves do not end.
    let corner = match panel.ends_high() {
        true => SeriesLabelPosition::LowerRight,
        false => SeriesLabelPosition::UpperRight,
    };
    chart
        .configure_series_labels()
        .position(corner)
        .legend_area_size(44)
        .margin(16)
        .background_style(WHITE.mix(0.8))
        .label_font(text(LABEL, FAINT_TEXT))
        .draw()?;
    Ok(())
}

fn color(curve: &Curve) -> RGBColor {
    if curve.is_validation { VALIDATION } else { TRAINING }
}

/// As much of a name as there is room for, in characters that XML can hold.
fn title(name: &str) -> String {
    let sound = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    if name.chars().count() <= MOST_CHARACTERS {
        return name.chars().map(sound).collect();
    }
    name.chars().take(MOST_CHARACTERS - 1).map(sound).chain(['…']).collect()
}
