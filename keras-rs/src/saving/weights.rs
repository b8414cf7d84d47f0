//! Loading and saving weights alone.

use super::hdf5::{Group, Hdf5File, Stored, on_deep_stack};
use super::load::{Kind, sniff};
use super::{legacy, safetensors, tree};
use crate::error::{Error, Result, WeightProblem};
use crate::models::Model;
use crate::tensor::TensorData;
use crate::variable::Variable;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// How weights are matched with layers; see [`Model::load_weights_with`].
///
/// ```
/// use keras_rs::LoadWeights;
///
/// let options = LoadWeights::new().by_name(true).skip_mismatch(true);
/// assert!(options.is_by_name());
/// ```
#[derive(Clone, Debug, Default)]
pub struct LoadWeights {
    by_name: bool,
    skip_mismatch: bool,
    on_demand: bool,
}

impl LoadWeights {
    /// By topology, with every mismatch an error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether legacy files are matched by layer names instead of by order; layers that the
    /// file lacks keep their weights (default `false`). As in Keras, other files refuse it.
    #[must_use]
    pub fn by_name(mut self, by_name: bool) -> Self {
        self.by_name = by_name;
        self
    }

    /// Sets whether weights of another shape, and layers with another number of weights, are left
    /// as they are (default `false`). As in Keras, the weights behind such a one in the same layer are left, too,
    /// unless the file is a legacy one; and a legacy file that is matched by order has to have as many weights for each
    /// layer as the model.
    #[must_use]
    pub fn skip_mismatch(mut self, skip_mismatch: bool) -> Self {
        self.skip_mismatch = skip_mismatch;
        self
    }

    /// Sets whether large weights of an HDF5 file or a `.keras` archive stay in the file until something needs them
    /// (default `false`). Shapes and sizes are checked at once.
    ///
    /// Loading takes next to no time then, and a program that only predicts on a CPU never holds the weights twice: in the
    /// form of the file and in that of the kernels. The file must stay as it is until the weights have been read; where
    /// somebody has changed it, reading them is an [`Error::Format`]. Removing it or replacing it by another, as
    /// [`Model::save`] does, harms nothing.
    ///
    /// ```
    /// use keras_rs::{LoadWeights, prelude::*};
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("model.weights.h5");
    ///
    /// let model = Sequential::new().add(Input::new([256])).add(Dense::new(256)).build()?;
    /// model.save_weights(&path)?;
    /// let before = model.get_weights()?;
    /// model.load_weights_with(&path, &LoadWeights::new().on_demand(true))?;
    /// assert_eq!(model.get_weights()?[0].to_vec::<f32>()?, before[0].to_vec::<f32>()?);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    #[must_use]
    pub fn on_demand(mut self, on_demand: bool) -> Self {
        self.on_demand = on_demand;
        self
    }

    /// Whether mismatches are skipped.
    pub(super) fn skips_mismatch(&self) -> bool {
        self.skip_mismatch
    }

    /// Whether legacy files are matched by layer names.
    pub fn is_by_name(&self) -> bool {
        self.by_name
    }
}

/// What a variable is to have.
enum Assigned {
    Data(TensorData),
    Stored(Stored),
}

/// Assignments that a file asks for, made only where all of them can be.
pub(super) struct Plan {
    skip_mismatch: bool,
    /// Whether layers with another number of weights are skipped.
    skip_counts: bool,
    on_demand: bool,
    assignments: Vec<(Variable, Assigned)>,
    problems: Vec<WeightProblem>,
}

impl Plan {
    pub(super) fn new(options: &LoadWeights) -> Self {
        Self {
            skip_mismatch: options.skip_mismatch,
            skip_counts: options.skip_mismatch,
            on_demand: options.on_demand,
            assignments: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Has layers with another number of weights be an error whatever the options say.
    pub(super) fn require_counts(&mut self) {
        self.skip_counts = false;
    }

    /// Plans to fill a variable from a dataset, whose shape is checked before it is read; whether it has the
    /// variable's.
    pub(super) fn add(&mut self, variable: Variable, group: &Group, dataset: &str) -> Result<bool> {
        let (shape, _) = group.dataset_info(dataset)?;
        let fits = self.fits(&variable, &shape);
        if fits {
            let stored = if self.on_demand { group.stored(dataset)? } else { None };
            let assigned = match stored {
                Some(stored) => Assigned::Stored(stored),
                None => Assigned::Data(group.dataset(dataset)?),
            };
            self.assignments.push((variable, assigned));
        }
        Ok(fits)
    }

    /// Plans to fill a variable with values at hand.
    fn add_data(&mut self, variable: Variable, data: TensorData) {
        if self.fits(&variable, data.shape()) {
            self.assignments.push((variable, Assigned::Data(data)));
        }
    }

    fn fits(&mut self, variable: &Variable, shape: &[usize]) -> bool {
        let fits = shape == variable.shape();
        if !fits && !self.skip_mismatch {
            self.problems.push(WeightProblem::Shape {
                path: variable.path(),
                expected: variable.shape().to_vec(),
                got: shape.to_vec(),
            });
        }
        fits
    }

    pub(super) fn missing(&mut self, variable: &Variable) {
        if !self.skip_mismatch {
            self.problems
                .push(WeightProblem::Missing { path: variable.path(), expected: variable.shape().to_vec() });
        }
    }

    pub(super) fn count(&mut self, layer: &str, expected: usize, got: usize) {
        if !self.skip_counts {
            self.problems.push(WeightProblem::Count { layer: layer.into(), expected, got });
        }
    }

    /// Matching by order needs as many layers with variables as the file has.
    pub(super) fn layers(&mut self, model: &str, expected: usize, got: usize) {
        self.problems.push(WeightProblem::Layers { model: model.into(), expected, got });
    }

    pub(super) fn unexpected(&mut self, path: String) {
        self.problems.push(WeightProblem::Unexpected { path });
    }

    /// Assigns everything, or nothing where there was a problem.
    pub(super) fn commit(self) -> Result<()> {
        if !self.problems.is_empty() {
            return Err(Error::Weights { problems: self.problems });
        }
        let ready = self.assignments.into_iter().map(|(variable, assigned)| {
            let put: Box<dyn FnOnce()> = match assigned {
                Assigned::Data(data) => {
                    let value = variable.prepare(data)?;
                    Box::new(move || variable.put(value))
                }
                Assigned::Stored(stored) => Box::new(move || variable.put_stored(Arc::new(stored))),
            };
            Ok(put)
        });
        // Nothing is stored before everything is converted.
        let ready = ready.collect::<Result<Vec<_>>>()?;
        ready.into_iter().for_each(|put| put());
        Ok(())
    }
}

impl Model {
    /// Fills the weights from a file: `.weights.h5`, legacy `.h5` by topology, a whole `.keras`, or
    /// `.safetensors` by variable path.
    ///
    /// # Errors
    /// [`Error::Weights`] lists all that is missing or misshapen; the model is then unchanged.
    /// [`Error::NotBuilt`] for a model that has no weights yet.
    pub fn load_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        self.load_weights_with(path, &LoadWeights::new())
    }

    /// As [`Model::load_weights`], with options.
    ///
    /// # Errors
    /// As [`Model::load_weights`].
    pub fn load_weights_with(&self, path: impl AsRef<Path>, options: &LoadWeights) -> Result<()> {
        let path = path.as_ref();
        if !self.is_built() {
            let hint = "call it on data, or start it with an Input";
            return Err(Error::NotBuilt { layer: self.name(), hint });
        }
        if path.extension().is_some_and(|e| e == "safetensors") {
            return self.load_by_path(safetensors::read_safetensors(path)?.tensors, options);
        }
        let legacy_only = || match options.by_name {
            true => {
                Err(Error::argument("load_weights", "by_name", "false, but for legacy .h5 files", "true"))
            }
            false => Ok(()),
        };
        on_deep_stack(|| match sniff(path)? {
            Kind::Zip => {
                legacy_only()?;
                let mut archive = super::archive::KerasArchive::open(path)?;
                tree::read(self, &archive.weights()?.root(), options)
            }
            Kind::Hdf5 => {
                let file = Hdf5File::open(path)?;
                match legacy::weights_group(&file)? {
                    Some(group) => legacy::read(self, &group, options),
                    None => {
                        legacy_only()?;
                        tree::read(self, &file.root(), options)
                    }
                }
            }
            Kind::Json => Err(Error::format(path, "HDF5", "weights", "JSON, which holds none")),
        })
    }

    fn load_by_path(&self, mut tensors: IndexMap<String, TensorData>, options: &LoadWeights) -> Result<()> {
        let mut plan = Plan::new(options);
        for (name, variable) in self.weights_by_path() {
            match tensors.swap_remove(&name) {
                Some(data) => plan.add_data(variable, data),
                None => plan.missing(&variable),
            }
        }
        if !options.skip_mismatch {
            let mut left: Vec<String> = tensors.into_keys().collect();
            left.sort();
            left.into_iter().for_each(|path| plan.unexpected(path));
        }
        plan.commit()
    }

    /// Weights by path; a path that comes again is numbered.
    pub(super) fn weights_by_path(&self) -> IndexMap<String, Variable> {
        let mut found = IndexMap::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for variable in self.weights() {
            let path = variable.path();
            let mut name = path.clone();
            let count = counts.entry(path.clone()).or_insert(0);
            while found.contains_key(&name) {
                *count += 1;
                name = format!("{path}_{count}");
            }
            found.insert(name, variable);
        }
        found
    }
}
