//! Names of a network's own classes, and the best classes of its scores.

use std::path::Path;

use keras_rs::{DType, Tensor};

use crate::imagenet::best_of;
use crate::{Error, Result};

/// The names of a network's classes, in the order of its outputs: for networks with other classes than ImageNet's.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs_applications::Labels;
///
/// let labels = Labels::new(["cat", "dog", "horse"]);
/// let scores = Tensor::from_vec(vec![0.25_f32, 0.75, 0.0], [1, 3])?;
/// let best = &labels.decode_predictions(&scores, 2)?[0];
/// assert_eq!((best[0].label, best[0].score), ("dog", 0.75));
/// assert_eq!((best[1].label, best[1].index), ("cat", 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels(Vec<String>);

/// One of the best classes of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabeledPrediction<'a> {
    /// The class' position among the network's outputs.
    pub index: usize,
    /// The class' label.
    pub label: &'a str,
    /// What the network gave this class; a probability if its last activation is softmax.
    pub score: f32,
}

impl Labels {
    /// Of these names.
    pub fn new<L: Into<String>>(names: impl IntoIterator<Item = L>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// From a text file in UTF-8 with one label a line; spaces around labels and empty lines at the end do not count.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read or is no UTF-8; [`Error::Argument`] if it holds no label.
    ///
    /// ```
    /// use keras_rs_applications::Labels;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// let file = directory.path().join("labels.txt");
    /// std::fs::write(&file, "cat\ndog\n")?;
    /// assert_eq!(Labels::read(&file)?, Labels::new(["cat", "dog"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        // Editors on Windows put this mark in front.
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.is_empty() {
            return Err(Error::Argument {
                context: "Labels::read",
                argument: "path",
                expected: "a file with one label a line".to_owned(),
                got: format!("{}, which holds none", path.display()),
            });
        }
        Ok(Self::new(text.lines().map(str::trim)))
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The `top` best classes of each sample, best first, as [`decode_predictions`](crate::decode_predictions) orders
    /// them; `scores` has the shape `(batch, classes)`, with one label a class.
    ///
    /// # Errors
    /// [`Error::Argument`] if the shape is another.
    pub fn decode_predictions(&self, scores: &Tensor, top: usize) -> Result<Vec<Vec<LabeledPrediction<'_>>>> {
        let classes = self.0.len();
        if classes == 0 || scores.rank() != 2 || scores.shape().last() != Some(&classes) {
            return Err(Error::Argument {
                context: "Labels::decode_predictions",
                argument: "scores",
                expected: format!("the shape (batch, {classes}): there are {classes} labels"),
                got: format!("{:?}", scores.shape()),
            });
        }
        let values = scores.cast(DType::F32)?.to_vec::<f32>()?;
        let labeled = |row| {
            let named = |(index, score)| Some(LabeledPrediction { index, label: self.0.get(index)?, score });
            best_of(row, top).filter_map(named).collect()
        };
        Ok(values.chunks(classes).map(labeled).collect())
    }
}
