//! A parameter of a Burn module of any rank and kind.

use crate::backend::Backend;
use crate::error::{Error, Result, tuple};
use crate::tensor::{BurnKind, Tensor};
use burn::module::{Devices, Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Bool, Device, Float, Int};

macro_rules! any_param {
    ($($name:ident $rank:literal $kind:ident),+) => {
        /// A parameter whose rank and kind are known at run time only.
        #[derive(Clone, Debug)]
        pub(super) enum AnyParam {
            $($name(Param<burn::Tensor<$rank, $kind>>)),+
        }

        impl AnyParam {
            /// A parameter with this value.
            ///
            /// # Errors
            /// [`Error::Shape`] for more axes than there are types for.
            pub(super) fn new(id: ParamId, value: Tensor, trained: bool) -> Result<Self> {
                match (value.rank().max(1), value.dtype()) {
                    $(
                        ($rank, dtype) if $kind::holds(dtype) => {
                            let param = Param::initialized(id, value.into_burn::<$rank, $kind>()?);
                            Ok(Self::$name(param.set_require_grad(trained)))
                        }
                    )+
                    _ => Err(Error::shape("Burn module", "weight", "at most 8 axes", tuple(value.shape()))),
                }
            }

            /// The value that the parameter has in computations; a scalar has one axis.
            ///
            /// # Errors
            /// As [`Tensor::from_burn`] and [`Backend::of`].
            pub(super) fn value(&self) -> Result<Tensor> {
                match self {
                    $(Self::$name(param) => Tensor::from_burn(param.val(), Backend::of(&param.lazy_device())?)),+
                }
            }
        }

        impl Module for AnyParam {
            fn collect_devices(&self, devices: Devices) -> Devices {
                match self {
                    $(Self::$name(param) => param.collect_devices(devices)),+
                }
            }

            fn fork(self, device: &Device) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(param.fork(device))),+
                }
            }

            fn to_device(self, device: &Device) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(param.to_device(device))),+
                }
            }

            fn train(self) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(param.train())),+
                }
            }

            fn valid(&self) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(param.valid())),+
                }
            }

            fn materialize(self) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(param.materialize())),+
                }
            }

            fn visit<V: ModuleVisitor>(&self, visitor: &mut V) {
                match self {
                    $(Self::$name(param) => param.visit(visitor)),+
                }
            }

            fn map<M: ModuleMapper>(self, mapper: &mut M) -> Self {
                match self {
                    $(Self::$name(param) => Self::$name(Module::map(param, mapper))),+
                }
            }
        }
    };
}
any_param!(
    Float1 1 Float, Float2 2 Float, Float3 3 Float, Float4 4 Float,
    Float5 5 Float, Float6 6 Float, Float7 7 Float, Float8 8 Float,
    Int1 1 Int, Int2 2 Int, Int3 3 Int, Int4 4 Int,
    Int5 5 Int, Int6 6 Int, Int7 7 Int, Int8 8 Int,
    Bool1 1 Bool, Bool2 2 Bool, Bool3 3 Bool, Bool4 4 Bool,
    Bool5 5 Bool, Bool6 6 Bool, Bool7 7 Bool, Bool8 8 Bool
);
