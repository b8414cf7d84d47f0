//! The header of a `.npy` array: a magic number, a version, and a Python dictionary.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::files::elements::Element;
use crate::tensor::TensorData;
use std::path::Path;

const FORMAT: &str = "npy";
const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy's own limit on what it will parse of a header is 10,000 bytes.
const MAX_HEADER: usize = 64 << 10;
/// NumPy's limit on the number of axes.
const MAX_RANK: usize = 64;

struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<u64>,
}

/// Reads an array; errors name `origin`.
pub(super) fn parse_npy(mut bytes: Vec<u8>, origin: &Path) -> Result<TensorData> {
    let refuse = |expected: &str, got: &str| Error::format(origin, FORMAT, expected, got);
    let (text, data_start) =
        split(&bytes).ok_or_else(|| refuse("a header of version 1 to 3", "something else"))?;
    let header = Parser(text).header().ok_or_else(|| {
        let shown: String = String::from_utf8_lossy(text).chars().take(80).collect();
        refuse("a header with `descr`, `fortran_order` and `shape`", shown.trim_end())
    })?;
    let (element, big_endian) = element(&header.descr).ok_or_else(|| {
        refuse("an array of numbers or truth values", &format!("elements of type {}", header.descr))
    })?;
    let too_large = || Error::TooLarge {
        context: format!("{}: array of shape {:?}", origin.display(), header.shape),
        bytes: u64::MAX,
        limit: (bytes.len() - data_start) as u64,
    };
    let shape: Vec<usize> = header
        .shape
        .iter()
        .map(|d| usize::try_from(*d))
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| too_large())?;
    let widest = element.size().max(element.dtype().size());
    let extent = shape.iter().filter(|d| **d > 0).try_fold(widest, |n, d| n.checked_mul(*d));
    if shape.len() > MAX_RANK || extent.is_none_or(|n| n > isize::MAX.unsigned_abs()) {
        return Err(too_large());
    }
    let needed = shape.iter().product::<usize>() * element.size();
    let available = bytes.len() - data_start;
    if needed > available {
        return Err(refuse(
            &format!("{needed} bytes for shape {}", tuple(&shape)),
            &format!("{available} bytes"),
        ));
    }
    bytes.drain(..data_start);
    bytes.truncate(needed);
    if header.fortran_order && shape.len() > 1 {
        bytes = to_c_order(&bytes, &shape, element.size());
    }
    let values = element
        .decode(bytes, big_endian)
        .ok_or_else(|| refuse("integers that fit into int64", "a larger unsigned integer"))?;
    TensorData::new(element.dtype(), shape, values)
}

/// The header of an array in C order, padded as NumPy pads it.
pub(super) fn write_header(dtype: DType, shape: &[usize]) -> Vec<u8> {
    let descr = match dtype {
        DType::F16 => "<f2",
        DType::F32 | DType::BF16 => "<f4",
        DType::F64 => "<f8",
        DType::I32 => "<i4",
        DType::I64 => "<i8",
        DType::U8 => "|u1",
        DType::U32 => "<u4",
        DType::Bool => "|b1",
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", tuple(shape));
    // Version 1 counts the header in two bytes; no shape of 64 axes comes near.
    while !(MAGIC.len() + 4 + text.len() + 1).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes();
    [MAGIC, &[1, 0], &length, text.as_bytes()].concat()
}

/// The header's text and where the data begins.
fn split(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, start) = match *rest {
        [1, _, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 10),
        [2 | 3, _, a, b, c, d, ..] => (usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?, 12),
        _ => return None,
    };
    let text =
        bytes.get(start..start + length.min(MAX_HEADER + 1)).filter(|text| text.len() <= MAX_HEADER)?;
    Some((text, start + length))
}

fn element(descr: &str) -> Option<(Element, bool)> {
    let (order, kind) = descr.split_at_checked(1)?;
    let big_endian = match order {
        "<" | "|" | "=" => false,
        ">" => true,
        _ => return None,
    };
    let element = match kind {
        "b1" | "?" => Element::Same(DType::Bool),
        "i1" => Element::I8,
        "i2" => Element::I16,
        "i4" => Element::Same(DType::I32),
        "i8" => Element::Same(DType::I64),
        "u1" => Element::Same(DType::U8),
        "u2" => Element::U16,
        "u4" => Element::Same(DType::U32),
        "u8" => Element::U64,
        "f2" => Element::Same(DType::F16),
        "f4" => Element::Same(DType::F32),
        "f8" => Element::Same(DType::F64),
        _ => return None,
    };
    Some((element, big_endian))
}

fn to_c_order(bytes: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = size;
    for dim in shape {
        strides.push(stride);
        stride *= dim;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    let mut offset = 0;
    while out.len() < bytes.len() {
        out.extend_from_slice(&bytes[offset..offset + size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            offset += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            offset -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    out
}

/// Reads the dictionary that NumPy prints: strings, truth values and tuples of integers.
struct Parser<'a>(&'a [u8]);

impl Parser<'_> {
    fn header(mut self) -> Option<Header> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.token(b"{")?;
        while self.token(b"}").is_none() {
            let key = self.string()?;
            self.token(b":")?;
            match key.as_str() {
                // A structured type is a list; its text is shown in the error.
                "descr" => descr = Some(self.string().or_else(|| self.list())?),
                "fortran_order" => fortran_order = Some(self.truth()?),
                "shape" => shape = Some(self.integers()?),
                _ => return None,
            }
            if self.token(b",").is_none() {
                self.token(b"}")?;
                break;
            }
        }
        Some(Header { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }

    fn token(&mut self, token: &[u8]) -> Option<()> {
        self.0 = self.0.trim_ascii_start().strip_prefix(token)?;
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let (quote, rest) = self.0.trim_ascii_start().split_first()?;
        if !matches!(quote, b'\'' | b'"') {
            return None;
        }
        let end = rest.iter().position(|b| b == quote)?;
        let text = std::str::from_utf8(&rest[..end]).ok()?.to_string();
        self.0 = &rest[end + 1..];
        Some(text)
    }

    fn list(&mut self) -> Option<String> {
        let rest = self.0.trim_ascii_start();
        rest.starts_with(b"[").then_some(())?;
        let end = rest.iter().position(|b| *b == b']')? + 1;
        let text = String::from_utf8_lossy(&rest[..end.min(80)]).into_owned();
        self.0 = &rest[end..];
        Some(text)
    }

    fn truth(&mut self) -> Option<bool> {
        self.token(b"True").map(|()| true).or_else(|| self.token(b"False").map(|()| false))
    }

    fn integers(&mut self) -> Option<Vec<u64>> {
        self.token(b"(")?;
        let mut values = Vec::new();
        while self.token(b")").is_none() {
            let rest = self.0.trim_ascii_start();
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            values.push(std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?);
            // Python 2 marked long integers.
            self.0 = rest[digits..].strip_prefix(b"L").unwrap_or(&rest[digits..]);
            if self.token(b",").is_none() {
                self.token(b")")?;
                break;
            }
        }
        Some(values)
    }
}
