//! HDF5 files: the one place that knows the `hdf5-pure` crate.
//!
//! Reading trusts nothing. Every read of the file goes through a [`source`] that holds an
//! allowance of bytes, so that structures which refer to each other in circles or by the
//! thousand end in an error and not in a hang; sizes are compared with what the file can hold
//! before anything is allocated; soft and external links are not followed, virtual and
//! external storage is refused.
//!
//! The crate parses nested data types by recursion without a limit: 57 kB of file are enough to
//! overflow a thread's 2 MiB stack, and that would end the process. So its calls run
//! [`on_deep_stack`], whose stack holds the deepest nesting that a header message has room for.

mod dataset;
mod file;
mod group;
mod source;
mod stack;
mod write;

pub(crate) use dataset::Stored;
pub(crate) use file::Hdf5File;
pub(crate) use group::Group;
pub(crate) use stack::on_deep_stack;
pub(crate) use write::Hdf5Writer;

/// What errors call the format.
const FORMAT: &str = "HDF5";

#[cfg(test)]
mod tests;
