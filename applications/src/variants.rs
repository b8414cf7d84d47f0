//! The one table of applications: every variant with its sizes, preprocessing and weights.
//!
//! The table makes [`VARIANTS`] and the type that each application has.

use std::path::Path;

use keras_rs::Tensor;

use crate::convnext::ConvNeXt;
use crate::densenet::DenseNet;
use crate::efficientnet::EfficientNet;
use crate::efficientnet_v2::{self, EfficientNetV2};
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
    /// Convolutions laid out as the blocks of a transformer.
    ConvNeXt,
    /// Densely connected blocks.
    DenseNet,
    /// Inverted residual blocks, scaled in depth, width and image size at once.
    EfficientNet,
    /// As `EfficientNet`, with plain convolutions at the beginning.
    EfficientNetV2,
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
    /// The variant of this name or of this default name of the model, case is ignored: `ConvNeXtTiny`, `convnexttiny` or
    /// `convnext_tiny`.
    ///
    /// # Errors
    /// [`Error::UnknownApplication`], which lists the names there are.
    pub fn find(name: &str) -> Result<&'static Self> {
        let found =
            VARIANTS.iter().find(|v| [v.name, v.model_name].iter().any(|n| n.eq_ignore_ascii_case(name)));
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
    /// ConvNeXt, the smallest. Keras' `ConvNeXtTiny`.
    ConvNeXtTiny (
        "convnext_tiny",
        &ConvNeXt { depths: [3, 3, 9, 3], channels: [96, 192, 384, 768] },
        (224, 32),
        PreprocessMode::Identity,
        "convnext",
        [Flavor::new(28_589_128, 28_589_128, "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff"), Flavor::new(27_820_128, 27_820_128, "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1")],
    )
    /// ConvNeXt, small. Keras' `ConvNeXtSmall`.
    ConvNeXtSmall (
        "convnext_small",
        &ConvNeXt { depths: [3, 3, 27, 3], channels: [96, 192, 384, 768] },
        (224, 32),
        PreprocessMode::Identity,
        "convnext",
        [Flavor::new(50_223_688, 50_223_688, "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c"), Flavor::new(49_454_688, 49_454_688, "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab")],
    )
    /// ConvNeXt, of middle size. Keras' `ConvNeXtBase`.
    ConvNeXtBase (
        "convnext_base",
        &ConvNeXt { depths: [3, 3, 27, 3], channels: [128, 256, 512, 1024] },
        (224, 32),
        PreprocessMode::Identity,
        "convnext",
        [Flavor::new(88_591_464, 88_591_464, "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6"), Flavor::new(87_566_464, 87_566_464, "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45")],
    )
    /// ConvNeXt, large. Keras' `ConvNeXtLarge`.
    ConvNeXtLarge (
        "convnext_large",
        &ConvNeXt { depths: [3, 3, 27, 3], channels: [192, 384, 768, 1536] },
        (224, 32),
        PreprocessMode::Identity,
        "convnext",
        [Flavor::new(197_767_336, 197_767_336, "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6"), Flavor::new(196_230_336, 196_230_336, "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd")],
    )
    /// ConvNeXt, the largest. Keras' `ConvNeXtXLarge`.
    ConvNeXtXLarge (
        "convnext_xlarge",
        &ConvNeXt { depths: [3, 3, 27, 3], channels: [256, 512, 1024, 2048] },
        (224, 32),
        PreprocessMode::Identity,
        "convnext",
        [Flavor::new(350_196_968, 350_196_968, "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee"), Flavor::new(348_147_968, 348_147_968, "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05")],
    )
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
    /// EfficientNet, the smallest. Keras' `EfficientNetB0`.
    EfficientNetB0 (
        "efficientnetb0",
        &EfficientNet { width: 1.0, depth: 1.0, dropout_rate: 0.2 },
        (224, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(5_330_571, 5_288_548, "902e53a9f72be733fc0bcb005b3ebbac"), Flavor::new(4_049_571, 4_007_548, "50bc09e76180e00e4465e1a485ddc09d")],
    )
    /// EfficientNet, width 1.0, depth 1.1. Keras' `EfficientNetB1`.
    EfficientNetB1 (
        "efficientnetb1",
        &EfficientNet { width: 1.0, depth: 1.1, dropout_rate: 0.2 },
        (240, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(7_856_239, 7_794_184, "1d254153d4ab51201f1646940f018540"), Flavor::new(6_575_239, 6_513_184, "74c4e6b3e1f6a1eea24c589628592432")],
    )
    /// EfficientNet, width 1.1, depth 1.2. Keras' `EfficientNetB2`.
    EfficientNetB2 (
        "efficientnetb2",
        &EfficientNet { width: 1.1, depth: 1.2, dropout_rate: 0.3 },
        (260, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(9_177_569, 9_109_994, "b15cce36ff4dcbd00b6dd88e7857a6ad"), Flavor::new(7_768_569, 7_700_994, "111f8e2ac8aa800a7a99e3239f7bfb39")],
    )
    /// EfficientNet, width 1.2, depth 1.4. Keras' `EfficientNetB3`.
    EfficientNetB3 (
        "efficientnetb3",
        &EfficientNet { width: 1.2, depth: 1.4, dropout_rate: 0.3 },
        (300, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(12_320_535, 12_233_232, "ffd1fdc53d0ce67064dc6a9c7960ede0"), Flavor::new(10_783_535, 10_696_232, "af6d107764bb5b1abb91932881670226")],
    )
    /// EfficientNet, width 1.4, depth 1.8. Keras' `EfficientNetB4`.
    EfficientNetB4 (
        "efficientnetb4",
        &EfficientNet { width: 1.4, depth: 1.8, dropout_rate: 0.4 },
        (380, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(19_466_823, 19_341_616, "18c95ad55216b8f92d7e70b3a046e2fc"), Flavor::new(17_673_823, 17_548_616, "ebc24e6d6c33eaebbd558eafbeedf1ba")],
    )
    /// EfficientNet, width 1.6, depth 2.2. Keras' `EfficientNetB5`.
    EfficientNetB5 (
        "efficientnetb5",
        &EfficientNet { width: 1.6, depth: 2.2, dropout_rate: 0.4 },
        (456, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(30_562_527, 30_389_784, "ace28f2a6363774853a83a0b21b9421a"), Flavor::new(28_513_527, 28_340_784, "38879255a25d3c92d5e44e04ae6cec6f")],
    )
    /// EfficientNet, width 1.8, depth 2.6. Keras' `EfficientNetB6`.
    EfficientNetB6 (
        "efficientnetb6",
        &EfficientNet { width: 1.8, depth: 2.6, dropout_rate: 0.5 },
        (528, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(43_265_143, 43_040_704, "165f6e37dce68623721b423839de8be5"), Flavor::new(40_960_143, 40_735_704, "9ecce42647a20130c1f39a5d4cb75743")],
    )
    /// EfficientNet, width 2.0, depth 3.1. Keras' `EfficientNetB7`.
    EfficientNetB7 (
        "efficientnetb7",
        &EfficientNet { width: 2.0, depth: 3.1, dropout_rate: 0.5 },
        (600, 32),
        PreprocessMode::Identity,
        "",
        [Flavor::new(66_658_687, 66_347_960, "8c03f828fec3ef71311cd463b6759d99"), Flavor::new(64_097_687, 63_786_960, "cbcfe4450ddf6f3ad90b1b398090fe4a")],
    )
    /// EfficientNetV2, the smallest. Keras' `EfficientNetV2B0`.
    EfficientNetV2B0 (
        "efficientnetv2-b0",
        &EfficientNetV2 { stem: 32, stages: efficientnet_v2::BASE, width: 1.0, depth: 1.0, normalized: true },
        (224, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(7_200_312, 7_139_704, "21ecbf6da12460d5c40bb2f29ceb2188"), Flavor::new(5_919_312, 5_858_704, "893217f2bb855e2983157299931e43ff")],
    )
    /// EfficientNetV2, depth 1.1. Keras' `EfficientNetV2B1`.
    EfficientNetV2B1 (
        "efficientnetv2-b1",
        &EfficientNetV2 { stem: 32, stages: efficientnet_v2::BASE, width: 1.0, depth: 1.1, normalized: true },
        (240, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(8_212_124, 8_141_052, "069f0534ff22adf035c89e2d9547a9dc"), Flavor::new(6_931_124, 6_860_052, "0e80663031ca32d657f9caa404b6ec37")],
    )
    /// EfficientNetV2, width 1.1, depth 1.2. Keras' `EfficientNetV2B2`.
    EfficientNetV2B2 (
        "efficientnetv2-b2",
        &EfficientNetV2 { stem: 32, stages: efficientnet_v2::BASE, width: 1.1, depth: 1.2, normalized: true },
        (260, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(10_178_374, 10_096_086, "424e49f28180edbde1e94797771950a7"), Flavor::new(8_769_374, 8_687_086, "1dfe2e7a5d45b6632553a8961ea609eb")],
    )
    /// EfficientNetV2, width 1.2, depth 1.4. Keras' `EfficientNetV2B3`.
    EfficientNetV2B3 (
        "efficientnetv2-b3",
        &EfficientNetV2 { stem: 32, stages: efficientnet_v2::BASE, width: 1.2, depth: 1.4, normalized: true },
        (300, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(14_467_622, 14_358_406, "1f1fc43bd98a6e4fd8fdfd551e02c7a0"), Flavor::new(12_930_622, 12_821_406, "f6abf7b5849ac99a89b50dd3fd532856")],
    )
    /// EfficientNetV2, small. Keras' `EfficientNetV2S`.
    EfficientNetV2S (
        "efficientnetv2-s",
        &EfficientNetV2 { stem: 24, stages: efficientnet_v2::SMALL, width: 1.0, depth: 1.0, normalized: false },
        (384, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(21_612_360, 21_458_488, "e1d88a8495beba45748fedd0cecbe016"), Flavor::new(20_331_360, 20_177_488, "af0682fb74e8c54910f2d4393339c070")],
    )
    /// EfficientNetV2, medium. Keras' `EfficientNetV2M`.
    EfficientNetV2M (
        "efficientnetv2-m",
        &EfficientNetV2 { stem: 24, stages: efficientnet_v2::MEDIUM, width: 1.0, depth: 1.0, normalized: false },
        (480, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(54_431_388, 54_139_356, "a3bf6aa3276309f4fc6a34aa114c95cd"), Flavor::new(53_150_388, 52_858_356, "1b8dc055df72dde80d614482840fe342")],
    )
    /// EfficientNetV2, large. Keras' `EfficientNetV2L`.
    EfficientNetV2L (
        "efficientnetv2-l",
        &EfficientNetV2 { stem: 32, stages: efficientnet_v2::LARGE, width: 1.0, depth: 1.0, normalized: false },
        (480, 32),
        PreprocessMode::Identity,
        "efficientnet_v2",
        [Flavor::new(119_027_848, 118_515_272, "27e6d408b53c7ebc868fefa357689935"), Flavor::new(117_746_848, 117_234_272, "b0b66b5c863aef5b46e8608fe1711615")],
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
