//! Members of a ZIP archive that nobody vouches for.

use crate::error::{Error, Result};
use indexmap::IndexMap;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

/// Most that deflate makes of a byte, rounded up.
const MAX_EXPANSION: u64 = 1100;
/// What all members together may unpack to, beyond 16 times the archive.
const EXPANSION_FLOOR: u64 = 256 << 20;

/// A ZIP archive whose members are read within limits.
pub(crate) struct Members<R> {
    zip: ZipArchive<R>,
    origin: PathBuf,
    format: &'static str,
    members: IndexMap<String, Member>,
    /// Bytes that reading members may still produce.
    left: u64,
    limit: u64,
}

#[derive(Clone, Copy)]
struct Member {
    index: usize,
    size: u64,
    stored: bool,
}

impl<R: Read + Seek> Members<R> {
    /// Reads the table of contents; errors name `origin` and call it a `format` file.
    ///
    /// # Errors
    /// [`Error::Format`] where it is no ZIP archive, two members share a name, or a member is
    /// encrypted, compressed in another way than deflate, or claims more than it can hold.
    pub(crate) fn open(mut reader: R, origin: &Path, format: &'static str) -> Result<Self> {
        let size = reader.seek(std::io::SeekFrom::End(0)).map_err(|e| Error::io(origin, "read", e))?;
        let zip = ZipArchive::new(reader).map_err(|e| damaged(origin, format, e))?;
        let limit = size.saturating_mul(16).saturating_add(EXPANSION_FLOOR);
        let mut archive =
            Self { zip, origin: origin.to_path_buf(), format, members: IndexMap::new(), left: limit, limit };
        archive.list(size)?;
        Ok(archive)
    }

    fn list(&mut self, size: u64) -> Result<()> {
        if self.zip.has_duplicate_names() {
            return Err(Error::format(
                &self.origin,
                self.format,
                "members with different names",
                "a name twice",
            ));
        }
        for index in 0..self.zip.len() {
            let entry = self.zip.by_index_data(index).map_err(|e| damaged(&self.origin, self.format, e))?;
            let name = entry.name().map_err(|e| damaged(&self.origin, self.format, e))?.into_owned();
            let refuse =
                |expected: &str, got: &str| Error::format(self.place(&name), self.format, expected, got);
            let stored = match entry.compression() {
                CompressionMethod::Stored => true,
                CompressionMethod::Deflated => false,
                _ => return Err(refuse("a stored or deflated member", "another compression")),
            };
            if entry.encrypted() {
                return Err(refuse("a member without password", "an encrypted one"));
            }
            let (packed, unpacked) = (entry.compressed_size(), entry.size());
            let most = if stored { packed } else { packed.saturating_mul(MAX_EXPANSION) };
            if packed > size || unpacked > most || (stored && packed != unpacked) {
                return Err(refuse(
                    "sizes that the archive can hold",
                    &format!("{packed} bytes that unpack to {unpacked}"),
                ));
            }
            self.members.insert(name, Member { index, size: unpacked, stored });
        }
        Ok(())
    }

    /// Names of the members, in the archive's order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Unpacks a member, or gives `None` where there is none of that name.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond `limit` bytes or where all members read so far are too much
    /// for the archive's size; [`Error::Format`] where the member is damaged.
    pub(crate) fn read(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let Some(member) = self.members.get(name).copied() else { return Ok(None) };
        self.spend(name, member.size, limit)?;
        let place = self.place(name);
        crate::limits::check(&place.display().to_string(), member.size)?;
        let mut entry = self.zip.by_index(member.index).map_err(|e| damaged(&place, self.format, e))?;
        let mut bytes = Vec::with_capacity(usize::try_from(member.size).unwrap_or(0));
        let read = entry.by_ref().take(member.size.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|e| damaged(&place, self.format, ZipError::Io(e)))?;
        if bytes.len() as u64 != member.size {
            let got = format!("{} or more", bytes.len());
            return Err(Error::format(place, self.format, format!("{} bytes", member.size), got));
        }
        Ok(Some(bytes))
    }

    /// Where a stored member's bytes lie in the archive: start and length.
    ///
    /// Reads the member once to compare it with its checksum. `None` where there is no such
    /// member or it is compressed.
    ///
    /// # Errors
    /// [`Error::Format`] where the member is damaged.
    pub(crate) fn section(&mut self, name: &str) -> Result<Option<(u64, u64)>> {
        let Some(member) = self.members.get(name).copied().filter(|m| m.stored) else { return Ok(None) };
        let place = self.place(name);
        let mut entry = self.zip.by_index(member.index).map_err(|e| damaged(&place, self.format, e))?;
        let read = std::io::copy(&mut entry, &mut std::io::sink())
            .map_err(|e| damaged(&place, self.format, ZipError::Io(e)))?;
        match entry.data_start() {
            Some(start) if read == member.size => Ok(Some((start, member.size))),
            _ => Err(Error::format(
                place,
                self.format,
                format!("{} bytes", member.size),
                format!("{read} bytes"),
            )),
        }
    }

    /// The archive and a member's name, as errors show them.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        let mut place = self.origin.clone().into_os_string();
        place.push("!");
        place.push(name);
        place.into()
    }

    fn spend(&mut self, name: &str, bytes: u64, limit: u64) -> Result<()> {
        let context = || self.place(name).display().to_string();
        if bytes > limit {
            return Err(Error::TooLarge { context: context(), bytes, limit });
        }
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => return Err(Error::TooLarge { context: context(), bytes, limit: self.limit }),
        }
        Ok(())
    }
}

fn damaged(place: &Path, format: &'static str, error: ZipError) -> Error {
    match error {
        ZipError::Io(e) if is_systems(e.kind()) => Error::io(place, "read", e),
        other => Error::format(place, format, "a sound ZIP archive", other),
    }
}

/// Whether an error is the operating system's and not about the archive's content.
fn is_systems(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind as K;
    !matches!(kind, K::InvalidData | K::InvalidInput | K::UnexpectedEof | K::Other | K::Unsupported)
}
