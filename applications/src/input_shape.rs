//! Which input shapes an application accepts.

use keras_rs::Shape;

use crate::{Error, Result, Variant};

/// The shape of the input without the batch, by Keras' rules.
///
/// Without a shape chosen, the variant's own with the classifier, any size without it (mostly).
pub(crate) fn obtain(
    variant: &Variant,
    chosen: Option<&Shape>,
    include_top: bool,
    imagenet: bool,
) -> Result<Shape> {
    let size = variant.network.default_size(variant, chosen);
    let own = Shape::from([size, size, 3]);
    let Some(shape) = chosen else {
        let is_fixed = include_top || variant.network.is_fixed_without_classifier();
        return Ok(if is_fixed { own } else { Shape::from([None, None, Some(3)]) });
    };
    let refuse = |expected: String| {
        Err(Error::Argument {
            context: variant.name,
            argument: "input_shape",
            expected,
            got: shape.to_string(),
        })
    };
    let &[height, width, channels] = shape.dims() else {
        return refuse("three sizes: height, width, channels".to_owned());
    };
    if imagenet && include_top && *shape != own {
        return refuse(format!("{own} with ImageNet weights and the classifier"));
    }
    if imagenet && channels != Some(3) {
        return refuse("3 channels with ImageNet weights".to_owned());
    }
    if channels.is_none_or(|c| c == 0) {
        return refuse("a known number of channels, at least 1".to_owned());
    }
    let min = variant.min_size;
    if [height, width].into_iter().flatten().any(|size| size < min) {
        return refuse(format!("height and width of at least {min}"));
    }
    if include_top && (height.is_none() || width.is_none()) {
        return refuse("known sizes with the classifier (`include_top`)".to_owned());
    }
    Ok(shape.clone())
}
