//! The parameters of a Burn module: found by visiting it, and filled with values by mapping it.

use crate::backend::Backend;
use crate::dtype::DType;
use crate::error::Result;
use crate::tensor::{BurnKind, Tensor};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId, ParameterValue};
use burn::tensor::{Bool, Int};
use std::collections::HashMap;

/// A parameter of a module.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    /// Burn's path: the names of the fields on the way, joined by dots.
    pub(super) path: String,
    pub(super) id: ParamId,
    /// Whether gradients change it.
    pub(super) trainable: bool,
    /// Whether a call in training changes it: a `RunningState`.
    pub(super) is_state: bool,
    pub(super) dtype: DType,
}

/// The parameters of a module with their values, each once.
pub(super) fn find<M: Module>(module: &M) -> Result<Vec<(Parameter, Tensor)>> {
    // In training, what is to be trained requires gradients, whatever device the module was made on.
    let training = module.valid().train();
    let trained = Visit::of(&training)?;
    // A running state never requires gradients.
    let all = Visit::of(&training.set_require_grad(true))?;
    let mut found: Vec<(Parameter, Tensor)> = Vec::new();
    for ((path, id, value, trainable), (.., may_train)) in trained.into_iter().zip(all) {
        if found.iter().any(|(parameter, _)| parameter.id == id) {
            continue;
        }
        let value = value.detach();
        let dtype = value.dtype();
        let is_state = dtype.is_float() && !may_train;
        found.push((Parameter { path, id, trainable, is_state, dtype }, value));
    }
    Ok(found)
}

/// The values of the running states of a module by id.
pub(super) fn states<M: Module>(module: &M, parameters: &[Parameter]) -> Result<HashMap<ParamId, Tensor>> {
    if !parameters.iter().any(|parameter| parameter.is_state) {
        return Ok(HashMap::new());
    }
    // What threads noted counts in validation only.
    let seen = Visit::of(&module.valid())?.into_iter();
    let is_state =
        |id: &ParamId| parameters.iter().any(|parameter| parameter.is_state && parameter.id == *id);
    Ok(seen.filter(|(_, id, ..)| is_state(id)).map(|(_, id, value, _)| (id, value)).collect())
}

/// Collects path, id, value, and whether gradients are wanted.
struct Visit {
    path: Vec<String>,
    seen: Result<Vec<(String, ParamId, Tensor, bool)>>,
}

impl Visit {
    fn of<M: Module>(module: &M) -> Result<Vec<(String, ParamId, Tensor, bool)>> {
        let mut visit = Self { path: Vec::new(), seen: Ok(Vec::new()) };
        module.visit(&mut visit);
        visit.seen
    }

    fn add<const D: usize, K: BurnKind>(&mut self, id: ParamId, value: burn::Tensor<D, K>, trainable: bool) {
        if let Ok(seen) = &mut self.seen {
            let value = Backend::of(&value.device()).and_then(|backend| Tensor::from_burn(value, backend));
            match value {
                Ok(value) => seen.push((self.path.join("."), id, value, trainable)),
                Err(error) => self.seen = Err(error.in_layer(&self.path.join("."))),
            }
        }
    }
}

impl ModuleVisitor for Visit {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<burn::Tensor<D>>) {
        self.add(param.id, param.val(), param.is_require_grad());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<burn::Tensor<D, Int>>) {
        self.add(param.id, param.val(), false);
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<burn::Tensor<D, Bool>>) {
        self.add(param.id, param.val(), false);
    }
}

/// A copy of a module whose parameters are of their shapes but take no memory.
pub(super) fn emptied<M: Module>(module: &M) -> M {
    // A validation copy shares no running state with the module, and keeps what training needs.
    module.valid().map(&mut Empty)
}

struct Empty;

macro_rules! emptied {
    ($value:expr, $rank:ident) => {
        $value.map(|tensor| {
            let shape: [usize; $rank] = tensor.dims();
            burn::Tensor::<$rank, _>::zeros([1; $rank], &tensor.device()).expand::<$rank, _>(shape)
        })
    };
}

impl ModuleMapper for Empty {
    fn map_float<const D: usize>(&mut self, param: Param<burn::Tensor<D>>) -> Param<burn::Tensor<D>> {
        emptied!(param, D)
    }

    fn map_int<const D: usize>(&mut self, param: Param<burn::Tensor<D, Int>>) -> Param<burn::Tensor<D, Int>> {
        emptied!(param, D)
    }
}

/// A module with other values of its parameters.
pub(super) fn filled<M: Module>(module: M, values: &HashMap<ParamId, Tensor>) -> Result<M> {
    let mut fill = Fill { values, outcome: Ok(()) };
    let module = module.map(&mut fill);
    fill.outcome.map(|()| module)
}

struct Fill<'a> {
    values: &'a HashMap<ParamId, Tensor>,
    outcome: Result<()>,
}

impl Fill<'_> {
    fn put<const D: usize, K: BurnKind>(
        &mut self,
        param: Param<burn::Tensor<D, K>>,
    ) -> Param<burn::Tensor<D, K>>
    where
        burn::Tensor<D, K>: ParameterValue,
    {
        let (id, old, mapper) = param.consume();
        let value = match self.values.get(&id).map(|value| value.clone().into_burn()) {
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.outcome = Err(error);
                old
            }
            None => old,
        };
        Param::from_mapped_value(id, value, mapper)
    }
}

impl ModuleMapper for Fill<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<burn::Tensor<D>>) -> Param<burn::Tensor<D>> {
        self.put(param)
    }

    fn map_int<const D: usize>(&mut self, param: Param<burn::Tensor<D, Int>>) -> Param<burn::Tensor<D, Int>> {
        self.put(param)
    }

    fn map_bool<const D: usize>(
        &mut self,
        param: Param<burn::Tensor<D, Bool>>,
    ) -> Param<burn::Tensor<D, Bool>> {
        self.put(param)
    }
}
