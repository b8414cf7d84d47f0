//! The cache of downloads, which is Keras' own.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::hash::Checked;
use super::transfer::{Limits, Transfer};
use super::{Hash, WeightFile};
use crate::variants::WEIGHTS_URL;
use crate::{Error, Result};

/// Fetches files into the cache that Keras uses, `$KERAS_HOME/models` or `~/.keras/models`.
///
/// A file is taken from the cache if its hash is right. Otherwise it is downloaded to a name
/// of its own, checked, synced and renamed: whatever happens, the cache never shows a half file.
/// A broken download is taken up where it stopped, now or by the next call. Processes that want
/// the same file wait for the one that fetches it.
///
/// ```
/// use keras_rs_applications::{Downloader, Error, Variant};
/// # let home = tempfile::tempdir().unwrap();
///
/// let weights = Variant::find("resnet50")?.weights(true);
/// let offline = Downloader::new(home.path()).offline(true);
/// let place = offline.path_of(&weights)?;
/// assert!(place.ends_with("models/resnet50_weights_tf_dim_ordering_tf_kernels.h5"));
/// assert!(matches!(offline.fetch(&weights), Err(Error::Offline { path, .. }) if path == place));
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Downloader {
    keras_home: PathBuf,
    mirror: Option<String>,
    offline: bool,
    progress: bool,
    limits: Limits,
}

impl Downloader {
    /// Keeps files under `keras_home`, in its directory `models`.
    pub fn new(keras_home: impl Into<PathBuf>) -> Self {
        Self {
            keras_home: keras_home.into(),
            mirror: None,
            offline: false,
            progress: true,
            limits: Limits {
                timeout: Duration::from_secs(30),
                max_bytes: 4 << 30,
                retries: 4,
                retry_wait: Duration::from_millis(500),
            },
        }
    }

    /// Keeps files where Keras does: under `KERAS_HOME`, else `~/.keras`. Offline if
    /// `KERAS_RS_OFFLINE` is set to anything but `0` or nothing.
    ///
    /// # Errors
    /// [`Error::NoCacheDir`] if there is neither `KERAS_HOME` nor a home directory.
    pub fn from_env() -> Result<Self> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let keras_home = match (set("KERAS_HOME").map(PathBuf::from), home) {
            (Some(chosen), Some(home)) => match chosen.strip_prefix("~") {
                Ok(rest) => home.join(rest),
                Err(_) => chosen,
            },
            (Some(chosen), None) => chosen,
            (None, Some(home)) => home.join(".keras"),
            (None, None) => return Err(Error::NoCacheDir),
        };
        let offline = set("KERAS_RS_OFFLINE").is_some_and(|value| value != "0");
        Ok(Self::new(keras_home).offline(offline))
    }

    /// Downloads from here what Keras publishes under [`WEIGHTS_URL`].
    #[must_use]
    pub fn mirror(mut self, url: impl Into<String>) -> Self {
        self.mirror = Some(url.into());
        self
    }

    /// Whether nothing is downloaded and only the cache is used.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Whether progress is shown on stderr if that is a terminal (default: yes).
    #[must_use]
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// How long to wait for a connection, an answer or more data (default: 30 s each).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// The largest file accepted, in bytes (default: 4 GiB).
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        self.limits.max_bytes = max_bytes;
        self
    }

    /// How often a broken download is taken up again, and the wait before the first time, which
    /// doubles with each (default: 4 times, after 0.5 s).
    #[must_use]
    pub fn retries(mut self, retries: u32, wait: Duration) -> Self {
        self.limits.retries = retries;
        self.limits.retry_wait = wait;
        self
    }

    /// Where the file is kept.
    ///
    /// # Errors
    /// [`Error::Argument`] if its name is not a plain file name.
    pub fn path_of(&self, file: &WeightFile) -> Result<PathBuf> {
        let name = file.file_name();
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':', '\0']) {
            return Err(Error::Argument {
                context: "Downloader",
                argument: "file_name",
                expected: "a plain file name".to_owned(),
                got: format!("{name:?}"),
            });
        }
        Ok(self.keras_home.join("models").join(name))
    }

    /// Where the file is downloaded from, the mirror considered.
    pub fn url_of(&self, file: &WeightFile) -> String {
        match (&self.mirror, file.url().strip_prefix(WEIGHTS_URL)) {
            (Some(mirror), Some(rest)) => format!("{}{rest}", mirror.trim_end_matches('/')),
            _ => file.url().to_owned(),
        }
    }

    /// The path of the file in the cache, downloaded if it is not there with the right hash.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::UrlScheme`], [`Error::HttpStatus`], [`Error::Transfer`],
    /// [`Error::DownloadTooLarge`], [`Error::HashMismatch`], [`Error::Io`].
    pub fn fetch(&self, file: &WeightFile) -> Result<PathBuf> {
        let path = self.path_of(file)?;
        if is_good(&path, file.hash())? {
            return Ok(path);
        }
        let url = self.url_of(file);
        if self.offline {
            let rejected = path.exists();
            return Err(Error::Offline { url, path, rejected });
        }
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(Error::UrlScheme { url });
        }
        let models = self.keras_home.join("models");
        fs::create_dir_all(&models).map_err(Error::io("create", &models))?;

        let lock = models.join(format!(".{}.lock", file.file_name()));
        let held = open(&lock)?;
        held.lock().map_err(Error::io("lock", &lock))?;
        // Another process may have fetched it while this one waited.
        if !is_good(&path, file.hash())? {
            let part = models.join(format!(".{}.part", file.file_name()));
            self.download(&url, &part, file.hash())?;
            fs::rename(&part, &path).map_err(Error::io("rename to", &path))?;
            sync_directory(&models)?;
        }
        Ok(path)
    }

    fn download(&self, url: &str, part: &Path, hash: Option<&Hash>) -> Result<()> {
        let mut transfer = Transfer::new(url, part, open(part)?, &self.limits, self.progress);
        if hash.is_none() {
            // Nothing would tell whether the old half and the new one belong together.
            transfer.clear()?;
        }
        let resumed = transfer.len()? > 0;
        transfer.run()?;
        let Some(hash) = hash else {
            return transfer.sync();
        };
        let mut checked = hash.check(part)?;
        if resumed && matches!(checked, Checked::Other(_)) {
            // The old half may have been of another file.
            transfer.clear()?;
            transfer.run()?;
            checked = hash.check(part)?;
        }
        match checked {
            Checked::Same => transfer.sync(),
            Checked::Other(got) => {
                drop(transfer);
                fs::remove_file(part).map_err(Error::io("remove", part))?;
                Err(Error::HashMismatch {
                    url: url.to_owned(),
                    algorithm: hash.algorithm(),
                    expected: hash.to_string(),
                    got,
                })
            }
        }
    }
}

/// Whether a file is there and is the published one.
fn is_good(path: &Path, hash: Option<&Hash>) -> Result<bool> {
    Ok(path.is_file()
        && match hash {
            Some(hash) => matches!(hash.check(path)?, Checked::Same),
            None => true,
        })
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(Error::io("open", path))
}

/// Makes a rename last. Windows cannot open directories and needs no such thing.
fn sync_directory(path: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(path).and_then(|directory| directory.sync_all()).map_err(Error::io("sync", path))?;
    }
    Ok(())
}
