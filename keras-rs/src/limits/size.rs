//! Amounts of memory as people write them.

use crate::error::{Error, Result};

/// Suffixes and what they multiply by; those of the metric system count in thousands.
const UNITS: [(&str, u64); 14] = [
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kb", 1000),
    ("kib", 1 << 10),
    ("m", 1 << 20),
    ("mb", 1_000_000),
    ("mib", 1 << 20),
    ("g", 1 << 30),
    ("gb", 1_000_000_000),
    ("gib", 1 << 30),
    ("t", 1 << 40),
    ("tb", 1_000_000_000_000),
    ("tib", 1 << 40),
];

/// Reads an amount of memory in bytes: `2GB`, `512MiB`, `1.5 G` or a plain number of bytes.
///
/// `kB`, `MB`, `GB` and `TB` are powers of 1000; `KiB`, `MiB`, `GiB`, `TiB` and the single letters
/// are powers of 1024. Case does not matter.
///
/// # Errors
/// [`Error::Argument`] where the text is no such amount, is zero, or exceeds 64 bits.
///
/// ```
/// use keras_rs::limits::parse_size;
///
/// assert_eq!(parse_size("2GB")?, 2_000_000_000);
/// assert_eq!(parse_size("512 MiB")?, 512 << 20);
/// assert_eq!(parse_size("1.5g")?, 3 << 29);
/// assert_eq!(parse_size("4096")?, 4096);
/// assert!(parse_size("much").is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn parse_size(text: &str) -> Result<u64> {
    parsed(text).ok_or_else(|| {
        let expected = "bytes above zero, or a number with a unit such as 512MB or 2GiB";
        Error::argument("memory size", "size", expected, format!("\"{text}\""))
    })
}

fn parsed(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let bytes = match number.parse::<u64>() {
        Ok(whole) => whole.checked_mul(factor)?,
        Err(_) => {
            let bytes = number.parse::<f64>().ok()? * factor as f64;
            // Below 2^53 every whole number is a float.
            if bytes < 9_007_199_254_740_992.0 { bytes as u64 } else { return None }
        }
    };
    (bytes > 0).then_some(bytes)
}
