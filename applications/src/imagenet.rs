//! The 1000 ImageNet classes, and the best classes of a network's scores.
//!
//! The table is `data/imagenet_classes.txt`, whose generator lies beside it. Written as Keras'
//! `imagenet_class_index.json` it has that file's md5.

use std::sync::LazyLock;

use crate::{Error, Result};

/// Number of classes.
const COUNT: usize = 1000;

static CLASSES: LazyLock<Vec<ImageNetClass>> = LazyLock::new(|| {
    include_str!("../data/imagenet_classes.txt")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(wordnet_id, label)| ImageNetClass { wordnet_id, label })
        .collect()
});

/// One class of ImageNet (ILSVRC 2012).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageNetClass {
    /// The synset's WordNet id, such as `n01440764`.
    pub wordnet_id: &'static str,
    /// The label, words joined by underscores. Two pairs of classes share one (`crane`, `maillot`).
    pub label: &'static str,
}

/// All 1000 classes, in the order of the networks' outputs.
///
/// ```
/// use keras_rs_applications::imagenet_classes;
///
/// assert_eq!(imagenet_classes().len(), 1000);
/// assert_eq!(imagenet_classes()[2].wordnet_id, "n01484850");
/// assert_eq!(imagenet_classes()[2].label, "great_white_shark");
/// ```
pub fn imagenet_classes() -> &'static [ImageNetClass] {
    &CLASSES
}

/// One of the best classes of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The class' position among the network's outputs.
    pub index: usize,
    /// The synset's WordNet id.
    pub wordnet_id: &'static str,
    /// The class' label.
    pub label: &'static str,
    /// What the network gave this class; a probability if its last activation is softmax.
    pub score: f32,
}

/// The `top` best classes of each row of scores, best first.
///
/// `values` holds one row of 1000 scores an image, rows after each other, as a network with
/// ImageNet weights returns them (shape `(batch, 1000)`). Equal scores are ordered by
/// descending index, NaN comes first, as NumPy sorts them for Keras. `top` above 1000 gives
/// every class.
///
/// # Errors
/// [`Error::Argument`] if `values` is not a whole number of rows of 1000.
///
/// ```
/// use keras_rs_applications::decode_predictions;
///
/// let mut scores = vec![0.0; 1000];
/// scores[285] = 0.75;
/// scores[281] = 0.25;
/// let best = &decode_predictions(&scores, 2)?[0];
/// assert_eq!((best[0].wordnet_id, best[0].label, best[0].score), ("n02124075", "Egyptian_cat", 0.75));
/// assert_eq!((best[1].wordnet_id, best[1].label, best[1].score), ("n02123045", "tabby", 0.25));
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
pub fn decode_predictions(values: &[f32], top: usize) -> Result<Vec<Vec<Prediction>>> {
    if !values.len().is_multiple_of(COUNT) {
        return Err(Error::Argument {
            context: "decode_predictions",
            argument: "values",
            expected: format!("rows of {COUNT} class scores"),
            got: format!("{} values", values.len()),
        });
    }
    let named = |(index, score)| {
        CLASSES.get(index).map(|class| Prediction {
            index,
            wordnet_id: class.wordnet_id,
            label: class.label,
            score,
        })
    };
    Ok(values.chunks(COUNT).map(|row| best_of(row, top).filter_map(named).collect()).collect())
}

/// The `top` best classes with their scores, best first.
pub(crate) fn best_of(scores: &[f32], top: usize) -> impl Iterator<Item = (usize, f32)> {
    // NumPy holds -0.0 and 0.0 for equal and every NaN for the largest.
    let rank = |score: f32| if score.is_nan() { f32::NAN } else { score + 0.0 };
    let mut order: Vec<(usize, f32)> = scores.iter().copied().enumerate().collect();
    order.sort_by(|(i, a), (j, b)| rank(*b).total_cmp(&rank(*a)).then(j.cmp(i)));
    order.into_iter().take(top)
}
