//! Shared handles to layers: identity, name, variables, symbolic calls.

use super::known_specs::KnownSpecs;
use super::variables::Built;
use super::{Asset, KerasTensor, Layer, Node, Role};
use crate::config::{Config, snake_case};
use crate::error::{Error, Result};
use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

/// A shared handle to a layer and its variables; clones refer to the same layer.
#[derive(Clone)]
pub struct LayerRef(pub(super) Arc<Handle>);

pub(super) struct Handle {
    /// Grows with every layer made; orders layers as they were created.
    serial: u64,
    layer: Box<dyn Layer>,
    assigned: RwLock<Option<Arc<str>>>,
    /// The class' name in Keras' spelling of names, which stands for a name until one is given.
    default_name: Arc<str>,
    trainable: AtomicBool,
    /// What the first model to hold the layer puts before the paths of its variables.
    pub(super) prefix: OnceLock<String>,
    /// Path of the layer that builds or calls this one first, with a slash.
    pub(super) parent_path: OnceLock<String>,
    pub(super) building: Mutex<()>,
    /// Symbolic calls, which the models that contain them keep alive.
    nodes: Mutex<Vec<Weak<Node>>>,
    pub(super) built: RwLock<Option<Arc<Built>>>,
    pub(super) known_specs: KnownSpecs,
    /// What a model keeps beside its layer.
    companion: OnceLock<Arc<dyn Companion>>,
}

/// What a model keeps beside its layer, such as what it was compiled with; shared by all its handles.
pub(crate) trait Companion: Any + Send + Sync {
    /// Entries that it adds to the layer's envelope in files.
    fn envelope(&self) -> Config;
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

impl LayerRef {
    /// Makes a handle to a layer.
    pub fn new(layer: impl Layer) -> Self {
        Self::from_box(Box::new(layer))
    }

    /// Makes a handle to a boxed layer.
    pub fn from_box(layer: Box<dyn Layer>) -> Self {
        Self(Arc::new(Handle {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            assigned: RwLock::new(layer.base().name.as_deref().map(Arc::from)),
            default_name: snake_case(layer.python_class()).into(),
            trainable: AtomicBool::new(!layer.base().frozen),
            layer,
            prefix: OnceLock::new(),
            parent_path: OnceLock::new(),
            building: Mutex::new(()),
            nodes: Mutex::new(Vec::new()),
            built: RwLock::new(None),
            known_specs: KnownSpecs::default(),
            companion: OnceLock::new(),
        }))
    }

    /// The layer itself.
    pub fn layer(&self) -> &dyn Layer {
        &*self.0.layer
    }

    /// Keras' class name.
    pub fn class_name(&self) -> &str {
        self.layer().class_name()
    }

    pub(crate) fn serial(&self) -> u64 {
        self.0.serial
    }

    /// Whether two handles refer to one layer.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The name, where it is given or a model has been wired with the layer.
    pub fn assigned_name(&self) -> Option<String> {
        self.0.assigned.read().unwrap_or_else(PoisonError::into_inner).as_deref().map(str::to_string)
    }

    /// Whether the name was given by a model, not by the user.
    pub(crate) fn is_auto_named(&self) -> bool {
        self.layer().base().name.is_none()
    }

    /// The name; before a model gives one, the class name in Keras' spelling of names.
    pub fn name(&self) -> String {
        self.shared_name().to_string()
    }

    /// The name, without a copy.
    pub(super) fn shared_name(&self) -> Arc<str> {
        let assigned = self.0.assigned.read().unwrap_or_else(PoisonError::into_inner);
        assigned.as_ref().unwrap_or(&self.0.default_name).clone()
    }

    pub(crate) fn assign_name(&self, name: String) {
        *self.0.assigned.write().unwrap_or_else(PoisonError::into_inner) = Some(name.into());
    }

    /// What a model keeps beside this layer; the first call makes it.
    pub(crate) fn companion<C: Companion + Default>(&self) -> Option<Arc<C>> {
        let companion = self.0.companion.get_or_init(|| Arc::new(C::default())).clone();
        (companion as Arc<dyn Any + Send + Sync>).downcast().ok()
    }

    /// Entries that a model adds to its envelope in files.
    pub(super) fn companion_envelope(&self) -> Config {
        self.0.companion.get().map(|companion| companion.envelope()).unwrap_or_default()
    }

    /// Says what stands before the paths of the variables and writes them; only the first model
    /// that holds the layer does.
    pub(crate) fn set_path_prefix(&self, prefix: &str) {
        if self.0.prefix.set(prefix.to_string()).is_ok() {
            self.write_paths();
        }
    }

    /// Writes the paths of the variables that exist, from the names known so far.
    pub(super) fn write_paths(&self) {
        self.write_paths_under(self.0.prefix.get().map_or("", String::as_str));
    }

    fn write_paths_under(&self, prefix: &str) {
        let path = format!("{prefix}{}", self.name());
        for variable in self.unshared_variables() {
            variable.set_path(format!("{path}/{}", variable.name()));
        }
        if self.layer().role() == Role::Graph {
            return;
        }
        let is_final = self.0.prefix.get().is_some();
        for (_, child) in self.layer().sublayers() {
            // Before a model holds this layer, the paths of those inside it may still change.
            if is_final {
                child.set_path_prefix(&format!("{path}/"));
            } else if child.0.prefix.get().is_none() {
                child.write_paths_under(&format!("{path}/"));
            }
        }
    }

    /// Whether training may change the variables of this layer.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Freezes or unfreezes this layer and every layer inside it.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
        for (_, child) in self.layer().sublayers() {
            child.set_trainable(trainable);
        }
    }

    /// Sets the states that this layer and those inside it keep from call to call to zeros. Keras' `reset_state`.
    ///
    /// # Errors
    /// Where making zeros fails.
    pub fn reset_state(&self) -> Result<()> {
        self.layer().reset_state()?;
        self.layer().sublayers().iter().try_for_each(|(_, child)| child.reset_state())
    }

    /// Hands the layer the files that it keeps beside its weights, on which its outputs' shapes may depend.
    ///
    /// # Errors
    /// What the layer reports, with its name.
    pub(crate) fn load_assets(&self, assets: &[Asset]) -> Result<()> {
        self.layer().load_assets(assets).map_err(|e| e.in_layer(&self.name()))?;
        self.0.known_specs.clear();
        Ok(())
    }

    pub(crate) fn note_call(&self, node: &Arc<Node>) {
        self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(node));
    }

    /// The symbolic calls of this layer that some model or tensor still holds, oldest first.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }

    /// The first symbolic output of the layer's first call, as Keras' `layer.output`.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] where the layer was never applied to symbolic tensors.
    pub fn output(&self) -> Result<KerasTensor> {
        let first = self.nodes().into_iter().next();
        first.map(|node| KerasTensor::of(node, 0)).ok_or_else(|| Error::NotBuilt {
            layer: self.name(),
            hint: "apply it to a symbolic tensor first",
        })
    }
}

impl AsRef<Self> for LayerRef {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for LayerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} name={}, built={}>", self.class_name(), self.name(), self.is_built())
    }
}
