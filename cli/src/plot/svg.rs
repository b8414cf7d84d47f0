//! A picture as SVG.

use std::fmt::Write;

use super::boxes::{Face, Item, LABEL, LINE, LINE_HEIGHT, PADDING, Picture, TITLE, TITLE_HEIGHT};
use super::layout::{Point, Route};
use super::text::escaped;
use crate::drawing::FONTS;

const TEXT: &str = "#1f2937";
const FAINT: &str = "#6b7280";
const EDGE: &str = "#6b7280";
const FRAME: &str = "#9ca3af";

/// Length and half the width of an arrow's head.
const HEAD: Point = (7.0, 3.5);

/// Colours of titles by what a class does: a part of its name, and the colour.
const COLOURS: [(&[&str], &str); 8] = [
    (&["InputLayer"], "#475569"),
    (&["Pool"], "#15803d"),
    (&["Norm", "Dropout", "Noise", "Rescaling"], "#0f766e"),
    (&["LSTM", "GRU", "RNN", "Bidirectional", "TimeDistributed", "Attention"], "#c2410c"),
    (&["Conv", "Dense", "Embedding"], "#1d4ed8"),
    (&["Activation", "ReLU", "Softmax", "ELU", "GELU"], "#b91c1c"),
    (&["Concatenate", "Add", "Multiply", "Average", "Subtract", "Maximum", "Minimum", "Dot"], "#7e22ce"),
    (&["Functional", "Sequential"], "#111827"),
];
const OTHER: &str = "#334155";

/// Draws a picture.
pub(super) fn draw(picture: &Picture) -> String {
    let (width, height) = (picture.size.0.ceil(), picture.size.1.ceil());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{FONTS}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    // Edges lie above frames and below boxes.
    let mut edges = String::new();
    let mut layers = String::new();
    for item in &picture.items {
        match item {
            Item::Frame { corner, size, title } => svg += &frame(*corner, *size, title),
            Item::Edge(route) => edges += &edge(route),
            Item::Layer { corner, size, face } => layers += &layer(*corner, *size, face),
        }
    }
    svg + &format!("<g fill=\"none\" stroke=\"{EDGE}\" stroke-width=\"1.3\">\n{edges}</g>\n{layers}</svg>\n")
}

/// A length, with one decimal where it has some.
fn n(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

fn frame((x, y): Point, (width, height): Point, title: &str) -> String {
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"#6b7280\" fill-opacity=\".06\" stroke=\"{FRAME}\" \
         stroke-dasharray=\"5 4\"/>\n<text x=\"{}\" y=\"{}\" font-size=\"{TITLE}\" fill=\"{TEXT}\">{}</text>\n",
        n(x),
        n(y),
        n(width),
        n(height),
        n(x + PADDING),
        n(y + TITLE_HEIGHT * 0.75),
        escaped(title)
    )
}

fn layer((x, y): Point, (width, height): Point, face: &Face) -> String {
    let has = |parts: &[&str]| parts.iter().any(|part| face.class.contains(part));
    let colour = COLOURS.iter().find(|(parts, _)| has(parts)).map_or(OTHER, |(_, colour)| colour);
    let mut svg = format!(
        "<rect x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\" rx=\"4\" fill=\"{colour}\"/>",
        n(x),
        n(y),
        n(width),
        n(height)
    );
    if !face.lines.is_empty() {
        write!(
            svg,
            "<path d=\"M{} {}h{}v{}a3 3 0 0 1-3 3h-{}a3 3 0 0 1-3-3z\" fill=\"#fff\"/>",
            n(x + 1.0),
            n(y + TITLE_HEIGHT),
            n(width - 2.0),
            n(height - TITLE_HEIGHT - 4.0),
            n(width - 8.0)
        )
        .ok();
    }
    write!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-size=\"{TITLE}\" fill=\"#fff\" text-anchor=\"middle\">{}</text>",
        n(x + width / 2.0),
        n(y + TITLE_HEIGHT * 0.7),
        escaped(&face.title)
    )
    .ok();
    for (index, (label, text)) in face.lines.iter().enumerate() {
        let line = n(y + TITLE_HEIGHT + (index as f64 + 0.85) * LINE_HEIGHT);
        write!(
            svg,
            "<text x=\"{}\" y=\"{line}\" font-size=\"{LINE}\" fill=\"{FAINT}\">{label}</text>\
             <text x=\"{}\" y=\"{line}\" font-size=\"{LINE}\" fill=\"{TEXT}\">{}</text>",
            n(x + PADDING),
            n(x + PADDING + LABEL),
            escaped(text)
        )
        .ok();
    }
    svg + "\n"
}

/// A line with an arrow's head: straight through ranks, curved between them.
fn edge(route: &Route) -> String {
    let points = &route.points;
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return String::new() };
    let mut path = format!("M{} {}", n(first.0), n(first.1));
    for (index, pair) in points.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let straight = (from.0 - to.0).abs() < 0.05 || (from.1 - to.1).abs() < 0.05;
        if index % 2 == 0 || straight {
            write!(path, "L{} {}", n(to.0), n(to.1)).ok();
        } else if route.is_down {
            let middle = n(f64::midpoint(from.1, to.1));
            write!(path, "C{} {middle} {} {middle} {} {}", n(from.0), n(to.0), n(to.0), n(to.1)).ok();
        } else {
            let middle = n(f64::midpoint(from.0, to.0));
            write!(path, "C{middle} {} {middle} {} {} {}", n(from.1), n(to.1), n(to.0), n(to.1)).ok();
        }
    }
    let (tip, sign) = if route.is_back { (first, 1.0) } else { (last, -1.0) };
    let corner = |side: f64| match route.is_down {
        true => (tip.0 + side * HEAD.1, tip.1 + sign * HEAD.0),
        false => (tip.0 + sign * HEAD.0, tip.1 + side * HEAD.1),
    };
    let (a, b) = (corner(1.0), corner(-1.0));
    format!(
        "<path d=\"{path}\"/><path d=\"M{} {}L{} {}L{} {}z\" fill=\"{EDGE}\" stroke=\"none\"/>\n",
        n(tip.0),
        n(tip.1),
        n(a.0),
        n(a.1),
        n(b.0),
        n(b.1)
    )
}
