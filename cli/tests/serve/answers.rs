use super::*;

/// Arrays as nested lists, cut along the batch where asked for.
fn lists(data: &TensorData) -> Value {
    let tensor = Tensor::from_data(data.clone()).unwrap();
    let is_whole = !data.dtype().is_float();
    let number = |v: f64| if is_whole { Value::from(v as i64) } else { Value::from(v) };
    let mut values: Vec<Value> = tensor.to_f64_vec().unwrap().into_iter().map(number).collect();
    for &size in data.shape().iter().skip(1).rev() {
        values = values.chunks(size).map(|row| Value::from(row.to_vec())).collect();
    }
    Value::from(values)
}

/// Both formats give the numbers of real Keras, for one and many inputs and outputs.
#[test]
fn numbers_of_real_keras_in_rows_and_columns() {
    let cases =
        ["format_keras", "multi_input", "multi_output", "dict_inputs", "dict_outputs", "keras2_recurrent"];
    let paths: Vec<PathBuf> = cases
        .iter()
        .map(|case| fixture(&format!("{case}/model.keras")))
        .map(|path| if path.exists() { path } else { path.with_extension("h5") })
        .collect();
    let line: Vec<String> = cases.iter().map(|case| format!("{case}={{}}")).collect();
    let server = Server::start(&line.join(" "), &paths.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    for (case, path) in cases.iter().zip(&paths) {
        let x = npz::read(path.with_file_name("x.npz")).unwrap();
        let y = npz::read(path.with_file_name("y.npz")).unwrap();
        let metadata = server.get(&format!("/v1/models/{case}/metadata")).ok();
        let signature = &metadata["metadata"]["signature_def"]["signature_def"]["serving_default"];
        let names: Vec<&String> = signature["inputs"].as_object().unwrap().keys().collect();
        let columns: serde_json::Map<String, Value> = if let [name] = names.as_slice() {
            [((*name).clone(), lists(&x[0]))].into_iter().collect()
        } else {
            x.iter().map(|(name, data)| (name.clone(), lists(data))).collect()
        };
        let samples = x[0].shape()[0];
        let row = |i: usize| {
            let row = columns.iter().map(|(name, values)| (name.clone(), values[i].clone()));
            Value::Object(row.collect())
        };
        let rows: Vec<Value> = (0..samples).map(row).collect();
        let check = |outputs: &Value| {
            for (name, data) in &y {
                let got = if y.len() == 1 { outputs } else { &outputs[name] };
                assert_close(&flat(got), &f64s(data), &format!("{case}: {name}"));
            }
        };
        check(&server.predict(case, &json!({"inputs": columns}))["outputs"]);
        let answer = server.predict(case, &json!({"instances": rows}));
        let predictions = answer["predictions"].as_array().unwrap();
        assert_eq!(predictions.len(), samples);
        if y.len() == 1 {
            check(&answer["predictions"]);
        } else {
            let column = |name: &String| predictions.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
            check(&Value::Object(y.keys().map(|name| (name.clone(), Value::from(column(name)))).collect()));
        }
        if names.len() == 1 {
            let values = columns.values().next().unwrap();
            check(&server.predict(case, &json!({"inputs": values}))["outputs"]);
            check_rows(&server, case, values, &answer);
        }
    }
}

/// Values without the input's name give the same.
#[track_caller]
fn check_rows(server: &Server, case: &str, values: &Value, expected: &Value) {
    let path = format!("/v1/models/{case}/versions/1:predict");
    assert_eq!(&server.post(&path, &json!({"instances": values}).to_string()).ok(), expected);
}
