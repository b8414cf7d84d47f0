//! Keras' keyword arguments of an application, as JSON holds them.

use keras_rs_applications::{Application, Weights};
use serde_json::{Map, Value};

/// The application with these arguments: `null` stands for Python's `None`.
///
/// # Errors
/// The argument that no application has, or whose value is of another kind.
///
/// ```
/// use keras_rs_applications::DenseNet121;
/// use keras_rs_tests::application_arguments::with_arguments;
/// use serde_json::json;
///
/// let arguments = json!({"include_top": false, "weights": null, "pooling": "avg"});
/// let model = with_arguments(DenseNet121::new(), arguments.as_object().unwrap()).unwrap().build()?;
/// assert_eq!(model.output()?.shape().to_string(), "(None, 1024)");
/// # Ok::<(), keras_rs_applications::Error>(())
/// ```
pub fn with_arguments(
    application: Application,
    arguments: &Map<String, Value>,
) -> Result<Application, String> {
    arguments.iter().try_fold(application, |application, (name, value)| {
        set(application, name, value)
            .ok_or_else(|| format!("an application has no argument {name} = {value}"))
    })
}

fn set(application: Application, name: &str, value: &Value) -> Option<Application> {
    let size = || value.as_u64().and_then(|size| usize::try_from(size).ok());
    Some(match name {
        "include_top" => application.include_top(value.as_bool()?),
        "weights" if value.is_null() => application.weights(Weights::None),
        "weights" => application.weights(value.as_str()?),
        "input_shape" => {
            let shape: Vec<Option<usize>> = serde_json::from_value(value.clone()).ok()?;
            application.input_shape(shape)
        }
        "pooling" => application.pooling(value.as_str()?),
        "classes" => application.classes(size()?),
        "classifier_activation" => application.classifier_activation(value.as_str().unwrap_or("linear")),
        "name" => application.name(value.as_str()?),
        "alpha" => application.alpha(value.as_f64()?),
        "depth_multiplier" => application.depth_multiplier(size()?),
        "dropout" => application.dropout(value.as_f64()?),
        "dropout_rate" => application.dropout_rate(value.as_f64()?),
        "minimalistic" => application.minimalistic(value.as_bool()?),
        "include_preprocessing" => application.include_preprocessing(value.as_bool()?),
        _ => return None,
    })
}
