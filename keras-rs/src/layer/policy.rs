//! The data types that a map of policies says a layer has.

use super::LayerRef;
use crate::dtype::DTypePolicy;
use crate::error::Result;

/// Classes that Keras builds when they are made, as they never have variables.
pub(crate) const BUILT_WHEN_MADE: [&str; 29] = [
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "Identity",
    "InputLayer",
    "LeakyReLU",
    "Masking",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "ReLU",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "UnitNormalization",
];

impl LayerRef {
    /// Names of the layers around this one and its own, as far as they are known.
    pub(super) fn path(&self) -> String {
        let outer = self.0.parent_path.get().or(self.0.prefix.get());
        format!("{}{}", outer.map_or("", String::as_str), self.shared_name())
    }

    /// Says which layer this one is inside of, where no layer was said before.
    pub(super) fn set_parent_path(&self, path: &str) {
        self.0.parent_path.get_or_init(|| format!("{path}/"));
    }

    /// Looks the layer up in its map of policies, before anything is made in one of its data types.
    ///
    /// # Errors
    /// As [`DTypePolicyMap::get`](crate::DTypePolicyMap::get).
    pub(super) fn settle_policy(&self) -> Result<()> {
        let DTypePolicy::Map(policy) = &self.layer().base().dtype else { return Ok(()) };
        let keras_own = self.layer().registered_name().is_none();
        // Keras gives these no path, so that maps have nothing but the default policy for them.
        let class = self.class_name();
        if keras_own && (class == "Reshape" || BUILT_WHEN_MADE.contains(&class)) {
            return Ok(());
        }
        policy.settle(&self.path())?;
        // What was said of outputs before may be of another type.
        self.0.known_specs.clear();
        Ok(())
    }
}
