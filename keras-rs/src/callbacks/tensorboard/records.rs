//! TensorFlow's record format: length, checksum of the length, data, checksum of the data.

/// TensorFlow rotates and shifts checksums, because checksums of data that contain checksums are weak.
const MASK_DELTA: u32 = 0xa282_ead8;

/// Encodes `data` as one record.
pub(super) fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc(data).to_le_bytes());
    record
}

pub(super) fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(MASK_DELTA)
}
