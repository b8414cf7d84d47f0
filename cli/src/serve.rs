//! `keras-rs serve`: models behind an HTTP address.

mod answer;
mod batch;
mod body;
mod engine;
mod failure;
mod image;
mod listen;
mod log;
mod metrics;
mod models;
mod openapi;
mod patience;
mod receive;
mod routes;
mod rows;
mod served;
mod server;
mod signature;
mod target;
mod values;
mod version;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use keras_rs::limits;
use tokio::net::TcpListener;

use crate::model::{Source, Weights, WeightsArgs};
use crate::report::Labels;
use crate::training::at_least_one;
use crate::usage::Usage;
use engine::Bounds;
use listen::Times;
use log::{announce, log};
use metrics::Metrics;
use receive::Receiver;
use served::{Served, Watch};
use server::Server;
use version::Origin;

/// Serve models over HTTP: TensorFlow Serving's REST protocol, images, a page for the browser
///
/// A model's file is loaded again when it changes. SIGTERM and SIGINT end the server once what it accepted is answered.
#[derive(Args)]
pub(crate) struct Serve {
    /// Model files (.keras, .h5) or applications' names; NAME=MODEL chooses the name in addresses [default name: the file's
    /// without its ending, or the application's]
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<String>,

    #[command(flatten)]
    weights: WeightsArgs,

    /// A text file with the names of the classes, one a line, for a single model
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,

    /// Address to listen on; others than this machine can reach it unless it is 127.0.0.1 or ::1
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,

    /// Port to listen on; 0 takes a free one, which is printed
    #[arg(long, value_name = "N", default_value = "8501")]
    port: u16,

    /// Answer only requests with `Authorization: Bearer TOKEN` [default: $KERAS_RS_TOKEN, else all]
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,

    /// Samples that are computed at once, if more than one request has them; 1 computes each request alone
    #[arg(long, value_name = "N", default_value = "32", value_parser = at_least_one)]
    max_batch: usize,

    /// How long a request may wait for others that have begun to arrive, in milliseconds
    #[arg(long, value_name = "MS", default_value = "2")]
    max_wait_ms: u64,

    /// Requests that may wait for each model; further ones are answered with 429
    #[arg(long, value_name = "N", default_value = "1024", value_parser = at_least_one)]
    max_queue: usize,

    /// Largest request, such as 512KB or 2MiB; eight of this size may be in memory at once
    #[arg(long, value_name = "SIZE", default_value = "32MiB", value_parser = limits::parse_size)]
    max_body: u64,

    /// Seconds for a request to arrive, for its answer, and for a client to take more of the answer
    #[arg(long, value_name = "S", default_value = "30", value_parser = seconds)]
    timeout: Duration,

    /// Seconds between two looks at the models' files
    #[arg(long, value_name = "S", default_value = "1", value_parser = seconds)]
    reload: Duration,
}

/// A positive time.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| "expected a number of seconds, more than 0".into())
}

impl Serve {
    /// Serves until a signal ends it; gives an empty text.
    pub(crate) fn run(&self) -> Result<String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.context("cannot start the server's threads")?;
        runtime.block_on(self.serve())?;
        // A model that is being loaded is not waited for.
        runtime.shutdown_background();
        Ok(String::new())
    }

    async fn serve(&self) -> Result<()> {
        let named = self.named()?;
        // A port that is taken is reported before models are loaded.
        let listener = TcpListener::bind((self.host, self.port)).await;
        let listener =
            listener.with_context(|| format!("cannot listen on {} port {}", self.host, self.port))?;
        let token =
            self.token.clone().or_else(|| std::env::var("KERAS_RS_TOKEN").ok()).filter(|t| !t.is_empty());
        if !self.host.is_loopback() && token.is_none() {
            log(&format!(
                "warning: whoever reaches {} can use the models; --token asks for a token",
                self.host
            ));
        }
        let (models, watches) = self.load(named)?;
        let ending = Arc::new(AtomicBool::new(false));
        let server = Arc::new(Server {
            models,
            receiver: Receiver::new(usize::try_from(self.max_body).unwrap_or(usize::MAX), self.timeout),
            answer_time: self.timeout,
            token,
            ending: ending.clone(),
            metrics: Metrics::default(),
        });
        for (at, watch) in watches.into_iter().enumerate() {
            tokio::spawn(look(server.clone(), at, watch, self.reload));
        }
        for model in &server.models {
            announce(&format!("model {}: /v1/models/{}", model.name, model.name));
        }
        announce(&format!("listening on http://{}", listener.local_addr()?));
        let times = Times { head: self.timeout, write: self.timeout, end: self.timeout };
        Ok(listen::serve(listener, routes::routes(server), times, ending).await?)
    }

    /// The models' names and sources, found to go together.
    fn named(&self) -> Result<Vec<(String, Source)>> {
        let several = self.models.len() > 1;
        if several && matches!(self.weights.weights(), Weights::File(_)) {
            return Err(Usage::error("--weights FILE is for a single model"));
        }
        if several && self.labels.is_some() {
            return Err(Usage::error("--labels is for a single model"));
        }
        let named = self.models.iter().map(|model| served::named(model)).collect::<Result<Vec<_>>>()?;
        for (at, (name, _)) in named.iter().enumerate() {
            if named.iter().skip(at + 1).any(|(other, _)| other == name) {
                return Err(Usage::error(format!(
                    "two models are called {name}: name one of them, NAME=MODEL"
                )));
            }
        }
        Ok(named)
    }

    /// The models, each with what its file was when it was loaded.
    fn load(&self, named: Vec<(String, Source)>) -> Result<(Vec<Served>, Vec<Watch>)> {
        let max_wait = Duration::from_millis(self.max_wait_ms);
        let bounds = Bounds { queue: self.max_queue, max_batch: self.max_batch, max_wait };
        let origin = Origin { weights: self.weights.weights().clone(), offline: self.weights.offline };
        let (mut models, mut watches) = (Vec::new(), Vec::new());
        for named in named {
            let labels = self.labels.as_deref().map(Labels::read).transpose()?;
            let (model, watch) = Served::load(named, origin.clone(), bounds, labels)?;
            models.push(model);
            watches.push(watch);
        }
        Ok((models, watches))
    }
}

/// Looks at a model's file again and again.
async fn look(server: Arc<Server>, at: usize, mut watch: Watch, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let server = server.clone();
        let looked = tokio::task::spawn_blocking(move || {
            if let Some(model) = server.models.get(at) {
                model.look(&mut watch);
            }
            watch
        });
        match looked.await {
            Ok(looked) => watch = looked,
            // The panic's message is on stderr; the version that serves goes on.
            Err(_) => return log("a model's file is not looked at any more"),
        }
    }
}
