//! What the equation of an `EinsumDense` says about shapes.

use crate::error::{Error, Result};
use crate::shape::Shape;

/// Where the axes without letters stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ellipsis {
    None,
    Left,
    Right,
}

/// `inputs,kernel->outputs` in letters.
#[derive(Debug)]
pub(super) struct Equation {
    text: String,
    inputs: Vec<char>,
    kernel: Vec<char>,
    outputs: Vec<char>,
    ellipsis: Ellipsis,
}

/// Shapes that follow from an equation and the input's shape.
#[derive(Debug)]
pub(super) struct Shapes {
    /// The kernel's, of which all sizes must be known once it is made.
    pub(super) kernel: Shape,
    /// The bias', with ones where it is repeated.
    pub(super) bias: Option<Shape>,
    pub(super) output: Shape,
    /// Axes of the kernel that are summed over.
    pub(super) input_axes: Vec<isize>,
    /// Axes of the kernel that the output has.
    pub(super) output_axes: Vec<isize>,
}

impl Equation {
    /// Reads `ab,bc->ac`, `...ab,bc->...ac` or `ab...,bc->ac...`.
    pub(super) fn parse(context: &str, text: &str) -> Result<Self> {
        let forms = "[X],[Y]->[Z], ...[X],[Y]->...[Z] or [X]...,[Y]->[Z]...";
        let refused = || Error::argument(context, "equation", forms, text);
        let (left, outputs) = text.split_once("->").ok_or_else(refused)?;
        let (inputs, kernel) = left.split_once(',').ok_or_else(refused)?;
        let (inputs, outputs, ellipsis) = if let Some(inputs) = inputs.strip_prefix("...") {
            (inputs, outputs.strip_prefix("...").ok_or_else(refused)?, Ellipsis::Left)
        } else if let Some(inputs) = inputs.strip_suffix("...") {
            (inputs, outputs.strip_suffix("...").ok_or_else(refused)?, Ellipsis::Right)
        } else {
            (inputs, outputs, Ellipsis::None)
        };
        let letters = |term: &str| !term.is_empty() && term.chars().all(|c| c.is_ascii_alphabetic());
        // A batch and something to sum over stand before an ellipsis.
        let enough = ellipsis != Ellipsis::Right || inputs.len() > 1;
        if ![inputs, kernel, outputs].into_iter().all(letters) || !enough {
            return Err(refused());
        }
        let chars = |term: &str| term.chars().collect();
        let text = text.to_string();
        Ok(Self { text, inputs: chars(inputs), kernel: chars(kernel), outputs: chars(outputs), ellipsis })
    }

    /// How many of the input's last axes are summed over, where these are the kernel's first ones in the same order, and
    /// the kernel's other axes are the output's last ones in place of them.
    pub(super) fn summed_at_the_end(&self) -> Option<usize> {
        let inner = self.kernel.iter().take_while(|label| self.inputs.contains(label)).count();
        let (summed, made) = self.kernel.split_at(inner);
        let (own, kept) = (self.inputs.strip_suffix(summed)?, self.outputs.strip_suffix(made)?);
        let once = own.iter().all(|label| !self.kernel.contains(label));
        let fits = own == kept && once && inner > 0 && !made.is_empty() && self.ellipsis != Ellipsis::Right;
        fits.then_some(inner)
    }

    /// The shapes for an input, where `partial` are the output's sizes without the batch and the axes that have
    /// no letters.
    pub(super) fn shapes(
        &self,
        context: &str,
        input: &Shape,
        partial: &[Option<usize>],
        bias_axes: Option<&str>,
    ) -> Result<Shapes> {
        let dims = input.dims();
        let rank_fits = if self.ellipsis == Ellipsis::None {
            dims.len() == self.inputs.len()
        } else {
            dims.len() >= self.inputs.len()
        };
        let batch = dims.first().copied().filter(|_| rank_fits).ok_or_else(|| {
            Error::shape(context, "inputs", format!("axes as the equation '{}' has them", self.text), input)
        })?;
        let elided = dims.len() - self.inputs.len();
        let mut output = vec![batch];
        if self.ellipsis == Ellipsis::Left {
            output.extend(dims[..elided].iter().skip(1));
        }
        output.extend(partial);
        if self.ellipsis == Ellipsis::Right {
            output.extend(&dims[dims.len() - elided..]);
        }
        if output.len() != self.outputs.len() + elided {
            let expected = format!("sizes of the axes after the first in the equation '{}'", self.text);
            return Err(Error::argument(context, "output_shape", expected, Shape::new(partial)));
        }
        let skipped = if self.ellipsis == Ellipsis::Left { elided } else { 0 };
        let at = |labels: &[char], label: char| labels.iter().position(|c| *c == label).map(|i| i + skipped);
        let of_input = |label| at(&self.inputs, label).and_then(|i| dims.get(i).copied());
        let of_output = |label| at(&self.outputs, label).and_then(|i| output.get(i).copied());
        for &label in &self.inputs {
            let (own, wanted) = (of_input(label).flatten(), of_output(label).flatten());
            if wanted.is_some() && wanted != own {
                let expected = format!("the input's size of axis '{label}' in '{}'", self.text);
                return Err(Error::argument(context, "output_shape", expected, Shape::new(partial)));
            }
        }
        let stray = |label: &&char| !self.inputs.contains(label) && !self.kernel.contains(label);
        if let Some(label) = self.outputs.iter().find(stray) {
            let expected = format!("a term before the arrow that has the letter '{label}'");
            return Err(Error::argument(context, "equation", expected, &self.text));
        }
        let (mut kernel, mut input_axes, mut output_axes) = (Vec::new(), Vec::new(), Vec::new());
        for (axis, &label) in self.kernel.iter().enumerate() {
            let size = if let Some(size) = of_output(label) {
                output_axes.push(axis as isize);
                size
            } else if let Some(size) = of_input(label) {
                input_axes.push(axis as isize);
                size
            } else {
                let expected = format!("the kernel's letter '{label}' in the input or the output");
                return Err(Error::argument(context, "equation", expected, &self.text));
            };
            kernel.push(size);
        }
        let bias = bias_axes.map(|axes| self.bias(context, axes, of_output, elided)).transpose()?;
        Ok(Shapes { kernel: kernel.into(), bias, output: output.into(), input_axes, output_axes })
    }

    /// The bias' shape: from its first axis to the output's last, with ones for axes that it has not.
    fn bias(
        &self,
        context: &str,
        axes: &str,
        of_output: impl Fn(char) -> Option<Option<usize>>,
        elided: usize,
    ) -> Result<Shape> {
        let first = self.outputs.iter().position(|c| axes.contains(*c));
        let known = axes.chars().all(|c| self.outputs.contains(&c));
        let Some(first) = first.filter(|_| known) else {
            let expected = format!("letters of the output in '{}'", self.text);
            return Err(Error::argument(context, "bias_axes", expected, axes));
        };
        let size = |c: &char| if axes.contains(*c) { of_output(*c).flatten() } else { Some(1) };
        let mut dims: Vec<Option<usize>> = self.outputs[first..].iter().map(size).collect();
        if self.ellipsis == Ellipsis::Right {
            dims.extend(std::iter::repeat_n(Some(1), elided));
        }
        Ok(dims.into())
    }
}
