//! Reading the content of requests within bounds of size, memory and time.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::failure::Failure;

/// Requests of the largest size that may be in memory at once.
const LARGEST_AT_ONCE: usize = 8;

/// The unit in which memory is counted: permits are fewer than bytes may be.
const UNIT: usize = 1024;

/// The bounds on all requests together.
pub(crate) struct Receiver {
    max_bytes: usize,
    time: Duration,
    units: Arc<Semaphore>,
}

/// The content of a request; its memory counts until this is dropped.
pub(crate) struct Content {
    pub(crate) bytes: Bytes,
    _units: OwnedSemaphorePermit,
}

impl Receiver {
    /// Content may be as large as this and take so long to arrive.
    pub(crate) fn new(max_bytes: usize, time: Duration) -> Self {
        let units = (max_bytes / UNIT + 1).saturating_mul(LARGEST_AT_ONCE).min(Semaphore::MAX_PERMITS);
        Self { max_bytes, time, units: Arc::new(Semaphore::new(units)) }
    }

    /// Reads the content of one request.
    pub(crate) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Content, Failure> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let length: usize = length.unwrap_or(self.max_bytes);
        let too_large = || {
            let message = format!("the request is larger than {} bytes", self.max_bytes);
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        };
        if length > self.max_bytes {
            return Err(too_large());
        }
        let count = u32::try_from(length / UNIT + 1).map_err(|_| too_large())?;
        let units = self
            .units
            .clone()
            .try_acquire_many_owned(count)
            .map_err(|_| Failure::busy("too many large requests are in memory; try again later"))?;
        match timeout(self.time, to_bytes(body, self.max_bytes)).await {
            Ok(Ok(bytes)) => Ok(Content { bytes, _units: units }),
            // Either the sender went, or it sent chunks without end.
            Ok(Err(error)) if error.to_string().contains("length limit") => Err(too_large()),
            Ok(Err(error)) => Err(Failure::invalid(format!("the request is not complete: {error}"))),
            Err(_) => {
                let message = format!("the request was not complete after {:?}", self.time);
                Err(Failure::new(StatusCode::REQUEST_TIMEOUT, message))
            }
        }
    }
}
