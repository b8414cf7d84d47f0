//! TensorFlow's `Event` messages in the encoding of Protocol Buffers.
//!
//! Only the messages that are written are described here. Field numbers are those of `event.proto`,
//! `summary.proto`, `tensor.proto` and `tensor_shape.proto`. Fields are in ascending order, and fields with
//! the value zero are left out, so that the bytes are those of TensorFlow.

/// The first line of every event file.
const FILE_VERSION: &str = "brain.Event:2";

/// Plugins of TensorBoard that show a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plugin {
    Scalars,
    Histograms,
    Text,
    KerasGraph,
}

impl Plugin {
    fn name(self) -> &'static str {
        match self {
            Self::Scalars => "scalars",
            Self::Histograms => "histograms",
            Self::Text => "text",
            Self::KerasGraph => "graph_keras_model",
        }
    }

    /// The content of the plugin's metadata: for graphs, the version of their format.
    fn content(self) -> &'static [u8] {
        if self == Self::KerasGraph { b"1" } else { b"" }
    }

    fn metadata(self) -> Message {
        let plugin_data = Message::default().bytes(1, self.name().as_bytes()).bytes(2, self.content());
        Message::default().message(1, &plugin_data)
    }
}

/// A tensor that is shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Scalar(f32),
    Text(&'a str),
    Rows(&'a [[f64; 3]]),
}

impl Value<'_> {
    fn tensor(self) -> Message {
        let shape = Message::default();
        match self {
            Self::Scalar(value) => {
                Message::default().varint(1, 1).message(2, &shape).bytes(4, &value.to_le_bytes())
            }
            Self::Text(text) => {
                Message::default().varint(1, 7).message(2, &shape).element(8, text.as_bytes())
            }
            Self::Rows(rows) => {
                let dim = |size: usize| Message::default().varint(1, size as u64);
                let shape = shape.message(2, &dim(rows.len())).message(2, &dim(3));
                let content: Vec<u8> = rows.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
                Message::default().varint(1, 2).message(2, &shape).bytes(4, &content)
            }
        }
    }
}

/// The first event of a file.
pub(super) fn file_version(wall_time: f64) -> Vec<u8> {
    Message::default().double(1, wall_time).bytes(3, FILE_VERSION.as_bytes()).0
}

/// The event of one tensor.
pub(super) fn summary(wall_time: f64, step: u64, tag: &str, plugin: Plugin, value: Value<'_>) -> Vec<u8> {
    let value = Message::default()
        .bytes(1, tag.as_bytes())
        .message(8, &value.tensor())
        .message(9, &plugin.metadata());
    let summary = Message::default().message(1, &value);
    Message::default().double(1, wall_time).varint(2, step).message(5, &summary).0
}

/// A message that is being encoded.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(self, field: u64, value: u64) -> Self {
        if value == 0 { self } else { self.key(field, 0).raw_varint(value) }
    }

    fn double(self, field: u64, value: f64) -> Self {
        let mut message = self.key(field, 1);
        message.0.extend(value.to_le_bytes());
        message
    }

    fn bytes(self, field: u64, value: &[u8]) -> Self {
        if value.is_empty() { self } else { self.element(field, value) }
    }

    fn message(self, field: u64, value: &Self) -> Self {
        self.element(field, &value.0)
    }

    /// Bytes that are written even where they are empty.
    fn element(self, field: u64, value: &[u8]) -> Self {
        let mut message = self.key(field, 2).raw_varint(value.len() as u64);
        message.0.extend(value);
        message
    }

    fn key(self, field: u64, wire_type: u64) -> Self {
        self.raw_varint(field << 3 | wire_type)
    }

    fn raw_varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }
}
