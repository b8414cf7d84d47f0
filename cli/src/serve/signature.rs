//! What goes into a model and comes out of it.

use anyhow::Result;
use axum::http::StatusCode;
use keras_rs::{DType, Model, Shape, Tensor};
use serde_json::{Map, Value, json};

use super::body::Data;
use super::failure::Failure;
use super::values::Values;
use crate::images::Form;

/// The signatures that Keras exports; both are the model's only one.
pub(crate) const SIGNATURES: [&str; 2] = ["serving_default", "serve"];

/// An input or output.
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) dtype: DType,
    /// With the batch.
    pub(crate) shape: Shape,
}

/// The inputs and outputs of a model, in its order.
pub(crate) struct Signature {
    pub(crate) inputs: Vec<Port>,
    pub(crate) outputs: Vec<Port>,
}

impl Signature {
    /// Those of the model, which must know its shapes.
    pub(crate) fn of(model: &Model) -> Result<Self> {
        let ports = |names: Vec<String>, tensors: Vec<keras_rs::layer::KerasTensor>| {
            let mut ports: Vec<Port> = Vec::new();
            for (name, tensor) in names.into_iter().zip(tensors) {
                // Objects of JSON cannot hold a name twice.
                let mut unique = name.clone();
                for number in 1.. {
                    if ports.iter().all(|port| port.name != unique) {
                        break;
                    }
                    unique = format!("{name}_{number}");
                }
                ports.push(Port { name: unique, dtype: tensor.dtype(), shape: tensor.shape().clone() });
            }
            ports
        };
        Ok(Self {
            inputs: ports(model.input_names()?, model.inputs()?),
            outputs: ports(model.output_names()?, model.outputs()?),
        })
    }

    /// Whether any number of samples can be computed at once.
    pub(crate) fn takes_batches(&self) -> bool {
        let open = |port: &Port| matches!(port.shape.dims().first(), Some(None));
        self.inputs.iter().all(open) && self.outputs.iter().all(open)
    }

    /// The tensors of a request in the order of the inputs; `form` is how images are read, if they can be.
    pub(crate) fn tensors(&self, data: Data, form: Option<&Form>) -> Result<Vec<Tensor>, Failure> {
        let mut named = match (data, self.inputs.as_slice()) {
            (Data::Single(values), [port]) => vec![(port, values)],
            (Data::Single(_), _) => {
                let names = self.input_names();
                return Err(Failure::invalid(format!("the model has several inputs: name them, {names}")));
            }
            (Data::Named(mut values), ports) => {
                let mut named = Vec::new();
                for port in ports {
                    let values = values.swap_remove(&port.name).ok_or_else(|| {
                        let names = self.input_names();
                        Failure::invalid(format!(
                            "missing input {}; the model's inputs are {names}",
                            port.name
                        ))
                    })?;
                    named.push((port, values));
                }
                if let Some(name) = values.keys().next() {
                    let names = self.input_names();
                    return Err(Failure::invalid(format!("no input is called {name}; they are {names}")));
                }
                named
            }
        };
        let tensors =
            named.drain(..).map(|(port, values)| port.tensor(values, form)).collect::<Result<Vec<_>, _>>()?;
        let mut sizes = tensors.iter().map(|tensor| tensor.shape().first());
        let first = sizes.next().flatten();
        match sizes.all(|size| size == first) {
            _ if first == Some(&0) => Err(Failure::invalid("there are no samples")),
            false => Err(Failure::invalid("the inputs have different numbers of samples")),
            true => Ok(tensors),
        }
    }

    fn input_names(&self) -> String {
        self.inputs.iter().map(|port| port.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The `signature_def` of TensorFlow Serving's metadata.
    pub(crate) fn metadata(&self) -> Value {
        let inputs = self.inputs.iter().map(|port| (port, format!("serving_default_{}:0", port.name)));
        let outputs =
            self.outputs.iter().enumerate().map(|(i, port)| (port, format!("StatefulPartitionedCall:{i}")));
        let signature = json!({
            "inputs": ports(inputs),
            "outputs": ports(outputs),
            "method_name": "tensorflow/serving/predict",
        });
        let signatures: Map<String, Value> =
            SIGNATURES.iter().map(|name| ((*name).to_string(), signature.clone())).collect();
        json!({"signature_def": signatures})
    }
}

fn ports<'a>(ports: impl Iterator<Item = (&'a Port, String)>) -> Map<String, Value> {
    ports.map(|(port, tensor)| (port.name.clone(), port.metadata(&tensor))).collect()
}

impl Port {
    fn tensor(&self, values: Values, form: Option<&Form>) -> Result<Tensor, Failure> {
        let wrong = |problem: String| Failure::invalid(format!("input {}: {problem}", self.name));
        let tensor = match values.images().map_err(wrong)? {
            Some(images) => {
                let form = form.ok_or_else(|| wrong("takes no images, so `b64` cannot be given".into()))?;
                form.batch_of_files(images).map_err(|error| wrong(format!("{error:#}")))?
            }
            None => values.tensor(self.dtype).map_err(wrong)?,
        };
        self.fit(tensor)
    }

    /// The tensor, if its shape is the input's; numbers for an input of one number each become columns, as Keras' `predict`
    /// has it.
    fn fit(&self, tensor: Tensor) -> Result<Tensor, Failure> {
        if self.shape.accepts(tensor.shape()) {
            return Ok(tensor);
        }
        if tensor.rank() == 1 && matches!(self.shape.dims(), [_, None | Some(1)]) {
            return tensor.expand_dims(-1).map_err(|e| Failure::of(&e));
        }
        let got: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
        Err(Failure::new(
            StatusCode::BAD_REQUEST,
            format!("input {}: expected the shape {}, got ({})", self.name, self.shape, got.join(", ")),
        ))
    }

    fn metadata(&self, tensor: &str) -> Value {
        let dims: Vec<Value> = self
            .shape
            .dims()
            .iter()
            .map(|dim| json!({"size": dim.map_or("-1".into(), |size| size.to_string()), "name": ""}))
            .collect();
        let dtype = match self.dtype {
            DType::F32 => "DT_FLOAT",
            DType::F64 => "DT_DOUBLE",
            DType::F16 => "DT_HALF",
            DType::BF16 => "DT_BFLOAT16",
            DType::I32 => "DT_INT32",
            DType::I64 => "DT_INT64",
            DType::U8 => "DT_UINT8",
            DType::U32 => "DT_UINT32",
            DType::Bool => "DT_BOOL",
        };
        json!({"dtype": dtype, "tensor_shape": {"dim": dims, "unknown_rank": false}, "name": tensor})
    }
}
