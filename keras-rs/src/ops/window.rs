//! The positions of the windows of convolutions and pooling on their input.

use super::{Data, OperationCall, ToData};
use crate::error::{Error, Result};
use crate::shape::Shape;

/// Padding of an input before a window slides over it.
///
/// ```
/// use keras_rs::ops::Padding;
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
    /// `ceil(size / stride)` elements.
    Same,
    /// Zeros before the input, so that no output depends on later inputs; one spatial axis only.
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
    /// does not fit. `window` is the number of elements that a window spans, dilation included.
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
                let spanned =
                    (size.div_ceil(stride.max(1)).saturating_sub(1) * stride).saturating_add(window);
                let total = spanned.saturating_sub(size);
                (total / 2, total - total / 2)
            }
        }
    }
}

/// Where the channels are.
///
/// ```
/// use keras_rs::ops::DataFormat;
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

    /// Axes that bring a tensor of this format to channels first, for [`crate::Tensor::permute`].
    pub fn to_channels_first(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => {
                [0, rank.saturating_sub(1)].into_iter().chain(1..rank.saturating_sub(1)).collect()
            }
            Self::ChannelsFirst => (0..rank).collect(),
        }
    }

    /// Axes that bring a tensor with channels first to this format.
    pub fn from_channels_first(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => std::iter::once(0).chain(2..rank).chain([1]).collect(),
            Self::ChannelsFirst => (0..rank).collect(),
        }
    }

    /// Axes that bring a tensor of this format to channels last, for [`crate::Tensor::permute`].
    pub fn to_channels_last(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => (0..rank).collect(),
            Self::ChannelsFirst => Self::ChannelsLast.from_channels_first(rank),
        }
    }

    /// Axes that bring a tensor with channels last to this format.
    pub fn from_channels_last(self, rank: usize) -> Vec<usize> {
        match self {
            Self::ChannelsLast => (0..rank).collect(),
            Self::ChannelsFirst => Self::ChannelsLast.to_channels_first(rank),
        }
    }
}

/// How a kernel moves over its input.
///
/// An empty list of strides or dilation rates stands for 1 on every axis.
///
/// ```
/// use keras_rs::ops::{Padding, Window};
///
/// let window = Window { strides: &[2, 2], padding: Padding::Same, ..Window::default() };
/// assert_eq!(window.stride(1), 2);
/// assert_eq!(window.span(0, 3), 3);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window<'a> {
    /// Steps between positions, one for each spatial axis; at least 1.
    pub strides: &'a [usize],
    /// Dilation rates: steps between kernel elements, one for each spatial axis; at least 1.
    pub dilation_rate: &'a [usize],
    /// Padding of the input.
    pub padding: Padding,
    /// Where the channels are.
    pub data_format: DataFormat,
}

impl Window<'_> {
    /// The same without padding and with steps of 1.
    pub(super) fn without_steps(self) -> Self {
        Self { strides: &[], padding: Padding::Valid, ..self }
    }

    /// Adds the arguments of an operation of a model.
    pub(super) fn write_to(&self, call: &mut OperationCall) {
        let steps = |list: &[usize]| match list {
            [] => Data::Whole(1),
            [first, rest @ ..] if rest.iter().all(|next| next == first) => first.to_data(),
            several => several.to_data(),
        };
        call.argument("strides", steps(self.strides));
        call.argument("padding", self.padding.to_data());
        call.argument("data_format", self.data_format.to_data());
        call.argument("dilation_rate", steps(self.dilation_rate));
    }

    /// Stride along a spatial axis.
    pub fn stride(&self, axis: usize) -> usize {
        self.strides.get(axis).copied().unwrap_or(1).max(1)
    }

    /// Dilation rate along a spatial axis.
    pub fn dilation(&self, axis: usize) -> usize {
        self.dilation_rate.get(axis).copied().unwrap_or(1).max(1)
    }

    /// Number of elements that a kernel of `size` spans along a spatial axis, dilation included.
    pub fn span(&self, axis: usize, size: usize) -> usize {
        size.saturating_sub(1).saturating_mul(self.dilation(axis)).saturating_add(1)
    }

    /// Refuses zeros, and lists that do not have one number for each of `rank` spatial axes.
    ///
    /// # Errors
    /// [`Error::Argument`] names the list.
    pub fn check(&self, context: &str, rank: usize) -> Result<()> {
        for (name, list) in [("strides", self.strides), ("dilation_rate", self.dilation_rate)] {
            if !(list.is_empty() || list.len() == rank) || list.contains(&0) {
                let expected = format!("{rank} numbers of at least 1");
                return Err(Error::argument(context, name, expected, format!("{list:?}")));
            }
        }
        Ok(())
    }
}

/// Implementations that all arguments with a few names share.
macro_rules! named {
    ($type:ident, $kind:literal) => {
        impl TryFrom<&str> for $type {
            type Error = Error;

            /// Case is ignored, as in Keras.
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
    };
}

named!(Padding, "padding");
named!(DataFormat, "data format");
