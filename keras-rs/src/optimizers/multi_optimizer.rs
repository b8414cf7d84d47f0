//! Several optimizers, each for variables of its own.

use super::Optimizer;
use super::base::{Delegate, Optimize, OptimizerBase};
use super::optimizer_map::{OptimizerMap, plain};
use super::slots::{Slots, Step};
use crate::config::{BaseConfig, Config, IntoConfig, KerasConfig};
use crate::error::{Error, Result};
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Hands each variable to the optimizer that a map has for its path. Keras' `MultiOptimizer`.
///
/// Every optimizer has its own learning rate, number of updates and other arguments; `loss_scale_factor` replaces theirs.
/// [`Optimizer::inner_optimizers`] gives them; this one has no learning rate. Keras takes a function of a variable, too:
/// files cannot hold it, and a map of paths says the same.
///
/// # Files
///
/// [`Optimizer::variables`] lists `iteration` and `learning_rate` (which stays 0), then the variables of each optimizer, in the
/// order of [`OptimizerMap::optimizers`]. Keras' files have all of them in the group `optimizer/vars`, and besides a group
/// `optimizer/optimizers/<class>/vars` for each optimizer. Keras restores a state only where the variables of the loaded
/// model are handed out as before: a `Sequential` model puts its name before the paths when it is made in Python, and not
/// when it is loaded, so that keys there should begin with `.*`.
///
/// ```
/// use keras_rs::optimizers::{Adam, MultiOptimizer, Optimizer, OptimizerMap, SGD};
/// use keras_rs::prelude::*;
///
/// let map = OptimizerMap::new(SGD::new(0.1)).with(".*encoder/.*", Adam::new(1e-3))?;
/// let mut model = Sequential::new()
///     .add(Input::new([3]))
///     .add(Dense::new(4).name("encoder"))
///     .add(Dense::new(1).name("head"))
///     .build()?;
/// model.compile(MultiOptimizer::new(map), "mse", ())?;
/// let classes: Vec<_> = model.optimizer()?.inner_optimizers().iter().map(|o| o.class_name().to_string()).collect();
/// assert_eq!(classes, ["Adam", "SGD"]);
/// # Ok::<(), keras_rs::Error>(())
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "Hands variables to the optimizers of a map.",
    check = |made, _| made.check()
)]
pub struct MultiOptimizer {
    /// The optimizers of variables.
    #[keras(new)]
    optimizer_map: OptimizerMap,
    #[keras(
        default = OptimizerBase::new("multi_optimizer", 0.0),
        write_with = |base, config| {
            config.insert("loss_scale_factor".into(), base.loss_scale_factor.to_config());
            config.insert("name".into(), base.name.to_config());
        }
    )]
    base: OptimizerBase,
}

impl MultiOptimizer {
    fn check(&self) -> Result<()> {
        let name = &self.base.name;
        let mut own = OptimizerBase::new(name, 0.0);
        own.loss_scale_factor = self.base.loss_scale_factor;
        let (mut accepted, mut given) = (Config::new(), Config::new());
        own.write(&mut accepted);
        self.base.write(&mut given);
        for (argument, value) in given {
            if accepted.get(&argument) != Some(&value) {
                return Err(Error::argument(name, argument, "the optimizers of the map to have it", value));
            }
        }
        plain(self.optimizer_map.default_optimizer())
    }
}

impl Optimize for MultiOptimizer {
    fn delegate(&self) -> Option<&dyn Delegate> {
        Some(self)
    }

    fn build(&self, _slots: &mut Slots, _variables: &[Variable]) -> Result<()> {
        self.check()
    }

    /// The step of the variable's optimizer; [`Optimizer`] hands gradients out before.
    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        self.optimizer_of(variable)?.rule().update_step(gradient, variable, step)
    }
}

impl Delegate for MultiOptimizer {
    fn optimizers(&self) -> Vec<Optimizer> {
        self.optimizer_map.optimizers()
    }

    fn optimizer_of(&self, variable: &Variable) -> Result<&Optimizer> {
        self.optimizer_map.get(&variable.path())
    }
}
