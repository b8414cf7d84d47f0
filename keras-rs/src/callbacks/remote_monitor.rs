//! Sending the values of epochs to a server.

use super::callback::{Callback, Logs, Training};
use super::output::warn;
use crate::config::IntoConfig;
use crate::config::KerasConfig;
use crate::config::json::to_json;
use crate::error::Result;
use serde_json::{Map, Value};
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// Time limit of a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts the values of every epoch to a server. Keras' `RemoteMonitor`.
///
/// The epoch, counted from 0, and the values are sent as one JSON object, in a form field or as the body.
/// If the server cannot be reached within ten seconds, a warning is printed to standard error, once, and
/// training goes on. Responses are ignored.
///
/// ```
/// use keras_rs::callbacks::RemoteMonitor;
/// use keras_rs::prelude::*;
///
/// let model = Sequential::new().add(Input::new([1])).add(Dense::new(1)).build()?;
/// model.compile("sgd", "mse", ())?;
/// let x = Tensor::zeros([8, 1], DType::F32)?;
/// let monitor = RemoteMonitor::new().root("http://127.0.0.1:9").headers([("X-Run", "7")]).send_as_json(true);
/// let history = model.fit(&x, &x, Fit::new().verbose(0).callback(monitor))?;
/// assert_eq!(history["loss"], [0.0]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Debug, KerasConfig)]
#[keras(no_config, new = "Posts to `http://localhost:9000/publish/epoch/end/`.")]
pub struct RemoteMonitor {
    /// Server (default `http://localhost:9000`).
    #[keras(default = "http://localhost:9000")]
    root: String,
    /// Path on the server (default `/publish/epoch/end/`).
    #[keras(default = "/publish/epoch/end/")]
    path: String,
    /// Field of the form that holds the JSON (default `data`).
    #[keras(default = "data")]
    field: String,
    #[keras(default = Vec::new(), no_setter)]
    headers: Vec<(String, String)>,
    /// Whether the JSON is the body, instead of a field of a form (default `false`).
    #[keras(default = false)]
    send_as_json: bool,
    #[keras(skip)]
    warned: bool,
    #[keras(skip)]
    agent: Option<Agent>,
}

impl RemoteMonitor {
    /// Sets additional headers (default: none).
    #[must_use]
    pub fn headers<K: Into<String>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.headers = headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self
    }

    /// The content type and the body of a request.
    fn body(&self, epoch: usize, logs: &Logs) -> Option<(&'static str, String)> {
        let mut data = Map::new();
        data.insert("epoch".into(), epoch.into());
        data.extend(logs.iter().map(|(name, value)| (name.clone(), value.to_config())));
        let json = in_ascii(&to_json(&Value::Object(data)));
        match self.send_as_json {
            // JSON has no NaN; in a form field, Python's JSON is sent, which has it.
            true if logs.values().any(|value| !value.is_finite()) => None,
            true => Some(("application/json", json)),
            false => {
                let text = format!("{}={}", form_encoded(&self.field), form_encoded(&json));
                Some(("application/x-www-form-urlencoded", text))
            }
        }
    }

    fn post(&mut self, epoch: usize, logs: &Logs) -> bool {
        let Some((content_type, body)) = self.body(epoch, logs) else { return false };
        let agent = self.agent.get_or_insert_with(|| {
            let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
            let config = Agent::config_builder().tls_config(tls).timeout_global(Some(PATIENCE));
            config.http_status_as_error(false).build().into()
        });
        let mut request = agent.post(format!("{}{}", self.root, self.path));
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.send(body).is_ok()
    }
}

/// JSON with characters that are not ASCII escaped, as Python writes it.
fn in_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\0'..='\x7f' => text.push(character),
            other => text.extend(other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    text
}

/// Percent-encodes text for a form: all bytes except letters, digits and `_.-~`; blanks become `+`.
fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            other => encoded += &format!("%{other:02X}"),
        }
    }
    encoded
}

impl Callback for RemoteMonitor {
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _training: &mut Training) -> Result<()> {
        if !self.post(epoch, logs) && !self.warned {
            self.warned = true;
            warn(&format!("Could not reach RemoteMonitor root server at {}", self.root));
        }
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
