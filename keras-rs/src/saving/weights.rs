//! Loading and saving weights alone.

use super::hdf5::{Group, Hdf5File, on_deep_stack};
use super::load::{Kind, sniff};
use super::{legacy, safetensors, tree};
use crate::error::{Error, Result, WeightProblem};
use crate::models::Model;
use crate::tensor::TensorData;
use crate::variable::Variable;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::path::Path;

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

    /// Whether mismatches are skipped.
    pub(super) fn skips_mismatch(&self) -> bool {
        self.skip_mismatch
    }

    /// Whether legacy files are matched by layer names.
    pub fn is_by_name(&self) -> bool {
        self.by_name
    }
}

/// Assignments that a file asks for, made only where all of them can be.
pub(super) struct Plan {
    skip_mismatch: bool,
    /// Whether layers with another number of weights are skipped.
    skip_counts: bool,
    assignments: Vec<(Variable, TensorData)>,
    problems: Vec<WeightProblem>,
}

impl Plan {
    pub(super) fn new(options: &LoadWeights) -> Self {
        let skips = options.skip_mismatch;
        Self { skip_mismatch: skips, skip_counts: skips, assignments: Vec::new(), problems: Vec::new() }
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
            let data = group.dataset(dataset)?;
            self.assignments.push((variable, data));
        }
        Ok(fits)
    }

    /// Plans to fill a variable with values at hand.
    fn add_data(&mut self, variable: Variable, data: TensorData) {
        if self.fits(&variable, data.shape()) {
            self.assignments.push((variable, data));
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
        let ready = self.assignments.into_iter().map(|(variable, data)| {
            let value = variable.prepare(data)?;
            Ok((variable, value))
        });
        // Nothing is stored before everything is converted.
        let ready = ready.collect::<Result<Vec<_>>>()?;
        ready.into_iter().for_each(|(variable, value)| variable.put(value));
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
