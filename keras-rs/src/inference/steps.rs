//! The steps of a plan and what they compute.

use super::blocks::InvertedResidual;
use super::network::Value;
use super::plan::Spot;
use super::recurrent;
use super::run::{Run, missing};
use super::weights::{Body, Packed, Scaling};
use crate::error::Result;
use crate::layer::{Arguments, ForwardPass, LayerRef};
use crate::variable::Variable;
use keras_rs_kernels::{
    self as kernels, Activation, Attention, Epilogue, Seen, Spread, States, ViewMut, Window,
};
use std::sync::Arc;

/// One step.
pub(super) struct Step {
    pub(super) work: Work,
    /// Tensors of calls that nothing needs afterwards.
    pub(super) frees: Vec<usize>,
    /// The layers that it stands for.
    pub(super) name: String,
}

/// An operation pixel by pixel.
pub(super) struct Pixels {
    pub(super) input: Spot,
    pub(super) output: Spot,
}

/// An operation on images.
pub(super) struct Images {
    pub(super) batch: usize,
    pub(super) size: [usize; 2],
    pub(super) input: Spot,
    pub(super) output: Spot,
}

/// A way through sequences.
pub(super) struct Walk {
    /// Samples and steps.
    pub(super) sizes: [usize; 2],
    /// Which steps count, and whether the others give zeros.
    pub(super) mask: Option<(Spot, bool)>,
    pub(super) backwards: bool,
    pub(super) states: States,
}

pub(super) enum Work {
    Weighted {
        packed: Arc<Packed>,
        images: Images,
        residual: Option<Spot>,
        activation: Activation,
    },
    InvertedResidual {
        block: InvertedResidual,
        images: Images,
        residual: Option<Spot>,
    },
    Affine {
        scaling: Scaling,
        pixels: Pixels,
    },
    Activate {
        activation: Activation,
        pixels: Pixels,
    },
    Softmax {
        pixels: Pixels,
    },
    MaxPooling {
        window: Window,
        images: Images,
    },
    AveragePooling {
        window: Window,
        images: Images,
    },
    GlobalMaxPooling {
        images: Images,
    },
    GlobalAveragePooling {
        images: Images,
    },
    /// Of the pixels that count.
    MaskedMean {
        images: Images,
        mask: Spot,
    },
    Pad {
        pads: [[usize; 2]; 2],
        images: Images,
    },
    Crop {
        sides: [[usize; 2]; 2],
        images: Images,
    },
    Permute {
        axes: Vec<usize>,
        pixels: Pixels,
    },
    Add {
        activation: Activation,
        pixels: Pixels,
        other: Spot,
    },
    Multiply {
        activation: Activation,
        pixels: Pixels,
        batch: usize,
        other: Spot,
    },
    Standardize {
        spread: Spread,
        epsilon: f32,
        affine: [Vec<f32>; 2],
        pixels: Pixels,
    },
    Embedding {
        vectors: Variable,
        pixels: Pixels,
    },
    Recurrent {
        packed: Arc<Packed>,
        walk: Walk,
        pixels: Pixels,
    },
    Attention {
        sizes: Box<Attention>,
        inputs: Vec<Spot>,
        output: Spot,
    },
    Concatenate {
        inputs: Vec<Spot>,
        output: Spot,
    },
    Call {
        layer: LayerRef,
        arguments: Arguments<(Spot, bool)>,
        outputs: Vec<Option<(usize, Value)>>,
    },
    Nothing,
}

impl Work {
    pub(super) fn run(&self, run: &mut Run<'_>) -> Result<()> {
        match self {
            Self::Weighted { packed, images, residual, activation } => run
                .write(&images.output, |run, output| {
                    packed.run(run, images, residual.as_ref(), *activation, output)
                }),
            Self::InvertedResidual { block, images, residual } => {
                run.write(&images.output, |run, output| block.run(run, images, residual.as_ref(), output))
            }
            Self::Affine { scaling, pixels: Pixels { input, output } } => run.write(output, |run, to| {
                let values = run.read(input)?;
                let (pixels, channels) = (input.pixels(), input.channels());
                kernels::scale_shift(pixels, channels, input.view(&values), scaling.prologue(), to);
                Ok(())
            }),
            Self::Activate { activation, pixels } => {
                in_place(run, pixels, |values, _| kernels::activate(*activation, values))
            }
            Self::Softmax { pixels } => in_place(run, pixels, kernels::softmax),
            Self::MaxPooling { window, images } => run.write(&images.output, |run, to| {
                let values = run.read(&images.input)?;
                let (input, channels) = (images.input.view(&values), images.input.channels());
                kernels::max_pool(*window, images.batch, images.size, channels, input, to);
                Ok(())
            }),
            Self::AveragePooling { window, images } => run.write(&images.output, |run, to| {
                let values = run.read(&images.input)?;
                let (input, channels) = (images.input.view(&values), images.input.channels());
                kernels::average_pool(*window, images.batch, images.size, channels, input, to);
                Ok(())
            }),
            Self::GlobalMaxPooling { images } => global(run, images, kernels::global_max_pool),
            Self::GlobalAveragePooling { images } => global(run, images, kernels::global_average_pool),
            Self::MaskedMean { images, mask } => {
                let counts = run.flags(mask)?;
                global(run, images, |batch, pixels, channels, input, output| {
                    kernels::masked_average([batch, pixels, channels], input, &counts, output);
                })
            }
            Self::Pad { pads, images } => run.write(&images.output, |run, to| {
                let values = run.read(&images.input)?;
                let (input, channels) = (images.input.view(&values), images.input.channels());
                kernels::pad(images.batch, images.size, channels, *pads, input, to);
                Ok(())
            }),
            Self::Permute { axes, pixels: Pixels { input, output } } => run.write(output, |run, to| {
                let values = run.dense(input)?;
                let to = to.values.get_mut(..output.len()).ok_or_else(missing)?;
                kernels::permute(&input.shape, axes, &values, to);
                Ok(())
            }),
            Self::Crop { sides, images } => run.write(&images.output, |run, to| {
                let values = run.read(&images.input)?;
                let (input, channels) = (images.input.view(&values), images.input.channels());
                kernels::crop(images.batch, images.size, channels, *sides, input, to);
                Ok(())
            }),
            Self::Add { activation, pixels: Pixels { input, output }, other } => {
                run.write(output, |run, to| {
                    let (a, b) = (run.read(input)?, run.read(other)?);
                    let (pixels, channels) = (input.pixels(), input.channels());
                    kernels::add(pixels, channels, input.view(&a), other.view(&b), *activation, to);
                    Ok(())
                })
            }
            Self::Multiply { activation, pixels: Pixels { input, output }, batch, other } => {
                run.write(output, |run, to| {
                    let (pixels, channels) = (input.pixels(), input.channels());
                    let values = run.read(input)?;
                    let a = input.view(&values);
                    if other.pixels() == pixels {
                        let b = run.read(other)?;
                        kernels::multiply(pixels, channels, a, other.view(&b), *activation, to);
                    } else {
                        let (factors, pixels) = (run.dense(other)?, pixels / (*batch).max(1));
                        kernels::multiply_channels(*batch, pixels, channels, a, &factors, *activation, to);
                    }
                    Ok(())
                })
            }
            Self::Standardize { spread, epsilon, affine, pixels: Pixels { input, output } } => {
                run.write(output, |run, to| {
                    let values = run.read(input)?;
                    let (sizes, affine) =
                        ([input.pixels(), input.channels()], affine.each_ref().map(Vec::as_slice));
                    kernels::standardize(*spread, *epsilon, sizes, input.view(&values), affine, to);
                    Ok(())
                })
            }
            Self::Embedding { vectors, pixels } => recurrent::look_up(run, vectors, pixels),
            Self::Recurrent { packed, walk, pixels: Pixels { input, output } } => {
                let Body::Recurrence(layer) = &packed.body else { return Err(missing()) };
                let Walk { sizes, mask, backwards, states } = walk;
                let flags = mask.as_ref().map(|(mask, _)| run.flags(mask)).transpose()?;
                let zeros = mask.as_ref().is_some_and(|(_, zeros)| *zeros);
                let seen = flags.as_ref().map(|steps| Seen { steps, zeros });
                run.write(output, |run, to| {
                    let values = run.read(input)?;
                    layer.run_masked(*sizes, input.view(&values), seen, *backwards, *states, to);
                    Ok(())
                })
            }
            Self::Attention { sizes, inputs, output } => run.write(output, |run, to| {
                let [query, key, value] = inputs.as_slice() else { return Err(missing()) };
                let numbers = [run.read(query)?, run.read(key)?, run.read(value)?];
                let views = [query.view(&numbers[0]), key.view(&numbers[1]), value.view(&numbers[2])];
                kernels::attend(sizes, views, to);
                Ok(())
            }),
            Self::Concatenate { inputs, output } => {
                let mut part = output.clone();
                for input in inputs {
                    part.shape.clone_from(&input.shape);
                    if (input.source, input.offset, input.pitch) != (part.source, part.offset, part.pitch) {
                        run.copy(input, &part)?;
                    }
                    part.offset += input.channels();
                }
                Ok(())
            }
            Self::Call { layer, arguments, outputs } => call(run, layer, arguments, outputs),
            Self::Nothing => Ok(()),
        }
    }
}

impl Packed {
    fn run(
        &self,
        run: &Run<'_>,
        images: &Images,
        residual: Option<&Spot>,
        activation: Activation,
        output: ViewMut<'_>,
    ) -> Result<()> {
        let (values, added) = (run.read(&images.input)?, residual.map(|spot| run.read(spot)).transpose()?);
        let residual = residual.zip(added.as_deref()).map(|(spot, values)| spot.view(values));
        let epilogue = Epilogue { bias: self.bias.as_deref(), residual, activation };
        let (input, batch, size) = (images.input.view(&values), images.batch, images.size);
        match &self.body {
            Body::Convolution(convolution) => {
                let prologue = self.prologue.as_ref().map(Scaling::prologue);
                // Numbers that are not finite: the plain graph has them where they belong.
                if !convolution.run(batch, size, input, prologue, epilogue, output) {
                    return Err(missing());
                }
            }
            Body::Depthwise(depthwise) => depthwise.run(batch, size, input, epilogue, output),
            Body::Dense(product) => product.run(images.input.pixels(), input, epilogue, output),
            Body::Recurrence(_) => return Err(missing()),
        }
        Ok(())
    }
}

/// A function of rows that works in place; the numbers are copied where they are needed again.
fn in_place(run: &mut Run<'_>, pixels: &Pixels, function: impl FnOnce(&mut [f32], usize)) -> Result<()> {
    let Pixels { input, output } = pixels;
    if input.source != output.source {
        run.copy(input, output)?;
    }
    run.write(output, |_, to| {
        function(to.values.get_mut(..output.len()).ok_or_else(missing)?, output.channels());
        Ok(())
    })
}

/// Pooling of whole images.
fn global(
    run: &mut Run<'_>,
    images: &Images,
    pool: impl FnOnce(usize, usize, usize, kernels::View<'_>, &mut [f32]),
) -> Result<()> {
    run.write(&images.output, |run, to| {
        let values = run.read(&images.input)?;
        let pixels = images.size[0] * images.size[1];
        let output = to.values.get_mut(..images.output.len()).ok_or_else(missing)?;
        pool(images.batch, pixels, images.input.channels(), images.input.view(&values), output);
        Ok(())
    })
}

/// A layer as it is.
fn call(
    run: &mut Run<'_>,
    layer: &LayerRef,
    arguments: &Arguments<(Spot, bool)>,
    outputs: &[Option<(usize, Value)>],
) -> Result<()> {
    let arguments =
        arguments.try_map(|(spot, last)| if *last { run.last_tensor(spot) } else { run.tensor(spot) })?;
    let mut pass = run.pass.take().unwrap_or_else(|| ForwardPass::new(false));
    let made = layer.run(arguments, &mut pass);
    run.pass = Some(pass);
    for (tensor, output) in made?.0.into_iter().zip(outputs) {
        let Some((index, expected)) = output else { continue };
        // A layer that says less than it does: the plain graph goes by what comes.
        let fits = tensor.tensor.shape() == expected.shape
            && tensor.tensor.dtype() == expected.dtype
            && (expected.masked || tensor.mask().is_none());
        if !fits {
            return Err(missing());
        }
        run.keep(*index, tensor);
    }
    Ok(())
}
