//! Writing HDF5 files that h5py reads as if Keras had written them.

use super::FORMAT;
use super::dataset::FLOAT16;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::TensorData;
use hdf5_pure::{
    AttrValue, DatasetBuilder, Datatype, DatatypeByteOrder, EnumTypeBuilder, FileBuilder,
    FloatingPointLayout, FormatError, GroupBuilder,
};
use indexmap::IndexMap;
use std::io::Write;
use std::path::Path;

/// An HDF5 file in the making: groups, datasets and string attributes.
///
/// Paths use `/` and need not exist: groups on the way are made. The empty path is the root.
#[derive(Default)]
pub(crate) struct Hdf5Writer {
    root: Node,
}

#[derive(Default)]
struct Node {
    groups: IndexMap<String, Node>,
    datasets: IndexMap<String, TensorData>,
    attributes: Vec<(String, AttrValue)>,
}

impl Hdf5Writer {
    /// An empty file.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes a group, which may stay empty.
    ///
    /// # Errors
    /// [`Error::Argument`] where a part of the path is empty, `.` or a dataset.
    pub(crate) fn create_group(&mut self, path: &str) -> Result<()> {
        self.node(path).map(|_| ())
    }

    /// Sets a string attribute of a group.
    ///
    /// # Errors
    /// Those of [`Hdf5Writer::create_group`].
    pub(crate) fn set_attr_str(&mut self, group: &str, name: &str, value: &str) -> Result<()> {
        let value = AttrValue::VarLenString(value.to_string());
        self.node(group)?.attributes.push((name.to_string(), value));
        Ok(())
    }

    /// Adds a dataset.
    ///
    /// # Errors
    /// [`Error::Argument`] where a part of the path is empty or `.`, or the name is taken.
    pub(crate) fn add_dataset(&mut self, path: &str, data: TensorData) -> Result<()> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let node = self.node(parent)?;
        check_name(path, name)?;
        if node.groups.contains_key(name) || node.datasets.insert(name.to_string(), data).is_some() {
            return Err(Error::argument(
                "HDF5 file",
                "path",
                "a name that is free",
                format!("\"{path}\" twice"),
            ));
        }
        Ok(())
    }

    /// Writes the file front to back.
    ///
    /// # Errors
    /// [`Error::Io`] naming `path` where writing fails, [`Error::Format`] where the tree cannot
    /// be expressed.
    pub(crate) fn write_to(self, out: impl Write, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let refused = |e: FormatError| Error::format(path, FORMAT, "data types that HDF5 has", e);
        let mut file = FileBuilder::new();
        for (name, value) in self.root.attributes {
            file.set_attr(&name, value);
        }
        for (name, data) in self.root.datasets {
            fill(file.create_dataset(&name), data).map_err(refused)?;
        }
        for (name, node) in self.root.groups {
            let mut group = file.create_group(&name);
            build(&mut group, node).map_err(refused)?;
            file.add_group(group.finish());
        }
        file.finish_to(out).map_err(|error| match error {
            hdf5_pure::Error::Io(source) => Error::io(path, "write", source),
            other => Error::format(path, FORMAT, "a tree that HDF5 can hold", other),
        })
    }

    fn node(&mut self, path: &str) -> Result<&mut Node> {
        let mut node = &mut self.root;
        for name in path.split('/').filter(|_| !path.is_empty()) {
            check_name(path, name)?;
            if node.datasets.contains_key(name) {
                return Err(Error::argument(
                    "HDF5 file",
                    "path",
                    "a group",
                    format!("dataset \"{name}\" in \"{path}\""),
                ));
            }
            node = node.groups.entry(name.to_string()).or_default();
        }
        Ok(node)
    }
}

fn check_name(path: &str, name: &str) -> Result<()> {
    match name {
        "" | "." | ".." => {
            Err(Error::argument("HDF5 file", "path", "names between slashes", format!("\"{path}\"")))
        }
        _ => Ok(()),
    }
}

fn build(group: &mut GroupBuilder, node: Node) -> Result<(), FormatError> {
    for (name, value) in node.attributes {
        group.set_attr(&name, value);
    }
    for (name, data) in node.datasets {
        fill(group.create_dataset(&name), data)?;
    }
    for (name, child) in node.groups {
        let mut inner = group.create_group(&name);
        build(&mut inner, child)?;
        group.add_group(inner.finish());
    }
    Ok(())
}

fn fill(dataset: &mut DatasetBuilder, data: TensorData) -> Result<(), FormatError> {
    let shape: Vec<u64> = data.shape().iter().map(|d| *d as u64).collect();
    let (dtype, len) = (data.dtype(), data.len() as u64);
    dataset.with_raw_data(datatype(dtype)?, data.into_bytes(), len).with_shape(&shape);
    if dtype == DType::BF16 {
        dataset.set_attr("dtype", AttrValue::VarLenString(dtype.name().into()));
    }
    Ok(())
}

fn datatype(dtype: DType) -> Result<Datatype, FormatError> {
    let float =
        |size, layout| Datatype::FloatingPoint { size, byte_order: DatatypeByteOrder::LittleEndian, layout };
    Ok(match dtype {
        DType::F16 => float(2, FLOAT16),
        DType::F32 => float(4, FloatingPointLayout::IEEE754_BINARY32),
        DType::F64 => float(8, FloatingPointLayout::IEEE754_BINARY64),
        DType::BF16 => Datatype::Opaque { size: 2, tag: Vec::new() },
        DType::I32 => hdf5_pure::make_i32_type(),
        DType::I64 => hdf5_pure::make_i64_type(),
        DType::U8 => hdf5_pure::make_u8_type(),
        DType::U32 => hdf5_pure::make_u32_type(),
        DType::Bool => EnumTypeBuilder::with_base(hdf5_pure::make_i8_type())
            .raw_value("FALSE", &[0])
            .raw_value("TRUE", &[1])
            .build()?,
    })
}
