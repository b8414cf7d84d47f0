//! What the file of a family holds: the architecture, and where it differs from other families.

use std::fmt;

use keras_rs::activations::Activation;
use keras_rs::layer::KerasTensor;
use keras_rs::layers::{Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, LayerExt};
use keras_rs::{Result, Shape};

use crate::variants::WEIGHTS_URL;
use crate::weights::{Hash, WeightFile};
use crate::{Family, Pooling, Variant};

/// Number of ImageNet classes, the default of an application.
pub(crate) const CLASSES: usize = 1000;

/// What an architecture is built from: the arguments of an application that decide about its layers.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) include_top: bool,
    pub(crate) classes: usize,
    pub(crate) classifier_activation: Option<Activation>,
    /// Shape of an image, without the batch.
    pub(crate) input_shape: Shape,
    /// Arguments that only some families have.
    pub(crate) own: OwnArguments,
    /// The model's name, with which layers' names begin in some families.
    pub(crate) name: String,
    /// Whether published weights will be loaded.
    pub(crate) imagenet: bool,
}

/// Arguments that only some families have; `None` stands for the family's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OwnArguments {
    pub(crate) alpha: Option<f64>,
    pub(crate) depth_multiplier: Option<usize>,
    pub(crate) dropout: Option<f64>,
    pub(crate) dropout_rate: Option<f64>,
    pub(crate) minimalistic: Option<bool>,
    pub(crate) include_preprocessing: Option<bool>,
}

impl OwnArguments {
    /// The names of those that are set.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        [
            ("alpha", self.alpha.is_some()),
            ("depth_multiplier", self.depth_multiplier.is_some()),
            ("dropout", self.dropout.is_some()),
            ("dropout_rate", self.dropout_rate.is_some()),
            ("minimalistic", self.minimalistic.is_some()),
            ("include_preprocessing", self.include_preprocessing.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, set)| set.then_some(name))
    }
}

impl Arguments {
    /// Those of the published weights of a variant.
    pub(crate) fn published(variant: &Variant, include_top: bool) -> Self {
        Self {
            include_top,
            classes: CLASSES,
            classifier_activation: None,
            input_shape: Shape::from([variant.default_size, variant.default_size, 3]),
            own: OwnArguments::default(),
            name: variant.model_name.to_owned(),
            imagenet: true,
        }
    }

    /// The activation of the classifier.
    pub(crate) fn activation(&self) -> Result<Activation> {
        self.classifier_activation.clone().map_or_else(|| Activation::try_from("softmax"), Ok)
    }
}

/// The architecture of a family, with what tells its variants apart.
///
/// What a method of this trait gives by itself is how most families do it.
pub(crate) trait Network: fmt::Debug + Sync {
    fn family(&self) -> Family;

    /// Everything before the classifier.
    ///
    /// # Errors
    /// Those of the layers.
    fn features(&self, image: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor>;

    /// From the features to the scores.
    ///
    /// # Errors
    /// Those of the layers.
    fn classifier(&self, x: &KerasTensor, arguments: &Arguments) -> Result<KerasTensor> {
        let x = GlobalAveragePooling2D::new().name("avg_pool").apply(x)?;
        Dense::new(arguments.classes).activation(arguments.activation()?).name("predictions").apply(&x)
    }

    /// The features with the chosen pooling, where there is no classifier.
    ///
    /// # Errors
    /// Those of the layers.
    fn pooled(&self, x: KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
        match pooling {
            Pooling::Avg => GlobalAveragePooling2D::new().name("avg_pool").apply(&x),
            Pooling::Max => GlobalMaxPooling2D::new().name("max_pool").apply(&x),
        }
    }

    /// What follows the features where there is no classifier.
    ///
    /// # Errors
    /// Those of the layers.
    fn without_classifier(&self, x: KerasTensor, pooling: Option<Pooling>) -> Result<KerasTensor> {
        match pooling {
            Some(pooling) => self.pooled(x, pooling),
            None => Ok(x),
        }
    }

    /// The arguments that the family has beside the common ones, as named by Keras.
    fn own_arguments(&self) -> &'static [&'static str] {
        &[]
    }

    /// Checks arguments against each other and against published weights (`imagenet`), beyond what is common to all.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument).
    fn check(&self, _variant: &Variant, _arguments: &Arguments, _imagenet: bool) -> crate::Result<()> {
        Ok(())
    }

    /// Default height and width of the images for a chosen input shape.
    fn default_size(&self, variant: &Variant, _input_shape: Option<&Shape>) -> usize {
        variant.default_size
    }

    /// Whether the images' default size is the same without the classifier, instead of any.
    fn is_fixed_without_classifier(&self) -> bool {
        false
    }

    /// The model's default name.
    fn model_name(&self, variant: &Variant, _arguments: &Arguments) -> String {
        variant.model_name.to_owned()
    }

    /// The published weights.
    fn weights(&self, variant: &Variant, arguments: &Arguments) -> WeightFile {
        let suffix = if arguments.include_top { "" } else { "_notop" };
        let file = format!("{}_weights_tf_dim_ordering_tf_kernels{suffix}.h5", variant.model_name);
        published(variant, file, arguments.include_top)
    }
}

/// A file among the variant's published weights, with the hash that the table has.
pub(crate) fn published(variant: &Variant, file: String, include_top: bool) -> WeightFile {
    published_as(variant, file.clone(), &file, include_top)
}

/// As [`published`], where the file has another name in the cache (`kept`) than where it is published.
pub(crate) fn published_as(variant: &Variant, kept: String, file: &str, include_top: bool) -> WeightFile {
    let url = format!("{WEIGHTS_URL}/{}/{file}", variant.directory);
    WeightFile::new(kept, url, variant.flavor(include_top).hash.map(Hash::of_table))
}

/// The features with the chosen pooling, under names that Keras numbers.
pub(crate) fn pooled_unnamed(x: &KerasTensor, pooling: Pooling) -> Result<KerasTensor> {
    match pooling {
        Pooling::Avg => GlobalAveragePooling2D::new().apply(x),
        Pooling::Max => GlobalMaxPooling2D::new().apply(x),
    }
}
