//! The state of a training in a directory.
//!
//! Weights are written to a new file; then the metadata file, which names them, is replaced atomically.
//! After a crash, either the old pair of files or the new one is complete.

use super::callback::{Logs, Training};
use crate::config::IntoConfig;
use crate::config::json::{as_float, parse_json, to_json};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::files::atomic::{remove_left_over, write_atomically};
use crate::random::{self, RandomState};
use crate::saving::layers_by_path;
use crate::tensor::TensorData;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

const METADATA: &str = "training_metadata.json";
const PREVIOUS: &str = "training_metadata.json.bkp";
const WEIGHTS: &str = "latest-";
const ENDING: &str = ".weights.h5";

/// More draws than any training makes; skipping so many takes minutes.
const MAX_DRAWN: u64 = 1 << 36;

/// A directory with backups.
#[derive(Debug)]
pub(super) struct Backup {
    folder: PathBuf,
    /// Whether the backup before the last is kept too.
    double: bool,
}

/// How far a training is, with the state of its random streams and metrics.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) epoch: usize,
    /// Batches of the epoch that are done.
    pub(super) batch: usize,
    pub(super) logs: Logs,
    pub(super) metric_states: Vec<Option<TensorData>>,
    random: RandomState,
    shuffle_seed: Option<u64>,
    draws: Map<String, Value>,
}

impl Progress {
    /// The progress of a training.
    pub(super) fn of(training: &Training, epoch: usize, batch: usize, logs: &Logs) -> Result<Self> {
        let within_epoch = batch > 0;
        let mut draws = Map::new();
        for (path, layer) in layers_by_path(training.model()) {
            if let Some(count) = layer.layer().draws() {
                draws.insert(path, count.load(Ordering::Relaxed).into());
            }
        }
        Ok(Self {
            epoch,
            batch,
            logs: if within_epoch { logs.clone() } else { Logs::new() },
            metric_states: if within_epoch { training.model().metric_states()? } else { Vec::new() },
            random: random::state(),
            shuffle_seed: training.shuffle_seed,
            draws,
        })
    }

    /// Sets the state of a training, except its weights.
    fn restore(&self, training: &mut Training) {
        for (path, layer) in layers_by_path(training.model()) {
            let stored = self.draws.get(&path).and_then(Value::as_u64);
            if let (Some(count), Some(stored)) = (layer.layer().draws(), stored) {
                count.store(stored, Ordering::Relaxed);
            }
        }
        // There is no seed if the data are no longer shuffled.
        training.shuffle_seed = training.shuffle_seed.and(self.shuffle_seed.or(training.shuffle_seed));
        training.resumed_logs = self.logs.clone();
        random::set_state(self.random);
    }

    fn to_json(&self, weights: &Weights) -> Result<String> {
        let logs = self.logs.iter().map(|(name, value)| (name.clone(), value.to_config()));
        let metric_states = self.metric_states.iter().map(|state| match state {
            None => Ok(Value::Null),
            Some(data) => {
                let values: Vec<Value> = data.to_f64()?.iter().map(IntoConfig::to_config).collect();
                Ok(json!({ "dtype": data.dtype().name(), "shape": data.shape(), "values": values }))
            }
        });
        Ok(to_json(&json!({
            "epoch": self.epoch,
            "batch": self.batch,
            "weights": weights.name,
            "checksum": weights.checksum,
            "random": { "seed": self.random.seed, "drawn": self.random.drawn },
            "shuffle_seed": self.shuffle_seed,
            "draws": self.draws,
            "logs": logs.collect::<Map<_, _>>(),
            "metrics": metric_states.collect::<Result<Vec<_>>>()?,
        })))
    }

    /// The progress, and the file with its weights; the error is the key that is missing or malformed.
    fn from_json(value: &Value) -> std::result::Result<(Self, Weights), &'static str> {
        let number = |value: &Value, key: &'static str| value[key].as_u64().ok_or(key);
        let size = |key: &'static str| number(value, key).and_then(|n| usize::try_from(n).map_err(|_| key));
        let name = value["weights"].as_str().filter(|name| is_weights(name)).ok_or("weights")?;
        let checksum = u32::try_from(number(value, "checksum")?).map_err(|_| "checksum")?;
        let random = RandomState {
            seed: number(&value["random"], "seed")?,
            drawn: number(&value["random"], "drawn").ok().filter(|n| *n <= MAX_DRAWN).ok_or("drawn")?,
        };
        let mut logs = Logs::new();
        for (name, value) in value["logs"].as_object().ok_or("logs")? {
            logs.insert(name.clone(), as_float(value).ok_or("logs")?);
        }
        let metric_states = value["metrics"].as_array().ok_or("metrics")?;
        let metric_states = metric_states.iter().map(|state| metric_state(state).ok_or("metrics"));
        let progress = Self {
            epoch: size("epoch")?,
            batch: size("batch")?,
            logs,
            metric_states: metric_states.collect::<std::result::Result<_, _>>()?,
            random,
            shuffle_seed: value["shuffle_seed"].as_u64(),
            draws: value["draws"].as_object().ok_or("draws")?.clone(),
        };
        Ok((progress, Weights { name: name.to_string(), checksum }))
    }
}

/// A file of weights, and the CRC-32C of its bytes.
struct Weights {
    name: String,
    checksum: u32,
}

/// The CRC-32C of a file, by which a truncated file is recognised.
fn checksum(path: &Path) -> Result<u32> {
    let io = |e| Error::io(path, "read", e);
    let mut file = File::open(path).map_err(io)?;
    let (mut sum, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(io)? {
            0 => return Ok(sum),
            count => sum = crc32c::crc32c_append(sum, &buffer[..count]),
        }
    }
}

fn metric_state(value: &Value) -> Option<Option<TensorData>> {
    if value.is_null() {
        return Some(None);
    }
    let name = value["dtype"].as_str()?;
    let dtype = DType::ALL.into_iter().find(|dtype| dtype.name() == name)?;
    let sizes = value["shape"].as_array()?.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok()));
    let values = value["values"].as_array()?.iter().map(as_float).collect::<Option<Vec<f64>>>()?;
    TensorData::from_f64(&values, sizes.collect::<Option<_>>()?, dtype).ok().map(Some)
}

/// Whether a name is that of a file of weights in this directory.
fn is_weights(name: &str) -> bool {
    generation(name).is_some()
}

/// The number in the name of a file of weights.
fn generation(name: &str) -> Option<u64> {
    name.strip_prefix(WEIGHTS)?.strip_suffix(ENDING)?.parse().ok()
}

impl Backup {
    pub(super) fn new(folder: &Path, double: bool) -> Self {
        Self { folder: folder.to_path_buf(), double }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Names of the files in the directory; empty where it does not exist.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    fn read(&self, name: &str) -> Result<(Progress, Weights)> {
        let path = self.path(name);
        let bytes = std::fs::read(&path).map_err(|e| Error::io(&path, "read", e))?;
        let value = parse_json(&bytes, &path)?;
        Progress::from_json(&value).map_err(|key| {
            Error::format(&path, "backup", format!("a valid `{key}`"), "a missing or invalid one")
        })
    }

    /// Writes a backup; the one before is deleted, or kept as the previous one.
    pub(super) fn save(&self, training: &Training, epoch: usize, batch: usize, logs: &Logs) -> Result<()> {
        std::fs::create_dir_all(&self.folder).map_err(|e| Error::io(&self.folder, "create", e))?;
        let names = self.names();
        let newest = names.iter().filter_map(|name| generation(name)).max().unwrap_or(0);
        let name = format!("{WEIGHTS}{}{ENDING}", newest + 1);
        training.model().save_weights(self.path(&name))?;
        let weights = Weights { checksum: checksum(&self.path(&name))?, name };
        let text = Progress::of(training, epoch, batch, logs)?.to_json(&weights)?;
        let mut kept = vec![weights.name];
        if self.double && self.read(METADATA).is_ok() {
            let path = self.path(METADATA);
            let current = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, "read", e))?;
            self.write(PREVIOUS, &current)?;
        }
        kept.extend(self.read(PREVIOUS).ok().map(|(_, before)| before.name));
        self.write(METADATA, &text)?;
        // Files that crashes left behind are deleted too.
        let is_old = |name: &&String| is_weights(name) && !kept.contains(name);
        names.iter().filter(is_old).for_each(|name| drop(std::fs::remove_file(self.path(name))));
        Ok(())
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        write_atomically(&path, |file| {
            file.write_all(text.as_bytes()).map_err(|e| Error::io(&path, "write", e))
        })
    }

    /// Restores the last backup, or the one before where the last is damaged.
    pub(super) fn restore(&self, training: &mut Training) -> Result<Option<Progress>> {
        let names = self.names();
        let exists = |name: &str| names.iter().any(|other| other == name);
        let last = if exists(METADATA) { Some(self.restore_from(METADATA, training)) } else { None };
        match last {
            None | Some(Err(Error::Io { .. } | Error::Format { .. })) if exists(PREVIOUS) => {
                self.restore_from(PREVIOUS, training).map(Some)
            }
            last => last.transpose(),
        }
    }

    fn restore_from(&self, name: &str, training: &mut Training) -> Result<Progress> {
        let (progress, weights) = self.read(name)?;
        training.optimizer()?.build(&training.model().trainable_weights())?;
        let (compiled, path) = (training.model().compiled()?, self.path(&weights.name));
        if checksum(&path)? != weights.checksum {
            return Err(Error::format(
                &path,
                "backup",
                "a file with the stored checksum",
                "another checksum",
            ));
        }
        compiled.allow_training();
        training.model().load_weights(&path)?;
        // Otherwise the first update would report an optimizer state that does not match the model.
        compiled
            .require_state()
            .map_err(|e| Error::format(&path, "backup", "a state of this optimizer", e))?;
        progress.restore(training);
        Ok(progress)
    }

    /// Removes the backups, and the directory if nothing else is in it.
    pub(super) fn delete(&self) -> Result<()> {
        // The metadata files are deleted first, so that a crash leaves no incomplete backup.
        let ours = |name: &&String| is_weights(name);
        let named = [METADATA, PREVIOUS].map(String::from);
        let names = self.names();
        for name in named.iter().filter(|name| names.contains(name)).chain(names.iter().filter(ours)) {
            let path = self.path(name);
            std::fs::remove_file(&path).map_err(|e| Error::io(&path, "remove", e))?;
        }
        remove_left_over(&self.folder);
        let _ = std::fs::remove_dir(&self.folder);
        Ok(())
    }
}
