//! The files of a dataset with their labels.

use super::settings::{LabelMode, Labels, Settings, Subset};
use super::{shuffle, walk};
use crate::data::Columns;
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files in the order of the dataset.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) paths: Vec<PathBuf>,
    /// One for each file, unless there are no labels.
    pub(super) labels: Option<Vec<i32>>,
    pub(super) class_names: Option<Vec<String>>,
    label_mode: LabelMode,
    /// Seed of the order of the files, and of the order in epochs.
    pub(super) seed: u32,
}

impl Files {
    /// Lists the files, and shuffles them if the settings say so.
    fn list(directory: &Path, settings: &Settings, formats: &[&str], context: &str) -> Result<Self> {
        let wanted = if settings.label_mode == LabelMode::None { &Labels::None } else { &settings.labels };
        let seed = settings.seed.unwrap_or_else(|| crate::random::next_seed() % 1_000_000) as u32;
        let mut files = Self {
            paths: Vec::new(),
            labels: None,
            class_names: None,
            label_mode: settings.label_mode,
            seed,
        };
        match wanted {
            Labels::Inferred => files.infer(directory, settings, formats, context)?,
            other => {
                files.paths = walk::files(directory, formats, settings.follow_links)?;
                if let Labels::List(labels) = other {
                    files.label(labels, context)?;
                }
            }
        }
        if files.paths.is_empty() {
            let expected = format!("a directory with files {}", formats.join(", "));
            return Err(Error::argument(context, "directory", expected, directory.display()));
        }
        files.check_labels(context)?;
        if settings.shuffle {
            shuffle::shuffle(&mut files.paths, seed);
            if let Some(labels) = &mut files.labels {
                shuffle::shuffle(labels, seed);
            }
        }
        Ok(files)
    }

    /// Takes labels from the names of subdirectories.
    fn infer(
        &mut self,
        directory: &Path,
        settings: &Settings,
        formats: &[&str],
        context: &str,
    ) -> Result<()> {
        let found = walk::subdirectories(directory)?;
        let names = match &settings.class_names {
            None => found,
            Some(names) => {
                let distinct: BTreeSet<&String> = names.iter().collect();
                if distinct.len() < names.len() || names.iter().any(|name| !found.contains(name)) {
                    let expected = format!("some of the subdirectories {found:?}, each once");
                    return Err(Error::argument(context, "class_names", expected, format!("{names:?}")));
                }
                names.clone()
            }
        };
        let mut labels = Vec::new();
        for (class, name) in names.iter().enumerate() {
            let files = walk::files(&directory.join(name), formats, settings.follow_links)?;
            labels.extend(files.iter().map(|_| class as i32));
            self.paths.extend(files);
        }
        self.labels = Some(labels);
        self.class_names = Some(names);
        Ok(())
    }

    /// Takes labels from a list.
    fn label(&mut self, labels: &[i32], context: &str) -> Result<()> {
        if labels.len() != self.paths.len() {
            let expected = format!("one for each of {} files", self.paths.len());
            return Err(Error::argument(context, "labels", expected, format!("{} labels", labels.len())));
        }
        let distinct: BTreeSet<i32> = labels.iter().copied().collect();
        self.class_names = Some(distinct.iter().map(ToString::to_string).collect());
        self.labels = Some(labels.to_vec());
        Ok(())
    }

    /// Checks that the labels can be encoded as the settings say.
    fn check_labels(&self, context: &str) -> Result<()> {
        let (Some(labels), Some(names)) = (&self.labels, &self.class_names) else { return Ok(()) };
        if self.label_mode == LabelMode::Binary && names.len() != 2 {
            let got = format!("{} classes: {names:?}", names.len());
            return Err(Error::argument(context, "label_mode", "2 classes for binary labels", got));
        }
        let within = |label: &&i32| !(0..names.len() as i32).contains(*label);
        match labels.iter().find(within) {
            Some(label) if self.label_mode != LabelMode::Int => {
                let expected = format!("numbers below {}, which is how many classes there are", names.len());
                Err(Error::argument(context, "labels", expected, label))
            }
            _ => Ok(()),
        }
    }

    /// The files for training, and the last ones for validation.
    fn split(self, split: f64, context: &str) -> Result<(Self, Self)> {
        let count = self.paths.len();
        let validation = (split * count as f64) as usize;
        if validation == 0 || validation >= count {
            let expected = format!("a fraction that leaves both subsets some of {count} files");
            return Err(Error::argument(context, "validation_split", expected, format!("{split:?}")));
        }
        let at = count - validation;
        let mut training = self;
        let validation = Self {
            paths: training.paths.split_off(at),
            labels: training.labels.as_mut().map(|labels| labels.split_off(at)),
            class_names: training.class_names.clone(),
            ..training
        };
        Ok((training, validation))
    }

    /// The files of the subset in the settings.
    pub(super) fn one(
        directory: &Path,
        settings: &Settings,
        formats: &[&str],
        context: &str,
    ) -> Result<Self> {
        settings.check(context, false)?;
        let files = Self::list(directory, settings, formats, context)?;
        let Some(split) = settings.validation_split else { return Ok(files) };
        let (training, validation) = files.split(split, context)?;
        Ok(if settings.subset == Some(Subset::Validation) { validation } else { training })
    }

    /// The files for training and those for validation.
    pub(super) fn both(
        directory: &Path,
        settings: &Settings,
        formats: &[&str],
        context: &str,
    ) -> Result<(Self, Self)> {
        settings.check(context, true)?;
        let files = Self::list(directory, settings, formats, context)?;
        files.split(settings.validation_split.unwrap_or_default(), context)
    }

    /// The labels of files, encoded.
    pub(super) fn targets(&self, numbers: &[usize]) -> Result<Columns> {
        let Some(labels) = &self.labels else { return Ok(Columns::None) };
        let picked: Vec<i32> = numbers.iter().filter_map(|&n| labels.get(n).copied()).collect();
        let count = picked.len();
        let tensor = match self.label_mode {
            LabelMode::None => return Ok(Columns::None),
            LabelMode::Int => Tensor::from_vec(picked, [count])?,
            LabelMode::Binary => {
                Tensor::from_vec(picked.into_iter().map(|l| l as f32).collect(), [count, 1])?
            }
            LabelMode::Categorical => {
                let classes = self.class_names.as_ref().map_or(0, Vec::len);
                let mut ones = vec![0.0_f32; count * classes];
                for (row, label) in ones.chunks_mut(classes.max(1)).zip(picked) {
                    if let Some(one) = row.get_mut(label as usize) {
                        *one = 1.0;
                    }
                }
                Tensor::from_vec(ones, [count, classes])?
            }
        };
        Ok(tensor.into())
    }
}
