//! Weights as kernels read them, made once for each version of the variables and shared by the plans of all shapes.

use super::network::{Affine, Kind, Recurring, Weighted};
use crate::error::Result;
use crate::variable::Variable;
use keras_rs_kernels::{
    Activation, Convolution, Depthwise, Product, Prologue, Recurrence, RecurrentStep, all_finite,
    scale_columns,
};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// A kernel of a product with its weights.
pub(super) enum Body {
    Convolution(Convolution),
    Depthwise(Depthwise),
    Dense(Product),
    Recurrence(Recurrence),
}

/// What weights are packed for.
pub(super) trait Packs {
    /// What decides about the packed weights.
    fn key(&self) -> Key;
    /// The packed weights; `None` where a number is not finite.
    fn pack(&self) -> Result<Option<Packed>>;
}

/// A product's weights with what is folded into them.
pub(super) struct Packed {
    pub(super) body: Body,
    pub(super) bias: Option<Vec<f32>>,
    pub(super) prologue: Option<Scaling>,
    /// How many numbers the kernel has.
    pub(super) weights: usize,
}

/// Factors and shifts, and what follows.
pub(super) struct Scaling {
    scale: Vec<f32>,
    shift: Vec<f32>,
    activation: Activation,
}

impl Scaling {
    /// `None` where a number is not finite.
    pub(super) fn new(affine: &Affine, channels: usize, activation: Activation) -> Result<Option<Self>> {
        let (scale, shift) = affine.factors(channels)?;
        let (scale, shift) = (single(&scale), single(&shift));
        let finite = all_finite(&scale) && all_finite(&shift);
        Ok(finite.then_some(Self { scale, shift, activation }))
    }

    pub(super) fn prologue(&self) -> Prologue<'_> {
        Prologue { scale: &self.scale, shift: &self.shift, activation: self.activation }
    }
}

fn single(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|x| *x as f32).collect()
}

/// A product with weights, and whether Winograd's algorithm computes it.
pub(super) struct Settled<'a> {
    pub(super) weighted: &'a Weighted,
    pub(super) winograd: bool,
}

impl Packs for Settled<'_> {
    /// `None` where a number is not finite, so that its place in the sums would matter.
    fn pack(&self) -> Result<Option<Packed>> {
        let Self { weighted, winograd } = *self;
        let value = weighted.kernel.passing_value()?;
        let mut kernel = value.floats()?;
        let (rows, columns) = match (weighted.kind, weighted.kernel.shape()) {
            (Kind::Dense { inner }, shape) if inner <= shape.len() => {
                (shape[..inner].iter().product(), shape[inner..].iter().product())
            }
            (_, &[.., rows, columns]) => (rows, columns),
            _ => return Ok(None),
        };
        // Of a depthwise kernel the last two axes together are the output's channels.
        let depthwise = matches!(weighted.kind, Kind::Depthwise { .. });
        let outputs = if depthwise { rows * columns } else { columns };
        let mut bias = match &weighted.bias {
            Some(bias) => Some(bias.value()?.floats()?.iter().map(|x| f64::from(*x)).collect::<Vec<_>>()),
            None => None,
        };
        let mut factors = vec![1.0; outputs];
        for norm in &weighted.norms {
            let (scale, shift) = norm.factors(outputs)?;
            let bias = bias.get_or_insert_with(|| vec![0.0; outputs]);
            for (((bias, factor), scale), shift) in bias.iter_mut().zip(&mut factors).zip(&scale).zip(shift) {
                *bias = *bias * scale + shift;
                *factor *= scale;
            }
        }
        if !weighted.norms.is_empty() {
            scale_columns(kernel.to_mut(), &factors);
        }
        let bias = bias.map(|bias| single(&bias));
        let groups = if let Kind::Convolution { groups, .. } = weighted.kind { groups } else { 1 };
        let prologue = match &weighted.prologue {
            Some((affine, activation)) => match Scaling::new(affine, rows * groups, *activation)? {
                Some(scaling) => Some(scaling),
                None => return Ok(None),
            },
            None => None,
        };
        if !all_finite(&kernel) || !bias.as_deref().is_none_or(all_finite) {
            return Ok(None);
        }
        let body = match weighted.kind {
            Kind::Convolution { window, groups } => {
                let convolution = Convolution::new(window, [rows * groups, columns], groups, &kernel);
                Body::Convolution(convolution.settled(winograd))
            }
            Kind::Depthwise { window } => Body::Depthwise(Depthwise::new(window, rows, columns, &kernel)),
            Kind::Dense { .. } => Body::Dense(Product::new(rows, columns, &kernel)),
        };
        Ok(Some(Packed { body, bias, prologue, weights: kernel.len() }))
    }

    fn key(&self) -> Key {
        let Self { weighted, winograd } = *self;
        let mut parts = vec![variable(&weighted.kernel)];
        if let Some(bias) = &weighted.bias {
            parts.extend([Part::Bias, variable(bias)]);
        }
        for norm in &weighted.norms {
            parts.push(Part::Norm);
            affine(norm, &mut parts);
        }
        if let Some((norm, activation)) = &weighted.prologue {
            parts.push(Part::Prologue(*activation == Activation::Linear));
            affine(norm, &mut parts);
        }
        Key { what: What::Weighted(weighted.kind, winograd), parts }
    }
}

impl Packs for &Recurring {
    fn key(&self) -> Key {
        let mut parts = vec![variable(&self.kernel), variable(&self.recurrent)];
        parts.extend(self.bias.as_ref().map(variable));
        Key { what: What::Recurrent(self.step), parts }
    }

    fn pack(&self) -> Result<Option<Packed>> {
        let (kernel, recurrent) = (self.kernel.passing_value()?, self.recurrent.passing_value()?);
        let bias = self.bias.as_ref().map(Variable::value).transpose()?;
        let (kernel, recurrent) = (kernel.floats()?, recurrent.floats()?);
        let bias = bias.as_ref().map(|bias| bias.floats()).transpose()?.unwrap_or_default();
        let Some(&units) = self.recurrent.shape().first() else { return Ok(None) };
        if ![&kernel, &recurrent, &bias].into_iter().all(|numbers| all_finite(numbers)) {
            return Ok(None);
        }
        let body = Body::Recurrence(Recurrence::new(self.step, units, &kernel, &recurrent, &bias));
        Ok(Some(Packed { body, bias: None, prologue: None, weights: kernel.len() + recurrent.len() }))
    }
}

/// What decides about packed weights: the kind, and every variable with its version.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    what: What,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Weighted(Kind, bool),
    Recurrent(RecurrentStep),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Variable(u64, u64),
    Number(u64),
    Bias,
    Norm,
    Prologue(bool),
}

fn variable(variable: &Variable) -> Part {
    Part::Variable(variable.serial(), variable.version())
}

fn affine(affine: &Affine, parts: &mut Vec<Part>) {
    parts.extend(affine.variables().into_iter().map(variable));
    match affine {
        Affine::Norm { epsilon, gamma, beta, .. } => {
            let optional = u64::from(gamma.is_some()) * 2 + u64::from(beta.is_some());
            parts.extend([Part::Number(epsilon.to_bits()), Part::Number(optional)]);
        }
        Affine::Factors(_) => {}
        Affine::Numbers { scale, shift } => {
            parts.extend(scale.iter().chain(shift).map(|x| Part::Number(x.to_bits())));
        }
    }
}

/// Packed weights that some plan still holds.
#[derive(Default)]
pub(super) struct PackedWeights(HashMap<Key, Weak<Packed>>);

impl PackedWeights {
    /// The weights of a product for the current values of its variables; `None` where a number is not finite.
    pub(super) fn get(&mut self, packs: &dyn Packs) -> Result<Option<Arc<Packed>>> {
        let key = packs.key();
        if let Some(packed) = self.0.get(&key).and_then(Weak::upgrade) {
            return Ok(Some(packed));
        }
        let Some(packed) = packs.pack()? else { return Ok(None) };
        let packed = Arc::new(packed);
        self.0.insert(key, Arc::downgrade(&packed));
        Ok(Some(packed))
    }

    /// What is there for the current values of the variables, held so that it outlives the plan that it was made for.
    pub(super) fn current<'a>(
        &self,
        packs: impl IntoIterator<Item = Box<dyn Packs + 'a>>,
    ) -> Vec<Arc<Packed>> {
        packs.into_iter().filter_map(|packs| self.0.get(&packs.key())?.upgrade()).collect()
    }

    /// Forgets what no plan holds any more.
    pub(super) fn prune(&mut self) {
        self.0.retain(|_, packed| packed.strong_count() > 0);
    }
}
