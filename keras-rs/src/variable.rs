//! Variables: named, shared tensors that layers compute with and training changes.

use crate::backend::Device;
use crate::constraints::Constraint;
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use crate::initializers::Initializer;
use crate::regularizers::Regularizer;
use crate::tensor::{Tensor, TensorData, byte_len};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

/// A shared handle to a named tensor; clones refer to the same value.
///
/// Reads are concurrent. The initial value is made when it is first read, so that a model whose
/// weights are loaded from a file never draws random ones.
#[derive(Clone)]
pub struct Variable(Arc<Inner>);

static SERIAL: AtomicU64 = AtomicU64::new(0);

struct Inner {
    /// Grows with every variable made; no two variables ever have the same.
    serial: u64,
    name: String,
    path: RwLock<String>,
    shape: Vec<usize>,
    dtype: DType,
    trainable: AtomicBool,
    initializer: Initializer,
    regularizer: Option<Regularizer>,
    constraint: Option<Constraint>,
    seed: u64,
    device: RwLock<Device>,
    value: RwLock<Value>,
    version: AtomicU64,
}

/// A value that lies elsewhere, such as in a file, until it is needed.
pub(crate) trait StoredValue: Send + Sync {
    /// The value.
    ///
    /// # Errors
    /// Where it cannot be had any more.
    fn read(&self) -> Result<TensorData>;
}

/// The value, or where it comes from once it is needed.
enum Value {
    Initializer,
    Stored(Arc<dyn StoredValue>),
    /// On the heap: a tensor takes half a kilobyte, and most variables of a file have none for long.
    Known(Box<Tensor>),
}

/// The properties of a new variable; see [`Variable::new`].
#[derive(Clone, Debug)]
pub struct VariableSpec {
    /// Name within its layer: `kernel`, `bias`, ...
    pub name: String,
    /// Shape; every size is known.
    pub shape: Vec<usize>,
    /// Element type.
    pub dtype: DType,
    /// Whether training changes it by gradients.
    pub trainable: bool,
    /// Makes the initial value.
    pub initializer: Initializer,
    /// Penalty added to the loss.
    pub regularizer: Option<Regularizer>,
    /// Projection applied after each update.
    pub constraint: Option<Constraint>,
}

impl Variable {
    /// Makes a variable; its value is drawn when it is first read.
    ///
    /// # Errors
    /// [`Error::TooLarge`] where the value would be over [`crate::limits::MAX_TENSOR_BYTES`].
    ///
    /// ```
    /// use keras_rs::{DType, Tensor, Variable, VariableSpec, initializers::Initializer};
    ///
    /// let v = Variable::new(VariableSpec {
    ///     name: "bias".into(),
    ///     shape: vec![2],
    ///     dtype: DType::F32,
    ///     trainable: true,
    ///     initializer: Initializer::zeros(),
    ///     regularizer: None,
    ///     constraint: None,
    /// }, &keras_rs::backend::default_device()?)?;
    /// assert_eq!(v.value()?.to_vec::<f32>()?, [0.0, 0.0]);
    /// v.assign(&Tensor::from_vec(vec![1.0_f32, 2.0], [2])?)?;
    /// assert_eq!(v.value()?.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn new(spec: VariableSpec, device: &Device) -> Result<Self> {
        Self::seeded(spec, device, crate::random::next_seed())
    }

    /// As [`Variable::new`], with the seed of the initial value.
    pub(crate) fn seeded(spec: VariableSpec, device: &Device, seed: u64) -> Result<Self> {
        crate::limits::check_declared(&format!("variable {}", spec.name), spec.dtype, &spec.shape)?;
        Ok(Self(Arc::new(Inner {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            path: RwLock::new(spec.name.clone()),
            name: spec.name,
            shape: spec.shape,
            dtype: spec.dtype,
            trainable: AtomicBool::new(spec.trainable),
            initializer: spec.initializer,
            regularizer: spec.regularizer,
            constraint: spec.constraint,
            seed,
            device: RwLock::new(device.clone()),
            value: RwLock::new(Value::Initializer),
            version: AtomicU64::new(0),
        })))
    }

    /// Name within its layer.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Path within its model, as Keras gives it: `dense/kernel`.
    pub fn path(&self) -> String {
        self.0.path.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_path(&self, path: String) {
        *self.0.path.write().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// Shape.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.0.dtype
    }

    /// Whether the layer made it to be trained; a frozen layer does not change this.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Penalty that training adds to the loss.
    pub fn regularizer(&self) -> Option<&Regularizer> {
        self.0.regularizer.as_ref()
    }

    /// Projection that training applies after each update.
    pub fn constraint(&self) -> Option<&Constraint> {
        self.0.constraint.as_ref()
    }

    /// Number that grows with every assignment, so that caches can tell when they are stale.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// Whether two handles refer to one variable.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The device that holds the value.
    pub fn device(&self) -> Device {
        self.0.device.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The current value; cheap, as tensors share their values.
    ///
    /// # Errors
    /// What the initializer reports when it makes the initial value. [`Error::Format`] where the value is to be read from
    /// a file that has been changed since the model was loaded [on demand](crate::LoadWeights::on_demand).
    pub fn value(&self) -> Result<Tensor> {
        if let Value::Known(value) = &*self.0.value.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Tensor::clone(value));
        }
        let mut slot = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        let value = match &*slot {
            Value::Known(value) => return Ok(Tensor::clone(value)),
            Value::Stored(stored) => self.prepare(stored.read()?)?,
            Value::Initializer => {
                let device = self.device();
                self.0.initializer.call(&self.0.shape, self.0.dtype, &device, self.0.seed)?
            }
        };
        *slot = Value::Known(Box::new(value.clone()));
        Ok(value)
    }

    /// As [`Variable::value`], for a reader that makes something else of it: what is in a file stays there alone.
    pub(crate) fn passing_value(&self) -> Result<Tensor> {
        let stored = match &*self.0.value.read().unwrap_or_else(PoisonError::into_inner) {
            Value::Stored(stored) => Some(Arc::clone(stored)),
            _ => None,
        };
        match stored {
            Some(stored) => self.prepare(stored.read()?),
            None => self.value(),
        }
    }

    /// Replaces the value, which is converted to the variable's element type and moved to its device.
    ///
    /// # Errors
    /// [`Error::Shape`] where the shape differs.
    pub fn assign(&self, value: &Tensor) -> Result<()> {
        if value.shape() != self.shape() {
            return Err(Error::shape(self.path(), "value", tuple(self.shape()), tuple(value.shape())));
        }
        let device = self.0.device.read().unwrap_or_else(PoisonError::into_inner).clone();
        self.put(value.to_device(&device)?.cast(self.0.dtype)?);
        Ok(())
    }

    /// What [`Variable::assign`] would store for values from a file; nothing is stored yet.
    pub(crate) fn prepare(&self, data: TensorData) -> Result<Tensor> {
        if data.shape() != self.shape() {
            return Err(Error::shape(self.path(), "value", tuple(self.shape()), tuple(data.shape())));
        }
        let device = self.0.device.read().unwrap_or_else(PoisonError::into_inner).clone();
        // Cast before it is moved: the device may lack the file's element type.
        Tensor::from_data(data)?.cast(self.0.dtype)?.to_device(&device)
    }

    /// Stores the result of [`Variable::prepare`].
    pub(crate) fn put(&self, value: Tensor) {
        // A value that was computed while recording must not keep the recording alive.
        let value = value.detach();
        self.store(Value::Known(Box::new(value)));
    }

    /// Has the value be read once it is needed.
    pub(crate) fn put_stored(&self, stored: Arc<dyn StoredValue>) {
        self.store(Value::Stored(stored));
    }

    fn store(&self, value: Value) {
        *self.0.value.write().unwrap_or_else(PoisonError::into_inner) = value;
        self.0.version.fetch_add(1, Ordering::AcqRel);
    }

    /// The value, to be changed in place; who reads it waits meanwhile.
    pub(crate) fn value_mut(&self) -> Result<ValueMut<'_>> {
        // Makes the first one.
        self.value()?;
        Ok(ValueMut(self, self.0.value.write().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Bytes that the value takes.
    pub(crate) fn bytes(&self) -> u64 {
        byte_len(self.dtype(), self.shape()).map_or(u64::MAX, |n| n as u64)
    }

    /// Tells variables apart, those that no longer exist included.
    pub(crate) fn serial(&self) -> u64 {
        self.0.serial
    }

    /// Moves the value to another device.
    ///
    /// # Errors
    /// [`Error::DType`] where the other backend lacks the element type.
    pub fn to_device(&self, device: &Device) -> Result<()> {
        let mut slot = self.0.value.write().unwrap_or_else(PoisonError::into_inner);
        if let Value::Known(value) = &mut *slot {
            **value = value.to_device(device)?;
        }
        *self.0.device.write().unwrap_or_else(PoisonError::into_inner) = device.clone();
        self.0.version.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

/// A variable's value, to be changed in place. Who holds several gets them in the order of [`Variable::serial`].
pub(crate) struct ValueMut<'a>(&'a Variable, RwLockWriteGuard<'a, Value>);

impl ValueMut<'_> {
    /// The numbers, where they are `float32` in memory.
    pub(crate) fn floats(&mut self) -> Option<&mut [f32]> {
        if let Value::Known(value) = &mut *self.1 { value.floats_mut() } else { None }
    }
}

impl Drop for ValueMut<'_> {
    fn drop(&mut self) {
        self.0.0.version.fetch_add(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Variable path={}, shape={}, dtype={}>", self.path(), tuple(self.shape()), self.dtype())
    }
}
