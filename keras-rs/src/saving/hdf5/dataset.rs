//! Datasets: what element types mean to Keras, and how much a dataset may claim.

use super::file::Shared;
use super::group::shorten;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::files::elements::Element;
use crate::tensor::TensorData;
use crate::variable::StoredValue;
use hdf5_pure::{AttrValue, Datatype, DatatypeByteOrder, FloatingPointLayout, Layout};
use std::sync::Arc;

/// Most that deflate makes of a byte, rounded up.
const MAX_EXPANSION: u64 = 1100;
/// What a dataset may be, compressed or not, beyond 16 times the whole file.
const EXPANSION_FLOOR: u64 = 256 << 20;
/// Filters whose output is bounded by what goes in: deflate, shuffle, fletcher32 and lzf.
const FILTERS: [u16; 4] = [1, 2, 3, 32000];

/// Bytes from which a dataset is large.
const LARGE: usize = 1 << 16;

struct Description {
    shape: Vec<usize>,
    element: Element,
    big_endian: bool,
    bytes: usize,
}

/// Shape and tensor type of a dataset.
pub(super) fn info(shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset) -> Result<(Vec<usize>, DType)> {
    let described = super::on_deep_stack(|| describe(shared, path, dataset))?;
    Ok((described.shape, described.element.dtype()))
}

/// As [`info`], of a dataset whose last row can be read where it is stored in one piece.
pub(super) fn checked_info(
    shared: &Shared,
    path: &str,
    dataset: &hdf5_pure::Dataset,
) -> Result<(Vec<usize>, DType)> {
    super::on_deep_stack(|| {
        let described = describe(shared, path, dataset)?;
        if described.bytes > 0 {
            check_storage(shared, path, dataset, described.bytes as u64)?;
            let layout = shared.run(path, || dataset.layout())?;
            match described.shape.first() {
                Some(rows) if matches!(layout, Layout::Contiguous { .. }) => {
                    shared.run(path, || dataset.read_raw_rows(*rows as u64 - 1, 1))?;
                }
                _ => {}
            }
        }
        Ok((described.shape, described.element.dtype()))
    })
}

/// A dataset's values.
pub(super) fn read(shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset) -> Result<TensorData> {
    super::on_deep_stack(|| {
        let described = describe(shared, path, dataset)?;
        if described.bytes > 0 {
            check_storage(shared, path, dataset, described.bytes as u64)?;
            shared.spend(path, described.bytes as u64)?;
        }
        described.values(shared, path, dataset)
    })
}

/// A large dataset whose numbers lie in the file as they are, so that reading it later cannot fail unless the file is
/// changed.
pub(crate) struct Stored {
    shared: Arc<Shared>,
    path: String,
    dataset: hdf5_pure::Dataset,
}

impl Stored {
    /// `None` for a dataset that is small, in memory, or laid out in another way. It is checked as by [`read`], and its
    /// last row is read.
    pub(super) fn new(shared: &Arc<Shared>, path: &str, dataset: hdf5_pure::Dataset) -> Result<Option<Self>> {
        let plain = super::on_deep_stack(|| {
            let described = describe(shared, path, &dataset)?;
            let layout = shared.run(path, || dataset.layout())?;
            let contiguous = matches!(layout, Layout::Contiguous { address: Some(_), .. });
            let &[rows, ..] = described.shape.as_slice() else { return Ok(false) };
            let as_it_is = matches!(described.element, Element::Same(dtype) if dtype != DType::Bool)
                && contiguous
                && dataset.filters().is_empty();
            if described.bytes < LARGE || !as_it_is || !shared.is_on_disk() {
                return Ok(false);
            }
            check_storage(shared, path, &dataset, described.bytes as u64)?;
            shared.spend(path, described.bytes as u64)?;
            shared.run(path, || dataset.read_raw_rows(rows as u64 - 1, 1))?;
            Ok(true)
        })?;
        Ok(plain.then(|| Self { shared: Arc::clone(shared), path: path.to_string(), dataset }))
    }
}

impl StoredValue for Stored {
    /// # Errors
    /// [`Error::Format`] where the file has been changed since it was opened, or cannot be read.
    fn read(&self) -> Result<TensorData> {
        self.shared.check_unchanged(&self.path)?;
        let values = super::on_deep_stack(|| {
            describe(&self.shared, &self.path, &self.dataset)?.values(&self.shared, &self.path, &self.dataset)
        })?;
        // Someone may have written while it was read.
        self.shared.check_unchanged(&self.path)?;
        Ok(values)
    }
}

impl Description {
    fn values(self, shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset) -> Result<TensorData> {
        let Self { shape, element, big_endian, bytes } = self;
        if bytes == 0 {
            return TensorData::new(element.dtype(), shape, Vec::new());
        }
        let raw = shared.run(path, || dataset.read_raw())?;
        if raw.len() != bytes {
            return Err(shared.refuse(
                path,
                format!("{bytes} bytes of data"),
                format!("{} bytes", raw.len()),
            ));
        }
        let values = element.decode(raw, big_endian).ok_or_else(|| {
            shared.refuse(path, "integers that fit into int64", "a larger unsigned integer")
        })?;
        TensorData::new(element.dtype(), shape, values)
    }
}

fn describe(shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset) -> Result<Description> {
    let dims = shared.run(path, || dataset.shape())?;
    let datatype = shared.run(path, || dataset.datatype())?;
    let (element, big_endian) = match element(&datatype) {
        Some(found) => found,
        // Keras has no HDF5 type for bfloat16: it stores the two bytes as opaque and says so.
        None if matches!(datatype, Datatype::Opaque { size: 2, .. })
            && is_bfloat16(shared, path, dataset)? =>
        {
            (Element::Same(DType::BF16), false)
        }
        None => {
            let got = shorten(datatype.to_string());
            return Err(shared.refuse(path, "elements of a type that Keras has", got));
        }
    };
    // Beyond what a process can address.
    let too_large = |bytes| too_large(shared, path, bytes, isize::MAX.unsigned_abs() as u64);
    let shape: Vec<usize> = dims
        .iter()
        .map(|d| usize::try_from(*d))
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| too_large(u64::MAX))?;
    // A dimension of zero must not hide others whose product overflows.
    let extent = shape
        .iter()
        .filter(|d| **d > 0)
        .try_fold(element.size().max(element.dtype().size()), |n, d| n.checked_mul(*d));
    if extent.is_none_or(|n| n > isize::MAX.unsigned_abs()) {
        return Err(too_large(u64::MAX));
    }
    let bytes = shape.iter().product::<usize>() * element.size();
    Ok(Description { shape, element, big_endian, bytes })
}

/// Compares what a dataset claims to hold with what its storage can hold.
fn check_storage(shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset, bytes: u64) -> Result<()> {
    let limit = shared.size.saturating_mul(16).saturating_add(EXPANSION_FLOOR);
    if bytes > limit {
        return Err(too_large(shared, path, bytes, limit));
    }
    crate::limits::check(&shared.location(path).display().to_string(), bytes)?;
    let stored = match shared.run(path, || dataset.layout())? {
        Layout::Compact { size } => size,
        Layout::Contiguous { address: Some(_), size } => size.min(shared.size),
        // Never written; reads as the fill value. Keras writes every variable.
        Layout::Contiguous { address: None, .. } => 0,
        Layout::Chunked { chunk_shape, .. } => {
            return check_chunks(shared, path, dataset, bytes, &chunk_shape);
        }
        Layout::Virtual => return Err(shared.refuse(path, "data in this file", "a virtual dataset")),
        _ => return Err(shared.refuse(path, "a known storage layout", "another")),
    };
    if bytes > stored {
        return Err(shared.refuse(
            path,
            format!("{bytes} bytes of data"),
            format!("{stored} bytes in this file"),
        ));
    }
    Ok(())
}

fn check_chunks(
    shared: &Shared,
    path: &str,
    dataset: &hdf5_pure::Dataset,
    bytes: u64,
    chunk_shape: &[u64],
) -> Result<()> {
    let dims = shared.run(path, || dataset.shape())?;
    let element_size = shared.run(path, || dataset.element_size())?;
    let chunk_bytes = chunk_shape.iter().fold(element_size, |n, d| n.saturating_mul(*d));
    if chunk_shape.len() != dims.len() || chunk_bytes == 0 {
        return Err(shared.refuse(path, "chunks of the dataset's rank", format!("chunks {chunk_shape:?}")));
    }
    let count = dims.iter().zip(chunk_shape).fold(1u64, |n, (d, c)| n.saturating_mul(d.div_ceil(*c)));
    // Every chunk takes at least a byte, and every chunk is decoded whole.
    if count > shared.size {
        return Err(shared.refuse(
            path,
            format!("at most {} chunks", shared.size),
            format!("{count} chunks"),
        ));
    }
    let (decoded, limit) =
        (count.saturating_mul(chunk_bytes), bytes.saturating_mul(4).saturating_add(EXPANSION_FLOOR / 4));
    if decoded > limit {
        return Err(too_large(shared, path, decoded, limit));
    }
    let filters = dataset.filters();
    let repeated = filters.iter().enumerate().any(|(i, f)| filters[..i].contains(f));
    if repeated || filters.iter().any(|f| !FILTERS.contains(f)) {
        return Err(shared.refuse(
            path,
            "deflate, shuffle, fletcher32 or lzf, each once",
            format!("filters {filters:?}"),
        ));
    }
    let chunks = shared.run(path, || dataset.chunks())?;
    let stored = chunks.iter().fold(0u64, |n, c| n.saturating_add(c.storage_size));
    if stored > shared.size || chunks.len() as u64 > count {
        return Err(shared.refuse(
            path,
            "chunks that do not overlap",
            format!("{stored} bytes in {} chunks", chunks.len()),
        ));
    }
    let most = if filters.is_empty() { stored } else { stored.saturating_mul(MAX_EXPANSION) };
    if bytes > most {
        return Err(shared.refuse(path, format!("{bytes} bytes of data"), format!("{stored} stored bytes")));
    }
    Ok(())
}

fn too_large(shared: &Shared, path: &str, bytes: u64, limit: u64) -> Error {
    Error::TooLarge { context: shared.location(path).display().to_string(), bytes, limit }
}

fn is_bfloat16(shared: &Shared, path: &str, dataset: &hdf5_pure::Dataset) -> Result<bool> {
    let attributes = shared.run(path, || dataset.attrs())?;
    Ok(attributes.get("dtype").and_then(AttrValue::as_str) == Some(DType::BF16.name()))
}

fn element(datatype: &Datatype) -> Option<(Element, bool)> {
    match datatype {
        Datatype::FloatingPoint { size, byte_order, layout } => {
            let dtype = match size {
                2 if *layout == FLOAT16 => DType::F16,
                2 if *layout == BFLOAT16 => DType::BF16,
                4 if *layout == FloatingPointLayout::IEEE754_BINARY32 => DType::F32,
                8 if *layout == FloatingPointLayout::IEEE754_BINARY64 => DType::F64,
                _ => return None,
            };
            Some((Element::Same(dtype), is_big_endian(*byte_order)?))
        }
        Datatype::FixedPoint { size, byte_order, layout } => {
            if layout.bit_offset != 0 || u32::from(layout.bit_precision) != size.checked_mul(8)? {
                return None;
            }
            let element = match (size, layout.signed) {
                (1, true) => Element::I8,
                (1, false) => Element::Same(DType::U8),
                (2, true) => Element::I16,
                (2, false) => Element::U16,
                (4, true) => Element::Same(DType::I32),
                (4, false) => Element::Same(DType::U32),
                (8, true) => Element::Same(DType::I64),
                (8, false) => Element::U64,
                _ => return None,
            };
            Some((element, is_big_endian(*byte_order)?))
        }
        // h5py's form of NumPy's bool.
        Datatype::Enumeration { size: 1, members, .. } => {
            let is_bool = members.len() == 2
                && members.iter().any(|m| m.name == "FALSE" && m.value == [0])
                && members.iter().any(|m| m.name == "TRUE" && m.value == [1]);
            is_bool.then_some((Element::Same(DType::Bool), false))
        }
        _ => None,
    }
}

fn is_big_endian(order: DatatypeByteOrder) -> Option<bool> {
    match order {
        DatatypeByteOrder::LittleEndian => Some(false),
        DatatypeByteOrder::BigEndian => Some(true),
        DatatypeByteOrder::Vax => None,
    }
}

/// IEEE half precision.
pub(super) const FLOAT16: FloatingPointLayout = FloatingPointLayout {
    bit_offset: 0,
    bit_precision: 16,
    exponent_location: 10,
    exponent_size: 5,
    mantissa_location: 0,
    mantissa_size: 10,
    exponent_bias: 15,
};

/// The upper half of an IEEE single.
const BFLOAT16: FloatingPointLayout = FloatingPointLayout {
    bit_offset: 0,
    bit_precision: 16,
    exponent_location: 7,
    exponent_size: 8,
    mantissa_location: 0,
    mantissa_size: 7,
    exponent_bias: 127,
};
