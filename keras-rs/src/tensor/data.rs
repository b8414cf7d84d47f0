//! Tensor values in host memory, as files and other processes exchange them.

use crate::dtype::DType;
use crate::error::{Error, Result, tuple};

/// A tensor's values in host memory: element type, shape and little-endian bytes in C order.
///
/// ```
/// use keras_rs::{DType, TensorData};
///
/// let data = TensorData::new(DType::U8, vec![2, 2], vec![1, 2, 3, 4])?;
/// assert_eq!(data.len(), 4);
/// assert!(TensorData::new(DType::F32, vec![2], vec![0; 7]).is_err());
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TensorData {
    dtype: DType,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl TensorData {
    /// Wraps bytes; their number must be the shape's product times the element's size.
    ///
    /// # Errors
    /// [`Error::Shape`] where the sizes disagree or the product overflows.
    pub fn new(dtype: DType, shape: Vec<usize>, bytes: Vec<u8>) -> Result<Self> {
        let expected = byte_len(dtype, &shape);
        if expected != Some(bytes.len()) {
            return Err(Error::shape(
                "TensorData",
                "bytes",
                match expected {
                    Some(n) => format!("{n} bytes for {dtype} {}", tuple(&shape)),
                    None => "a shape whose size fits into memory".into(),
                },
                format!("{} bytes", bytes.len()),
            ));
        }
        Ok(Self { dtype, shape, bytes })
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Shape, outermost axis first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Little-endian bytes in C order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bytes away without copying.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.dtype.size()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Bytes that a tensor takes, or `None` where the number does not fit into `usize`.
pub(crate) fn byte_len(dtype: DType, shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(dtype.size(), |n, &d| n.checked_mul(d))
}

impl TensorData {
    /// From values in C order.
    ///
    /// # Errors
    /// [`Error::Shape`] where their number is not the shape's product.
    pub fn from_values<E: super::Element>(values: &[E], shape: Vec<usize>) -> Result<Self> {
        let mut bytes = Vec::with_capacity(std::mem::size_of_val(values));
        values.iter().for_each(|v| v.write_le(&mut bytes));
        Self::new(E::DTYPE, shape, bytes)
    }

    /// The values in C order.
    ///
    /// # Errors
    /// [`Error::DType`] where `E` is not the element type.
    pub fn values<E: super::Element>(&self) -> Result<Vec<E>> {
        if E::DTYPE != self.dtype {
            return Err(Error::DType {
                context: "values".into(),
                expected: self.dtype.to_string(),
                got: E::DTYPE.to_string(),
            });
        }
        Ok(self.bytes.chunks_exact(self.dtype.size()).map(E::read_le).collect())
    }

    /// The values in C order as `f64`, whatever the element type.
    ///
    /// # Errors
    /// Never.
    pub fn to_f64(&self) -> Result<Vec<f64>> {
        Ok(match self.dtype {
            DType::F32 => self.values::<f32>()?.into_iter().map(f64::from).collect(),
            DType::F64 => self.values::<f64>()?,
            DType::F16 => self.values::<half::f16>()?.into_iter().map(f64::from).collect(),
            DType::BF16 => self.values::<half::bf16>()?.into_iter().map(f64::from).collect(),
            DType::I32 => self.values::<i32>()?.into_iter().map(f64::from).collect(),
            DType::I64 => self.values::<i64>()?.into_iter().map(|v| v as f64).collect(),
            DType::U8 => self.values::<u8>()?.into_iter().map(f64::from).collect(),
            DType::U32 => self.values::<u32>()?.into_iter().map(f64::from).collect(),
            DType::Bool => self.values::<bool>()?.into_iter().map(|v| f64::from(u8::from(v))).collect(),
        })
    }
}
