//! Data types and data type policies.

mod policy_map;

use crate::error::{Error, Result};
pub use policy_map::{DTypePolicyMap, MappedPolicy};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Type of a tensor's elements.
///
/// ```
/// use keras_rs::DType;
///
/// assert_eq!("float32".parse::<DType>()?, DType::F32);
/// assert_eq!(DType::F16.name(), "float16");
/// assert_eq!(DType::I64.size(), 8);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// 32-bit float, Keras' `float32`.
    F32,
    /// 64-bit float, Keras' `float64`.
    F64,
    /// IEEE half precision, Keras' `float16`.
    F16,
    /// Brain float, Keras' `bfloat16`.
    BF16,
    /// Signed 32-bit integer, Keras' `int32`.
    I32,
    /// Signed 64-bit integer, Keras' `int64`.
    I64,
    /// Unsigned byte, Keras' `uint8`.
    U8,
    /// Unsigned 32-bit integer, Keras' `uint32`: the state of seed generators.
    U32,
    /// Truth value, Keras' `bool`.
    Bool,
}

impl DType {
    /// Every data type.
    pub const ALL: [Self; 9] =
        [Self::F32, Self::F64, Self::F16, Self::BF16, Self::I32, Self::I64, Self::U8, Self::U32, Self::Bool];

    /// Keras' name of the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::F16 => "float16",
            Self::BF16 => "bfloat16",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::U8 => "uint8",
            Self::U32 => "uint32",
            Self::Bool => "bool",
        }
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::U8 | Self::Bool => 1,
        }
    }

    /// Whether it is one of the four float types.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64 | Self::F16 | Self::BF16)
    }

    /// Whether it is one of the integer types.
    pub fn is_int(self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::U8 | Self::U32)
    }

    /// Smallest and largest whole number of an integer type; of `int64` for other types.
    pub(crate) fn int_range(self) -> (i64, i64) {
        match self {
            Self::U8 => (0, u8::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Whether a whole number is within the type's range; floats hold any.
    pub(crate) fn can_hold(self, value: f64) -> bool {
        let (lowest, highest) = self.int_range();
        !self.is_int() || (lowest as f64..=highest as f64).contains(&value)
    }

    /// The type two operands are brought to before an operation, as Keras' `result_type`.
    ///
    /// A float wins over integers and booleans; of two floats the wider, and `float32` for
    /// `float16` with `bfloat16`; of two integers the one that holds both.
    pub fn promote(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        match (self.is_float(), other.is_float()) {
            (true, true) => match (self, other) {
                (Self::F64, _) | (_, Self::F64) => Self::F64,
                _ => Self::F32,
            },
            (true, false) => self,
            (false, true) => other,
            (false, false) => match (self, other) {
                (Self::Bool, x) | (x, Self::Bool) => x,
                (Self::I64, _) | (_, Self::I64) => Self::I64,
                (Self::U32, Self::I32) | (Self::I32, Self::U32) => Self::I64,
                (Self::U32, _) | (_, Self::U32) => Self::U32,
                _ => Self::I32,
            },
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|d| d.name() == name)
            .ok_or_else(|| Error::unknown_name("data type", name, Self::ALL.map(Self::name)))
    }
}

/// Which types a layer computes in and keeps its variables in, Keras' `DTypePolicy`.
///
/// ```
/// use keras_rs::{DType, DTypePolicy};
///
/// let mixed: DTypePolicy = "mixed_bfloat16".parse()?;
/// assert_eq!(mixed.compute_dtype(), DType::BF16);
/// assert_eq!(mixed.variable_dtype(), DType::F32);
/// assert_eq!(DTypePolicy::default().name(), "float32");
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DTypePolicy {
    /// One type for computing and for variables.
    Plain(DType),
    /// Computes in `float16`, keeps variables in `float32`.
    MixedFloat16,
    /// Computes in `bfloat16`, keeps variables in `float32`.
    MixedBFloat16,
    /// What a [`DTypePolicyMap`] says of the layer's path; its default before the layer is built.
    Map(MappedPolicy),
}

impl DTypePolicy {
    /// Keras' name of the policy.
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Plain(dtype) => dtype.name().into(),
            Self::MixedFloat16 => "mixed_float16".into(),
            Self::MixedBFloat16 => "mixed_bfloat16".into(),
            Self::Map(policy) => format!("map_{}", policy.map().default_policy().name()).into(),
        }
    }

    /// Type that a layer's computation is done in.
    pub fn compute_dtype(&self) -> DType {
        match self {
            Self::Plain(dtype) => *dtype,
            Self::MixedFloat16 => DType::F16,
            Self::MixedBFloat16 => DType::BF16,
            Self::Map(policy) => policy.dtypes()[0],
        }
    }

    /// Type that a layer's variables are kept in.
    pub fn variable_dtype(&self) -> DType {
        match self {
            Self::Plain(dtype) => *dtype,
            Self::MixedFloat16 | Self::MixedBFloat16 => DType::F32,
            Self::Map(policy) => policy.dtypes()[1],
        }
    }
}

impl Default for DTypePolicy {
    fn default() -> Self {
        Self::Plain(DType::F32)
    }
}

impl From<DType> for DTypePolicy {
    fn from(dtype: DType) -> Self {
        Self::Plain(dtype)
    }
}

impl FromStr for DTypePolicy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "mixed_float16" => Ok(Self::MixedFloat16),
            "mixed_bfloat16" => Ok(Self::MixedBFloat16),
            plain => plain.parse().map(Self::Plain).map_err(|_| {
                let known =
                    DType::ALL.map(DType::name).into_iter().chain(["mixed_float16", "mixed_bfloat16"]);
                Error::unknown_name("dtype policy", plain, known)
            }),
        }
    }
}

impl TryFrom<&str> for DTypePolicy {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        name.parse()
    }
}
