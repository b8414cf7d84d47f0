//! Bytes of an HDF5 file, handed out within an allowance.

use hdf5_pure::{FormatError, Source};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that one operation may read besides four times the file.
const FLOOR: u64 = 4 << 20;
/// What a read costs besides its bytes, so that many tiny reads end too.
const PER_READ: u64 = 128;

/// Bytes that an operation may still read; shared with the [`BoundedSource`] it belongs to.
///
/// An honest file is read about once. A hostile one makes the parser come back to the same
/// bytes: a tree whose nodes share their children, ten thousand names for one large object.
#[derive(Debug)]
pub(super) struct Allowance {
    limit: u64,
    used: AtomicU64,
}

impl Allowance {
    pub(super) fn new(file_size: u64) -> Arc<Self> {
        let limit = file_size.saturating_mul(4).saturating_add(FLOOR);
        Arc::new(Self { limit, used: AtomicU64::new(0) })
    }

    /// Starts a new operation.
    pub(super) fn renew(&self) {
        self.used.store(0, Ordering::Relaxed);
    }

    /// Bytes asked for and limit, once the limit is passed.
    pub(super) fn exceeded(&self) -> Option<(u64, u64)> {
        let used = self.used.load(Ordering::Relaxed);
        (used > self.limit).then_some((used, self.limit))
    }

    fn charge(&self, bytes: u64) -> Result<(), FormatError> {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.limit {
            self.used.store(self.limit.saturating_add(1), Ordering::Relaxed);
            return Err(FormatError::Source("the same parts of the file are asked for over and over".into()));
        }
        Ok(())
    }
}

/// Where the bytes are.
pub(super) enum Store {
    Memory(Vec<u8>),
    /// A stretch of a file, such as a stored member of a ZIP archive.
    Section {
        file: Mutex<File>,
        start: u64,
        len: u64,
    },
}

/// A [`Store`] that is read within an [`Allowance`].
pub(super) struct BoundedSource {
    store: Store,
    allowance: Arc<Allowance>,
    names: Mutex<NameCost>,
}

impl BoundedSource {
    pub(super) fn new(store: Store) -> (Self, Arc<Allowance>) {
        let size = match &store {
            Store::Memory(bytes) => bytes.len() as u64,
            Store::Section { len, .. } => *len,
        };
        let allowance = Allowance::new(size);
        (Self { store, allowance: Arc::clone(&allowance), names: Mutex::default() }, allowance)
    }
}

impl Source for BoundedSource {
    fn len(&self) -> u64 {
        match &self.store {
            Store::Memory(bytes) => bytes.len() as u64,
            Store::Section { len, .. } => *len,
        }
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), FormatError> {
        let wanted = buf.len() as u64;
        // The format's undefined address, or a damaged one: no number of bytes would help.
        if offset > i64::MAX.unsigned_abs() {
            return Err(FormatError::Source("an address outside of the file".into()));
        }
        let end = offset.checked_add(wanted).filter(|end| *end <= self.len()).ok_or_else(|| {
            FormatError::UnexpectedEof {
                expected: saturate(offset.saturating_add(wanted)),
                available: saturate(self.len()),
            }
        })?;
        self.allowance.charge(wanted.saturating_add(PER_READ))?;
        match &self.store {
            Store::Memory(bytes) => {
                let range = saturate(offset)..saturate(end);
                let source = bytes.get(range).ok_or_else(|| FormatError::Source("out of range".into()))?;
                buf.copy_from_slice(source);
                Ok(())
            }
            Store::Section { file, start, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(start.saturating_add(offset)))
                    .and_then(|_| file.read_exact(buf))
                    .map_err(|error| FormatError::Source(error.to_string()))
            }
        }
    }

    fn read_metadata_at(&self, offset: u64, len: usize) -> Result<Vec<u8>, FormatError> {
        let mut bytes = self.read_exact_at(offset, len)?;
        drop_soft_links(&mut bytes);
        let cost = self.names.lock().unwrap_or_else(PoisonError::into_inner).of(&bytes);
        self.allowance.charge(cost)?;
        Ok(bytes)
    }
}

/// Takes the soft links out of a node of entries of an old-style group.
///
/// They are no members here, as in groups of the new style, where the parser skips them itself. In
/// old ones it takes them for objects, which have no address.
fn drop_soft_links(bytes: &mut [u8]) {
    /// Offset of the name and address of the object, cache type, reserved, scratch pad.
    const BEHIND_ADDRESS: usize = 4 + 4 + 16;
    const SOFT: [u8; 4] = 2_u32.to_le_bytes();
    let Some((head, body)) = bytes.split_at_mut_checked(8).filter(|(head, _)| head.starts_with(b"SNOD"))
    else {
        return;
    };
    let count = usize::from(u16::from_le_bytes([head[6], head[7]]));
    if count == 0 || body.len() % count != 0 || body.len() / count <= BEHIND_ADDRESS {
        return;
    }
    let size = body.len() / count;
    let cache_type = size - BEHIND_ADDRESS;
    let mut kept = 0;
    for entry in 0..count {
        let start = entry * size;
        if body[start + cache_type..start + cache_type + 4] == SOFT {
            continue;
        }
        body.copy_within(start..start + size, kept * size);
        kept += 1;
    }
    head[6..8].copy_from_slice(&(kept as u16).to_le_bytes());
}

/// Cost of the names in an old-style group.
///
/// They are copied out of the group's heap without another read, and a thousand entries may
/// share one name of a megabyte. So a node of entries costs as many of the longest name.
#[derive(Default)]
struct NameCost {
    heap_follows: bool,
    longest: u64,
}

impl NameCost {
    fn of(&mut self, bytes: &[u8]) -> u64 {
        if std::mem::take(&mut self.heap_follows) {
            self.longest = bytes.split(|b| *b == 0).map(<[u8]>::len).max().unwrap_or(0) as u64;
        } else if bytes.starts_with(b"HEAP") {
            self.heap_follows = true;
        } else if bytes.starts_with(b"SNOD") && bytes.len() > 8 {
            let entries = u64::from(u16::from_le_bytes([bytes[6], bytes[7]]));
            return entries.saturating_mul(self.longest);
        }
        0
    }
}

fn saturate(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
