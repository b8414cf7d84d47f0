//! Models and layers that users write, beside the same classes in real Keras (`fixtures/subclassing`).

use crate::support::{fixture, lines_differ};
use keras_rs::config::CustomObjects;
use keras_rs::initializers::Initializer;
use keras_rs::layer::{Logs, Role, Signature, Step, Steps};
use keras_rs::metrics::Mean;
use keras_rs::models::{CloneModel, Summary, clone_layer, clone_model};
use keras_rs::prelude::*;
use keras_rs::training::{Evaluate, Fit};
use keras_rs::{LoadWeights, load_model_with};
use serde_json::Value;
use std::sync::Arc;

mod cells;
mod several;
mod structure;
mod training;

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("subclassing/subclassing.json")).unwrap()).unwrap()
}

fn tensor(value: &Value, shape: &[usize]) -> Tensor {
    Tensor::from_vec(floats(value).iter().map(|v| *v as f32).collect(), shape.to_vec()).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_string()).collect()
}

#[track_caller]
fn close(got: &[f64], expected: &Value, what: &str) {
    let expected = floats(expected);
    assert_eq!(got.len(), expected.len(), "{what}");
    for (g, e) in got.iter().zip(&expected) {
        assert!((g - e).abs() <= 1e-5 * (1.0 + e.abs()), "{what}: {got:?}, expected {expected:?}");
    }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_f64_vec().unwrap()
}

fn dense(units: usize) -> LayerRef {
    Dense::new(units).activation("tanh").shared()
}

/// Every kind of field that layers may be kept in.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Everything {
    base: LayerBase,
    #[keras(default = 3)]
    units: usize,
    #[keras(skip = Dense::new(2).shared())]
    z_last: LayerRef,
    #[keras(skip = vec![dense(units), dense(units)])]
    blocks: Vec<LayerRef>,
    #[keras(skip = [("b", dense(units)), ("a", dense(units))].map(|(k, v)| (k.to_string(), v)).into())]
    by_name: indexmap::IndexMap<String, LayerRef>,
    #[keras(skip = dense(units), sublayer = "_hidden")]
    hidden: LayerRef,
    #[keras(skip = vec![vec![dense(units)], vec![dense(units), dense(units)]])]
    nested: Vec<Vec<LayerRef>>,
    #[keras(skip = z_last.clone())]
    also_last: LayerRef,
    #[keras(skip)]
    absent: Option<LayerRef>,
    #[keras(skip = Sequential::new().add(dense(units)).build().unwrap())]
    inner: Model,
    #[keras(skip = dense(7), untracked)]
    elsewhere: LayerRef,
    #[keras(skip = Mean::new().name("seen"))]
    seen: Mean,
}

impl Layer for Everything {
    fn role(&self) -> Role {
        Role::Model
    }

    fn build(&self, scope: &mut BuildScope<'_>, _inputs: &InputShapes) -> Result<()> {
        scope.weight("shift", &[self.units], &Initializer::ones()).add()
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut x = context.apply(&self.inner, inputs.into_single()?)?;
        for block in self.blocks.iter().chain(self.by_name.values()) {
            x = context.apply(block, x)?;
        }
        x = context.apply(&self.hidden, x)?.add(&context.weight("shift")?)?;
        for block in self.nested.iter().flatten() {
            x = context.apply(block, x)?;
        }
        self.seen.update_state(&x.detach().mean(&[], false)?, None)?;
        assert!(self.absent.is_none() && !self.elsewhere.is_built());
        Ok(context.apply(&self.z_last, x)?.into())
    }
}

/// The first attention takes the mask off a tensor that the second one and the pooling are handed as well.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Attentive {
    base: LayerBase,
    #[keras(skip = Embedding::new(7, 4).mask_zero(true).shared())]
    words: LayerRef,
    #[keras(skip = Identity::new().shared())]
    alias: LayerRef,
    #[keras(skip = MultiHeadAttention::new(2, 3).use_bias(false).shared())]
    first: LayerRef,
    #[keras(skip = MultiHeadAttention::new(2, 3).use_bias(false).shared())]
    second: LayerRef,
    #[keras(skip = GlobalAveragePooling1D::new().shared())]
    pool: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    out: LayerRef,
}

impl Layer for Attentive {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = context.apply_masked(&self.words, inputs.into_single()?)?;
        let alias = context.apply_masked(&self.alias, &x)?;
        let first = context.apply_masked(&self.first, [&x, &x])?;
        let second = context.apply_masked(&self.second, [&alias, &alias])?;
        let pooled = [first, second, x].into_iter().map(|y| context.apply(&self.pool, y));
        let pooled = Tensor::concat(&pooled.collect::<Result<Vec<_>>>()?, -1)?;
        Ok(context.apply(&self.out, pooled)?.into())
    }
}

/// Joins the halves of a sequence again and again until one vector is left.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Halving {
    base: LayerBase,
    #[keras(new)]
    units: usize,
    #[keras(skip = dense(units))]
    leaf: LayerRef,
    #[keras(skip = vec![dense(units), dense(units), dense(units)])]
    merge: Vec<LayerRef>,
}

impl Halving {
    fn node(
        &self,
        x: &Tensor,
        steps: std::ops::Range<usize>,
        depth: usize,
        context: &mut CallContext<'_>,
    ) -> Result<Tensor> {
        if steps.len() == 1 {
            return context.apply(&self.leaf, x.narrow(1, steps)?.squeeze(&[1])?);
        }
        let middle = (steps.start + steps.end) / 2;
        let left = self.node(x, steps.start..middle, depth + 1, context)?;
        let right = self.node(x, middle..steps.end, depth + 1, context)?;
        context.apply(&self.merge[depth], Tensor::concat(&[left, right], -1)?)
    }
}

impl Layer for Halving {
    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = inputs.into_single()?;
        let steps = x.shape()[1];
        Ok(self.node(&x, 0..steps, 0, context)?.into())
    }
}

#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Default_ {
    base: LayerBase,
    #[keras(skip = dense(4))]
    hidden: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    out: LayerRef,
}

impl Layer for Default_ {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = context.apply(&self.hidden, inputs.into_single()?)?;
        Ok(context.apply(&self.out, x)?.into())
    }
}

/// Counts each sample by its first feature, halves the gradients, and follows the loss by a metric of its own.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Weighted {
    base: LayerBase,
    #[keras(skip = dense(4))]
    hidden: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    out: LayerRef,
    #[keras(skip = Arc::new(Mean::new().name("weighted")))]
    weighted: Arc<Mean>,
}

impl Layer for Weighted {
    fn role(&self) -> Role {
        Role::Model
    }

    fn steps(&self) -> Option<&dyn Steps> {
        Some(self)
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let x = context.apply(&self.hidden, inputs.into_single()?)?;
        Ok(context.apply(&self.out, x)?.into())
    }
}

impl Weighted {
    fn loss(&self, step: &dyn Step, pass: &mut ForwardPass) -> Result<Tensor> {
        let y_pred = step.call(pass)?;
        let x = &step.inputs()?[0];
        let y = step.batch().y.tensors().next().unwrap().clone();
        let error = y.sub(y_pred.first()?)?.square()?;
        x.narrow(1, 0..1)?.abs()?.mul(&error)?.mean(&[], false)
    }

    fn logs(&self) -> Result<Logs> {
        let value = keras_rs::metrics::Measure::result(&*self.weighted)?;
        Ok([("weighted".to_string(), value.to_scalar()?)].into())
    }
}

impl Steps for Weighted {
    fn train_step(&self, step: &dyn Step) -> Result<Logs> {
        let variables = step.trainable_variables();
        let (loss, mut gradients) = GradientTape::gradients(&variables, |pass| self.loss(step, pass))?;
        for gradient in gradients.iter_mut().flatten() {
            *gradient = gradient.mul_scalar(0.5)?;
        }
        step.apply_gradients(&gradients, &variables)?;
        self.weighted.update_state(&loss, None)?;
        self.logs()
    }

    fn test_step(&self, step: &dyn Step) -> Result<Logs> {
        let loss = self.loss(step, &mut ForwardPass::default())?;
        self.weighted.update_state(&loss.mul_scalar(2.0)?, None)?;
        self.logs()
    }

    fn predict_step(&self, model: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        model.call(inputs)?.iter().map(|y| y.mul_scalar(10.0)).collect()
    }
}

/// z = mean + exp(log_var / 2) * noise, with the penalty that keeps it near a normal distribution.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Sampling {
    base: LayerBase,
}

impl Layer for Sampling {
    fn signature(&self) -> Signature {
        Signature::tensors(&["mean", "log_var", "noise"])
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut take = |name: &str| inputs.take(name).map(Option::unwrap);
        let (mean, log_var, noise) = (take("mean")?, take("log_var")?, take("noise")?);
        let kl = log_var.add_scalar(1.0)?.sub(&mean.square()?)?.sub(&log_var.exp()?)?;
        context.add_loss(kl.sum(&[-1], false)?.mul_scalar(-0.5)?.mean(&[], false)?);
        Ok(mean.add(&log_var.mul_scalar(0.5)?.exp()?.mul(&noise)?)?.into())
    }
}

#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct Vae {
    base: LayerBase,
    #[keras(default = 2)]
    latent: usize,
    #[keras(default = 5)]
    features: usize,
    #[keras(skip = vec![relu(8), relu(6)])]
    encoder: Vec<LayerRef>,
    #[keras(skip = Dense::new(latent).shared())]
    mean: LayerRef,
    #[keras(skip = Dense::new(latent).shared())]
    log_var: LayerRef,
    #[keras(skip = Sampling::new().shared())]
    sampling: LayerRef,
    #[keras(skip = vec![relu(6), Dense::new(features).shared()])]
    decoder: Vec<LayerRef>,
}

fn relu(units: usize) -> LayerRef {
    Dense::new(units).activation("relu").shared()
}

impl Layer for Vae {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let mut inputs = inputs.into_list();
        let noise = inputs.remove(1);
        let mut x = inputs.remove(0);
        for layer in &self.encoder {
            x = context.apply(layer, x)?;
        }
        let (mean, log_var) = (context.apply(&self.mean, &x)?, context.apply(&self.log_var, &x)?);
        let [mut x] = context.apply_to(&self.sampling, [mean, log_var, noise])?;
        for layer in &self.decoder {
            x = context.apply(layer, x)?;
        }
        Ok(x.into())
    }
}

/// From two inputs to two outputs, in lists.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct AdLists {
    base: LayerBase,
    #[keras(default = 4)]
    units: usize,
    #[keras(skip = dense(units))]
    image: LayerRef,
    #[keras(skip = dense(units))]
    text: LayerRef,
    #[keras(skip = Dense::new(3).activation("softmax").shared())]
    kind: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    price: LayerRef,
}

/// From two inputs to two outputs, in dictionaries.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct AdNames {
    base: LayerBase,
    #[keras(default = 4)]
    units: usize,
    #[keras(skip = dense(units))]
    image: LayerRef,
    #[keras(skip = dense(units))]
    text: LayerRef,
    #[keras(skip = Dense::new(3).activation("softmax").shared())]
    kind: LayerRef,
    #[keras(skip = Dense::new(1).shared())]
    price: LayerRef,
}

impl Layer for AdLists {
    fn role(&self) -> Role {
        Role::Model
    }

    fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let [image, text] = inputs.into_list().try_into().expect("two inputs");
        let both =
            Tensor::concat(&[context.apply(&self.image, image)?, context.apply(&self.text, text)?], -1)?;
        Ok(vec![context.apply(&self.kind, &both)?, context.apply(&self.price, &both)?].into())
    }
}

impl Layer for AdNames {
    fn role(&self) -> Role {
        Role::Model
    }

    fn signature(&self) -> Signature {
        Signature::dictionary(&["image", "text"])
    }

    fn output_names(&self) -> &[&str] {
        &["kind", "price"]
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let (image, text) = (inputs.required("image")?, inputs.required("text")?);
        let both =
            Tensor::concat(&[context.apply(&self.image, image)?, context.apply(&self.text, text)?], -1)?;
        Ok(vec![context.apply(&self.kind, &both)?, context.apply(&self.price, &both)?].into())
    }
}

/// Every second step, and of its mask as well, as which operation files need not know.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
struct EverySecond {
    base: LayerBase,
}

impl EverySecond {
    fn of(x: &Tensor) -> Result<Tensor> {
        let steps = x.shape()[1];
        x.take(&Tensor::from_vec((0..steps as i32).step_by(2).collect(), [steps.div_ceil(2)])?, 1)
    }
}

impl Layer for EverySecond {
    fn call(&self, inputs: Inputs, _context: &mut CallContext<'_>) -> Result<Outputs> {
        Ok(Self::of(&inputs.into_single()?)?.into())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
        Ok(vec![inputs.mask().map(|mask| Self::of(&mask)).transpose()?])
    }
}

fn custom() -> CustomObjects {
    CustomObjects::new()
        .layer("tests>EverySecond", EverySecond::from_config)
        .layer("tests>AdLists", AdLists::from_config)
        .layer("tests>AdNames", AdNames::from_config)
        .layer("tests>Drift", cells::Drift::from_config)
        .layer("tests>Everything", Everything::from_config)
        .layer("tests>Halving", Halving::from_config)
        .layer("tests>Sampling", Sampling::from_config)
        .layer("tests>Vae", Vae::from_config)
}

fn load(name: &str) -> Model {
    load_model_with(fixture(&format!("subclassing/{name}")), &custom()).unwrap()
}
