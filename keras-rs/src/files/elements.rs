//! Element types that files hold, and the [`DType`] each becomes without losing a value.

use crate::dtype::DType;

/// A numeric type as files store it: Keras' own and those that NumPy adds to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// A type that tensors have too.
    Same(DType),
    /// Signed byte; becomes `int32`.
    I8,
    /// Signed 16-bit integer; becomes `int32`.
    I16,
    /// Unsigned 16-bit integer; becomes `int32`.
    U16,
    /// Unsigned 64-bit integer; becomes `int64` while every value fits.
    U64,
}

impl Element {
    /// Bytes of one element in the file.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Same(dtype) => dtype.size(),
            Self::I8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::U64 => 8,
        }
    }

    /// Type of the tensor that the elements become.
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::Same(dtype) => dtype,
            Self::I8 | Self::I16 | Self::U16 => DType::I32,
            Self::U64 => DType::I64,
        }
    }

    /// The file's elements as little-endian bytes of [`Element::dtype`].
    ///
    /// `None` where an unsigned 64-bit value does not fit into `int64`. Truth values other than
    /// 0 and 1 become 1, so that no tensor holds a byte that is neither.
    pub(crate) fn decode(self, mut bytes: Vec<u8>, big_endian: bool) -> Option<Vec<u8>> {
        if big_endian && self.size() > 1 {
            bytes.chunks_exact_mut(self.size()).for_each(<[u8]>::reverse);
        }
        match self {
            Self::Same(DType::Bool) => {
                bytes.iter_mut().for_each(|b| *b = u8::from(*b != 0));
                Some(bytes)
            }
            Self::Same(_) => Some(bytes),
            Self::I8 => Some(bytes.iter().flat_map(|b| i32::from(b.cast_signed()).to_le_bytes()).collect()),
            Self::I16 => Some(widen(&bytes, |pair| i32::from(i16::from_le_bytes(pair)))),
            Self::U16 => Some(widen(&bytes, |pair| i32::from(u16::from_le_bytes(pair)))),
            Self::U64 => bytes.chunks_exact(8).all(|value| value[7] < 0x80).then_some(bytes),
        }
    }
}

fn widen(bytes: &[u8], value: impl Fn([u8; 2]) -> i32) -> Vec<u8> {
    bytes.chunks_exact(2).flat_map(|pair| value([pair[0], pair[1]]).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests;
