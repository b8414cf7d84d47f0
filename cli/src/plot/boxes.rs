//! What a picture is made of: boxes of layers, frames of nested models, and edges.

use anyhow::Result;
use keras_rs::Shape;

use super::layout::{Point, Route, layout};
use super::text::{clipped, width};
use super::{Direction, Shown};
use crate::architecture::{Architecture, Node, Spec};

/// Sizes of fonts, and heights of their lines.
pub(super) const TITLE: f64 = 13.0;
pub(super) const LINE: f64 = 11.0;
pub(super) const TITLE_HEIGHT: f64 = 24.0;
pub(super) const LINE_HEIGHT: f64 = 16.0;

/// Around texts, around what is in a frame, and around the picture.
pub(super) const PADDING: f64 = 10.0;
const INSIDE: f64 = 16.0;
const MARGIN: f64 = 16.0;

/// Between the names of a box's lines and what they say.
pub(super) const LABEL: f64 = 40.0;

/// Everything that is drawn, frames before what is in them.
pub(super) struct Picture {
    pub(super) size: Point,
    pub(super) items: Vec<Item>,
}

/// One thing that is drawn.
pub(super) enum Item {
    Frame { corner: Point, size: Point, title: String },
    Layer { corner: Point, size: Point, face: Face },
    Edge(Route),
}

/// What a box says.
pub(super) struct Face {
    pub(super) class: String,
    pub(super) title: String,
    /// What each line is about, and what it says.
    pub(super) lines: Vec<(&'static str, String)>,
}

/// The picture of a model.
pub(super) fn picture(model: &Architecture, shown: Shown, direction: Direction) -> Result<Picture> {
    let mut picture = arrange(model, shown, direction)?;
    picture.shift((MARGIN, MARGIN));
    let title = 2.0 * MARGIN;
    picture.size = (picture.size.0 + title, picture.size.1 + title);
    Ok(picture)
}

fn arrange(model: &Architecture, shown: Shown, direction: Direction) -> Result<Picture> {
    let mut parts = Vec::with_capacity(model.layers.len());
    for node in &model.layers {
        parts.push(match &node.inside {
            Some(inside) => framed(inside, shown, direction)?,
            None => layer(node, shown),
        });
    }
    let sizes: Vec<Point> = parts.iter().map(|part| part.size).collect();
    let layout = layout(&sizes, &model.edges, direction)?;
    let mut items: Vec<Item> = layout.routes.into_iter().map(Item::Edge).collect();
    for (mut part, corner) in parts.into_iter().zip(layout.corners) {
        part.shift(corner);
        items.extend(part.items);
    }
    Ok(Picture { size: layout.size, items })
}

/// A nested model in its frame.
fn framed(model: &Architecture, shown: Shown, direction: Direction) -> Result<Picture> {
    let mut inside = arrange(model, shown, direction)?;
    let title = clipped(&match shown.names {
        true => format!("{} ({})", model.name, model.class),
        false => model.class.clone(),
    });
    let wide = inside.size.0.max(width(&title, TITLE));
    let size = (wide + 2.0 * INSIDE, inside.size.1 + 2.0 * INSIDE + TITLE_HEIGHT);
    inside.shift((INSIDE + (wide - inside.size.0) / 2.0, INSIDE + TITLE_HEIGHT));
    let mut items = vec![Item::Frame { corner: (0.0, 0.0), size, title }];
    items.extend(inside.items);
    Ok(Picture { size, items })
}

fn layer(node: &Node, shown: Shown) -> Picture {
    let mut lines = Vec::new();
    if shown.shapes {
        if node.class != "InputLayer" {
            lines.push(("input", shapes(&node.inputs)));
        }
        lines.push(("output", shapes(&node.outputs)));
    }
    if shown.dtypes {
        let mut types: Vec<String> = node.outputs.iter().map(|(_, dtype)| dtype.to_string()).collect();
        types.dedup();
        lines.push(("type", if types.is_empty() { "?".into() } else { types.join(", ") }));
    }
    let title = clipped(&match shown.names {
        true => format!("{} ({})", node.name, node.class),
        false => node.class.clone(),
    });
    let of_line = lines.iter().map(|(_, text)| LABEL + width(text, LINE));
    let wide = of_line.fold(width(&title, TITLE), f64::max);
    let below = if lines.is_empty() { 0.0 } else { lines.len() as f64 * LINE_HEIGHT + PADDING / 2.0 };
    let size = (wide + 2.0 * PADDING, TITLE_HEIGHT + below);
    let face = Face { class: node.class.clone(), title, lines };
    Picture { size, items: vec![Item::Layer { corner: (0.0, 0.0), size, face }] }
}

fn shapes(specs: &[Spec]) -> String {
    let all: Vec<String> = specs.iter().map(|(shape, _): &(Shape, _)| shape.to_string()).collect();
    if all.is_empty() { "?".into() } else { clipped(&all.join(", ")) }
}

impl Picture {
    /// Moves everything.
    fn shift(&mut self, by: Point) {
        let shift = |point: &mut Point| *point = (point.0 + by.0, point.1 + by.1);
        for item in &mut self.items {
            match item {
                Item::Frame { corner, .. } | Item::Layer { corner, .. } => shift(corner),
                Item::Edge(route) => route.points.iter_mut().for_each(shift),
            }
        }
    }
}
