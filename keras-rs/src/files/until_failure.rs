//! A writer that writes nothing more once it has failed.

use std::io::{Result, Seek, SeekFrom, Write};

/// Passes on what is written until a write fails, and swallows the rest.
///
/// `zip::ZipWriter` completes its archive when it is dropped, and prints to stderr where that
/// fails. After a failure the archive is thrown away and its end need not be written.
pub(crate) struct UntilFailure<W> {
    inner: W,
    failed: bool,
    /// Where the next byte would go, and the end, as if everything had been written.
    position: u64,
    end: u64,
}

impl<W> UntilFailure<W> {
    /// Around a writer that is at its start and empty.
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, failed: false, position: 0, end: 0 }
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        // An interrupted write is tried again.
        self.failed |= result.as_ref().is_err_and(|e| e.kind() != std::io::ErrorKind::Interrupted);
        result
    }
}

impl<W: Write> Write for UntilFailure<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let written = if self.failed {
            bytes.len()
        } else {
            let result = self.inner.write(bytes);
            self.note(result)?
        };
        self.position += written as u64;
        self.end = self.end.max(self.position);
        Ok(written)
    }

    fn flush(&mut self) -> Result<()> {
        if self.failed {
            return Ok(());
        }
        let result = self.inner.flush();
        self.note(result)
    }
}

impl<W: Seek> Seek for UntilFailure<W> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.position = if self.failed {
            match to {
                SeekFrom::Start(at) => at,
                SeekFrom::Current(by) => self.position.saturating_add_signed(by),
                SeekFrom::End(by) => self.end.saturating_add_signed(by),
            }
        } else {
            let result = self.inner.seek(to);
            self.note(result)?
        };
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests;
