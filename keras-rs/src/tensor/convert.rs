//! Conversions to and from Burn, `ndarray` and host memory, between data types and devices.

use super::{Element, Tensor, TensorData};
use crate::backend::{Backend, Device};
use crate::dtype::DType;
use crate::error::{Error, Result, tuple};
use burn::backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn::backend::{Dispatch, TensorMetadata};
use burn::tensor::{BoolStore, DType as BurnDType, FloatDType, IntDType, TensorData as BurnData};

/// A kind of Burn tensor: [`burn::tensor::Float`], [`burn::tensor::Int`] or [`burn::tensor::Bool`].
pub trait BurnKind: burn::tensor::kind::Basic {
    /// Whether tensors of this kind can have the type.
    fn holds(dtype: DType) -> bool;
}

impl BurnKind for burn::tensor::Float {
    fn holds(dtype: DType) -> bool {
        dtype.is_float()
    }
}

impl BurnKind for burn::tensor::Int {
    fn holds(dtype: DType) -> bool {
        dtype.is_int()
    }
}

impl BurnKind for burn::tensor::Bool {
    fn holds(dtype: DType) -> bool {
        dtype == DType::Bool
    }
}

/// Burn's data type for ours.
pub fn burn_dtype(dtype: DType) -> BurnDType {
    match dtype {
        DType::F32 => BurnDType::F32,
        DType::F64 => BurnDType::F64,
        DType::F16 => BurnDType::F16,
        DType::BF16 => BurnDType::BF16,
        DType::I32 => BurnDType::I32,
        DType::I64 => BurnDType::I64,
        DType::U8 => BurnDType::U8,
        DType::U32 => BurnDType::U32,
        DType::Bool => BurnDType::Bool(BoolStore::Native),
    }
}

fn from_burn_dtype(dtype: BurnDType) -> Result<DType> {
    Ok(match dtype {
        BurnDType::F32 | BurnDType::Flex32 => DType::F32,
        BurnDType::F64 => DType::F64,
        BurnDType::F16 => DType::F16,
        BurnDType::BF16 => DType::BF16,
        BurnDType::I32 => DType::I32,
        BurnDType::I64 => DType::I64,
        BurnDType::U8 => DType::U8,
        BurnDType::U32 => DType::U32,
        BurnDType::Bool(_) => DType::Bool,
        other => {
            return Err(Error::DType {
                context: "from_burn".into(),
                expected: "one of keras_rs::DType".into(),
                got: format!("{other:?}"),
            });
        }
    })
}

impl Tensor {
    /// Puts values from host memory onto a device.
    ///
    /// # Errors
    /// [`Error::DType`] where the device's backend lacks the type.
    pub fn from_data_on(data: TensorData, device: &Device) -> Result<Self> {
        let dtype = data.dtype();
        if !device.supports(dtype) {
            return Err(Error::DType {
                context: format!("backend {}", device.backend()),
                expected: "a type that the backend has".into(),
                got: dtype.to_string(),
            });
        }
        let shape = data.shape().to_vec();
        super::check_rank("from_data", shape.len(), device)?;
        crate::limits::check("from_data", data.bytes().len() as u64)?;
        let stored = if shape.is_empty() { vec![1] } else { shape.clone() };
        let burn = if dtype == DType::Bool {
            BurnData::new(data.values::<bool>()?, stored)
                .convert_dtype(device.as_burn().settings().bool_dtype.into())
        } else {
            BurnData::from_bytes_vec(data.into_bytes(), stored, burn_dtype(dtype))
        };
        let on = device.as_burn().as_dispatch();
        let handle = if dtype.is_float() {
            Dispatch::float_from_data(burn, on)
        } else if dtype.is_int() {
            Dispatch::int_from_data(burn, on)
        } else {
            Dispatch::bool_from_data(burn, on)
        };
        Ok(Self { handle, shape, dtype, device: device.clone() })
    }

    /// Puts values from host memory onto the default device.
    ///
    /// # Errors
    /// As [`Tensor::from_data_on`].
    pub fn from_data(data: TensorData) -> Result<Self> {
        Self::from_data_on(data, &crate::backend::default_device()?)
    }

    /// Copies the values into host memory.
    ///
    /// # Errors
    /// [`Error::BackendUnavailable`] where the device fails to deliver them.
    pub fn to_data(&self) -> Result<TensorData> {
        self.require_room("to_data")?;
        let failed =
            |reason: String| Error::BackendUnavailable { backend: self.device.backend().to_string(), reason };
        let read = if self.dtype.is_float() {
            futures_read(Dispatch::float_into_data(self.raw()))
        } else if self.dtype.is_int() {
            futures_read(Dispatch::int_into_data(self.raw()))
        } else {
            futures_read(Dispatch::bool_into_data(self.raw()))
        };
        let data = read.map_err(|e| failed(format!("{e:?}")))?;
        let bytes = if self.dtype == DType::Bool {
            data.iter::<bool>().map(u8::from).collect()
        } else {
            data.into_bytes().to_vec()
        };
        TensorData::new(self.dtype, self.shape.clone(), bytes)
    }

    /// Copies the values into a vector in C order.
    ///
    /// # Errors
    /// [`Error::DType`] where `E` is not the element type; [`Tensor::cast`] first.
    pub fn to_vec<E: Element>(&self) -> Result<Vec<E>> {
        self.to_data()?.values()
    }

    /// The value of a tensor with a single element, as `f64`.
    ///
    /// # Errors
    /// [`Error::Shape`] where there is not exactly one element.
    pub fn to_scalar(&self) -> Result<f64> {
        if self.len() != 1 {
            return Err(Error::shape("to_scalar", "tensor", "one element", tuple(self.shape())));
        }
        Ok(self.cast(DType::F64).or_else(|_| self.cast(DType::F32))?.to_f64_vec()?[0])
    }

    /// Copies the values into a vector of `f64` in C order, whatever the element type.
    ///
    /// # Errors
    /// As [`Tensor::to_data`].
    pub fn to_f64_vec(&self) -> Result<Vec<f64>> {
        crate::limits::check_shape("to_f64_vec", DType::F64, &self.shape)?;
        self.to_data()?.to_f64()
    }

    /// Converts to another element type; floats become integers by truncation, everything but
    /// zero becomes `true`.
    ///
    /// # Errors
    /// [`Error::DType`] where the device's backend lacks the type.
    pub fn cast(&self, dtype: DType) -> Result<Self> {
        if dtype == self.dtype {
            return Ok(self.clone());
        }
        if !self.device.supports(dtype) {
            return Err(Error::DType {
                context: format!("backend {}", self.device.backend()),
                expected: "a type that the backend has".into(),
                got: dtype.to_string(),
            });
        }
        if self.device.backend() == Backend::NdArray && dtype.is_int() && self.dtype != DType::Bool {
            // Burn panics there where a number is outside of the range; elsewhere floats become the
            // nearest number and integers wrap.
            let (data, shape) = (self.to_data()?, self.shape.clone());
            let data = match self.dtype.is_float() {
                true => TensorData::from_f64(&data.to_f64()?, shape, dtype)?,
                false => TensorData::from_i64(&data.to_i64()?, shape, dtype)?,
            };
            return Self::from_data_on(data, &self.device);
        }
        crate::limits::check_shape("cast", dtype, &self.shape)?;
        let raw = self.raw();
        let to = burn_dtype(dtype);
        let handle = match (self.dtype, dtype) {
            (from, DType::Bool) => {
                let bools = self.device.as_burn().settings().bool_dtype;
                if from.is_float() {
                    Dispatch::float_not_equal_elem(raw, 0.0.into(), bools)
                } else {
                    Dispatch::int_not_equal_elem(raw, 0_i64.into(), bools)
                }
            }
            (DType::Bool, to_type) if to_type.is_float() => {
                Dispatch::bool_into_float(raw, FloatDType::from(to))
            }
            (DType::Bool, _) => Dispatch::bool_into_int(raw, IntDType::from(to)),
            (from, to_type) => match (from.is_float(), to_type.is_float()) {
                (true, true) => Dispatch::float_cast(raw, FloatDType::from(to)),
                (true, false) => Dispatch::float_into_int(raw, IntDType::from(to)),
                (false, true) => Dispatch::int_into_float(raw, FloatDType::from(to)),
                (false, false) => Dispatch::int_cast(raw, IntDType::from(to)),
            },
        };
        Ok(Self { handle, shape: self.shape.clone(), dtype, device: self.device.clone() })
    }

    /// Copies to another device; a tensor that is there already is returned as it is.
    ///
    /// # Errors
    /// [`Error::DType`] where the other backend lacks the type; [`Error::Argument`] where gradients of the tensor are
    /// wanted, since a recording stays on its device: [`Tensor::detach`] ends it.
    ///
    /// ```
    /// use keras_rs::Tensor;
    /// use keras_rs::backend::default_device;
    ///
    /// let x = Tensor::from_vec(vec![1.0_f32, 2.0], [2])?;
    /// assert_eq!(x.to_device(&default_device()?)?.to_vec::<f32>()?, [1.0, 2.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        self.moved_to(device, "to_device", "self")
    }

    /// As [`Tensor::to_device`], for an argument of a call.
    pub(crate) fn moved_to(&self, device: &Device, context: &str, argument: &str) -> Result<Self> {
        if self.device == *device {
            return Ok(self.clone());
        }
        // A move passes through host memory, where the recording would end without a word.
        if self.is_tracked() {
            let expected = format!("a tensor on {device:?}, as its gradients are wanted");
            return Err(Error::argument(context, argument, expected, format!("one on {:?}", self.device)));
        }
        Self::from_data_on(self.to_data()?, device)
    }

    /// Wraps a Burn tensor without copying.
    ///
    /// `backend` is the one its device belongs to.
    ///
    /// # Errors
    /// [`Error::DType`] for element types that Keras does not have, such as quantized ones.
    ///
    /// ```
    /// use keras_rs::{Tensor, backend::Backend};
    /// use burn::tensor::Device;
    ///
    /// let burn = burn::Tensor::<2>::from_floats([[1.0, 2.0]], &Device::flex());
    /// let ours = Tensor::from_burn(burn, Backend::Flex)?;
    /// let back = ours.add_scalar(1.0)?.into_burn::<2, burn::tensor::Float>()?;
    /// assert_eq!(back.into_data().to_vec::<f32>().unwrap(), [2.0, 3.0]);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn from_burn<const D: usize, K: BurnKind>(
        tensor: burn::Tensor<D, K>,
        backend: crate::backend::Backend,
    ) -> Result<Self> {
        let device = Device::from_burn(backend, tensor.device());
        let handle = tensor.into_dispatch();
        let dtype = from_burn_dtype(handle.dtype())?;
        let shape = handle.shape().to_vec();
        Ok(Self { handle, shape, dtype, device })
    }

    /// Unwraps into a Burn tensor without copying.
    ///
    /// # Errors
    /// [`Error::Shape`] where the rank is not `D`, [`Error::DType`] where the kind does not fit.
    pub fn into_burn<const D: usize, K: BurnKind>(self) -> Result<burn::Tensor<D, K>> {
        if !K::holds(self.dtype) {
            return Err(Error::DType {
                context: "into_burn".into(),
                expected: "the kind of tensor asked for".into(),
                got: self.dtype.to_string(),
            });
        }
        let rank = self.rank().max(1);
        if rank != D {
            return Err(Error::shape("into_burn", "tensor", format!("{D} axes"), tuple(self.shape())));
        }
        Ok(burn::Tensor::from_dispatch(self.handle))
    }

    /// Copies an `ndarray` array to the default device.
    ///
    /// # Errors
    /// As [`Tensor::from_data_on`].
    ///
    /// ```
    /// use keras_rs::Tensor;
    ///
    /// let a = ndarray::array![[1.0_f32, 2.0], [3.0, 4.0]];
    /// let t = Tensor::from_ndarray(&a)?;
    /// assert_eq!(t.to_ndarray::<f32>()?, a.into_dyn());
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn from_ndarray<E, S, D>(array: &ndarray::ArrayBase<S, D>) -> Result<Self>
    where
        E: Element,
        S: ndarray::Data<Elem = E>,
        D: ndarray::Dimension,
    {
        let values: Vec<E> = array.iter().copied().collect();
        Self::from_data(TensorData::from_values(&values, array.shape().to_vec())?)
    }

    /// Copies into an `ndarray` array.
    ///
    /// # Errors
    /// [`Error::DType`] where `E` is not the element type.
    pub fn to_ndarray<E: Element>(&self) -> Result<ndarray::ArrayD<E>> {
        ndarray::ArrayD::from_shape_vec(self.shape.clone(), self.to_vec()?)
            .map_err(|e| Error::shape("to_ndarray", "tensor", "a shape that ndarray takes", e))
    }
}

/// Waits for a read that every native backend completes without an executor.
fn futures_read<T>(future: impl Future<Output = T>) -> T {
    burn::tensor::read_sync(future)
}
