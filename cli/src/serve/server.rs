//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use keras_rs::Tensor;
use tokio::time::timeout;

use super::engine::Coming;
use super::failure::Failure;
use super::metrics::Metrics;
use super::receive::Receiver;
use super::served::Served;
use super::version::Version;

/// Content that is worth a move of other tasks to another thread while it is read.
const LARGE: usize = 64 * 1024;

/// The models and the bounds on requests.
pub(crate) struct Server {
    pub(crate) models: Vec<Served>,
    pub(crate) receiver: Receiver,
    /// For an answer, once the request is complete.
    pub(crate) answer_time: Duration,
    pub(crate) token: Option<String>,
    /// Whether connections are closed after their next answer.
    pub(crate) ending: Arc<AtomicBool>,
    pub(crate) metrics: Metrics,
}

impl Server {
    /// The model of this name.
    pub(crate) fn model(&self, name: &str) -> Option<&Served> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Whether the server is about to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    /// Whether the request names the token, if one is needed.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(token) = &self.token else { return Ok(()) };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        match given {
            Some((_, given)) if is_same(given.trim().as_bytes(), token.as_bytes()) => Ok(()),
            _ => {
                Err(Failure::new(StatusCode::UNAUTHORIZED, "a token is needed: Authorization: Bearer TOKEN"))
            }
        }
    }

    /// The outputs of a model, computed when its turn comes.
    pub(crate) async fn compute(
        &self,
        version: &Version,
        inputs: Vec<Tensor>,
        coming: Coming,
    ) -> Result<Vec<Tensor>, Failure> {
        match timeout(self.answer_time, version.engine.submit(inputs, coming)?).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Failure::internal("computing the outputs failed; the server's log says more")),
            Err(_) => {
                let message = format!("there was no answer after {:?}", self.answer_time);
                Err(Failure::new(StatusCode::GATEWAY_TIMEOUT, message))
            }
        }
    }
}

/// Compares in a time that does not tell where the first difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// Runs what takes long for long content, beside the other requests.
pub(crate) fn beside<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    if bytes > LARGE { tokio::task::block_in_place(work) } else { work() }
}
