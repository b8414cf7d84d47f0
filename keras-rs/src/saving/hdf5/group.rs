//! Groups of an HDF5 file, their members and attributes.

use super::dataset::{self, Stored};
use super::file::Shared;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::tensor::TensorData;
use hdf5_pure::AttrValue;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

#[derive(Default)]
struct Members {
    groups: IndexMap<String, Group>,
    datasets: IndexMap<String, hdf5_pure::Dataset>,
}

/// A group of an HDF5 file.
///
/// Paths given to its methods are relative to it; `/` goes down a level. Empty parts, `.` and
/// `..` name nothing. Soft and external links are not members.
#[derive(Clone)]
pub(crate) struct Group {
    inner: hdf5_pure::Group,
    shared: Arc<Shared>,
    path: String,
    members: Arc<OnceLock<Members>>,
}

impl Group {
    /// The outermost group of a file.
    pub(super) fn root(inner: hdf5_pure::Group, shared: Arc<Shared>) -> Self {
        Self { inner, shared, path: String::new(), members: Arc::default() }
    }

    /// Names of the groups in this one, in the file's order.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::TooLarge`] where the group is damaged.
    pub(crate) fn groups(&self) -> Result<Vec<String>> {
        Ok(self.members()?.groups.keys().cloned().collect())
    }

    /// Names of the datasets in this group, in the file's order.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::TooLarge`] where the group is damaged.
    pub(crate) fn datasets(&self) -> Result<Vec<String>> {
        Ok(self.members()?.datasets.keys().cloned().collect())
    }

    /// The group at `path`, or `None` where there is no such group.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::TooLarge`] where a group on the way is damaged.
    pub(crate) fn find_group(&self, path: &str) -> Result<Option<Self>> {
        let mut current = self.clone();
        for name in path.split('/') {
            // Kept with its members, which are listed once however many paths lead through it.
            let Some(inner) = current.members()?.groups.get(name).cloned() else {
                return Ok(None);
            };
            current = inner;
        }
        Ok(Some(current))
    }

    /// The group at `path`.
    ///
    /// # Errors
    /// [`Error::Format`] where there is none or the file is damaged.
    pub(crate) fn group(&self, path: &str) -> Result<Self> {
        if let Some(group) = self.find_group(path)? {
            return Ok(group);
        }
        let got = match self.has_dataset(path)? {
            true => "a dataset",
            false => "none, or a link, which is not followed",
        };
        Err(self.shared.refuse(&self.path, format!("a group \"{path}\""), got))
    }

    /// Whether there is a dataset at `path`.
    ///
    /// # Errors
    /// [`Error::Format`] or [`Error::TooLarge`] where a group on the way is damaged.
    pub(crate) fn has_dataset(&self, path: &str) -> Result<bool> {
        Ok(self.find_dataset(path)?.is_some())
    }

    /// Shape and element type of the dataset at `path`, without reading its data.
    ///
    /// # Errors
    /// [`Error::Format`] where there is none, or one that cannot become a tensor.
    pub(crate) fn dataset_info(&self, path: &str) -> Result<(Vec<usize>, DType)> {
        let (location, dataset) = self.existing_dataset(path)?;
        dataset::info(&self.shared, &location, &dataset)
    }

    /// As [`Group::dataset_info`], of a dataset whose data lies in the file whole: its end is read.
    ///
    /// # Errors
    /// As [`Group::dataset`].
    pub(crate) fn checked_info(&self, path: &str) -> Result<(Vec<usize>, DType)> {
        let (location, dataset) = self.existing_dataset(path)?;
        dataset::checked_info(&self.shared, &location, &dataset)
    }

    /// The values of the dataset at `path`.
    ///
    /// # Errors
    /// [`Error::Format`] where there is none, or one that cannot become a tensor, is damaged or
    /// keeps its data elsewhere; [`Error::TooLarge`] where it claims more than the file can hold.
    pub(crate) fn dataset(&self, path: &str) -> Result<TensorData> {
        let (location, dataset) = self.existing_dataset(path)?;
        dataset::read(&self.shared, &location, &dataset)
    }

    /// The dataset at `path`, to be read later, where that is as safe as reading it now.
    ///
    /// # Errors
    /// As [`Group::dataset`].
    pub(crate) fn stored(&self, path: &str) -> Result<Option<Stored>> {
        let (location, dataset) = self.existing_dataset(path)?;
        Stored::new(&self.shared, &location, dataset)
    }

    /// The string attribute `name`, or `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Format`] where the attribute is no single string.
    pub(crate) fn attr_str(&self, name: &str) -> Result<Option<String>> {
        match self.attribute(&mut self.attributes()?, name)? {
            None => Ok(None),
            Some(value) => match value.as_str() {
                Some(text) => Ok(Some(text.to_string())),
                None => Err(self.unfit(name, "a string", value.type_name())),
            },
        }
    }

    /// The attribute `name` as a list of strings, or `None` where there is none.
    ///
    /// Lists too long for one attribute are stored by Keras in pieces `name0`, `name1`, and so
    /// on, which are joined here. An empty list has no strings to show its type: h5py writes
    /// it as floats.
    ///
    /// # Errors
    /// [`Error::Format`] where the attribute holds anything but strings.
    pub(crate) fn attr_strs(&self, name: &str) -> Result<Option<Vec<String>>> {
        let mut attributes = self.attributes()?;
        if let Some(value) = self.attribute(&mut attributes, name)? {
            return self.strings(name, value).map(Some);
        }
        let mut joined = None;
        for piece in 0.. {
            let piece = format!("{name}{piece}");
            let Some(value) = self.attribute(&mut attributes, &piece)? else { break };
            joined.get_or_insert_with(Vec::new).extend(self.strings(&piece, value)?);
        }
        Ok(joined)
    }

    fn members(&self) -> Result<&Members> {
        if let Some(members) = self.members.get() {
            return Ok(members);
        }
        let members = self.list()?;
        Ok(self.members.get_or_init(|| members))
    }

    fn list(&self) -> Result<Members> {
        let child = |(name, inner): (String, hdf5_pure::Group)| {
            let path = self.child_path(&name);
            (name, Self { inner, shared: Arc::clone(&self.shared), path, members: Arc::default() })
        };
        self.shared.run(&self.path, || {
            Ok(Members {
                groups: self.inner.iter_groups()?.map(child).collect(),
                datasets: self.inner.iter_datasets()?.collect(),
            })
        })
    }

    fn find_dataset(&self, path: &str) -> Result<Option<(String, hdf5_pure::Dataset)>> {
        let (parent, name) = match path.rsplit_once('/') {
            None => (Some(self.clone()), path),
            Some((parent, name)) => (self.find_group(parent)?, name),
        };
        let Some(parent) = parent else { return Ok(None) };
        Ok(parent.members()?.datasets.get(name).map(|dataset| (parent.child_path(name), dataset.clone())))
    }

    fn existing_dataset(&self, path: &str) -> Result<(String, hdf5_pure::Dataset)> {
        let missing = || self.shared.refuse(&self.path, format!("a dataset \"{path}\""), "none");
        self.find_dataset(path)?.ok_or_else(missing)
    }

    fn child_path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}/{name}", self.path) }
    }

    fn attributes(&self) -> Result<HashMap<String, AttrValue>> {
        self.shared.run(&self.path, || self.inner.attrs())
    }

    /// Takes one attribute out; one that exists but cannot be decoded is an error, not absent.
    fn attribute(
        &self,
        attributes: &mut HashMap<String, AttrValue>,
        name: &str,
    ) -> Result<Option<AttrValue>> {
        if let Some(value) = attributes.remove(name) {
            return Ok(Some(value));
        }
        let kinds = self.shared.run(&self.path, || {
            Ok(self.inner.attr_datatypes()?.remove(name).map(|kind| shorten(kind.to_string())))
        })?;
        match kinds {
            None => Ok(None),
            Some(kind) => Err(self.unfit(name, "strings", kind)),
        }
    }

    fn strings(&self, name: &str, value: AttrValue) -> Result<Vec<String>> {
        if let Some(text) = value.as_str() {
            return Ok(vec![text.to_string()]);
        }
        match (value.as_strings(), &value) {
            (Some(strings), _) => Ok(strings.to_vec()),
            (None, AttrValue::F64Array(numbers)) if numbers.is_empty() => Ok(Vec::new()),
            _ => Err(self.unfit(name, "a list of strings", value.type_name())),
        }
    }

    fn unfit(&self, name: &str, expected: &str, got: impl std::fmt::Display) -> Error {
        self.shared.refuse(&self.path, format!("attribute `{name}` to be {expected}"), got)
    }
}

/// A data type's description may be as long as the file.
pub(super) fn shorten(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(80) {
        text.truncate(end);
        text.push('…');
    }
    text
}
