//! The one table of applications: every variant with its sizes, preprocessing and weights.
//!
//! The table makes [`VARIANTS`] and the type that each application has.

use std::path::Path;

use keras_rs::Tensor;

use crate::densenet::DenseNet;
use crate::inception_resnet_v2::InceptionResNetV2 as InceptionResNetV2Network;
use crate::inception_v3::InceptionV3 as InceptionV3Network;
use crate::nasnet::NasNet;
use crate::network::{Arguments, Network};
use crate::preprocess::PreprocessMode;
use crate::resnet::ResNet;
use crate::resnet_v2::ResNetV2;
use crate::vgg::Vgg;
use crate::weights::WeightFile;
use crate::xception::Xception as XceptionNetwork;
use crate::{Application, Error, Prediction, Result};

/// Where Keras publishes the weights of its applications.
pub const WEIGHTS_URL: &str = "https://storage.googleapis.com/tensorflow/keras-applications";

/// The architecture a variant belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Densely connected blocks.
    DenseNet,
    /// Convolutions of several sizes beside each other, added to their input.
    InceptionResNetV2,
    /// Convolutions of several sizes beside each other.
    InceptionV3,
    /// Cells found by a search.
    NasNet,
    /// Residual blocks, normalised after each convolution.
    ResNet,
    /// Residual blocks, normalised before each convolution.
    ResNetV2,
    /// Plain 3x3 convolutions.
    Vgg,
    /// Residual blocks of separable convolutions.
    Xception,
}

/// Values that differ between an application with its classifier and without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavor {
    /// Number of scalars in all variables, for 3 input channels (and 1000 classes).
    pub parameters: u64,
    /// How many of them are trainable.
    pub trainable: u64,
    /// Hash of the published weights, where Keras lists one.
    pub(crate) hash: Option<&'static str>,
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
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Keras' name of the function: `ResNet50V2`.
    pub name: &'static str,
    /// The model's default name, also its name on the command line: `resnet50v2`.
    pub model_name: &'static str,
    /// Default height and width of the input.
    pub default_size: usize,
    /// Least height and width of the input.
    pub min_size: usize,
    /// How the application's `preprocess_input` scales pixels.
    pub preprocess: PreprocessMode,
    /// The architecture.
    pub(crate) network: &'static dyn Network,
    /// Where the published weights lie, below [`WEIGHTS_URL`].
    pub(crate) directory: &'static str,
    top: Flavor,
    no_top: Flavor,
}

impl Variant {
    /// The variant of this name or with this model's name, case is ignored: `NASNetMobile` or `nasnet_mobile`.
    ///
    /// # Errors
    /// [`Error::UnknownApplication`], which lists the names there are.
    pub fn find(name: &str) -> Result<&'static Self> {
        let is_named =
            |v: &&Self| [v.name, v.model_name].iter().any(|known| known.eq_ignore_ascii_case(name));
        let found = VARIANTS.iter().find(is_named);
        found.ok_or_else(|| Error::UnknownApplication {
            name: name.to_owned(),
            known: VARIANTS.iter().map(|v| v.name).collect(),
        })
    }

    /// The architecture that the variant belongs to.
    pub fn family(&self) -> Family {
        self.network.family()
    }

    /// Parameter counts with the classifier (`include_top`) or without it.
    pub fn flavor(&self, include_top: bool) -> &Flavor {
        if include_top { &self.top } else { &self.no_top }
    }

    /// The published ImageNet weights with the classifier (`include_top`) or without it.
    pub fn weights(&self, include_top: bool) -> WeightFile {
        self.network.weights(self, &Arguments::published(self, include_top))
    }

    const fn new(
        name: &'static str,
        model_name: &'static str,
        network: &'static dyn Network,
        (default_size, min_size): (usize, usize),
        preprocess: PreprocessMode,
        directory: &'static str,
        [top, no_top]: [Flavor; 2],
    ) -> Self {
        Self { name, model_name, default_size, min_size, preprocess, network, directory, top, no_top }
    }
}

impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Variant {}

impl Flavor {
    const fn new(parameters: u64, trainable: u64, hash: &'static str) -> Self {
        Self { parameters, trainable, hash: Some(hash) }
    }
}

/// From the rows of the table: [`VARIANTS`], and a type for each application.
macro_rules! variants {
    ($($(#[$doc:meta])* $name:ident ($($row:expr),+ $(,)?))*) => {
        /// Every application, family by family.
        pub const VARIANTS: &[Variant] = &[$(*$name::VARIANT),*];

        $(
            $(#[$doc])*
            ///
            /// ```
            /// use keras_rs_applications::Weights;
            #[doc = concat!("use keras_rs_applications::", stringify!($name), ";")]
            ///
            #[doc = concat!("let model = ", stringify!($name), "::new().weights(Weights::None).include_top(false).build()?;")]
            #[doc = concat!("assert_eq!(model.count_params() as u64, ", stringify!($name), "::VARIANT.flavor(false).parameters);")]
            /// # Ok::<(), keras_rs_applications::Error>(())
            /// ```
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl $name {
                /// The row of the table.
                pub const VARIANT: &'static Variant = &Variant::new(stringify!($name), $($row),+);

                /// An [`Application`] to be configured and built.
                #[allow(clippy::new_ret_no_self, reason = "reads as Keras' function of this name")]
                pub fn new() -> Application {
                    Application::new(Self::VARIANT)
                }

                /// As [`Variant::preprocess_input`].
                ///
                /// # Errors
                /// As [`Variant::preprocess_input`].
                pub fn preprocess_input(images: &Tensor) -> Result<Tensor> {
                    Self::VARIANT.preprocess_input(images)
                }

                /// As [`Variant::decode_predictions`].
                ///
                /// # Errors
                /// As [`Variant::decode_predictions`].
                pub fn decode_predictions(scores: &Tensor, top: usize) -> Result<Vec<Vec<Prediction>>> {
                    Self::VARIANT.decode_predictions(scores, top)
                }

                /// As [`Variant::load_images`].
                ///
                /// # Errors
                /// As [`Variant::load_images`].
                pub fn load_images<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Tensor> {
                    Self::VARIANT.load_images(paths)
                }
            }
        )*
    };
}

// A row holds the model's name, the architecture, default and least height and width, the preprocessing, the
// directory of the published weights, then parameters, trainable parameters and hash with the classifier and
// without it.
variants! {
    /// DenseNet with 121 layers. Keras' `DenseNet121`.
    DenseNet121 (
        "densenet121",
        &DenseNet { blocks: &[6, 12, 24, 16] },
        (224, 32),
        PreprocessMode::Torch,
        "densenet",
        [Flavor::new(8_062_504, 7_978_856, "9d60b8095a5708f2dcce2bca79d332c7"), Flavor::new(7_037_504, 6_953_856, "30ee3e1110167f948a6b9946edeeb738")],
    )
    /// DenseNet with 169 layers. Keras' `DenseNet169`.
    DenseNet169 (
        "densenet169",
        &DenseNet { blocks: &[6, 12, 32, 32] },
        (224, 32),
        PreprocessMode::Torch,
        "densenet",
        [Flavor::new(14_307_880, 14_149_480, "d699b8f76981ab1b30698df4c175e90b"), Flavor::new(12_642_880, 12_484_480, "b8c4d4c20dd625c148057b9ff1c1176b")],
    )
    /// DenseNet with 201 layers. Keras' `DenseNet201`.
    DenseNet201 (
        "densenet201",
        &DenseNet { blocks: &[6, 12, 48, 32] },
        (224, 32),
        PreprocessMode::Torch,
        "densenet",
        [Flavor::new(20_242_984, 20_013_928, "1ceb130c1ea1b78c3bf6114dbdfd8807"), Flavor::new(18_321_984, 18_092_928, "c13680b51ded0fb44dff2d8f86ac8bb1")],
    )
    /// Inception with residual connections, version 2. Keras' `InceptionResNetV2`.
    InceptionResNetV2 (
        "inception_resnet_v2",
        &InceptionResNetV2Network,
        (299, 75),
        PreprocessMode::Tf,
        "inception_resnet_v2",
        [Flavor::new(55_873_736, 55_813_192, "e693bd0210a403b3192acc6073ad2e96"), Flavor::new(54_336_736, 54_276_192, "d19885ff4a710c122648d3b5c3b684e4")],
    )
    /// Inception, version 3. Keras' `InceptionV3`.
    InceptionV3 (
        "inception_v3",
        &InceptionV3Network,
        (299, 75),
        PreprocessMode::Tf,
        "inception_v3",
        [Flavor::new(23_851_784, 23_817_352, "9a0d58056eeedaa3f26cb7ebd46da564"), Flavor::new(21_802_784, 21_768_352, "bcbd6486424b2319ff4ef7d526e38f63")],
    )
    /// NASNet-A for small devices. Keras' `NASNetMobile`.
    NASNetMobile (
        "nasnet_mobile",
        &NasNet { penultimate_filters: 1056, blocks: 4, stem_filters: 32, skip_reduction: false, size_name: "mobile" },
        (224, 32),
        PreprocessMode::Tf,
        "nasnet",
        [Flavor::new(5_326_716, 5_289_978, "020fb642bf7360b370c678b08e0adf61"), Flavor::new(4_269_716, 4_232_978, "1ed92395b5b598bdda52abe5c0dbfd63")],
    )
    /// NASNet-A, large. Keras' `NASNetLarge`.
    NASNetLarge (
        "nasnet_large",
        &NasNet { penultimate_filters: 4032, blocks: 6, stem_filters: 96, skip_reduction: true, size_name: "large" },
        (331, 32),
        PreprocessMode::Tf,
        "nasnet",
        [Flavor::new(88_949_818, 88_753_150, "11577c9a518f0070763c2b964a382f17"), Flavor::new(84_916_818, 84_720_150, "d81d89dc07e6e56530c4e77faddd61b5")],
    )
    /// ResNet with 50 layers. Keras' `ResNet50`.
    ResNet50 (
        "resnet50",
        &ResNet { blocks: &[3, 4, 6, 3] },
        (224, 32),
        PreprocessMode::Caffe,
        "resnet",
        [Flavor::new(25_636_712, 25_583_592, "2cb95161c43110f7111970584f804107"), Flavor::new(23_587_712, 23_534_592, "4d473c1dd8becc155b73f8504c6f6626")],
    )
    /// ResNet with 101 layers. Keras' `ResNet101`.
    ResNet101 (
        "resnet101",
        &ResNet { blocks: &[3, 4, 23, 3] },
        (224, 32),
        PreprocessMode::Caffe,
        "resnet",
        [Flavor::new(44_707_176, 44_601_832, "f1aeb4b969a6efcfb50fad2f0c20cfc5"), Flavor::new(42_658_176, 42_552_832, "88cf7a10940856eca736dc7b7e228a21")],
    )
    /// ResNet with 152 layers. Keras' `ResNet152`.
    ResNet152 (
        "resnet152",
        &ResNet { blocks: &[3, 8, 36, 3] },
        (224, 32),
        PreprocessMode::Caffe,
        "resnet",
        [Flavor::new(60_419_944, 60_268_520, "100835be76be38e30d865e96f2aaae62"), Flavor::new(58_370_944, 58_219_520, "ee4c566cf9a93f14d82f913c2dc6dd0c")],
    )
    /// ResNetV2 with 50 layers. Keras' `ResNet50V2`.
    ResNet50V2 (
        "resnet50v2",
        &ResNetV2 { blocks: &[3, 4, 6, 3] },
        (224, 32),
        PreprocessMode::Tf,
        "resnet",
        [Flavor::new(25_613_800, 25_568_360, "3ef43a0b657b3be2300d5770ece849e0"), Flavor::new(23_564_800, 23_519_360, "fac2f116257151a9d068a22e544a4917")],
    )
    /// ResNetV2 with 101 layers. Keras' `ResNet101V2`.
    ResNet101V2 (
        "resnet101v2",
        &ResNetV2 { blocks: &[3, 4, 23, 3] },
        (224, 32),
        PreprocessMode::Tf,
        "resnet",
        [Flavor::new(44_675_560, 44_577_896, "6343647c601c52e1368623803854d971"), Flavor::new(42_626_560, 42_528_896, "c0ed64b8031c3730f411d2eb4eea35b5")],
    )
    /// ResNetV2 with 152 layers. Keras' `ResNet152V2`.
    ResNet152V2 (
        "resnet152v2",
        &ResNetV2 { blocks: &[3, 8, 36, 3] },
        (224, 32),
        PreprocessMode::Tf,
        "resnet",
        [Flavor::new(60_380_648, 60_236_904, "a49b44d1979771252814e80f8ec446f9"), Flavor::new(58_331_648, 58_187_904, "ed17cf2e0169df9d443503ef94b23b33")],
    )
    /// VGG with 16 layers. Keras' `VGG16`.
    VGG16 (
        "vgg16",
        &Vgg { blocks: &[2, 2, 3, 3, 3] },
        (224, 32),
        PreprocessMode::Caffe,
        "vgg16",
        [Flavor::new(138_357_544, 138_357_544, "64373286793e3c8b2b4e3219cbf3544b"), Flavor::new(14_714_688, 14_714_688, "6d6bbae143d832006294945121d1f1fc")],
    )
    /// VGG with 19 layers. Keras' `VGG19`.
    VGG19 (
        "vgg19",
        &Vgg { blocks: &[2, 2, 4, 4, 4] },
        (224, 32),
        PreprocessMode::Caffe,
        "vgg19",
        [Flavor::new(143_667_240, 143_667_240, "cbe5617147190e668d6c5d5026f83318"), Flavor::new(20_024_384, 20_024_384, "253f8cb515780f3b799900260a226db6")],
    )
    /// Residual blocks of separable convolutions. Keras' `Xception`.
    Xception (
        "xception",
        &XceptionNetwork,
        (299, 71),
        PreprocessMode::Tf,
        "xception",
        [Flavor::new(22_910_480, 22_855_952, "0a58e3b7378bc2990ea3b43d5981f1f6"), Flavor::new(20_861_480, 20_806_952, "b0042744bf5b25fce3cb969f33bebb97")],
    )
}
