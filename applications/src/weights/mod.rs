//! Published weight files: where they are, where they are kept, how they are fetched.

mod download;
mod hash;
mod transfer;

pub use download::Downloader;
pub use hash::Hash;

/// A file to download: its name in the cache, its address and its hash.
///
/// ```
/// use keras_rs_applications::{Hash, WeightFile};
///
/// let hash = Hash::parse("64373286793e3c8b2b4e3219cbf3544b")?;
/// let file = WeightFile::new("vgg16.h5", "https://example.org/vgg16.h5", Some(hash));
/// assert_eq!(file.file_name(), "vgg16.h5");
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightFile {
    file_name: String,
    url: String,
    hash: Option<Hash>,
}

impl WeightFile {
    /// A file named `file_name` in the cache, published at `url`.
    ///
    /// Without a hash whatever the server sends is taken, and a broken download starts anew.
    pub fn new(file_name: impl Into<String>, url: impl Into<String>, hash: Option<Hash>) -> Self {
        Self { file_name: file_name.into(), url: url.into(), hash }
    }

    /// The name in the cache, which is Keras' too.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Where the file is published.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the file must hash to.
    pub fn hash(&self) -> Option<&Hash> {
        self.hash.as_ref()
    }
}
