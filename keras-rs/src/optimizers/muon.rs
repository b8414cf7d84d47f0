//! Muon.

use super::base::{LearningRate, Optimize, OptimizerBase};
use super::slots::{Slots, Step, store};
use crate::config::{KerasConfig, Number};
use crate::error::{Error, Result};
use crate::tensor::{Formula, Tensor};
use crate::variable::Variable;
use regex_lite::Regex;

/// Steps whose matrices are nearly orthogonal, by the iteration of Newton and Schulz, for hidden layers; AdamW for
/// the rest. Keras' `Muon` ([Liu et al., 2025](https://arxiv.org/abs/2502.16982)).
///
/// AdamW trains variables that are no matrices, embeddings, and those of [`Muon::exclude_layers`], which should
/// name the output layer. With `m = momentum * m + g`, a matrix steps by
/// `learning_rate * orthogonal(g + momentum * m) * rms_rate * sqrt(max(rows, columns))`.
///
/// ```
/// use keras_rs::config::KerasConfig;
/// use keras_rs::optimizers::Muon;
///
/// let muon = Muon::new(1e-3).exclude_layers(["output"]).rms_rate(None);
/// assert_eq!(muon.config()["exclude_layers"][0], "output");
/// ```
#[derive(Clone, Debug, KerasConfig)]
#[keras(
    module = "keras.optimizers",
    new = "With a learning rate, by default 0.001 in Keras, and a weight decay of 0.004."
)]
pub struct Muon {
    #[keras(default = OptimizerBase::new("muon", 0.001).decaying(0.004), new(learning_rate: LearningRate))]
    base: OptimizerBase,
    /// Decay rate of AdamW's running mean of gradients (default 0.9).
    #[keras(default = 0.9)]
    adam_beta_1: f64,
    /// Decay rate of AdamW's running mean of squares (default 0.999).
    #[keras(default = 0.999)]
    adam_beta_2: f64,
    /// Number that keeps AdamW's divisor away from zero (default 1e-7).
    #[keras(default = 1e-7)]
    epsilon: f64,
    #[keras(
        default = Vec::new(), no_setter, read_with = |c, key| Ok(c.take::<Option<_>>(key)?.unwrap_or_default())
    )]
    exclude_layers: Vec<String>,
    /// Factor of x in the iteration (default 3.4445).
    #[keras(default = 3.4445)]
    muon_a: f64,
    /// Factor of x³ in the iteration (default -4.775).
    #[keras(default = -4.775)]
    muon_b: f64,
    /// Factor of x⁵ in the iteration (default 2.0315).
    #[keras(default = 2.0315)]
    muon_c: f64,
    /// Factor of the learning rate for AdamW (default 1).
    #[keras(default = 1)]
    adam_lr_ratio: Number,
    /// Momentum (default 0.95).
    #[keras(default = 0.95)]
    momentum: f64,
    /// Number of iterations (default 5).
    #[keras(default = 5)]
    ns_steps: u64,
    /// Whether Nesterov momentum is used (default `true`).
    #[keras(default = true)]
    nesterov: bool,
    /// Whether AdamW trains variables with `embedding` in their path (default `true`).
    #[keras(default = true)]
    exclude_embeddings: bool,
    /// Weight decay of variables that AdamW trains (default 0.004).
    #[keras(default = 0.004, nullable)]
    adam_weight_decay: Option<f64>,
    /// Root mean square that steps of large matrices have, times the learning rate (default 0.2); with
    /// none, steps are not scaled.
    #[keras(default = 0.2, nullable)]
    rms_rate: Option<f64>,
}

impl Muon {
    /// Sets regular expressions: AdamW trains variables if one matches a part of their path.
    #[must_use]
    pub fn exclude_layers<S: Into<String>>(mut self, layers: impl IntoIterator<Item = S>) -> Self {
        self.exclude_layers = layers.into_iter().map(Into::into).collect();
        self
    }

    /// A matrix with the singular vectors of this one and singular values near one.
    fn orthogonal(&self, matrix: &Tensor) -> Result<Tensor> {
        let tall = matrix.dim(0)? > matrix.dim(1)?;
        let x = if tall { matrix.transpose()? } else { matrix.clone() };
        let norm = x.square()?.sum(&[], false)?.sqrt()?;
        let mut x = x.div(&norm.add_scalar(1e-7)?)?;
        for _ in 0..self.ns_steps {
            let a = x.matmul(&x.transpose()?)?;
            let b = a.mul_scalar(self.muon_b)?.add(&a.mul_scalar(self.muon_c)?.matmul(&a)?)?;
            x = x.mul_scalar(self.muon_a)?.add(&b.matmul(&x)?)?;
        }
        if tall { x.transpose() } else { Ok(x) }
    }

    fn muon_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let (slot, m) = step.load(variable, "momentum")?;
        let g = Formula::from(gradient);
        let m = &m + (&g + &m * (self.momentum - 1.0));
        store(vec![(slot, m)])?;
        let m = slot.value()?;
        let direction = if self.nesterov { gradient.add(&m.mul_scalar(self.momentum)?)? } else { m };
        let change = Formula::from(self.orthogonal(&direction)?) * step.rate(variable);
        let largest = variable.shape().iter().copied().max().unwrap_or(1);
        // Keras takes this root in `float32`, whatever the type of the variable.
        let root = f64::from((largest as f32).sqrt());
        let change = self.rms_rate.map_or(change.clone(), |rate| change * root * rate);
        store(vec![(variable, Formula::from(variable.value()?) - change)])
    }

    fn adamw_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        let power = |beta| step.float(variable, beta).pow(step.number());
        let (power_1, power_2) = (power(self.adam_beta_1), power(self.adam_beta_2));
        let rate = step.rate(variable) * self.adam_lr_ratio.get();
        let rate = rate * (1.0 - power_2).sqrt() / (1.0 - power_1);
        let (g, w) = (Formula::from(gradient), Formula::from(variable.value()?));
        let ((m_slot, m), (v_slot, v)) = (step.load(variable, "momentum")?, step.load(variable, "velocity")?);
        let m = &m + (&g - &m) * (1.0 - self.adam_beta_1);
        let v = &v + (g.square() - &v) * (1.0 - self.adam_beta_2);
        let w = w - &m * rate / (v.sqrt() + self.epsilon);
        store(vec![(m_slot, m), (v_slot, v), (variable, w)])
    }
}

impl Optimize for Muon {
    fn weight_decay_of(&self, variable: &Variable, step: &Step<'_>) -> Option<f64> {
        let adamw = step.slots().has(variable, "velocity");
        if adamw { self.adam_weight_decay } else { self.base.weight_decay }
    }

    fn build(&self, slots: &mut Slots, variables: &[Variable]) -> Result<()> {
        let compiled = |pattern: &String| {
            Regex::new(pattern).map_err(|_| {
                let expected = "regular expressions (without look-around and back-references)";
                Error::argument(&self.base.name, "exclude_layers", expected, pattern)
            })
        };
        let excluded = self.exclude_layers.iter().map(compiled).collect::<Result<Vec<_>>>()?;
        for variable in variables {
            let path = variable.path();
            let adamw = variable.shape().len() != 2
                || (self.exclude_embeddings && path.to_lowercase().contains("embedding"))
                || excluded.iter().any(|pattern| pattern.is_match(&path));
            slots.add(variable, "momentum")?;
            if adamw {
                slots.add(variable, "velocity")?;
            }
        }
        Ok(())
    }

    fn update_step(&self, gradient: &Tensor, variable: &Variable, step: &Step<'_>) -> Result<()> {
        if step.slots().has(variable, "velocity") {
            self.adamw_step(gradient, variable, step)
        } else {
            self.muon_step(gradient, variable, step)
        }
    }
}
