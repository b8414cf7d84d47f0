//! Texts in directories.

use super::files::Files;
use super::settings::{LabelMode, Labels, Settings, Subset, directory_setters};
use crate::data::{Batch, Batches, Columns, Samples};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

const FORMATS: [&str; 1] = [".txt"];

/// The arguments of [`text_dataset_from_directory`]; the default is Keras'.
///
/// Keras' `format` and `verbose` are left out; batches of none (`batch_size=None`) are not made.
#[derive(Clone, Debug, Default)]
pub struct TextDatasetFromDirectory {
    settings: Settings,
    max_length: Option<usize>,
}

impl TextDatasetFromDirectory {
    /// Keras' defaults.
    pub fn new() -> Self {
        Self::default()
    }

    directory_setters!();

    /// Number of characters to truncate texts to (default: no limit).
    ///
    /// As in Keras with `format="grain"`; TensorFlow counts bytes.
    #[must_use]
    pub fn max_length(mut self, max_length: usize) -> Self {
        self.max_length = Some(max_length);
        self
    }

    fn dataset(&self, files: Files) -> TextDataset {
        TextDataset { files, max_length: self.max_length, settings: self.settings.clone() }
    }
}

/// Texts in a directory, one subdirectory a class: files `.txt` in UTF-8.
///
/// Tensors hold numbers only, so a batch has its texts as strings. [`TextDataset::map`] makes
/// tensors of them for training.
///
/// # Errors
/// [`Error::Io`] where the directory cannot be listed; [`Error::Argument`] where there are no texts,
/// where labels and files differ in number, or for arguments that do not go together. Reading a batch
/// gives [`Error::Format`] for a file that is not UTF-8.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::data::{TextDatasetFromDirectory, text_dataset_from_directory};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let directory = directory.path();
/// # for class in ["bad", "good"] {
/// #     std::fs::create_dir(directory.join(class)).unwrap();
/// #     std::fs::write(directory.join(class).join("1.txt"), class).unwrap();
/// # }
/// let options = TextDatasetFromDirectory::new().shuffle(false);
/// let texts = text_dataset_from_directory(directory, options)?;
/// assert_eq!(texts.iter().next().unwrap()?.texts, ["bad", "good"]);
///
/// let mut batches = texts.map(|texts| {
///     let lengths = texts.iter().map(|text| text.len() as f32).collect();
///     Ok(Tensor::from_vec(lengths, [texts.len(), 1])?.into())
/// });
/// let batch = batches.epoch(0)?.next().unwrap()?;
/// assert_eq!(batch.x.tensors().next().unwrap().to_vec::<f32>()?, [3.0, 4.0]);
/// assert_eq!(batch.y.tensors().next().unwrap().to_vec::<i32>()?, [0, 1]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn text_dataset_from_directory(
    directory: impl AsRef<Path>,
    options: TextDatasetFromDirectory,
) -> Result<TextDataset> {
    const CONTEXT: &str = "text_dataset_from_directory";
    Ok(options.dataset(Files::one(directory.as_ref(), &options.settings, &FORMATS, CONTEXT)?))
}

/// As [`text_dataset_from_directory`], giving the texts for training and those for validation:
/// Keras' `subset="both"`.
///
/// # Errors
/// As [`text_dataset_from_directory`].
pub fn text_datasets_from_directory(
    directory: impl AsRef<Path>,
    options: TextDatasetFromDirectory,
) -> Result<(TextDataset, TextDataset)> {
    const CONTEXT: &str = "text_datasets_from_directory";
    let (training, validation) = Files::both(directory.as_ref(), &options.settings, &FORMATS, CONTEXT)?;
    let training = options.dataset(training);
    // Validation data are not shuffled.
    let validation = options.shuffle(false).dataset(validation);
    Ok((training, validation))
}

/// Texts with their labels.
#[derive(Clone, Debug)]
pub struct TextBatch {
    /// The texts.
    pub texts: Vec<String>,
    /// Their labels, encoded; none where there are no labels.
    pub labels: Columns,
}

/// Texts in a directory; see [`text_dataset_from_directory`].
#[derive(Clone, Debug)]
pub struct TextDataset {
    files: Files,
    max_length: Option<usize>,
    settings: Settings,
}

impl TextDataset {
    /// Names of the classes, in the order of their indices; empty without labels.
    pub fn class_names(&self) -> Option<&[String]> {
        self.files.class_names.as_deref()
    }

    /// The files, in the order of the samples.
    pub fn file_paths(&self) -> &[PathBuf] {
        &self.files.paths
    }

    /// The class of each file, where there are labels.
    pub fn labels(&self) -> Option<&[i32]> {
        self.files.labels.as_deref()
    }

    /// Reads the texts with these indices; indices beyond the last are ignored.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read, [`Error::Format`] for one that is not UTF-8.
    pub fn batch(&self, numbers: &[usize]) -> Result<TextBatch> {
        let paths = numbers.iter().filter_map(|&n| self.files.paths.get(n));
        let texts = paths.map(|path| self.text(path)).collect::<Result<_>>()?;
        Ok(TextBatch { texts, labels: self.files.targets(numbers)? })
    }

    /// Reads all texts in batches, in the order of [`TextDataset::file_paths`].
    pub fn iter(&self) -> impl Iterator<Item = Result<TextBatch>> {
        let size = self.settings.batch_size;
        (0..self.files.paths.len()).step_by(size).map(move |start| {
            let end = self.files.paths.len().min(start + size);
            self.batch(&(start..end).collect::<Vec<_>>())
        })
    }

    /// Batches as the loader's arguments say, of the tensors that a function makes of texts.
    pub fn map(self, encode: impl Fn(&[String]) -> Result<Columns> + Send + Sync + 'static) -> Batches {
        let Settings { batch_size, shuffle, .. } = self.settings;
        let seed = self.files.seed.into();
        Batches::from_samples(Encoded { texts: self, encode })
            .batch_size(batch_size)
            .shuffle(shuffle)
            .seed(seed)
    }

    fn text(&self, path: &Path) -> Result<String> {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, "read", e))?;
        let mut text = String::from_utf8(bytes).map_err(|e| Error::format(path, "text", "UTF-8", e))?;
        if let Some((end, _)) = self.max_length.and_then(|most| text.char_indices().nth(most)) {
            text.truncate(end);
        }
        Ok(text)
    }
}

struct Encoded<F> {
    texts: TextDataset,
    encode: F,
}

impl<F: Fn(&[String]) -> Result<Columns> + Send + Sync> Samples for Encoded<F> {
    fn num_samples(&self) -> usize {
        self.texts.files.paths.len()
    }

    fn batch(&self, numbers: &[usize]) -> Result<Batch> {
        let TextBatch { texts, labels } = self.texts.batch(numbers)?;
        Ok(Batch::new((self.encode)(&texts)?, labels))
    }
}
