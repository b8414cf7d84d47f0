//! Grad-CAM: which parts of an image speak for a class (Selvaraju et al., 2016).

use keras_rs::layer::KerasTensor;
use keras_rs::layers::{Dense, LayerExt};
use keras_rs::{GradientTape, Model, Tensor};

use crate::{Error, Result};

/// What Grad-CAM found.
///
/// Made by [`GradCam::heat_map`]; [`HeatMap::overlay`] lays it over the image.
#[derive(Clone, Debug)]
pub struct HeatMap {
    /// Shape `(rows, columns)` of the feature maps; 0 to 1, where 1 speaks for the class most. All zeros where nothing
    /// speaks for it.
    pub values: Tensor,
    /// The class that is explained.
    pub class: usize,
    /// The model's output for this class.
    pub score: f64,
    /// The layer whose feature maps were weighted.
    pub layer: String,
}

/// Options of Grad-CAM: the feature maps of a layer, weighted by how much the score of a class grows with each of them.
///
/// A softmax at the end of the model is left out for the gradient, as scores after it depend on all classes.
///
/// ```
/// use keras_rs::prelude::*;
/// use keras_rs_applications::GradCam;
///
/// let x = Input::new([8, 8, 3]);
/// let y = Conv2D::new(4, 3).activation("relu").name("features").apply(&x)?;
/// let y = GlobalAveragePooling2D::new().apply(&y)?;
/// let model = Model::new(&x, Dense::new(2).activation("softmax").apply(&y)?)?;
///
/// let image = Tensor::ones([1, 8, 8, 3], DType::F32)?;
/// let map = GradCam::new().class(1).heat_map(&model, &image)?;
/// assert_eq!((map.values.shape(), map.layer.as_str()), (&[6, 6][..], "features"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct GradCam {
    class: Option<usize>,
    layer: Option<String>,
}

impl GradCam {
    /// The class with the highest score, and the last layer that gives feature maps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the class to explain.
    #[must_use]
    pub fn class(mut self, class: usize) -> Self {
        self.class = Some(class);
        self
    }

    /// Sets the layer whose feature maps are weighted, by its name; they have the shape
    /// `(batch, rows, columns, channels)`, and the output must depend on nothing else.
    #[must_use]
    pub fn layer(mut self, layer: impl Into<String>) -> Self {
        self.layer = Some(layer.into());
        self
    }

    /// Computes the heat map of one image, prepared as the model expects it: shape `(1, height, width, channels)`.
    ///
    /// # Errors
    /// [`Error::Argument`] for more than one image, a class or a layer that the model has not, a model without feature
    /// maps or with another output than scores `(batch, classes)`; [`Error::Keras`] where the model has several inputs
    /// or does not take the image, and where the scores depend on more than the layer.
    pub fn heat_map(&self, model: &Model, image: &Tensor) -> Result<HeatMap> {
        if image.shape().first() != Some(&1) {
            return refuse("image", "one image, a batch of 1", format!("{:?}", image.shape()));
        }
        let (name, features) = self.features(model)?;
        let output = model.output()?;
        let until = Model::new(model.input()?, &features)?;
        let after = Model::new(&features, [&before_softmax(&output)?, &output])?;

        let maps = until.call(std::slice::from_ref(image))?.swap_remove(0);
        // Where the model is, not where new layers are made.
        after.to_device(maps.device())?;
        let mut tape = GradientTape::new(&[])?;
        let maps = tape.watch(&maps)?;
        tape.pass().training = false;
        let outputs = after.call_with(std::slice::from_ref(&maps), tape.pass())?;
        let [scores, probabilities] = outputs.as_slice() else {
            return refuse("model", "one output", format!("{} outputs", outputs.len()));
        };
        let &[1, classes] = scores.shape() else {
            return refuse(
                "model",
                "an output of the shape (batch, classes)",
                format!("{:?}", scores.shape()),
            );
        };
        let class = match self.class {
            Some(class) if class >= classes => {
                return refuse("class", &format!("less than {classes}"), class.to_string());
            }
            Some(class) => class,
            None => scores.argmax(-1)?.to_scalar()? as usize,
        };
        let score = probabilities.slice((0, class))?.to_scalar()?;
        let gradient = tape.gradient(&scores.slice((0, class))?)?.into_iter().next().flatten();
        let values = match gradient {
            Some(gradient) => weighted(&maps, &gradient)?,
            None => Tensor::zeros(&maps.shape()[1..3], maps.dtype())?,
        };
        Ok(HeatMap { values, class, score, layer: name })
    }

    /// The chosen feature maps, else the last ones of more than one pixel.
    fn features(&self, model: &Model) -> Result<(String, KerasTensor)> {
        if let Some(name) = &self.layer {
            let output = model.layer(name)?.output()?;
            if output.shape().rank() != 4 {
                let expected = "a layer that gives (batch, rows, columns, channels)";
                return refuse("layer", expected, format!("{name}, which gives {}", output.shape()));
            }
            return Ok((name.clone(), output));
        }
        let is_map = |dims: &[Option<usize>]| matches!(dims, [_, rows, columns, _] if (*rows, *columns) != (Some(1), Some(1)));
        for layer in model.layers().iter().rev() {
            // A layer that is not part of a graph gives nothing that could be weighted.
            if let Ok(output) = layer.output()
                && is_map(output.shape().dims())
            {
                return Ok((layer.name(), output));
            }
        }
        refuse("model", "a layer that gives (batch, rows, columns, channels)", "none".to_owned())
    }
}

fn refuse<T>(argument: &'static str, expected: &str, got: String) -> Result<T> {
    Err(Error::Argument { context: "GradCam", argument, expected: expected.to_owned(), got })
}

/// The model's output, or what it is the softmax of.
fn before_softmax(output: &KerasTensor) -> Result<KerasTensor> {
    let layer = output.layer();
    let is_softmax = layer.class_name() == "Softmax"
        || layer.get_config().get("activation").and_then(|value| value.as_str()) == Some("softmax");
    let Some(&input) = output.node().arguments().tensors().first() else { return Ok(output.clone()) };
    match layer.class_name() {
        "Softmax" | "Activation" if is_softmax => Ok(input.clone()),
        "Dense" if is_softmax => {
            let weights = layer.weights();
            let linear = Dense::new(output.shape().dims().last().copied().flatten().unwrap_or(0))
                .use_bias(weights.len() > 1)
                .name(format!("{}_before_softmax", layer.name()))
                .shared();
            let scores = linear.apply(input)?;
            for (copy, weight) in linear.weights().iter().zip(&weights) {
                copy.assign(&weight.value()?)?;
            }
            Ok(scores)
        }
        _ => Ok(output.clone()),
    }
}

/// Feature maps times the mean gradient of each, added up; what speaks against the class is left out.
fn weighted(maps: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    let weights = gradient.mean(&[1, 2], true)?;
    let sum = maps.mul(&weights)?.sum(&[-1], false)?.slice(0)?.clip(Some(0.0), None)?;
    let most = sum.max(&[], false)?.to_scalar()?;
    Ok(if most > 0.0 { sum.div_scalar(most)? } else { sum })
}
