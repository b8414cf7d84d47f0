//! The network as the passes change it: values and the operations between them.

use super::weights::{Packs, Settled};
use crate::dtype::DType;
use crate::error::Result;
use crate::layer::{Arguments, LayerRef};
use crate::variable::Variable;
use keras_rs_kernels::{Activation, Convolution, RecurrentStep, Spread, States, Window};

/// Number of a value.
pub(super) type ValueId = usize;

/// A tensor of one run.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) shape: Vec<usize>,
    pub(super) dtype: DType,
    /// Whether a mask may travel with it.
    pub(super) masked: bool,
}

impl Value {
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Size of the last axis.
    pub(super) fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Numbers before the last axis.
    pub(super) fn pixels(&self) -> usize {
        self.shape.split_last().map_or(1, |(_, rest)| rest.iter().product())
    }

    /// Batch, rows and columns; one spatial axis is that of the columns.
    pub(super) fn images(&self) -> (usize, [usize; 2]) {
        match *self.shape.as_slice() {
            [batch, rows, columns, _] => (batch, [rows, columns]),
            [batch, columns, _] => (batch, [1, columns]),
            _ => (self.pixels(), [1, 1]),
        }
    }
}

/// A factor and a shift for each channel.
#[derive(Clone, Debug)]
pub(super) enum Affine {
    /// Those of a batch normalization.
    Norm { gamma: Option<Variable>, beta: Option<Variable>, mean: Variable, variance: Variable, epsilon: f64 },
    /// Given numbers; one stands for all channels.
    Numbers { scale: Vec<f64>, shift: Vec<f64> },
    /// Factors alone.
    Factors(Variable),
}

/// A product with weights: `activation(product * scale + shift + residual)`.
#[derive(Clone, Debug)]
pub(super) struct Weighted {
    pub(super) kind: Kind,
    pub(super) kernel: Variable,
    pub(super) bias: Option<Variable>,
    /// What the input goes through before.
    pub(super) prologue: Option<(Affine, Activation)>,
    /// Folded into the weights, one after the other.
    pub(super) norms: Vec<Affine>,
    /// Whether the second input is added.
    pub(super) residual: bool,
    pub(super) activation: Activation,
}

impl Weighted {
    /// Whether Winograd's algorithm convolves `batch` images of a size.
    pub(super) fn picks_winograd(&self, batch: usize, size: [usize; 2]) -> bool {
        let (Kind::Convolution { window, groups }, &[_, _, inputs, outputs]) =
            (self.kind, self.kernel.shape())
        else {
            return false;
        };
        let prologue = self.prologue.as_ref().map(|(_, activation)| *activation);
        Convolution::picks_winograd(window, [inputs * groups, outputs], groups, batch, size, prologue)
    }
}

/// `x / spread * scale + beta`.
#[derive(Clone, Debug)]
pub(super) struct Standard {
    pub(super) spread: Spread,
    pub(super) epsilon: f64,
    pub(super) scale: Option<Variable>,
    pub(super) beta: Option<Variable>,
}

/// A recurrent layer that starts from states of zeros.
#[derive(Clone, Debug)]
pub(super) struct Recurring {
    pub(super) step: RecurrentStep,
    pub(super) kernel: Variable,
    pub(super) recurrent: Variable,
    pub(super) bias: Option<Variable>,
    pub(super) backwards: bool,
    pub(super) states: States,
    /// Whether steps that a mask hides give zeros.
    pub(super) zeros: bool,
}

/// Layers that are computed together, band by band.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) expand: Option<Weighted>,
    pub(super) depthwise: Weighted,
    pub(super) project: Weighted,
}

impl Block {
    pub(super) fn layers(&self) -> impl Iterator<Item = &Weighted> {
        self.expand.iter().chain([&self.depthwise, &self.project])
    }
}

/// The products that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Convolution {
        window: Window,
        groups: usize,
    },
    Depthwise {
        window: Window,
    },
    /// Over so many axes at the front of the kernel.
    Dense {
        inner: usize,
    },
}

impl Kind {
    pub(super) fn window_mut(&mut self) -> Option<&mut Window> {
        match self {
            Self::Convolution { window, .. } | Self::Depthwise { window } => Some(window),
            Self::Dense { .. } => None,
        }
    }
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Weighted(Box<Weighted>),
    /// The second input, where there is one, is that of the last layer.
    InvertedResidual(Box<Block>),
    /// `activation(x * scale + shift)`
    Affine(Affine, Activation),
    Activate(Activation),
    /// Along the last axis.
    Softmax,
    MaxPooling(Window),
    AveragePooling(Window),
    GlobalMaxPooling,
    /// The second input, where there is one, says which pixels count.
    GlobalAveragePooling,
    Pad([[usize; 2]; 2]),
    Crop([[usize; 2]; 2]),
    /// For each axis of the output that of the input.
    Permute(Vec<usize>),
    Add(Activation),
    Multiply(Activation),
    /// Along the last axis.
    Concatenate,
    /// Along the last axis.
    Standardize(Box<Standard>),
    /// The rows of a variable with the numbers of the input.
    Embedding(Variable),
    /// The second input, where there is one, says which steps count.
    Recurrent(Box<Recurring>),
    /// Of queries, keys and values: the heads of a position are its channels.
    Attention {
        heads: usize,
        key_heads: usize,
        scale: f64,
        causal: bool,
    },
    /// The same numbers in another shape.
    View,
    /// A call of a layer as it is.
    Call {
        layer: LayerRef,
        arguments: Arguments<ValueId>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) operation: Operation,
    pub(super) inputs: Vec<ValueId>,
    /// `None` for an output that nothing needs.
    pub(super) outputs: Vec<Option<ValueId>>,
    /// Names of the layers that it stands for.
    pub(super) name: String,
}

impl Node {
    /// The only output.
    pub(super) fn output(&self) -> Option<ValueId> {
        self.outputs.first().copied().flatten()
    }

    pub(super) fn weighted_mut(&mut self) -> Option<&mut Weighted> {
        match &mut self.operation {
            Operation::Weighted(weighted) => Some(weighted),
            _ => None,
        }
    }
}

/// Operations in the order in which they run.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) values: Vec<Value>,
    pub(super) nodes: Vec<Node>,
    pub(super) inputs: Vec<ValueId>,
    pub(super) outputs: Vec<ValueId>,
}

impl Network {
    pub(super) fn add_value(&mut self, value: Value) -> ValueId {
        self.values.push(value);
        self.values.len() - 1
    }

    /// What needs packed weights.
    pub(super) fn packs(&self) -> impl Iterator<Item = Box<dyn Packs + '_>> {
        self.nodes.iter().flat_map(|node| -> Vec<Box<dyn Packs + '_>> {
            match &node.operation {
                Operation::Weighted(weighted) => {
                    let images = node.inputs.first().map(|input| self.values[*input].images());
                    let winograd = images.is_some_and(|(batch, size)| weighted.picks_winograd(batch, size));
                    vec![Box::new(Settled { weighted, winograd })]
                }
                Operation::InvertedResidual(block) => {
                    let layer = |weighted| Box::new(Settled { weighted, winograd: false }) as Box<dyn Packs>;
                    block.layers().map(layer).collect()
                }
                Operation::Recurrent(recurring) => vec![Box::new(&**recurring)],
                _ => Vec::new(),
            }
        })
    }

    /// The node that makes a value.
    pub(super) fn producer(&self, value: ValueId) -> Option<usize> {
        self.nodes.iter().position(|node| node.outputs.contains(&Some(value)))
    }

    /// The nodes that take a value, each as often as it does.
    pub(super) fn consumers(&self, value: ValueId) -> Vec<usize> {
        let takes = |(index, node): (usize, &Node)| {
            std::iter::repeat_n(index, node.inputs.iter().filter(|input| **input == value).count())
        };
        self.nodes.iter().enumerate().flat_map(takes).collect()
    }

    /// The node that takes a value, where it is the only use.
    pub(super) fn only_consumer(&self, value: ValueId) -> Option<usize> {
        if self.outputs.contains(&value) {
            return None;
        }
        match self.consumers(value).as_slice() {
            &[only] => Some(only),
            _ => None,
        }
    }

    /// Has a node make what another one made of its output, and drops that one.
    pub(super) fn absorb(&mut self, node: usize, follower: usize) {
        let dropped = self.nodes.remove(follower);
        let node = if node > follower { node - 1 } else { node };
        if let Some(node) = self.nodes.get_mut(node) {
            node.outputs = dropped.outputs;
            // A layer that was taken apart has the same name twice.
            if node.name != dropped.name {
                node.name = format!("{} + {}", node.name, dropped.name);
            }
        }
    }
}

impl Weighted {
    /// What its weights are made from.
    pub(super) fn variables(&self) -> impl Iterator<Item = &Variable> {
        let norms = self.norms.iter().chain(self.prologue.iter().map(|(norm, _)| norm));
        [&self.kernel].into_iter().chain(&self.bias).chain(norms.flat_map(Affine::variables))
    }
}

impl Affine {
    pub(super) fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Norm { gamma, beta, mean, variance, .. } => {
                gamma.iter().chain(beta).chain([mean, variance]).collect()
            }
            Self::Factors(factors) => vec![factors],
            Self::Numbers { .. } => Vec::new(),
        }
    }

    /// The factor and the shift of each channel.
    pub(super) fn factors(&self, channels: usize) -> Result<(Vec<f64>, Vec<f64>)> {
        let spread = |numbers: &[f64]| match numbers {
            &[one] => vec![one; channels],
            all => all.to_vec(),
        };
        match self {
            Self::Numbers { scale, shift } => Ok((spread(scale), spread(shift))),
            Self::Factors(factors) => {
                let value = factors.value()?;
                let factors = value.floats()?.iter().map(|x| f64::from(*x)).collect();
                Ok((factors, vec![0.0; channels]))
            }
            Self::Norm { gamma, beta, mean, variance, epsilon } => {
                let numbers = |variable: &Variable| -> Result<Vec<f64>> {
                    Ok(variable.value()?.floats()?.iter().map(|x| f64::from(*x)).collect())
                };
                let mut scale: Vec<f64> =
                    numbers(variance)?.iter().map(|v| 1.0 / (v + epsilon).sqrt()).collect();
                if let Some(gamma) = gamma {
                    scale.iter_mut().zip(numbers(gamma)?).for_each(|(s, g)| *s *= g);
                }
                let mut shift: Vec<f64> = numbers(mean)?.iter().zip(&scale).map(|(m, s)| -m * s).collect();
                if let Some(beta) = beta {
                    shift.iter_mut().zip(numbers(beta)?).for_each(|(s, b)| *s += b);
                }
                Ok((scale, shift))
            }
        }
    }
}
