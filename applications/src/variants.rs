//! The one table of applications: every variant with its sizes, preprocessing and weights.

use crate::preprocess::PreprocessMode;
use crate::weights::{Hash, WeightFile};
use crate::{Error, Result};

/// Where Keras publishes the weights of its applications.
pub const WEIGHTS_URL: &str = "https://storage.googleapis.com/tensorflow/keras-applications";

/// The architecture a variant belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Densely connected blocks.
    DenseNet,
    /// Residual blocks, normalised after each convolution.
    ResNet,
    /// Residual blocks, normalised before each convolution.
    ResNetV2,
    /// Plain 3x3 convolutions.
    Vgg,
}

/// What differs between an application with its classifier and without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavor {
    /// Number of scalars in all variables, for 3 input channels (and 1000 classes).
    pub parameters: u64,
    /// How many of them training changes.
    pub trainable: u64,
    hash: &'static str,
}

/// One application.
///
/// ```
/// use keras_rs_applications::Variant;
///
/// let densenet = Variant::find("DenseNet121")?;
/// assert_eq!(densenet.model_name, "densenet121");
/// assert_eq!(densenet.default_size, 224);
/// assert_eq!(densenet.flavor(true).parameters, 8_062_504);
/// assert_eq!(
///     densenet.weights(true).url(),
///     "https://storage.googleapis.com/tensorflow/keras-applications/densenet/\
///      densenet121_weights_tf_dim_ordering_tf_kernels.h5"
/// );
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Keras' name of the function: `ResNet50V2`.
    pub name: &'static str,
    /// The model's default name, also its name on the command line: `resnet50v2`.
    pub model_name: &'static str,
    /// The architecture.
    pub family: Family,
    /// Height and width of the input, unless chosen otherwise.
    pub default_size: usize,
    /// Least height and width of the input.
    pub min_size: usize,
    /// How the application's `preprocess_input` scales pixels.
    pub preprocess: PreprocessMode,
    directory: &'static str,
    top: Flavor,
    no_top: Flavor,
}

impl Variant {
    /// The variant of this name, upper and lower case alike: `ResNet50` or `resnet50`.
    ///
    /// # Errors
    /// [`Error::UnknownApplication`], which lists the names there are.
    pub fn find(name: &str) -> Result<&'static Self> {
        let found = VARIANTS.iter().find(|v| v.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| Error::UnknownApplication {
            name: name.to_owned(),
            known: VARIANTS.iter().map(|v| v.name).collect(),
        })
    }

    /// Parameter counts with the classifier (`include_top`) or without it.
    pub fn flavor(&self, include_top: bool) -> &Flavor {
        if include_top { &self.top } else { &self.no_top }
    }

    /// The published ImageNet weights with the classifier (`include_top`) or without it.
    pub fn weights(&self, include_top: bool) -> WeightFile {
        let suffix = if include_top { "" } else { "_notop" };
        let file = format!("{}_weights_tf_dim_ordering_tf_kernels{suffix}.h5", self.model_name);
        let url = format!("{WEIGHTS_URL}/{}/{file}", self.directory);
        WeightFile::new(file, url, Some(Hash::md5(self.flavor(include_top).hash)))
    }

    const fn new(
        (name, model_name): (&'static str, &'static str),
        family: Family,
        preprocess: PreprocessMode,
        directory: &'static str,
        top: (u64, u64, &'static str),
        no_top: (u64, u64, &'static str),
    ) -> Self {
        Self {
            name,
            model_name,
            family,
            default_size: 224,
            min_size: 32,
            preprocess,
            directory,
            top: Flavor::new(top),
            no_top: Flavor::new(no_top),
        }
    }
}

impl Flavor {
    const fn new((parameters, trainable, hash): (u64, u64, &'static str)) -> Self {
        Self { parameters, trainable, hash }
    }
}

/// Every application, family by family.
///
/// A row holds the names, the architecture, the preprocessing, the directory of the published
/// weights, then parameters, trainable parameters and md5 with the classifier and without it.
pub const VARIANTS: &[Variant] = &[
    Variant::new(
        ("DenseNet121", "densenet121"),
        Family::DenseNet,
        PreprocessMode::Torch,
        "densenet",
        (8_062_504, 7_978_856, "9d60b8095a5708f2dcce2bca79d332c7"),
        (7_037_504, 6_953_856, "30ee3e1110167f948a6b9946edeeb738"),
    ),
    Variant::new(
        ("DenseNet169", "densenet169"),
        Family::DenseNet,
        PreprocessMode::Torch,
        "densenet",
        (14_307_880, 14_149_480, "d699b8f76981ab1b30698df4c175e90b"),
        (12_642_880, 12_484_480, "b8c4d4c20dd625c148057b9ff1c1176b"),
    ),
    Variant::new(
        ("DenseNet201", "densenet201"),
        Family::DenseNet,
        PreprocessMode::Torch,
        "densenet",
        (20_242_984, 20_013_928, "1ceb130c1ea1b78c3bf6114dbdfd8807"),
        (18_321_984, 18_092_928, "c13680b51ded0fb44dff2d8f86ac8bb1"),
    ),
    Variant::new(
        ("ResNet50", "resnet50"),
        Family::ResNet,
        PreprocessMode::Caffe,
        "resnet",
        (25_636_712, 25_583_592, "2cb95161c43110f7111970584f804107"),
        (23_587_712, 23_534_592, "4d473c1dd8becc155b73f8504c6f6626"),
    ),
    Variant::new(
        ("ResNet101", "resnet101"),
        Family::ResNet,
        PreprocessMode::Caffe,
        "resnet",
        (44_707_176, 44_601_832, "f1aeb4b969a6efcfb50fad2f0c20cfc5"),
        (42_658_176, 42_552_832, "88cf7a10940856eca736dc7b7e228a21"),
    ),
    Variant::new(
        ("ResNet152", "resnet152"),
        Family::ResNet,
        PreprocessMode::Caffe,
        "resnet",
        (60_419_944, 60_268_520, "100835be76be38e30d865e96f2aaae62"),
        (58_370_944, 58_219_520, "ee4c566cf9a93f14d82f913c2dc6dd0c"),
    ),
    Variant::new(
        ("ResNet50V2", "resnet50v2"),
        Family::ResNetV2,
        PreprocessMode::Tf,
        "resnet",
        (25_613_800, 25_568_360, "3ef43a0b657b3be2300d5770ece849e0"),
        (23_564_800, 23_519_360, "fac2f116257151a9d068a22e544a4917"),
    ),
    Variant::new(
        ("ResNet101V2", "resnet101v2"),
        Family::ResNetV2,
        PreprocessMode::Tf,
        "resnet",
        (44_675_560, 44_577_896, "6343647c601c52e1368623803854d971"),
        (42_626_560, 42_528_896, "c0ed64b8031c3730f411d2eb4eea35b5"),
    ),
    Variant::new(
        ("ResNet152V2", "resnet152v2"),
        Family::ResNetV2,
        PreprocessMode::Tf,
        "resnet",
        (60_380_648, 60_236_904, "a49b44d1979771252814e80f8ec446f9"),
        (58_331_648, 58_187_904, "ed17cf2e0169df9d443503ef94b23b33"),
    ),
    Variant::new(
        ("VGG16", "vgg16"),
        Family::Vgg,
        PreprocessMode::Caffe,
        "vgg16",
        (138_357_544, 138_357_544, "64373286793e3c8b2b4e3219cbf3544b"),
        (14_714_688, 14_714_688, "6d6bbae143d832006294945121d1f1fc"),
    ),
    Variant::new(
        ("VGG19", "vgg19"),
        Family::Vgg,
        PreprocessMode::Caffe,
        "vgg19",
        (143_667_240, 143_667_240, "cbe5617147190e668d6c5d5026f83318"),
        (20_024_384, 20_024_384, "253f8cb515780f3b799900260a226db6"),
    ),
];
