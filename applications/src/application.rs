//! Building an application from its arguments.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use keras_rs::activations::Activation;
use keras_rs::layer::Symbolic;
use keras_rs::layers::Input;
use keras_rs::{LoadWeights, Model, Shape, Tensor};

use crate::network::{Arguments, CLASSES, OwnArguments};
use crate::{Downloader, Error, Prediction, Result, Variant, input_shape};

/// Where an application's weights come from.
///
/// Text converts as Keras reads it: `"imagenet"`, else a file's path.
///
/// ```
/// use keras_rs_applications::Weights;
///
/// assert_eq!(Weights::from("imagenet"), Weights::Imagenet);
/// assert_eq!(Weights::from("mine.weights.h5"), Weights::Path("mine.weights.h5".into()));
/// assert_eq!(Weights::default(), Weights::Imagenet);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Newly initialised.
    None,
    /// Published by Keras, trained on ImageNet; downloaded once.
    #[default]
    Imagenet,
    /// A file: `.weights.h5`, legacy `.h5` (by topology), `.keras` or `.safetensors`.
    Path(PathBuf),
}

impl From<&str> for Weights {
    fn from(text: &str) -> Self {
        match text {
            "imagenet" => Self::Imagenet,
            "none" => Self::None,
            path => Self::Path(path.into()),
        }
    }
}

impl From<&Path> for Weights {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_path_buf())
    }
}

impl From<PathBuf> for Weights {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

/// What is done with the features, shape `(batch, rows, columns, channels)`, where there is no
/// classifier; the result is `(batch, channels)`.
///
/// ```
/// use keras_rs_applications::Pooling;
///
/// assert_eq!("avg".parse::<Pooling>()?, Pooling::Avg);
/// assert!("median".parse::<Pooling>().is_err());
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pooling {
    /// Their mean.
    Avg,
    /// Their maximum.
    Max,
}

impl FromStr for Pooling {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "avg" => Ok(Self::Avg),
            "max" => Ok(Self::Max),
            _ => Err(Error::Argument {
                context: "application",
                argument: "pooling",
                expected: "avg or max".to_owned(),
                got: format!("{name:?}"),
            }),
        }
    }
}

impl TryFrom<&str> for Pooling {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        name.parse()
    }
}

/// The arguments of an application. Keras' `keras.applications`.
///
/// Made by a type of its own for each network (`ResNet50::new()`) or by name
/// ([`Application::by_name`]). The defaults are Keras': the whole network with its classifier and
/// ImageNet weights, which are downloaded on first use.
///
/// Shapes: images `(batch, height, width, 3)`, prepared by [`Application::preprocess_input`], to
/// `(batch, classes)`; without the classifier to `(batch, rows, columns, channels)` or, with
/// pooling, `(batch, channels)`.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs_applications::{ResNet50, Weights};
///
/// let model = ResNet50::new().include_top(false).pooling("avg").weights(Weights::None).build()?;
/// assert_eq!(model.name(), "resnet50");
/// assert_eq!(model.count_params(), 23_587_712);
/// assert_eq!(model.output()?.shape().to_string(), "(None, 2048)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With published weights:
///
/// ```no_run
/// use keras_rs_applications::ResNet50;
///
/// let image = ResNet50::load_images(["elephant.jpg"])?;
/// let scores = ResNet50::new().build()?.predict(&image)?;
/// for class in &ResNet50::decode_predictions(&scores, 3)?[0] {
///     println!("{} {:.3}", class.label, class.score);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Application {
    variant: &'static Variant,
    include_top: bool,
    weights: Weights,
    input_shape: Option<Shape>,
    pooling: Option<Pooling>,
    classes: usize,
    classifier_activation: Option<Activation>,
    own: OwnArguments,
    name: Option<String>,
    downloader: Option<Downloader>,
    offline: bool,
    on_demand: bool,
    /// The first error of a setter.
    invalid: Option<Error>,
}

impl Application {
    /// Of a variant, with Keras' defaults.
    pub fn new(variant: &'static Variant) -> Self {
        Self {
            variant,
            include_top: true,
            weights: Weights::default(),
            input_shape: None,
            pooling: None,
            classes: CLASSES,
            classifier_activation: None,
            own: OwnArguments::default(),
            name: None,
            downloader: None,
            offline: false,
            on_demand: false,
            invalid: None,
        }
    }

    /// By name; case is ignored.
    ///
    /// # Errors
    /// [`Error::UnknownApplication`], which lists the names there are.
    ///
    /// ```
    /// use keras_rs_applications::Application;
    ///
    /// assert_eq!(Application::by_name("densenet121")?.variant().name, "DenseNet121");
    /// assert_eq!(Application::by_name("VGG16")?.default_input_size(), (224, 224));
    /// # Ok::<(), keras_rs_applications::Error>(())
    /// ```
    pub fn by_name(name: &str) -> Result<Self> {
        Ok(Self::new(Variant::find(name)?))
    }

    /// Sets whether large weights stay in their file until something needs them (default `false`), as
    /// [`LoadWeights::on_demand`] explains.
    #[must_use]
    pub fn on_demand(mut self, on_demand: bool) -> Self {
        self.on_demand = on_demand;
        self
    }

    /// Sets whether the network ends with its classifier (default `true`).
    #[must_use]
    pub fn include_top(mut self, include_top: bool) -> Self {
        self.include_top = include_top;
        self
    }

    /// Sets where the weights come from (default: ImageNet).
    #[must_use]
    pub fn weights(mut self, weights: impl Into<Weights>) -> Self {
        self.weights = weights.into();
        self
    }

    /// Sets the input's shape: height and width of at least [`Variant::min_size`], then channels, without the batch.
    ///
    /// By default [`Variant::default_size`] and 3 channels with the classifier, and 3 channels of any size without it; of
    /// NASNet, which needs a known width, the default size in both cases.
    #[must_use]
    pub fn input_shape(mut self, shape: impl Into<Shape>) -> Self {
        self.input_shape = Some(shape.into());
        self
    }

    /// Sets the pooling of the features without a classifier: a [`Pooling`], `"avg"` or
    /// `"max"` (default: nothing).
    #[must_use]
    pub fn pooling<P>(mut self, pooling: P) -> Self
    where
        P: TryInto<Pooling>,
        Error: From<P::Error>,
    {
        match pooling.try_into() {
            Ok(pooling) => self.pooling = Some(pooling),
            Err(error) => self.defer(error.into()),
        }
        self
    }

    /// Sets the number of classes (default 1000).
    #[must_use]
    pub fn classes(mut self, classes: usize) -> Self {
        self.classes = classes;
        self
    }

    /// Sets the classifier's activation (default `"softmax"`); `"linear"` gives the logits, as
    /// `None` does in Keras.
    #[must_use]
    pub fn classifier_activation<A>(mut self, activation: A) -> Self
    where
        A: TryInto<Activation>,
        keras_rs::Error: From<A::Error>,
    {
        match activation.try_into() {
            Ok(activation) => self.classifier_activation = Some(activation),
            Err(error) => self.defer(keras_rs::Error::from(error).into()),
        }
        self
    }

    /// Sets the factor of all layers' channels (default 1): MobileNet, MobileNetV2, MobileNetV3.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.own.alpha = Some(alpha);
        self
    }

    /// Sets how many channels a depthwise convolution makes of each (default 1): MobileNet.
    #[must_use]
    pub fn depth_multiplier(mut self, depth_multiplier: usize) -> Self {
        self.own.depth_multiplier = Some(depth_multiplier);
        self
    }

    /// Sets the rate of the dropout before the classifier (default 0.001): MobileNet.
    #[must_use]
    pub fn dropout(mut self, dropout: f64) -> Self {
        self.own.dropout = Some(dropout);
        self
    }

    /// Sets the rate of the dropout before the classifier (default 0.2): MobileNetV3.
    #[must_use]
    pub fn dropout_rate(mut self, dropout_rate: f64) -> Self {
        self.own.dropout_rate = Some(dropout_rate);
        self
    }

    /// Sets whether the network does without squeeze-and-excite, hard-swish and 5x5 convolutions (default `false`):
    /// MobileNetV3.
    #[must_use]
    pub fn minimalistic(mut self, minimalistic: bool) -> Self {
        self.own.minimalistic = Some(minimalistic);
        self
    }

    /// Sets whether the network scales pixels itself, which takes 0 to 255 (default `true`): MobileNetV3,
    /// EfficientNetV2, ConvNeXt.
    #[must_use]
    pub fn include_preprocessing(mut self, include_preprocessing: bool) -> Self {
        self.own.include_preprocessing = Some(include_preprocessing);
        self
    }

    /// Sets the model's name (default: the application's).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets how published weights are fetched (default: [`Downloader::from_env`]).
    #[must_use]
    pub fn downloader(mut self, downloader: Downloader) -> Self {
        self.downloader = Some(downloader);
        self
    }

    /// Sets whether published weights are only taken from the cache (default `false`, unless the
    /// environment says otherwise).
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// The application's row in the table.
    pub fn variant(&self) -> &'static Variant {
        self.variant
    }

    /// Default height and width of the images.
    pub fn default_input_size(&self) -> (usize, usize) {
        (self.variant.default_size, self.variant.default_size)
    }

    /// As [`Variant::preprocess_input`].
    ///
    /// # Errors
    /// As [`Variant::preprocess_input`].
    pub fn preprocess_input(&self, images: &Tensor) -> Result<Tensor> {
        self.variant.preprocess_input(images)
    }

    /// As [`Variant::decode_predictions`].
    ///
    /// # Errors
    /// As [`Variant::decode_predictions`].
    pub fn decode_predictions(&self, scores: &Tensor, top: usize) -> Result<Vec<Vec<Prediction>>> {
        self.variant.decode_predictions(scores, top)
    }

    /// Makes the model and fills it with its weights.
    ///
    /// # Errors
    /// [`Error::Argument`] where arguments do not go together, by Keras' rules; those of
    /// [`Downloader::fetch`]; [`Error::Weights`] where a weights file does not fit.
    pub fn build(mut self) -> Result<Model> {
        if let Some(error) = self.invalid.take() {
            return Err(error);
        }
        let arguments = self.arguments()?;
        let model = self.model(&arguments)?;
        let options = LoadWeights::new().on_demand(self.on_demand);
        if let Some(path) = self.weights_file(&arguments)? {
            model.load_weights_with(&path, &options).map_err(|source| Error::Weights { path, source })?;
        }
        Ok(model)
    }

    fn defer(&mut self, error: Error) {
        self.invalid.get_or_insert(error);
    }

    /// What the architecture is built from; the arguments are checked against each other.
    fn arguments(&self) -> Result<Arguments> {
        let refuse = |argument, expected: &str, got| {
            Err(Error::Argument { context: self.variant.name, argument, expected: expected.to_owned(), got })
        };
        if let Weights::Path(path) = &self.weights
            && !path.exists()
        {
            let expected = "none, imagenet, or the path of a weights file";
            return refuse("weights", expected, format!("{}, which does not exist", path.display()));
        }
        let imagenet = self.weights == Weights::Imagenet;
        if imagenet && self.include_top && self.classes != CLASSES {
            let expected = "1000 with ImageNet weights and the classifier";
            return refuse("classes", expected, self.classes.to_string());
        }
        if self.include_top
            && self.weights != Weights::None
            && let Some(activation) = &self.classifier_activation
            && *activation != Activation::linear()
            && *activation != Activation::try_from("softmax")?
        {
            let expected = "softmax or linear with pretrained weights";
            return refuse("classifier_activation", expected, format!("{activation:?}"));
        }
        if let Some(unknown) =
            self.own.names().find(|name| !self.variant.network.own_arguments().contains(name))
        {
            let own = self.variant.network.own_arguments().join(", ");
            let expected = if own.is_empty() { "no argument beside those of all applications" } else { &own };
            return refuse(unknown, expected, "an argument that this application has not".to_owned());
        }
        let input_shape =
            input_shape::obtain(self.variant, self.input_shape.as_ref(), self.include_top, imagenet)?;
        let mut arguments = Arguments {
            include_top: self.include_top,
            classes: self.classes,
            classifier_activation: self.classifier_activation.clone(),
            input_shape,
            own: self.own.clone(),
            name: String::new(),
            imagenet,
        };
        let default = || self.variant.network.model_name(self.variant, &arguments);
        arguments.name = self.name.clone().unwrap_or_else(default);
        self.variant.network.check(self.variant, &arguments, imagenet)?;
        Ok(arguments)
    }

    fn model(&self, arguments: &Arguments) -> keras_rs::Result<Model> {
        let network = self.variant.network;
        let image = Input::new(arguments.input_shape.clone());
        let x = network.features(&image.keras_tensor()?, arguments)?;
        let y = match self.include_top {
            true => network.classifier(&x, arguments)?,
            false => network.without_classifier(x, self.pooling)?,
        };
        Model::named(&arguments.name, &image, &y)
    }

    /// The file to load; downloads it if necessary.
    fn weights_file(self, arguments: &Arguments) -> Result<Option<PathBuf>> {
        match self.weights {
            Weights::None => Ok(None),
            Weights::Path(path) => Ok(Some(path)),
            Weights::Imagenet => {
                let mut downloader = self.downloader.map_or_else(Downloader::from_env, Ok)?;
                if self.offline {
                    downloader = downloader.offline(true);
                }
                downloader.fetch(&self.variant.network.weights(self.variant, arguments)).map(Some)
            }
        }
    }
}
