//! Types of arguments that convolutions, pooling and reshaping layers share.

use crate::error::{Error, Result};
use crate::serialization::{FromConfig, IntoConfig};
use crate::shape::Shape;
use serde_json::Value;
use std::ops::Deref;

/// One number for each of `N` spatial axes: kernel sizes, strides, dilations, pool sizes.
///
/// Made from one number for all axes, from an array or from a tuple.
///
/// ```
/// use keras_rs::layers::Tuple;
///
/// assert_eq!(*Tuple::<2>::from(3), [3, 3]);
/// assert_eq!(*Tuple::<2>::from((3, 5)), [3, 5]);
/// assert_eq!(*Tuple::<3>::from([1, 2, 3]), [1, 2, 3]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple<const N: usize>([usize; N]);

impl<const N: usize> Tuple<N> {
    /// Refuses zeros.
    ///
    /// # Errors
    /// [`Error::Argument`] where a number is zero.
    pub fn require_positive(&self, context: &str, argument: &str) -> Result<()> {
        if self.0.iter().all(|&n| n > 0) {
            return Ok(());
        }
        Err(Error::argument(context, argument, "numbers of at least 1", format!("{:?}", self.0)))
    }
}

impl<const N: usize> Deref for Tuple<N> {
    type Target = [usize; N];

    fn deref(&self) -> &[usize; N] {
        &self.0
    }
}

impl<const N: usize> From<usize> for Tuple<N> {
    fn from(all: usize) -> Self {
        Self([all; N])
    }
}

impl<const N: usize> From<[usize; N]> for Tuple<N> {
    fn from(each: [usize; N]) -> Self {
        Self(each)
    }
}

impl From<(usize,)> for Tuple<1> {
    fn from((a,): (usize,)) -> Self {
        Self([a])
    }
}

impl From<(usize, usize)> for Tuple<2> {
    fn from((a, b): (usize, usize)) -> Self {
        Self([a, b])
    }
}

impl From<(usize, usize, usize)> for Tuple<3> {
    fn from((a, b, c): (usize, usize, usize)) -> Self {
        Self([a, b, c])
    }
}

impl<const N: usize> IntoConfig for Tuple<N> {
    fn to_config(&self) -> Value {
        self.0.to_config()
    }
}

impl<const N: usize> FromConfig for Tuple<N> {
    const EXPECTED: &'static str = "a whole number, or a list of one for each spatial axis, none negative";

    fn from_value(value: &Value) -> Option<Self> {
        usize::from_value(value).map(Self::from).or_else(|| <[usize; N]>::from_value(value).map(Self))
    }
}

/// What is put around an input before a window slides over it.
///
/// ```
/// use keras_rs::layers::Padding;
///
/// assert_eq!(Padding::try_from("same")?, Padding::Same);
/// let error = Padding::try_from("sane").unwrap_err();
/// assert_eq!(error.to_string(), "unknown padding \"sane\"; the nearest are: same, valid, causal");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Nothing: windows lie within the input.
    #[default]
    Valid,
    /// Zeros on both sides, one more at the end where their number is odd, so that the output has
    /// `ceil(size / stride)` places.
    Same,
    /// Zeros before the input, so that no place sees later ones; one spatial axis only.
    Causal,
}

impl Padding {
    const ALL: [(&'static str, Self); 3] =
        [("valid", Self::Valid), ("same", Self::Same), ("causal", Self::Causal)];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Same => "same",
            Self::Causal => "causal",
        }
    }

    /// Number of window positions along an axis of a size that may be unknown; 0 where the window
    /// does not fit. `window` counts the places that a window spans, dilation included.
    pub fn output_size(self, size: Option<usize>, window: usize, stride: usize) -> Option<usize> {
        let stride = stride.max(1);
        size.map(|size| match self {
            Self::Valid => (size + 1).saturating_sub(window).div_ceil(stride),
            Self::Same | Self::Causal => size.div_ceil(stride),
        })
    }

    /// Zeros to put before and after an axis.
    pub fn amounts(self, size: usize, window: usize, stride: usize) -> (usize, usize) {
        match self {
            Self::Valid => (0, 0),
            Self::Causal => (window.saturating_sub(1), 0),
            Self::Same => {
                let spanned = (size.div_ceil(stride.max(1)).saturating_sub(1) * stride).saturating_add(window);
                let total = spanned.saturating_sub(size);
                (total / 2, total - total / 2)
            }
        }
    }
}

/// Where the channels are.
///
/// ```
/// use keras_rs::layers::DataFormat;
///
/// let format = DataFormat::try_from("channels_first")?;
/// assert_eq!(format.channel_axis(4), 1);
/// assert_eq!(format.spatial_axes(4), 2..4);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DataFormat {
    /// `(batch, ..., channels)`.
    #[default]
    ChannelsLast,
    /// `(batch, channels, ...)`.
    ChannelsFirst,
}

impl DataFormat {
    const ALL: [(&'static str, Self); 2] =
        [("channels_last", Self::ChannelsLast), ("channels_first", Self::ChannelsFirst)];

    /// Keras' name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChannelsLast => "channels_last",
            Self::ChannelsFirst => "channels_first",
        }
    }

    /// The axis of the channels of a tensor with `rank` axes.
    pub fn channel_axis(self, rank: usize) -> usize {
        match self {
            Self::ChannelsLast => rank.saturating_sub(1),
            Self::ChannelsFirst => 1,
        }
    }

    /// The axes between batch and channels, or after them, of a tensor with `rank` axes.
    pub fn spatial_axes(self, rank: usize) -> std::ops::Range<usize> {
        match self {
            Self::ChannelsLast => 1..rank.saturating_sub(1).max(1),
            Self::ChannelsFirst => 2..rank.max(2),
        }
    }

    /// A shape of this format from its batch, spatial sizes and channels.
    pub fn shape(self, batch: Option<usize>, spatial: &[Option<usize>], channels: Option<usize>) -> Shape {
        let mut dims = vec![batch];
        dims.extend(spatial);
        dims.insert(self.channel_axis(dims.len() + 1), channels);
        dims.into()
    }

    /// Axes that bring a tensor of this format to channels last, for [`crate::Tensor::permute`].
    pub fn to_channels_last(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => (0..rank).collect(),
            Self::ChannelsFirst => std::iter::once(0).chain(2..rank).chain([1]).collect(),
        }
    }

    /// Axes that bring a tensor from channels last to this format.
    pub fn from_channels_last(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => (0..rank).collect(),
            Self::ChannelsFirst => [0, rank.saturating_sub(1)].into_iter().chain(1..rank.saturating_sub(1)).collect(),
        }
    }
}

/// What arguments that are one of few names have in common.
macro_rules! named {
    ($type:ident, $kind:literal, $expected:literal) => {
        impl TryFrom<&str> for $type {
            type Error = Error;

            /// Capital letters count as small ones, as in Keras.
            fn try_from(name: &str) -> Result<Self> {
                let lower = name.to_lowercase();
                let found = Self::ALL.into_iter().find(|(known, _)| *known == lower);
                found
                    .map(|(_, value)| value)
                    .ok_or_else(|| Error::unknown_name($kind, name, Self::ALL.map(|(known, _)| known)))
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl IntoConfig for $type {
            fn to_config(&self) -> Value {
                self.name().into()
            }
        }

        impl FromConfig for $type {
            const EXPECTED: &'static str = $expected;

            /// `null` stands for the default.
            fn from_value(value: &Value) -> Option<Self> {
                if value.is_null() { Some(Self::default()) } else { Self::try_from(value.as_str()?).ok() }
            }
        }
    };
}

named!(Padding, "padding", "valid, same or causal");
named!(DataFormat, "data format", "channels_last or channels_first");
