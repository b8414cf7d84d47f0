//! What a model was compiled with and predicts with: kept beside its layer, shared by all its handles.

use crate::compile::Compiled;
use crate::config::{Config, ConfigExt, CustomObjects};
use crate::dtype::DTypePolicy;
use crate::error::{Error, Result};
use crate::inference::Plans;
use crate::layer::Companion;
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// Compile settings, as read from a file or resolved, and how the model predicts.
#[derive(Debug, Default)]
pub(crate) struct Compilation {
    state: RwLock<State>,
    /// What `predict` computes with on CPUs.
    pub(super) plans: Plans,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    NotCompiled,
    /// Settings of a file, whose classes are looked up when they are needed.
    Settings(Box<(Value, CustomObjects)>),
    Compiled(Arc<Compiled>),
}

impl Compilation {
    /// The settings as files hold them.
    pub(super) fn config(&self) -> Option<Value> {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::NotCompiled => None,
            State::Settings(read) => Some(read.0.clone()),
            State::Compiled(compiled) => Some(compiled.config()),
        }
    }

    /// Keeps the settings of a file, and the classes that the file was opened with.
    pub(crate) fn set_settings(&self, settings: Value, custom: &CustomObjects) {
        self.set(State::Settings(Box::new((settings, custom.clone()))));
    }

    /// The classes that the model's file was opened with, as long as its settings wait to be read.
    pub(crate) fn custom_objects(&self) -> CustomObjects {
        match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Settings(read) => read.1.clone(),
            _ => CustomObjects::new(),
        }
    }

    pub(crate) fn set_compiled(&self, compiled: Compiled) {
        self.set(State::Compiled(Arc::new(compiled)));
    }

    fn set(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// What the model was compiled with; settings of a file are resolved now.
    pub(crate) fn compiled(&self, model: &str, policy: DTypePolicy) -> Result<Arc<Compiled>> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let compiled = match &*state {
            State::NotCompiled => return Err(Error::NotCompiled { model: model.into() }),
            State::Compiled(compiled) => return Ok(compiled.clone()),
            State::Settings(read) => Arc::new(Compiled::from_config(&read.0, &read.1, policy)?),
        };
        *state = State::Compiled(compiled.clone());
        Ok(compiled)
    }
}

impl Companion for Compilation {
    fn envelope(&self) -> Config {
        match self.config() {
            Some(settings) => Config::new().with("compile_config", settings),
            None => Config::new(),
        }
    }
}
