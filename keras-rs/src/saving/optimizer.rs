//! The state of a model's optimizer in files.

use super::hdf5::{Group, Hdf5Writer};
use super::tree::vars;
use crate::config::snake_case;
use crate::error::{Error, Result};
use crate::models::Model;
use crate::optimizers::Optimizer;
use crate::tensor::TensorData;
use std::collections::HashMap;

/// Adds the state to a file: `optimizer/vars/<i>`.
pub(super) fn write(model: &Model, file: &mut Hdf5Writer) -> Result<()> {
    // Settings that nothing could be made of have no state.
    match model.compiled() {
        Ok(compiled) => write_below("optimizer", compiled.optimizer(), file),
        Err(_) => Ok(()),
    }
}

fn write_below(path: &str, optimizer: &Optimizer, file: &mut Hdf5Writer) -> Result<()> {
    if let Some(inner) = optimizer.inner() {
        write_below(&format!("{path}/inner_optimizer"), inner, file)?;
    } else {
        // Named by their classes, numbered where there are several of one.
        let mut used: HashMap<String, usize> = HashMap::new();
        for inner in optimizer.inner_optimizers() {
            let class = snake_case(inner.class_name());
            let number = used.entry(class.clone()).or_default();
            let name = if *number == 0 { class } else { format!("{class}_{number}") };
            *number += 1;
            write_below(&format!("{path}/optimizers/{name}"), &inner, file)?;
        }
    }
    let group = vars(path);
    file.create_group(&group)?;
    file.set_attr_str(&group, "name", optimizer.name())?;
    for (i, variable) in optimizer.variables()?.iter().enumerate() {
        file.add_dataset(&format!("{group}/{i}"), variable.value()?.to_data()?)?;
    }
    Ok(())
}

/// Takes the state up from the group at the root of a weight file.
///
/// A state that does not fit keeps the model from being trained, not from being used: the model has
/// to be compiled anew, which Keras does silently.
pub(super) fn read(model: &Model, root: &Group) -> Result<()> {
    let Some(group) = root.find_group(&vars("optimizer"))? else { return Ok(()) };
    let count = group.datasets()?.len();
    let names: Vec<String> = (0..count).map(|i| i.to_string()).collect();
    restore(model, &group, &names)
}

/// As [`read`], from datasets of any names, in order.
pub(super) fn restore(model: &Model, group: &Group, names: &[String]) -> Result<()> {
    let Ok(compiled) = model.compiled() else { return Ok(()) };
    if names.is_empty() || !model.is_built() {
        return Ok(());
    }
    let optimizer = compiled.optimizer();
    let taken = optimizer.build(&model.trainable_weights()).and_then(|()| {
        let variables = optimizer.variables()?;
        // An optimizer that was saved before its first update has no state but its numbers.
        if names.len() <= 2 * count(optimizer) && variables.len() > names.len() {
            return Ok(());
        }
        if names.len() != variables.len() {
            let expected = format!("{} variables", variables.len());
            return Err(Error::argument("optimizer", "state in the file", expected, names.len()));
        }
        for (variable, name) in variables.iter().zip(names) {
            let (shape, _) = group.dataset_info(name)?;
            if shape != variable.shape() {
                let tuple = crate::error::tuple;
                return Err(Error::shape(variable.path(), "value", tuple(variable.shape()), tuple(&shape)));
            }
        }
        let values = names.iter().map(|name| group.dataset(name)).collect::<Result<Vec<TensorData>>>()?;
        optimizer.set_variables(values)
    });
    if let Err(problem) = taken {
        compiled.refuse_training(problem);
    }
    Ok(())
}

/// How many optimizers an optimizer is, with those inside.
fn count(optimizer: &Optimizer) -> usize {
    1 + optimizer.inner_optimizers().iter().map(count).sum::<usize>()
}
