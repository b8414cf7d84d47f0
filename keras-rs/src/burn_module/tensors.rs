//! Tensors of Burn's types as tensors without a type, and back.

use crate::backend::Backend;
use crate::error::{Error, Result};
use crate::tensor::{BurnKind, Tensor};

/// What goes into a Burn module and comes out of it: a Burn tensor of any rank and kind, or a tuple of up to four.
///
/// ```
/// use keras_rs::Tensor;
/// use keras_rs::burn_module::BurnTensors;
///
/// let ours = vec![Tensor::from_vec(vec![1.0_f32, 2.0], [1, 2])?, Tensor::from_vec(vec![3_i32], [1])?];
/// let (floats, ints): (burn::Tensor<2>, burn::Tensor<1, burn::tensor::Int>) = BurnTensors::from_tensors(ours)?;
/// assert_eq!((floats.dims(), ints.dims()), ([1, 2], [1]));
/// # Ok::<(), keras_rs::Error>(())
/// ```
pub trait BurnTensors: Sized + 'static {
    /// How many tensors it is of.
    const COUNT: usize;

    /// The tensors without copies.
    ///
    /// # Errors
    /// As [`Tensor::from_burn`] and [`Backend::of`].
    fn into_tensors(self) -> Result<Vec<Tensor>>;

    /// Burn's tensors without copies.
    ///
    /// # Errors
    /// As [`Tensor::into_burn`]; [`Error::Argument`] for another number of tensors.
    fn from_tensors(tensors: Vec<Tensor>) -> Result<Self>;
}

/// Refuses another number of tensors than expected.
fn check_count(expected: usize, tensors: &[Tensor]) -> Result<()> {
    if tensors.len() == expected {
        return Ok(());
    }
    let expected = format!("{expected} tensors");
    Err(Error::argument("Burn module", "tensors", expected, format!("{} tensors", tensors.len())))
}

impl<const D: usize, K: BurnKind + 'static> BurnTensors for burn::Tensor<D, K> {
    const COUNT: usize = 1;

    fn into_tensors(self) -> Result<Vec<Tensor>> {
        let backend = Backend::of(&self.device())?;
        Ok(vec![Tensor::from_burn(self, backend)?])
    }

    fn from_tensors(mut tensors: Vec<Tensor>) -> Result<Self> {
        check_count(1, &tensors)?;
        tensors.swap_remove(0).into_burn()
    }
}

macro_rules! tuple {
    ($($name:ident)+) => {
        impl<$($name: BurnTensors),+> BurnTensors for ($($name,)+) {
            const COUNT: usize = 0 $(+ $name::COUNT)+;

            #[allow(non_snake_case, reason = "the macro names values after their types")]
            fn into_tensors(self) -> Result<Vec<Tensor>> {
                let ($($name,)+) = self;
                let mut all = Vec::with_capacity(Self::COUNT);
                $(all.extend($name.into_tensors()?);)+
                Ok(all)
            }

            fn from_tensors(tensors: Vec<Tensor>) -> Result<Self> {
                check_count(Self::COUNT, &tensors)?;
                let mut tensors = tensors.into_iter();
                Ok(($($name::from_tensors(tensors.by_ref().take($name::COUNT).collect())?,)+))
            }
        }
    };
}
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
