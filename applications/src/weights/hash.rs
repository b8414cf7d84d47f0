//! Hashes of files, md5 or SHA-256, told apart by their length as Keras does.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use md5::Md5;
use sha2::digest::DynDigest;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// A file's expected md5 or SHA-256.
///
/// ```
/// use keras_rs_applications::Hash;
///
/// let md5 = Hash::parse("9d60b8095a5708f2dcce2bca79d332c7")?;
/// assert_eq!(md5.algorithm(), "md5");
/// assert!(Hash::parse("9d60").is_err());
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    algorithm: Algorithm,
    hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha256,
}

impl Hash {
    /// Takes 32 hexadecimal digits for an md5 and 64 for a SHA-256.
    ///
    /// # Errors
    /// [`Error::Argument`] if `hex` is neither.
    pub fn parse(hex: &str) -> Result<Self> {
        let algorithm = match hex.len() {
            _ if !hex.bytes().all(|b| b.is_ascii_hexdigit()) => None,
            32 => Some(Algorithm::Md5),
            64 => Some(Algorithm::Sha256),
            _ => None,
        };
        match algorithm {
            Some(algorithm) => Ok(Self { algorithm, hex: hex.to_ascii_lowercase() }),
            None => Err(Error::Argument {
                context: "Hash::parse",
                argument: "hex",
                expected: "32 (md5) or 64 (sha256) hexadecimal digits".to_owned(),
                got: format!("{hex:?}"),
            }),
        }
    }

    /// A hash of our own table: 32 digits are an md5, others a SHA-256.
    pub(crate) fn of_table(hex: &str) -> Self {
        let algorithm = if hex.len() == 32 { Algorithm::Md5 } else { Algorithm::Sha256 };
        Self { algorithm, hex: hex.to_owned() }
    }

    /// `md5` or `sha256`.
    pub fn algorithm(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Md5 => "md5",
            Algorithm::Sha256 => "sha256",
        }
    }

    /// Whether the file at `path` has this hash; the other hash if not.
    pub(crate) fn check(&self, path: &Path) -> Result<Checked> {
        let mut digest: Box<dyn DynDigest> = match self.algorithm {
            Algorithm::Md5 => Box::new(Md5::new()),
            Algorithm::Sha256 => Box::new(Sha256::new()),
        };
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer).map_err(Error::io("read", path))?;
            if n == 0 {
                break;
            }
            digest.update(&buffer[..n]);
        }
        let got: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(if got == self.hex { Checked::Same } else { Checked::Other(got) })
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex)
    }
}

pub(crate) enum Checked {
    Same,
    Other(String),
}
