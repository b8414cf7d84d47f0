//! One file over HTTP into one partial file, resumed where it stopped.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ureq::Agent;
use ureq::http::StatusCode;
use ureq::http::header::{CONTENT_RANGE, RANGE};
use ureq::tls::{RootCerts, TlsConfig};

use crate::{Error, Result};

/// What bounds a transfer.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    /// For the connection, the answer's head, and each wait for more of the body.
    pub(super) timeout: Duration,
    pub(super) max_bytes: u64,
    /// How often a broken transfer is taken up again.
    pub(super) retries: u32,
    /// Before the first new try; doubled with each.
    pub(super) retry_wait: Duration,
}

/// A transfer's source and its partial file.
pub(super) struct Transfer<'a> {
    url: &'a str,
    path: &'a Path,
    part: File,
    agent: Agent,
    limits: &'a Limits,
    bar: ProgressBar,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(url: &'a str, path: &'a Path, part: File, limits: &'a Limits, progress: bool) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            // A redirect must not lead from https to http.
            .https_only(url.starts_with("https:"))
            .timeout_connect(Some(limits.timeout))
            .timeout_recv_response(Some(limits.timeout))
            .timeout_per_read(Some(limits.timeout));
        Self { url, path, part, agent: config.build().into(), limits, bar: bar(url, progress) }
    }

    /// Size of the partial file in bytes.
    pub(super) fn len(&self) -> Result<u64> {
        let metadata = self.part.metadata();
        Ok(metadata.map_err(Error::io("inspect", self.path))?.len())
    }

    /// Forgets what came.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.part.set_len(0).map_err(Error::io("truncate", self.path))
    }

    /// Makes the partial file whole, trying again after what may pass.
    pub(super) fn run(&mut self) -> Result<()> {
        let mut wait = self.limits.retry_wait;
        for _ in 0..self.limits.retries {
            match self.attempt() {
                Err(error) if may_pass(&error) => std::thread::sleep(wait),
                done => return done,
            }
            wait = wait.saturating_mul(2);
        }
        self.attempt()
    }

    /// Writes everything to the disk.
    pub(super) fn sync(&self) -> Result<()> {
        self.part.sync_all().map_err(Error::io("sync", self.path))
    }

    fn attempt(&mut self) -> Result<()> {
        let have = self.len()?;
        let mut request = self.agent.get(self.url);
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        let response = request.call().map_err(|e| self.broken(have, e))?;
        let start = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(have) => have,
            // Nothing lies beyond what is here: it is whole, or never was the file's beginning.
            // Its hash tells.
            StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => return Ok(()),
            status => {
                return Err(Error::HttpStatus { url: self.url.to_owned(), status: status.as_u16() });
            }
        };
        self.part
            .set_len(start)
            .and_then(|()| self.part.seek(SeekFrom::Start(start)))
            .map_err(Error::io("write", self.path))?;
        let body = response.into_body();
        if let Some(rest) = body.content_length() {
            self.check_size(start.saturating_add(rest))?;
            self.bar.set_length(start + rest);
        }
        self.copy(body.into_reader(), start)
    }

    fn copy(&mut self, mut from: impl Read, start: u64) -> Result<()> {
        let mut size = start;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = from.read(&mut buffer).map_err(|e| self.broken(size, e))?;
            if n == 0 {
                return Ok(());
            }
            size += n as u64;
            self.check_size(size)?;
            self.part.write_all(&buffer[..n]).map_err(Error::io("write", self.path))?;
            self.bar.set_position(size);
        }
    }

    fn check_size(&mut self, size: u64) -> Result<()> {
        let limit = self.limits.max_bytes;
        if size <= limit {
            return Ok(());
        }
        self.clear()?;
        Err(Error::DownloadTooLarge { url: self.url.to_owned(), limit })
    }

    fn broken(&self, received: u64, source: impl std::error::Error + Send + Sync + 'static) -> Error {
        Error::Transfer { url: self.url.to_owned(), received, source: Box::new(source) }
    }
}

impl Drop for Transfer<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Whether the next try may go better.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Transfer { .. } => true,
        Error::HttpStatus { status, .. } => matches!(status, 408 | 429 | 500..),
        _ => false,
    }
}

/// The `N` of `Content-Range: bytes N-...`.
fn range_start<B>(response: &ureq::http::Response<B>) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    let (start, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    start.trim().parse().ok()
}

/// A bar on stderr, if that is a terminal.
fn bar(url: &str, progress: bool) -> ProgressBar {
    if !progress {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(url.rsplit('/').next().unwrap_or(url).to_owned());
    bar
}
