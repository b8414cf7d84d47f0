//! Tables of a model's layers, as Keras prints them.

mod amount;
mod shapes;

use self::amount::{Amount, thousands};
use self::shapes::output_shape;
use super::Model;
use super::table::{Align, Column, Table};
use crate::error::{Error, Result};
use crate::files::atomic::write_atomically;
use crate::graph::Wiring;
use crate::layer::BUILT_WHEN_MADE;
use crate::layer::{KerasTensor, LayerRef, Node, count};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// How [`Model::summary_with`] is to print; the defaults are Keras'.
///
/// ```
/// use keras_rs::models::Summary;
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build()?;
/// let text = model.summary_with(&Summary::new().line_length(40).show_trainable(true))?;
/// assert!(text.contains("│ dense (Dense) │ (None, 2) │   10 │ Y │"));
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Summary {
    line_length: Option<usize>,
    expand_nested: bool,
    show_trainable: bool,
    positions: Option<Vec<f64>>,
    layer_range: Option<(String, String)>,
}

impl Summary {
    /// With Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the width in characters (default: what fits a terminal of 80, at most what Keras uses).
    #[must_use]
    pub fn line_length(mut self, line_length: usize) -> Self {
        self.line_length = Some(line_length);
        self
    }

    /// Sets where each column but that of `show_trainable` ends, as fractions of the width (default: Keras').
    #[must_use]
    pub fn positions(mut self, positions: impl Into<Vec<f64>>) -> Self {
        self.positions = Some(positions.into());
        self
    }

    /// Sets the first and the last layer to list, by name (default: all). Keras takes patterns, too.
    #[must_use]
    pub fn layer_range(mut self, first: impl Into<String>, last: impl Into<String>) -> Self {
        self.layer_range = Some((first.into(), last.into()));
        self
    }

    /// Sets whether the layers of nested models are listed, too (default `false`).
    #[must_use]
    pub fn expand_nested(mut self, expand_nested: bool) -> Self {
        self.expand_nested = expand_nested;
        self
    }

    /// Sets whether a column says which layers are trained (default `false`).
    #[must_use]
    pub fn show_trainable(mut self, show_trainable: bool) -> Self {
        self.show_trainable = show_trainable;
        self
    }
}

impl Model {
    /// A table of the layers and the number of parameters, as Keras' `model.summary()` prints it.
    ///
    /// ```
    /// use keras_rs::prelude::*;
    ///
    /// let model = Sequential::new().add(Input::new([784])).add(Dense::new(512)).build()?;
    /// let text = model.summary();
    /// assert!(text.starts_with("Model: \"sequential\"\n"));
    /// assert!(text.contains("│ dense (Dense)                   │ (None, 512)            │       401,920 │"));
    /// assert!(text.contains(" Total params: 401,920 (1.53 MB)\n"));
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        Sheet::new(self, &Summary::new()).render()
    }

    /// As [`Model::summary`], with options.
    ///
    /// # Errors
    /// [`Error::Argument`] where the line is too short for its columns, or for another number of positions than of
    /// columns; [`Error::UnknownName`] for a range of layers that the model has not.
    pub fn summary_with(&self, options: &Summary) -> Result<String> {
        let sheet = Sheet::new(self, options);
        sheet.layers_in_range()?;
        let columns = if sheet.connected.is_some() { 4 } else { 3 };
        if let Some(positions) = options.positions.as_ref().filter(|given| given.len() != columns) {
            return Err(Error::argument(
                "summary",
                "positions",
                format!("{columns} numbers"),
                positions.len(),
            ));
        }
        match sheet.columns().iter().map(|c| c.width).min() {
            Some(width) if width < 4 => Err(Error::argument(
                "summary",
                "line_length",
                "enough for columns of at least 4 characters",
                sheet.line_length,
            )),
            _ => Ok(sheet.render()),
        }
    }

    /// Writes what [`Model::summary_with`] gives to a text file.
    ///
    /// ```
    /// use keras_rs::models::Summary;
    /// use keras_rs::prelude::*;
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("model.txt");
    ///
    /// let model = Sequential::new().add(Input::new([4])).add(Dense::new(2)).build()?;
    /// model.export_summary(&path, &Summary::new())?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), model.summary() + "\n");
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Model::summary_with`]; [`Error::Io`] where writing fails.
    pub fn export_summary(&self, path: impl AsRef<Path>, options: &Summary) -> Result<()> {
        let (path, text) = (path.as_ref(), self.summary_with(options)?);
        write_atomically(path, |file| writeln!(file, "{text}").map_err(|e| Error::io(path, "write", e)))
    }
}

/// What one summary prints.
struct Sheet<'a> {
    model: &'a Model,
    options: &'a Summary,
    /// The wiring of a model that is no plain chain of layers; its table says what is connected.
    connected: Option<Connections<'a>>,
    line_length: usize,
}

impl<'a> Sheet<'a> {
    fn new(model: &'a Model, options: &'a Summary) -> Self {
        let wiring = if model.is_sequential() { None } else { model.wiring() };
        let connected = wiring.filter(|w| !is_chain(w)).map(Connections::new);
        let widest = if connected.is_some() { 108 } else { 88 } + if options.show_trainable { 12 } else { 0 };
        // Python's fallback for a terminal whose width is not known is 80; Keras leaves 4.
        let line_length = options.line_length.unwrap_or(widest.min(76));
        Self { model, options, connected, line_length }
    }

    fn columns(&self) -> Vec<Column> {
        let mut heads =
            vec![("Layer (type)", Align::Left), ("Output Shape", Align::Left), ("Param #", Align::Right)];
        let mut ends = vec![0.45, 0.80, 1.0];
        if self.connected.is_some() {
            heads.push(("Connected to", Align::Left));
            ends = vec![0.3, 0.56, 0.74, 1.0];
        }
        if let Some(positions) = &self.options.positions {
            ends.clone_from(positions);
        }
        if self.options.show_trainable {
            heads.push(("Trainable", Align::Center));
            ends = ends.into_iter().map(|end| end * 0.90).chain([1.0]).collect();
        }
        let mut start = 0;
        heads
            .into_iter()
            .zip(ends)
            .map(|((head, align), end)| {
                let end = (end * self.line_length as f64) as usize;
                let width = end.saturating_sub(start);
                start += width;
                Column { head, align, width }
            })
            .collect()
    }

    /// The layers to list. A functional model lists its operations, too; the models inside it list their layers
    /// only.
    fn layers_in_range(&self) -> Result<Vec<LayerRef>> {
        let layers = match self.model.wiring() {
            Some(wiring) if !self.model.is_sequential() => wiring.graph.layers.clone(),
            _ => self.model.layers(),
        };
        let Some((first, last)) = &self.options.layer_range else { return Ok(layers) };
        let position = |name: &String| {
            let found = layers.iter().position(|layer| layer.name() == *name);
            found.ok_or_else(|| Error::unknown_name("layer", name, layers.iter().map(LayerRef::name)))
        };
        let (first, last) = (position(first)?, position(last)?);
        Ok(layers[first.min(last)..=first.max(last)].to_vec())
    }

    fn render(&self) -> String {
        let mut table = Table::new(self.columns(), self.line_length);
        // A range that is not there was refused before.
        let layers = self.layers_in_range().unwrap_or_default();
        for layer in layers {
            self.rows(&layer, 0, &mut table);
        }
        let trained = Amount::of(&self.model.trainable_weights());
        let fixed = Amount::of(&self.model.non_trainable_weights());
        let optimizer = Amount::of_optimizer(self.model);
        let total = trained + fixed + optimizer.unwrap_or_default();
        let mut lines = vec![total.line("Total"), trained.line("Trainable"), fixed.line("Non-trainable")];
        lines.extend(optimizer.map(|amount| amount.line("Optimizer")));
        format!("Model: \"{}\"\n{}{}", self.model.name(), table.render(), lines.join("\n"))
    }

    /// Adds the row of a layer, and of those inside it where they are asked for.
    fn rows(&self, layer: &LayerRef, level: usize, table: &mut Table) {
        let indent = if level == 0 { String::new() } else { format!("{}└ ", "   ".repeat(level)) };
        let variables = layer.variables();
        let mut cells = vec![
            format!("{indent}{} ({})", layer.name(), layer.layer().python_class()),
            output_shape(layer),
            if layer.is_built() || BUILT_WHEN_MADE.contains(&layer.class_name()) {
                thousands(count(&variables))
            } else {
                "0 (unbuilt)".into()
            },
        ];
        if let Some(connected) = &self.connected {
            cells.push(connected.of(layer));
        }
        if self.options.show_trainable {
            let mark = match (variables.is_empty(), layer.trainable()) {
                (true, _) => "-",
                (false, true) => "Y",
                (false, false) => "N",
            };
            cells.push(mark.into());
        }
        table.row(cells);
        if let (true, Some(model)) = (self.options.expand_nested, Model::from_layer(layer)) {
            for inner in model.layers() {
                self.rows(&inner, level + 1, table);
            }
        }
    }
}

/// Whether each call has one input, one call follows it, and no layer is called twice.
fn is_chain(wiring: &Wiring) -> bool {
    let graph = &wiring.graph;
    let mut layers = HashSet::new();
    let mut parents = HashSet::new();
    let single = graph.steps.iter().all(|step| {
        step.node.parents().len() <= 1
            && step.node.parents().into_iter().all(|p| parents.insert(p.node().serial()))
            && layers.insert(step.node.layer().serial())
    });
    let inputs = wiring.placeholders().count();
    single && inputs == 1
}

/// Where the inputs of a layer's calls within the model come from: `layer[call][output]`.
struct Connections<'a> {
    wiring: &'a Wiring,
    /// The calls of each layer, by its serial.
    nodes: HashMap<u64, Vec<Arc<Node>>>,
    /// The number of each call among all calls of its layer, by its serial.
    numbers: HashMap<u64, usize>,
    placeholders: Vec<String>,
}

impl<'a> Connections<'a> {
    fn new(wiring: &'a Wiring) -> Self {
        let nodes = wiring.graph.nodes_by_layer();
        let layers = nodes.values().filter_map(|calls| calls.first().map(|call| call.layer()));
        let calls = layers.flat_map(|layer| layer.nodes().into_iter().enumerate());
        let numbers = calls.map(|(number, call)| (call.serial(), number)).collect();
        Self { wiring, nodes, numbers, placeholders: wiring.input_names() }
    }

    fn of(&self, layer: &LayerRef) -> String {
        let nodes = self.nodes.get(&layer.serial()).map_or(&[][..], Vec::as_slice);
        let sources: Vec<String> =
            nodes.iter().flat_map(|node| node.parents_by_name()).map(|tensor| self.source(tensor)).collect();
        if sources.is_empty() { "-".into() } else { sources.join(", ") }
    }

    fn source(&self, tensor: &KerasTensor) -> String {
        let position = self.wiring.graph.inputs.iter().position(|t| t.same(tensor));
        if let Some(name) = position.and_then(|i| self.placeholders.get(i)) {
            return format!("{name}[0][0]");
        }
        let call = self.numbers.get(&tensor.node().serial()).copied().unwrap_or(0);
        format!("{}[{call}][{}]", tensor.layer().name(), tensor.index())
    }
}
