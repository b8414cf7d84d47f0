//! What is typed first: lists of layers, data in every form, arguments of `predict`, printing.

use keras_rs::prelude::*;
use keras_rs::{Error, TensorData, npz};

fn sum_of_two() -> Model {
    let (a, b) = (Input::new([2]).name("a"), Input::new([2]).name("b"));
    Model::new((&a, &b), (2.0 * &a + &b).unwrap()).unwrap()
}

#[test]
fn predict_takes_data_in_every_form() -> Result<()> {
    let model = sum_of_two();
    let (a, b) = (Tensor::from([[1.0, 2.0]])?, Tensor::from([[10.0, 20.0]])?);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.npz");
    let arrays = [("b".to_string(), b.to_data()?), ("a".to_string(), a.to_data()?)].into_iter().collect();
    npz::write(&path, &arrays)?;
    let all = vec![a.clone(), b.clone()];
    let predicted = [
        model.predict((&a, &b))?,
        model.predict((a.clone(), &b))?,
        model.predict([&a, &b])?,
        model.predict(&all)?,
        model.predict(all.as_slice())?,
        model.predict([("b", &b), ("a", &a)])?,
        model.predict([("b", b.clone()), ("a", a.clone())])?,
        model.predict(vec![("b".to_string(), b.clone()), ("a".to_string(), a.clone())])?,
        model.predict(npz::read(&path)?)?,
        model.predict(&npz::read(&path)?)?,
    ];
    for y in predicted {
        assert_eq!(y.to_vec::<f32>()?, [12.0, 24.0]);
    }
    let one = Sequential::from([Input::new([2]).shared(), Dense::new(1).kernel_initializer("ones").shared()])
        .build()?;
    let data: TensorData = a.to_data()?;
    assert_eq!(one.predict(&data)?.to_scalar()?, 3.0);
    assert_eq!(one.predict(data)?.to_scalar()?, 3.0);
    Ok(())
}

#[test]
fn predict_says_which_input_is_wrong() -> Result<()> {
    let model = sum_of_two();
    let x = Tensor::from([[1.0, 2.0]])?;
    assert!(matches!(model.predict([("a", &x), ("c", &x)]), Err(Error::UnknownName { .. })));
    assert!(format!("{:?}", model.predict([("a", &x)]).unwrap_err()).contains("x[\"b\"]"));
    assert!(matches!(model.predict(&x), Err(Error::Graph { .. })));
    assert!(model.predict((&x, &Tensor::from([[1.0, 2.0], [3.0, 4.0]])?)).is_err());
    assert!(model.predict_batches((&x, &x), 0).is_err());
    Ok(())
}

#[derive(Debug, Default)]
struct Count {
    batches: Vec<usize>,
    stop_after: Option<usize>,
}

impl Callback for Count {
    fn on_predict_batch_end(
        &mut self,
        batch: usize,
        outputs: &[Tensor],
        training: &mut Training,
    ) -> Result<()> {
        self.batches.push(outputs[0].shape()[0]);
        if self.stop_after == Some(batch) {
            training.stop_predicting();
        }
        Ok(())
    }
}

#[test]
fn predict_has_the_arguments_of_keras() -> Result<()> {
    let model = Sequential::from((Input::new([1]), Dense::new(1).kernel_initializer("ones"))).build()?;
    let x = Tensor::from([[0.0], [1.0], [2.0], [3.0], [4.0]])?;
    let mut all = Count::default();
    let y = model.predict_with(&x, Predict::new().batch_size(2).verbose(0).callback(&mut all))?;
    assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(all.batches, [2, 2, 1]);

    let mut stopped = Count { stop_after: Some(0), ..Count::default() };
    let options = Predict::new().batch_size(2).verbose(0).callback(&mut stopped);
    assert_eq!(model.predict_with(&x, options)?.shape(), [2, 1]);
    assert_eq!(model.predict_with(&x, Predict::new().batch_size(2).steps(2).verbose(0))?.shape(), [4, 1]);
    assert!(model.predict_with(&x, Predict::new().verbose(7)).is_err());

    let batches = Batches::from_arrays(&x, (), ())?.batch_size(3);
    assert_eq!(model.predict_dataset(batches, Predict::new().verbose(0))?[0].shape(), [5, 1]);
    Ok(())
}

#[test]
fn lists_of_layers_make_the_same_model() -> Result<()> {
    let models = [
        Sequential::from([Input::new([4]).shared(), Dense::new(3).shared(), Dropout::new(0.5).shared()]),
        Sequential::from(vec![Input::new([4]).shared(), Dense::new(3).shared(), Dropout::new(0.5).shared()]),
        Sequential::from((Input::new([4]), Dense::new(3), Dropout::new(0.5))),
        [Input::new([4]).shared(), Dense::new(3).shared(), Dropout::new(0.5).shared()].into_iter().collect(),
        Sequential::new().add(Input::new([4])).add(Dense::new(3)).add(Dropout::new(0.5)),
    ];
    for model in models {
        let model = model.build()?;
        let names: Vec<String> = model.layers().iter().map(LayerRef::name).collect();
        assert_eq!(names, ["dense", "dropout"]);
        assert_eq!(model.count_params(), 15);
    }
    assert_eq!(Sequential::from([Dense::new(3), Dense::new(1)]).build()?.layers().len(), 2);
    Ok(())
}

#[test]
fn models_and_tensors_are_printed() -> Result<()> {
    let model = Sequential::from((Input::new([4]), Dense::new(3))).build()?;
    assert_eq!(model.to_string(), model.summary());
    let x = Tensor::from([[1.0, 2.5], [-3.0, 4.0]])?;
    assert_eq!(format!("{x}"), "[[ 1.   2.5]\n [-3.   4. ]]");
    assert_eq!(format!("{x:?}"), format!("{x}"));
    assert_eq!(Tensor::from(3)?.to_string(), "3");
    assert_eq!(Tensor::from([true, false])?.to_string(), "[ True False]");
    Ok(())
}

#[test]
fn slices_are_those_of_python() -> Result<()> {
    use keras_rs::ops::Index;
    let x = Tensor::from([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])?;
    let n = 2_usize;
    let cases = [
        (x.slice(0..1)?, vec![1, 4], vec![0, 1, 2, 3]),
        (x.slice(-1)?, vec![4], vec![8, 9, 10, 11]),
        (x.slice(n..)?, vec![1, 4], vec![8, 9, 10, 11]),
        (x.slice((.., 0..n))?, vec![3, 2], vec![0, 1, 4, 5, 8, 9]),
        (x.slice((0..1, .., Index::NewAxis))?, vec![1, 4, 1], vec![0, 1, 2, 3]),
        (x.slice((1..=-1, -2..))?, vec![2, 2], vec![6, 7, 10, 11]),
        (x.slice((..=0, 3))?, vec![1], vec![3]),
        (x.slice((Index::Ellipsis, -1))?, vec![3], vec![3, 7, 11]),
        (x.slice(Index::from(..).step(-2))?, vec![2, 4], vec![8, 9, 10, 11, 0, 1, 2, 3]),
        (x.slice((0, 1..100))?, vec![3], vec![1, 2, 3]),
        (x.slice([Index::At(1), Index::At(1)])?, vec![], vec![5]),
        (x.slice(5..)?, vec![0, 4], vec![]),
    ];
    for (got, shape, values) in cases {
        assert_eq!(got.shape(), shape);
        assert_eq!(got.to_vec::<i32>()?, values);
    }
    assert!(x.slice(3).is_err() && x.slice((0, 0, 0)).is_err());
    assert!(x.slice(Index::from(..).step(0)).is_err());
    Ok(())
}
