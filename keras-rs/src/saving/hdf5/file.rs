//! An open HDF5 file, and what reading any part of it has in common.

use super::source::{Allowance, BoundedSource, Store};
use super::{FORMAT, Group, on_deep_stack};
use crate::error::{Error, Result};
use hdf5_pure::{ChunkCacheConfig, FileAccessProperties};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What all datasets may be together, beyond 16 times the whole file.
const DATA_FLOOR: u64 = 1 << 30;

/// An HDF5 file opened for reading.
pub(crate) struct Hdf5File {
    root: Group,
}

impl Hdf5File {
    /// Opens a file; its data is read when asked for.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be opened, [`Error::Format`] where it is not HDF5.
    pub(crate) fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::io(path, "open", e))?;
        let len = file.metadata().map_err(|e| Error::io(path, "open", e))?.len();
        Self::from_section(file, 0, len, path)
    }

    /// Reads HDF5 from memory; errors name `origin`.
    ///
    /// # Errors
    /// [`Error::Format`] where the bytes are not HDF5.
    pub(crate) fn from_bytes(bytes: Vec<u8>, origin: impl AsRef<Path>) -> Result<Self> {
        Self::from_store(Store::Memory(bytes), origin.as_ref())
    }

    /// Reads HDF5 that lies in `len` bytes of another file from `start`; errors name `origin`.
    ///
    /// # Errors
    /// [`Error::Format`] where the bytes are not HDF5.
    pub(crate) fn from_section(file: File, start: u64, len: u64, origin: impl AsRef<Path>) -> Result<Self> {
        Self::from_store(Store::Section { file: Mutex::new(file), start, len }, origin.as_ref())
    }

    fn from_store(store: Store, origin: &Path) -> Result<Self> {
        let on_disk = match &store {
            Store::Section { file, .. } => {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner).try_clone();
                OnDisk::new(file.map_err(|e| Error::io(origin, "open", e))?)
            }
            Store::Memory(_) => None,
        };
        let (source, allowance) = BoundedSource::new(store);
        let shared = Arc::new(Shared {
            origin: origin.to_path_buf(),
            size: hdf5_pure::Source::len(&source),
            allowance,
            data: AtomicU64::new(0),
            on_disk,
        });
        // Every dataset is read once and whole, so decompressed chunks are not worth keeping.
        let properties = FileAccessProperties::new().with_chunk_cache(ChunkCacheConfig::disabled());
        let file = shared.run("", || hdf5_pure::File::from_source_with_options(source, properties))?;
        let root = Group::root(file.root(), shared);
        Ok(Self { root })
    }

    /// The group that holds everything else.
    pub(crate) fn root(&self) -> Group {
        self.root.clone()
    }
}

/// What all parts of one open file share.
#[derive(Debug)]
pub(super) struct Shared {
    origin: PathBuf,
    pub(super) size: u64,
    allowance: Arc<Allowance>,
    /// Bytes of all datasets read so far: links may give one stored dataset many names.
    data: AtomicU64,
    on_disk: Option<OnDisk>,
}

/// A file with the size and the time of its last change when it was opened.
#[derive(Debug)]
struct OnDisk {
    file: File,
    state: (u64, SystemTime),
}

impl OnDisk {
    /// `None` where the system does not tell.
    fn new(file: File) -> Option<Self> {
        let state = Self::state(&file)?;
        Some(Self { file, state })
    }

    fn state(file: &File) -> Option<(u64, SystemTime)> {
        let metadata = file.metadata().ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    }
}

impl Shared {
    /// Runs one operation of the parser with a fresh allowance on a deep stack.
    pub(super) fn run<T: Send>(
        &self,
        path: &str,
        work: impl FnOnce() -> Result<T, hdf5_pure::Error> + Send,
    ) -> Result<T> {
        on_deep_stack(|| {
            self.allowance.renew();
            work().map_err(|error| match self.allowance.exceeded() {
                Some((bytes, limit)) => {
                    Error::TooLarge { context: self.location(path).display().to_string(), bytes, limit }
                }
                None => self.refuse(path, "sound HDF5 structures", error),
            })
        })
    }

    /// Whether the bytes are those of a file, of which it can be told whether it has been changed.
    pub(super) fn is_on_disk(&self) -> bool {
        self.on_disk.is_some()
    }

    /// An error where the file has been changed since it was opened.
    pub(super) fn check_unchanged(&self, path: &str) -> Result<()> {
        match &self.on_disk {
            Some(known) if OnDisk::state(&known.file) != Some(known.state) => Err(self.refuse(
                path,
                "the file as it was when the model was loaded",
                "another, changed since",
            )),
            _ => Ok(()),
        }
    }

    /// Counts a dataset's bytes against what the whole file may become.
    pub(super) fn spend(&self, path: &str, bytes: u64) -> Result<()> {
        let limit = self.size.saturating_mul(16).saturating_add(DATA_FLOOR);
        let before = self.data.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= limit {
            return Ok(());
        }
        Err(Error::TooLarge {
            context: self.location(path).display().to_string(),
            bytes: before.saturating_add(bytes),
            limit,
        })
    }

    /// An [`Error::Format`] about the member at `path`.
    pub(super) fn refuse(
        &self,
        path: &str,
        expected: impl std::fmt::Display,
        got: impl std::fmt::Display,
    ) -> Error {
        Error::format(self.location(path), FORMAT, expected, got)
    }

    pub(super) fn location(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            return self.origin.clone();
        }
        let mut location = self.origin.clone().into_os_string();
        location.push("!");
        location.push(path);
        location.into()
    }
}
