//! `keras-rs backends`: what can be computed on.

use clap::Args;
use keras_rs::backend::{self, Backend};
use serde_json::{Value, json};

use crate::columns::columns;

/// List the backends: which are compiled in, and which of them work here on what device
#[derive(Args)]
#[command(after_help = "\
Examples:
  keras-rs backends
  keras-rs predict model.keras photo.jpg --backend ndarray")]
pub(crate) struct Backends {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One backend as it is here.
struct Row {
    backend: Backend,
    is_default: bool,
    /// The device, or why there is none.
    device: Result<String, String>,
}

impl Row {
    fn of(backend: Backend) -> Self {
        let device = backend.device().map_err(|error| error.to_string());
        let is_default =
            device.is_ok() && backend::default_device().is_ok_and(|default| default.backend() == backend);
        let name = device.map(|device| match backend.is_cpu() {
            true => format!("{}, {} threads", processor(), backend::threads()),
            false => format!("{:?}", device.as_burn()),
        });
        Self { backend, is_default, device: name }
    }

    fn cells(&self) -> Vec<String> {
        let yes = |is: bool| if is { "yes" } else { "no" }.to_string();
        let name = format!("{}{}", self.backend, if self.is_default { " (default)" } else { "" });
        let device = match &self.device {
            Ok(device) => device.clone(),
            Err(_) if !self.backend.is_enabled() => format!("cargo feature `{}`", self.backend.feature()),
            Err(reason) => reason.lines().next().unwrap_or_default().to_string(),
        };
        vec![name, yes(self.backend.is_enabled()), yes(self.device.is_ok()), device]
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.backend.name(),
            "compiled_in": self.backend.is_enabled(),
            "works": self.device.is_ok(),
            "default": self.is_default,
            "device": self.device.as_ref().ok(),
            "problem": self.device.as_ref().err(),
        })
    }
}

impl Backends {
    /// The table.
    pub(crate) fn run(&self) -> String {
        let rows = Backend::ALL.map(Row::of);
        if self.json {
            return format!("{}\n", rows.iter().map(Row::to_json).collect::<Value>());
        }
        let mut cells = vec![["Backend", "Compiled in", "Works here", "Device"].map(String::from).to_vec()];
        cells.extend(rows.iter().map(Row::cells));
        columns(&cells, &[])
    }
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    match name.map(|(_, name)| name.trim()).filter(|name| !name.is_empty()) {
        Some(name) => name.to_string(),
        None => format!("{} processor", std::env::consts::ARCH),
    }
}
