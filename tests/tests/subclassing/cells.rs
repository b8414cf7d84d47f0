//! Recurrent layers over cells of users.

use super::*;
use keras_rs::layer::Cell;

/// `h' = tanh(x @ kernel + h * drift)`.
#[derive(Debug, KerasConfig)]
#[keras(package = "tests")]
pub(super) struct Drift {
    base: LayerBase,
    #[keras(new)]
    units: usize,
}

impl Layer for Drift {
    fn signature(&self) -> Signature {
        Signature::new(&["inputs", "states"])
    }

    fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
        let features = inputs.single()?.known_dim(scope.name(), -1)?;
        scope.weight("kernel", &[features, self.units], &Initializer::glorot_uniform()).add()?;
        scope.weight("drift", &[self.units], &Initializer::ones()).add()
    }

    fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
        let kept = inputs.take_all("states").remove(0).mul(&context.weight("drift")?)?;
        let state = inputs.into_single()?.matmul(&context.weight("kernel")?)?.add(&kept)?.tanh()?;
        Ok(vec![state.clone(), state].into())
    }

    fn cell(&self) -> Option<&dyn Cell> {
        Some(self)
    }
}

impl Cell for Drift {
    fn state_size(&self) -> Vec<usize> {
        vec![self.units]
    }
}

/// The model of `generate.py`, as a user here writes it.
fn written() -> Model {
    let x = Input::new([5, 3]);
    let masked = RNN::new(Drift::new(4)).apply(Masking::new().apply(&x).unwrap()).unwrap();
    let stacked = RNN::new([Drift::new(3).shared(), GRUCell::new(2).shared(), Drift::new(5).shared()]);
    let both = concatenate([&masked, &stacked.apply(&x).unwrap()], -1).unwrap();
    let y = Dense::new(1).apply(both).unwrap();
    Model::new(&x, &y).unwrap()
}

#[test]
fn cells_alone_and_stacked_compute_and_train_as_in_keras() {
    let all = expected();
    let expected = &all["cells"];
    let (x, y) = (tensor(&expected["x"], &[6, 5, 3]), tensor(&expected["y"], &[6, 1]));
    let filled = written();
    filled.load_weights(fixture("subclassing/cells.weights.h5")).unwrap();
    filled.compile("sgd", "mse", Vec::<String>::new()).unwrap();
    for (model, what) in [(filled, "weights alone"), (load("cells.keras"), "Keras'")] {
        close(&values(&model.predict(&x).unwrap()), &expected["before"], what);
        let options = Fit::new().batch_size(3).epochs(3).shuffle(false).verbose(0);
        close(&model.fit(&x, &y, options).unwrap()["loss"], &expected["loss"], what);
        close(&values(&model.predict(&x).unwrap()), &expected["after"], what);
    }
}

#[test]
fn states_of_cells_stay_until_they_are_reset() {
    let all = expected();
    let expected = &all["cells"];
    let x = tensor(&expected["x"], &[6, 5, 3]);
    let model = load("stateful_cells.keras");
    let call = || values(&model.call(std::slice::from_ref(&x)).unwrap()[0]);
    close(&call(), &expected["stateful"][0], "first call");
    close(&call(), &expected["stateful"][1], "second call");
    assert_ne!(expected["stateful"][0], expected["stateful"][1]);
    model.layers().iter().for_each(|layer| drop(layer.reset_state()));
    close(&call(), &expected["stateful"][2], "after a reset");
}
