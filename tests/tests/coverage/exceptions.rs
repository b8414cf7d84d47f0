//! Names of Keras' API that are not here, or here under another name, and why.

use Exception::{At, Preprocessing, Refused};

/// Why a name has no row of its own in the class tables and sources.
#[derive(Clone, Copy, Debug)]
pub(super) enum Exception {
    /// It is there under another path.
    At(&'static str),
    /// It is not there, for a reason.
    Refused(&'static str),
    /// It belongs to preprocessing, which is a part of the project of its own.
    Preprocessing,
}

/// Any section.
const ANY: &str = "*";

const REGISTRY: &str = "objects are made by their constructors, and from files by `config::Loading::object`";
const WRITTEN: &str =
    "objects write themselves: `config::KerasConfig::config` and `config::IntoConfig::to_config`";
const FOREIGN: &str =
    "runs code of another Python framework; files that name it are refused with `Error::CodeRefused`";
const TRANSFORMS: &str = "Rust has loops and conditions: a closure, an iterator or `if` takes its place";
const MODULE: &str =
    "a module of Python that holds the functions of this section; here they are in `keras_rs::ops`";
const LEGACY: &str = "a module of names that Keras itself has given up";
const ARCHITECTURE: &str =
    "to come with the rest of `keras.applications`; files of it open where all of their layers are there";
const DATASETS: &str = "to come with `keras.datasets`, the downloads of data sets";
const PLOTS: &str = "`keras-rs plot` draws models on the command line; no function of the library yet";
const QUANTIZATION: &str = "to come with quantization";
const GLOBAL: &str = "sets state of the whole process, which is an argument or a value here";

/// Names of one section, or of any, and why.
const EXCEPTIONS: &[(&str, &[&str], Exception)] = &[
    (ANY, &["get", "deserialize"], Refused(REGISTRY)),
    (ANY, &["serialize"], Refused(WRITTEN)),
    // Layers.
    ("layers", &["FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"], Refused(FOREIGN)),
    (
        "layers",
        &["InputSpec"],
        Refused(
            "layers check shapes in `build` and `compute_output_shape`: `Shape::require_rank`, `Shape::known_dim`",
        ),
    ),
    (
        "layers",
        &[
            "AugMix",
            "AutoContrast",
            "CategoryEncoding",
            "CenterCrop",
            "ContrastLimitedAdaptiveHistogramEqualization",
            "CutMix",
            "Discretization",
            "Equalization",
            "HashedCrossing",
            "Hashing",
            "IntegerLookup",
            "MaxNumBoundingBoxes",
            "MelSpectrogram",
            "MixUp",
            "Pipeline",
            "RandAugment",
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomColorJitter",
            "RandomContrast",
            "RandomCrop",
            "RandomElasticTransform",
            "RandomErasing",
            "RandomFlip",
            "RandomGaussianBlur",
            "RandomGrayscale",
            "RandomHue",
            "RandomInvert",
            "RandomPerspective",
            "RandomPosterization",
            "RandomRotation",
            "RandomSaturation",
            "RandomSharpness",
            "RandomShear",
            "RandomTranslation",
            "RandomZoom",
            "Resizing",
            "STFTSpectrogram",
            "Solarization",
            "StringLookup",
            "TextVectorization",
        ],
        Preprocessing,
    ),
    // Optimizers.
    ("optimizers", &["legacy"], Refused(LEGACY)),
    ("optimizers", &["schedules"], At("keras_rs::optimizers::LearningRateSchedule")),
    // Callbacks.
    ("callbacks", &["CallbackList"], Refused("`Fit::callback` takes one after the other")),
    (
        "callbacks",
        &["OrbaxCheckpoint"],
        Refused("writes checkpoints of JAX; `ModelCheckpoint` and `BackupAndRestore` write Keras' files"),
    ),
    // Applications.
    ("applications", &["convnext"], At("keras_rs_applications::ConvNeXtTiny")),
    ("applications", &["efficientnet"], At("keras_rs_applications::EfficientNetB0")),
    ("applications", &["efficientnet_v2"], At("keras_rs_applications::EfficientNetV2B0")),
    ("applications", &["densenet"], At("keras_rs_applications::DenseNet121")),
    ("applications", &["inception_resnet_v2"], At("keras_rs_applications::InceptionResNetV2")),
    ("applications", &["inception_v3"], At("keras_rs_applications::InceptionV3")),
    ("applications", &["nasnet"], At("keras_rs_applications::NASNetMobile")),
    ("applications", &["xception"], At("keras_rs_applications::Xception")),
    ("applications", &["mobilenet"], At("keras_rs_applications::MobileNet")),
    ("applications", &["mobilenet_v2"], At("keras_rs_applications::MobileNetV2")),
    ("applications", &["mobilenet_v3"], At("keras_rs_applications::MobileNetV3Small")),
    ("applications", &["resnet", "resnet50"], At("keras_rs_applications::ResNet50")),
    ("applications", &["resnet_v2"], At("keras_rs_applications::ResNet50V2")),
    ("applications", &["vgg16"], At("keras_rs_applications::VGG16")),
    ("applications", &["vgg19"], At("keras_rs_applications::VGG19")),
    ("applications", &["imagenet_utils"], At("keras_rs_applications::decode_predictions")),
    ("applications", &[], Refused(ARCHITECTURE)),
    // Data sets.
    (
        "datasets",
        &[
            "boston_housing",
            "california_housing",
            "cifar10",
            "cifar100",
            "fashion_mnist",
            "imdb",
            "mnist",
            "reuters",
        ],
        Refused(DATASETS),
    ),
    // Random numbers.
    ("random", &["SeedGenerator"], Refused("functions take a seed; `random::next_seed` draws one")),
    // Operations.
    ("ops", &["linalg", "nn", "numpy"], Refused(MODULE)),
    (
        "ops",
        &[
            "associative_scan",
            "cond",
            "fori_loop",
            "map",
            "scan",
            "switch",
            "vectorize",
            "vectorized_map",
            "while_loop",
        ],
        Refused(TRANSFORMS),
    ),
    (
        "ops",
        &["eig", "polar", "view_as_complex", "view_as_real"],
        Refused("complex numbers, of which Burn has no type"),
    ),
    ("ops", &["custom_gradient"], Refused("gradients are those of the operations that a function calls")),
    ("ops", &["jvp"], Refused("gradients are taken backwards, by `GradientTape`; Burn has none forwards")),
    ("ops", &["convert_to_numpy"], At("keras_rs::Tensor::to_ndarray")),
    ("ops", &["shape"], At("keras_rs::Tensor::shape")),
    ("ops", &["dtype"], At("keras_rs::Tensor::dtype")),
    ("ops", &["is_tensor"], Refused("what a tensor is, its type says")),
    // Models.
    ("models", &["load_model"], At("keras_rs::load_model")),
    ("models", &["model_from_json"], At("keras_rs::model_from_json")),
    ("models", &["save_model"], At("keras_rs::Model::save")),
    // Utilities.
    ("utils", &["Config"], At("keras_rs::config::Config")),
    (
        "utils",
        &[
            "CustomObjectScope",
            "custom_object_scope",
            "get_custom_objects",
            "get_registered_name",
            "get_registered_object",
            "register_keras_serializable",
        ],
        At("keras_rs::config::CustomObjects"),
    ),
    ("utils", &["FeatureSpace"], Preprocessing),
    ("utils", &["Progbar"], At("keras_rs::callbacks::Progbar")),
    ("utils", &["PyDataset", "Sequence"], At("keras_rs::Dataset")),
    ("utils", &["array_to_img", "save_img"], Preprocessing),
    ("utils", &["audio_dataset_from_directory", "bounding_boxes", "pad_sequences"], Preprocessing),
    ("utils", &["clear_session"], Refused("names are counted within a model, so that there is no session")),
    ("utils", &["serialize_keras_object"], Refused(WRITTEN)),
    ("utils", &["deserialize_keras_object"], Refused(REGISTRY)),
    (
        "utils",
        &["disable_interactive_logging", "enable_interactive_logging", "is_interactive_logging_enabled"],
        Refused(GLOBAL),
    ),
    ("utils", &["get_file"], Refused("downloads are for weights: `keras_rs_applications::Downloader`")),
    ("utils", &["get_source_inputs"], Refused("the inputs of a model are `Model::inputs`")),
    ("utils", &["image_dataset_from_directory"], At("keras_rs::data::image_dataset_from_directory")),
    ("utils", &["text_dataset_from_directory"], At("keras_rs::data::text_dataset_from_directory")),
    ("utils", &["timeseries_dataset_from_array"], At("keras_rs::data::timeseries_dataset_from_array")),
    ("utils", &["load_img"], At("keras_rs::data::image::load_img")),
    ("utils", &["img_to_array"], Refused("`load_img` gives an array")),
    ("utils", &["is_keras_tensor"], Refused("what a symbolic tensor is, its type says")),
    ("utils", &["legacy"], Refused(LEGACY)),
    ("utils", &["model_to_dot", "plot_model"], Refused(PLOTS)),
    ("utils", &["normalize"], At("keras_rs::ops::normalize")),
    ("utils", &["pack_x_y_sample_weight", "unpack_x_y_sample_weight"], At("keras_rs::Batch")),
    ("utils", &["set_random_seed"], At("keras_rs::random::set_seed")),
    ("utils", &["split_dataset"], Preprocessing),
    ("utils", &["standardize_dtype"], At("keras_rs::DType")),
    ("utils", &["to_categorical"], At("keras_rs::ops::one_hot")),
    // Quantization and its data types.
    (
        "quantizers",
        &[
            "AWQConfig",
            "AbsMaxQuantizer",
            "Float8QuantizationConfig",
            "GPTQConfig",
            "Int4QuantizationConfig",
            "Int8QuantizationConfig",
            "QuantizationConfig",
            "Quantizer",
            "abs_max_quantize",
            "abs_max_quantize_grouped_with_zero_point",
            "compute_float8_amax_history",
            "compute_float8_scale",
            "fake_quant_with_min_max_vars",
            "pack_int4",
            "quantize_and_dequantize",
            "unpack_int4",
        ],
        Refused(QUANTIZATION),
    ),
    ("dtype_policies", &["DTypePolicy", "FloatDTypePolicy"], At("keras_rs::DTypePolicy")),
    ("dtype_policies", &["DTypePolicyMap"], At("keras_rs::DTypePolicyMap")),
    (
        "dtype_policies",
        &[
            "AWQDTypePolicy",
            "GPTQDTypePolicy",
            "Int4DTypePolicy",
            "QuantizedDTypePolicy",
            "QuantizedFloat8DTypePolicy",
        ],
        Refused(QUANTIZATION),
    ),
];

/// The exception of a name of a section.
pub(super) fn find(section: &str, name: &str) -> Option<Exception> {
    let found = EXCEPTIONS.iter().find(|(s, names, _)| (*s == section || *s == ANY) && names.contains(&name));
    found.map(|(_, _, exception)| *exception)
}

/// Section and name of every exception of one section.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_sections = EXCEPTIONS.iter().filter(|(section, _, _)| *section != ANY);
    of_sections.flat_map(|(section, names, _)| names.iter().map(move |name| (*section, *name)))
}
