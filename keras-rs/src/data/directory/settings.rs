//! Arguments that loaders of directories share.

use crate::error::{Error, Result};

/// Where the labels of files come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Labels {
    /// From the subdirectory that a file is in.
    #[default]
    Inferred,
    /// There are none.
    None,
    /// One for each file, in the order of the files' paths; the directory's structure is ignored.
    List(Vec<i32>),
}

impl From<Vec<i32>> for Labels {
    fn from(labels: Vec<i32>) -> Self {
        Self::List(labels)
    }
}

/// How labels are encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelMode {
    /// `int32`, shape `(batch,)`; for `sparse_categorical_crossentropy`.
    #[default]
    Int,
    /// `float32`, shape `(batch, classes)`, one of them 1; for `categorical_crossentropy`.
    Categorical,
    /// `float32`, shape `(batch, 1)`, 0 or 1; for `binary_crossentropy`. There must be two classes.
    Binary,
    /// No labels, as [`Labels::None`].
    None,
}

/// Which part of the files to use with a validation split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subset {
    /// All but those for validation.
    Training,
    /// The last fraction.
    Validation,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) labels: Labels,
    pub(super) label_mode: LabelMode,
    pub(super) class_names: Option<Vec<String>>,
    pub(super) batch_size: usize,
    pub(super) shuffle: bool,
    pub(super) seed: Option<u64>,
    pub(super) validation_split: Option<f64>,
    pub(super) subset: Option<Subset>,
    pub(super) follow_links: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            labels: Labels::Inferred,
            label_mode: LabelMode::Int,
            class_names: None,
            batch_size: 32,
            shuffle: true,
            seed: None,
            validation_split: None,
            subset: None,
            follow_links: false,
        }
    }
}

impl Settings {
    /// Checks what does not depend on the files; `both` subsets are asked for, or only that named.
    pub(super) fn check(&self, context: &str, both: bool) -> Result<()> {
        let refused = |argument: &str, expected: &str, got: String| {
            Err(Error::argument(context, argument, expected, got))
        };
        if self.batch_size == 0 {
            return refused("batch_size", "at least 1", "0".into());
        }
        if let Some(seed) = self.seed
            && seed > u64::from(u32::MAX)
        {
            return refused("seed", "at most 4294967295, as NumPy takes", seed.to_string());
        }
        if let Some(split) = self.validation_split
            && !(split > 0.0 && split < 1.0)
        {
            return refused("validation_split", "a number between 0 and 1", format!("{split:?}"));
        }
        match (self.validation_split, self.subset, both) {
            (Some(_), None, false) => {
                return refused("subset", "the subset to use, as `validation_split` is set", "none".into());
            }
            (None, Some(subset), _) => {
                return refused("validation_split", &format!("a fraction for {subset:?}"), "none".into());
            }
            (None, None, true) => return refused("validation_split", "a fraction", "none".into()),
            (Some(_), Some(subset), true) => {
                return refused("subset", "none, as both are asked for", format!("{subset:?}"));
            }
            _ => {}
        }
        if self.validation_split.is_some() && self.shuffle && self.seed.is_none() {
            let expected = "a seed, so that training and validation files do not overlap";
            return refused("seed", expected, "none".into());
        }
        if let Some(names) = &self.class_names
            && (self.labels != Labels::Inferred || self.label_mode == LabelMode::None)
        {
            return refused("class_names", "none, as labels are not inferred", format!("{names:?}"));
        }
        Ok(())
    }
}

/// The setters that loaders of directories share.
macro_rules! directory_setters {
    () => {
        /// Where labels come from (default: the subdirectories' names).
        #[must_use]
        pub fn labels(mut self, labels: impl Into<Labels>) -> Self {
            self.settings.labels = labels.into();
            self
        }

        /// How labels are encoded (default: as whole numbers).
        #[must_use]
        pub fn label_mode(mut self, label_mode: LabelMode) -> Self {
            self.settings.label_mode = label_mode;
            self
        }

        /// The subdirectories to use, and the order of their classes (default: all, in the order of
        /// their names).
        #[must_use]
        pub fn class_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
            self.settings.class_names = Some(names.into_iter().map(Into::into).collect());
            self
        }

        /// Samples in a batch (default: 32).
        #[must_use]
        pub fn batch_size(mut self, batch_size: usize) -> Self {
            self.settings.batch_size = batch_size;
            self
        }

        /// Whether to shuffle the files, and the samples in each epoch (default: yes).
        ///
        /// Which files are for validation is the same as in Keras with the same seed; the order
        /// within an epoch is not, as Keras' differs between its backends.
        #[must_use]
        pub fn shuffle(mut self, shuffle: bool) -> Self {
            self.settings.shuffle = shuffle;
            self
        }

        /// Seed of the shuffling, at most 4294967295 (default: drawn from the process' stream of seeds).
        #[must_use]
        pub fn seed(mut self, seed: u64) -> Self {
            self.settings.seed = Some(seed);
            self
        }

        /// Fraction of the files to use for validation (default: none). Of `n` files it is the last
        /// `floor(n * validation_split)` ones, after shuffling.
        #[must_use]
        pub fn validation_split(mut self, validation_split: f64) -> Self {
            self.settings.validation_split = Some(validation_split);
            self
        }

        /// Which part to use where `validation_split` is set.
        #[must_use]
        pub fn subset(mut self, subset: Subset) -> Self {
            self.settings.subset = Some(subset);
            self
        }

        /// Whether to follow links to directories (default: no). Links to files are always followed.
        #[must_use]
        pub fn follow_links(mut self, follow_links: bool) -> Self {
            self.settings.follow_links = follow_links;
            self
        }
    };
}

pub(super) use directory_setters;
