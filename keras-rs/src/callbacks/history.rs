//! Loss and metrics of every epoch.

use super::callback::{Callback, Logs, Training};
use crate::config::IntoConfig;
use crate::config::json::to_json;
use crate::error::Result;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Loss and metrics of every epoch. Keras' `History`, which `fit` returns.
///
/// ```
/// use keras_rs::callbacks::History;
///
/// let text = r#"{"epoch": [0, 1], "history": {"loss": [2.0, 1.5], "val_loss": [2.5, 2.0]}}"#;
/// let history: History = serde_json::from_str(text).unwrap();
/// assert_eq!(history["val_loss"], [2.5, 2.0]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Numbers of the epochs, the first is 0.
    pub epoch: Vec<usize>,
    /// Values by name, one for each epoch that has the value.
    pub history: IndexMap<String, Vec<f64>>,
}

impl History {
    /// The values of a name, one for each epoch.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.history.get(name).map(Vec::as_slice)
    }

    /// The values as JSON: `{"loss": [...], ...}`; NaN and infinities are written as in Python.
    ///
    /// ```
    /// use keras_rs::callbacks::History;
    ///
    /// let mut history = History::default();
    /// history.history.insert("loss".into(), vec![0.5, f64::NAN]);
    /// assert_eq!(history.to_json(), r#"{"loss": [0.5, NaN]}"#);
    /// ```
    pub fn to_json(&self) -> String {
        let entries = self.history.iter().map(|(name, values)| (name.clone(), values.to_config()));
        to_json(&Value::Object(entries.collect()))
    }
}

/// Values as JSON: `{"loss": 0.5, ...}`; NaN and infinities are written as in Python.
///
/// ```
/// use keras_rs::callbacks::{Logs, logs_to_json};
///
/// assert_eq!(logs_to_json(&Logs::from([("loss".into(), f64::INFINITY)])), r#"{"loss": Infinity}"#);
/// ```
pub fn logs_to_json(logs: &Logs) -> String {
    to_json(&Value::Object(logs.iter().map(|(name, value)| (name.clone(), value.to_config())).collect()))
}

impl std::ops::Index<&str> for History {
    type Output = [f64];

    /// The values of a name; empty where there are none.
    fn index(&self, name: &str) -> &[f64] {
        self.get(name).unwrap_or_default()
    }
}

impl Callback for History {
    fn on_train_begin(&mut self, _training: &mut Training) -> Result<()> {
        self.epoch.clear();
        self.history.clear();
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _training: &mut Training) -> Result<()> {
        self.epoch.push(epoch);
        for (name, value) in logs {
            self.history.entry(name.clone()).or_default().push(*value);
        }
        Ok(())
    }

    fn uses_batch_logs(&self) -> bool {
        false
    }
}
