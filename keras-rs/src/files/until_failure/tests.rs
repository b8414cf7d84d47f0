#![allow(clippy::unwrap_used)]
use super::*;
use std::io::{Cursor, Error};

/// Has room for a number of bytes.
struct Full(Cursor<Vec<u8>>, u64);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.0.position() + bytes.len() as u64 > self.1 {
            return Err(Error::from(std::io::ErrorKind::StorageFull));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn what_follows_a_failure_is_swallowed() {
    let mut writer = UntilFailure::new(Full(Cursor::new(Vec::new()), 4));
    writer.write_all(b"abcd").unwrap();
    assert_eq!(writer.write(b"e").unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    writer.write_all(b"fgh").unwrap();
    writer.flush().unwrap();
    assert_eq!(writer.stream_position().unwrap(), 7);
    assert_eq!(writer.seek(SeekFrom::Start(2)).unwrap(), 2);
    assert_eq!(writer.seek(SeekFrom::End(-1)).unwrap(), 6);
    assert_eq!(writer.inner.0.into_inner(), b"abcd");
}

#[test]
fn without_a_failure_everything_is_passed_on() {
    let mut writer = UntilFailure::new(Full(Cursor::new(Vec::new()), 100));
    writer.write_all(b"abcd").unwrap();
    writer.seek(SeekFrom::Start(1)).unwrap();
    writer.write_all(b"x").unwrap();
    writer.seek(SeekFrom::End(0)).unwrap();
    writer.write_all(b"e").unwrap();
    assert_eq!(writer.inner.0.into_inner(), b"axcde");
}
