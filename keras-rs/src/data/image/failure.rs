//! Why an image is not decoded, before the file's name is known.

/// The most pixels that are decoded: Pillow refuses more as decompression bombs.
pub(super) const MAX_PIXELS: u64 = 178_956_970;

pub(super) type Result<T> = std::result::Result<T, Failure>;

/// What a decoder reports; the caller adds the file's name and format.
#[derive(Debug)]
pub(super) enum Failure {
    /// More pixels than [`MAX_PIXELS`].
    TooLarge { width: u64, height: u64 },
    /// Damaged, cut short or of a kind that is not decoded.
    Broken(String),
}

impl Failure {
    pub(super) fn broken(reason: impl ToString) -> Self {
        Self::Broken(reason.to_string())
    }

    pub(super) fn truncated() -> Self {
        Self::broken("it is cut short")
    }
}

/// Refuses sizes of nothing and of more than [`MAX_PIXELS`].
pub(super) fn check_size(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 {
        return Err(Failure::broken(format!("its size is {width}x{height}")));
    }
    let (width, height) = (width as u64, height as u64);
    if width.saturating_mul(height) > MAX_PIXELS {
        return Err(Failure::TooLarge { width, height });
    }
    Ok(())
}
