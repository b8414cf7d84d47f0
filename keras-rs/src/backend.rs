//! Backends: which are compiled in, which one is used, and the devices they offer.
//!
//! A backend is added by a cargo feature and chosen at run time: by [`set_default_backend`], by
//! the environment variable `KERAS_RS_BACKEND`, or per call with a [`Device`].

mod threads;

pub use threads::{set_threads, threads};

use crate::dtype::DType;
use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;
use std::sync::RwLock;

/// A Burn backend.
///
/// ```
/// use keras_rs::backend::Backend;
///
/// let backend: Backend = "flex".parse()?;
/// assert!(backend.is_enabled());
/// assert_eq!(backend.feature(), "flex");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Burn's pure-Rust CPU backend with SIMD and threads; the default.
    Flex,
    /// Burn's older CPU backend.
    NdArray,
    /// GPU through wgpu and WGSL.
    Wgpu,
    /// GPU through Vulkan and SPIR-V.
    Vulkan,
    /// GPU on Apple machines.
    Metal,
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Rocm,
}

impl Backend {
    /// Every backend, in the order in which the default is looked for.
    pub const ALL: [Self; 7] =
        [Self::Flex, Self::NdArray, Self::Wgpu, Self::Vulkan, Self::Metal, Self::Cuda, Self::Rocm];

    /// Name, as `--backend` and `KERAS_RS_BACKEND` take it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
        }
    }

    /// Whether it computes on the processor.
    pub fn is_cpu(self) -> bool {
        matches!(self, Self::Flex | Self::NdArray)
    }

    /// The cargo feature that compiles it in.
    pub fn feature(self) -> &'static str {
        self.name()
    }

    /// Whether this build contains it.
    pub fn is_enabled(self) -> bool {
        match self {
            Self::Flex => cfg!(feature = "flex"),
            Self::NdArray => cfg!(feature = "ndarray"),
            Self::Wgpu => cfg!(feature = "wgpu"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Metal => cfg!(feature = "metal"),
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Rocm => cfg!(feature = "rocm"),
        }
    }

    /// The backend that a Burn device belongs to.
    ///
    /// # Errors
    /// [`Error::BackendUnavailable`] where it is one that this crate does not offer.
    ///
    /// ```
    /// use keras_rs::backend::Backend;
    ///
    /// let device = burn::tensor::Device::flex().autodiff();
    /// assert_eq!(Backend::of(&device)?, Backend::Flex);
    /// # Ok::<(), keras_rs::Error>(())
    /// ```
    pub fn of(device: &burn::tensor::Device) -> Result<Self> {
        let device = device.clone().without_autodiff();
        match device.as_dispatch() {
            #[cfg(feature = "flex")]
            burn::backend::DispatchDevice::Flex(_) => return Ok(Self::Flex),
            #[cfg(feature = "ndarray")]
            burn::backend::DispatchDevice::NdArray(_) => return Ok(Self::NdArray),
            #[allow(unreachable_patterns, reason = "with processors only there is no other")]
            _ => {}
        }
        // All others are one backend in Burn, which says nothing about the library behind a device.
        let gpus: Vec<Self> = Self::ALL.into_iter().filter(|b| b.is_enabled() && !b.is_cpu()).collect();
        let default_of = |backend: &Self| backend.burn_device().is_ok_and(|default| default == device);
        match gpus.as_slice() {
            [only] => Ok(*only),
            several => several.iter().copied().find(default_of).ok_or_else(|| Error::BackendUnavailable {
                backend: format!("{device:?}"),
                reason: "it is none of the backends that are compiled in".into(),
            }),
        }
    }

    /// The backend's default device.
    ///
    /// # Errors
    /// [`Error::BackendNotEnabled`] names the cargo feature that is missing;
    /// [`Error::BackendUnavailable`] says why a compiled-in backend did not start.
    pub fn device(self) -> Result<Device> {
        let burn = self.burn_device()?;
        Ok(Device { backend: self, burn })
    }

    #[allow(deprecated, reason = "burn-ndarray is offered as long as Burn has it")]
    fn burn_device(self) -> Result<burn::tensor::Device> {
        #[allow(unused_imports, reason = "used by GPU backends only")]
        use burn::tensor::{Device as D, DeviceKind};
        match self {
            #[cfg(feature = "flex")]
            Self::Flex => Ok(D::flex()),
            #[cfg(feature = "ndarray")]
            Self::NdArray => Ok(D::ndarray()),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => self.probe(|| D::wgpu(DeviceKind::DefaultDevice)),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => self.probe(|| D::vulkan(DeviceKind::DefaultDevice)),
            #[cfg(feature = "metal")]
            Self::Metal => self.probe(|| D::metal(DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            Self::Cuda => self.probe(|| D::cuda(0_usize)),
            #[cfg(feature = "rocm")]
            Self::Rocm => self.probe(|| D::rocm(0_usize)),
            #[allow(unreachable_patterns, reason = "with every feature on there is no other")]
            other => Err(Error::BackendNotEnabled { backend: other.name().into(), feature: other.feature() }),
        }
    }

    /// Starts a GPU device by running one operation; a missing driver shows as a panic in Burn.
    #[cfg(any(feature = "wgpu", feature = "vulkan", feature = "metal", feature = "cuda", feature = "rocm"))]
    fn probe(
        self,
        make: impl FnOnce() -> burn::tensor::Device + std::panic::UnwindSafe,
    ) -> Result<burn::tensor::Device> {
        std::panic::catch_unwind(|| {
            let device = make();
            device.sync().map_err(|e| format!("{e:?}")).map(|()| device)
        })
        .unwrap_or_else(|payload| {
            Err(payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_else(|| "no reason given".into()))
        })
        .map_err(|reason| Error::BackendUnavailable { backend: self.name().into(), reason })
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|b| b.name() == name)
            .ok_or_else(|| Error::unknown_name("backend", name, Self::ALL.map(Self::name)))
    }
}

/// A device of a backend: where a tensor's values live and operations run.
#[derive(Clone, Debug)]
pub struct Device {
    backend: Backend,
    burn: burn::tensor::Device,
}

impl Device {
    /// The backend this device belongs to.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The Burn device behind it.
    pub fn as_burn(&self) -> &burn::tensor::Device {
        &self.burn
    }

    /// Wraps a Burn device; `backend` says which backend it is of.
    ///
    /// Whether it records gradients is forgotten: here tensors know that, not devices.
    pub fn from_burn(backend: Backend, burn: burn::tensor::Device) -> Self {
        Self { backend, burn: burn.without_autodiff() }
    }

    /// Whether tensors of this type can be computed with here.
    ///
    /// The ndarray backend has no half precision, GPUs often no `float64`.
    pub fn supports(&self, dtype: DType) -> bool {
        match (self.backend, dtype) {
            (_, DType::Bool) => true,
            (Backend::NdArray, DType::F16 | DType::BF16) => false,
            // Shading languages have no double precision functions such as exp: drivers that claim
            // the type give wrong numbers.
            (Backend::Wgpu | Backend::Vulkan | Backend::Metal, DType::F64) => false,
            (_, dtype) => self.burn.supports_dtype(crate::tensor::burn_dtype(dtype)),
        }
    }
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.backend == other.backend && self.burn == other.burn
    }
}

static DEFAULT: RwLock<Option<Device>> = RwLock::new(None);

/// Environment variable that names the default backend.
pub const BACKEND_VARIABLE: &str = "KERAS_RS_BACKEND";

/// Makes a backend's default device the process' default.
///
/// # Errors
/// As [`Backend::device`].
///
/// ```
/// use keras_rs::backend::{self, Backend};
///
/// backend::set_default_backend(Backend::Flex)?;
/// assert_eq!(backend::default_device()?.backend(), Backend::Flex);
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub fn set_default_backend(backend: Backend) -> Result<()> {
    set_default_device(backend.device()?);
    Ok(())
}

/// Makes a device the process' default.
pub fn set_default_device(device: Device) {
    *DEFAULT.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(device);
}

/// The device used where none is named: the one set, else the one that `KERAS_RS_BACKEND` names,
/// else the first backend compiled in.
///
/// # Errors
/// As [`Backend::device`], and [`Error::UnknownName`] for an unknown name in the environment.
pub fn default_device() -> Result<Device> {
    if let Some(device) = &*DEFAULT.read().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Ok(device.clone());
    }
    let device = match std::env::var(BACKEND_VARIABLE) {
        Ok(name) if !name.is_empty() => name.parse::<Backend>()?.device()?,
        _ => Backend::ALL
            .into_iter()
            .find(|b| b.is_enabled())
            .ok_or(Error::BackendNotEnabled { backend: "any".into(), feature: "flex" })?
            .device()?,
    };
    set_default_device(device.clone());
    Ok(device)
}
