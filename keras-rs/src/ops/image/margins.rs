//! Padding and cropping of images.

use super::layout::Layout;
use crate::error::{Error, Result};
use crate::ops::operand::Results;
use crate::ops::{DataFormat, Operand, OperationCall, ToData, Value};
use crate::shape::{Shape, Spec};
use crate::tensor::Tensor;

/// What [`pad_images`] adds to images and [`crop_images`] cuts from them: of each axis two of three numbers.
///
/// ```
/// use keras_rs::ops::image::Margins;
///
/// let margins = Margins::new().top(1).bottom(2).left(0).target_width(8);
/// assert_eq!((margins.top, margins.right), (Some(1), None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margins {
    /// Rows above.
    pub top: Option<usize>,
    /// Columns to the left.
    pub left: Option<usize>,
    /// Rows below.
    pub bottom: Option<usize>,
    /// Columns to the right.
    pub right: Option<usize>,
    /// The height of the result.
    pub target_height: Option<usize>,
    /// The width of the result.
    pub target_width: Option<usize>,
}

/// A setter for each number.
macro_rules! setters {
    ($($name:ident: $doc:literal;)*) => {
        impl Margins {
            /// No number.
            pub fn new() -> Self {
                Self::default()
            }

            $(
                #[doc = $doc]
                #[must_use]
                pub fn $name(mut self, $name: usize) -> Self {
                    self.$name = Some($name);
                    self
                }
            )*
        }
    };
}

setters! {
    top: "Sets the rows above.";
    left: "Sets the columns to the left.";
    bottom: "Sets the rows below.";
    right: "Sets the columns to the right.";
    target_height: "Sets the height of the result.";
    target_width: "Sets the width of the result.";
}

/// Whether images grow or shrink, and how Keras names the numbers.
struct Change {
    name: &'static str,
    class: &'static str,
    /// Names of the numbers before and after of the height, then of the width.
    sides: [[&'static str; 2]; 2],
    grows: bool,
}

const PAD: Change = Change {
    name: "pad_images",
    class: "PadImages",
    sides: [["top_padding", "bottom_padding"], ["left_padding", "right_padding"]],
    grows: true,
};

const CROP: Change = Change {
    name: "crop_images",
    class: "CropImages",
    sides: [["top_cropping", "bottom_cropping"], ["left_cropping", "right_cropping"]],
    grows: false,
};

const TARGETS: [&str; 2] = ["target_height", "target_width"];

impl Margins {
    /// Numbers before and after, and the target, of the height and of the width.
    fn of_axes(&self) -> [[Option<usize>; 3]; 2] {
        [[self.top, self.bottom, self.target_height], [self.left, self.right, self.target_width]]
    }
}

impl Change {
    /// Refuses numbers that are too few or too many.
    fn check(&self, margins: Margins) -> Result<()> {
        for (i, numbers) in margins.of_axes().into_iter().enumerate() {
            if numbers.iter().flatten().count() != 2 {
                let [before, after] = self.sides[i];
                let expected = format!("two of `{before}`, `{after}` and `{}`", TARGETS[i]);
                return Err(Error::argument(self.name, before, expected, format!("{numbers:?}")));
            }
        }
        Ok(())
    }

    /// Numbers before and after, and the new size, of an axis.
    fn amounts(&self, margins: Margins, i: usize, size: usize) -> Result<(usize, usize, usize)> {
        let [before, after, target] = margins.of_axes()[i];
        let (small, large) = if self.grows { (Some(size), target) } else { (target, Some(size)) };
        let found = match (before, after, small, large) {
            (Some(before), Some(after), small, large) => {
                let both = before.checked_add(after);
                let other = match (small, large) {
                    (Some(small), _) => both.and_then(|both| small.checked_add(both)),
                    (_, large) => both.and_then(|both| large?.checked_sub(both)),
                };
                other.map(|other| (before, after, other))
            }
            (Some(before), None, Some(small), Some(large)) => {
                let after = large.checked_sub(small).and_then(|rest| rest.checked_sub(before));
                after.map(|after| (before, after, if self.grows { large } else { small }))
            }
            (None, Some(after), Some(small), Some(large)) => {
                let before = large.checked_sub(small).and_then(|rest| rest.checked_sub(after));
                before.map(|before| (before, after, if self.grows { large } else { small }))
            }
            _ => None,
        };
        found.ok_or_else(|| {
            let expected = format!("numbers that fit a size of {size}");
            Error::argument(self.name, self.sides[i][0], expected, format!("{:?}", margins.of_axes()[i]))
        })
    }

    fn call<X: Operand>(&self, images: &X, margins: Margins, format: DataFormat) -> Result<X::Output> {
        self.check(margins)?;
        let mut call = OperationCall::new(self.class);
        let [[top, bottom, height], [left, right, width]] = margins.of_axes();
        let [[top_name, bottom_name], [left_name, right_name]] = self.sides;
        call.argument(top_name, top.to_data());
        call.argument(left_name, left.to_data());
        call.argument(bottom_name, bottom.to_data());
        call.argument(right_name, right.to_data());
        call.argument(TARGETS[0], height.to_data());
        call.argument(TARGETS[1], width.to_data());
        call.argument("data_format", format.to_data());
        call.operand(images.given()?);
        <Tensor as Results<X::Output>>::of_call(call)
    }

    fn spec(&self, (images, dtype): &Spec, margins: Margins, format: DataFormat) -> Result<Spec> {
        self.check(margins)?;
        let layout = Layout::new(self.name, "images", images, format)?;
        let mut dims = images.dims().to_vec();
        for (i, axis) in [layout.height, layout.width].into_iter().enumerate() {
            dims[axis] = match dims[axis] {
                Some(size) => Some(self.amounts(margins, i, size)?.2),
                None => margins.of_axes()[i][2],
            };
        }
        Ok((Shape::new(dims), *dtype))
    }

    /// Numbers before and after each axis of images.
    fn around(&self, images: &Tensor, margins: Margins, format: DataFormat) -> Result<Vec<(usize, usize)>> {
        self.check(margins)?;
        let layout = Layout::of(self.name, images, format)?;
        let mut around = vec![(0, 0); images.rank()];
        for (i, axis) in [layout.height, layout.width].into_iter().enumerate() {
            let (before, after, _) = self.amounts(margins, i, images.shape()[axis])?;
            around[axis] = (before, after);
        }
        Ok(around)
    }
}

/// Images with zeros around them. Keras' `ops.image.pad_images`.
///
/// Shapes: height and width grow by the margins, or to the targets.
///
/// # Errors
/// [`Error::Shape`] for another number of axes; [`Error::Argument`] where not two of three numbers are given for each axis, or a
/// target is smaller than the image; [`Error::TooLarge`] where the result would be too large.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, Margins, pad_images};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0], [1, 2, 1])?;
/// let margins = Margins::new().top(0).bottom(0).left(1).target_width(4);
/// let y = pad_images(&x, margins, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 2.0, 0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn pad_images<X: Operand>(images: &X, margins: Margins, data_format: DataFormat) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        return PAD.call(images, margins, data_format);
    }
    let images = images.real(&[])?;
    Value::of(images.pad(&PAD.around(&images, margins, data_format)?, 0.0)?)
}

/// Images without their margins. Keras' `ops.image.crop_images`.
///
/// Shapes: height and width shrink by the margins, or to the targets.
///
/// # Errors
/// As [`pad_images`]; [`Error::Argument`] where a target is larger than the image.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::ops::image::{DataFormat, Margins, crop_images};
///
/// let x = Tensor::from_slice::<f32>(&[1.0, 2.0, 3.0], [1, 3, 1])?;
/// let margins = Margins::new().top(0).bottom(0).left(1).target_width(1);
/// let y = crop_images(&x, margins, DataFormat::ChannelsLast)?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn crop_images<X: Operand>(images: &X, margins: Margins, data_format: DataFormat) -> Result<X::Output> {
    if <X::Output as Value>::SYMBOLIC {
        return CROP.call(images, margins, data_format);
    }
    let mut x = images.real(&[])?.into_owned();
    for (axis, (before, after)) in CROP.around(&x, margins, data_format)?.into_iter().enumerate() {
        x = x.narrow(axis as isize, before..x.shape()[axis] - after)?;
    }
    Value::of(x)
}

pub(crate) fn pad_images_spec(images: &Spec, margins: Margins, data_format: DataFormat) -> Result<Spec> {
    PAD.spec(images, margins, data_format)
}

pub(crate) fn crop_images_spec(images: &Spec, margins: Margins, data_format: DataFormat) -> Result<Spec> {
    CROP.spec(images, margins, data_format)
}
