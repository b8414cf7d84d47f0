//! Recurrent layers, their cells, and wrappers over time.

mod base_conv_lstm;
mod bidirectional;
mod classes;
mod conv_lstm1d;
mod conv_lstm2d;
mod conv_lstm3d;
mod dropout;
mod forget_bias;
mod gru;
mod inner_cell;
mod kept_states;
mod lstm;
mod lstm_gates;
mod merge_mode;
mod recurrence;
mod rnn;
mod simple_rnn;
mod stacked_rnn_cells;
mod time_distributed;
mod use_cudnn;
mod walk;

pub use base_conv_lstm::{BaseConvLSTM, BaseConvLSTMCell};
pub use bidirectional::Bidirectional;
pub use conv_lstm1d::ConvLSTM1D;
pub use conv_lstm2d::ConvLSTM2D;
pub use conv_lstm3d::ConvLSTM3D;
pub use gru::{GRU, GRUCell};
pub use lstm::{LSTM, LSTMCell};
pub use merge_mode::MergeMode;
pub use rnn::RNN;
pub use simple_rnn::{SimpleRNN, SimpleRNNCell};
pub use stacked_rnn_cells::StackedRNNCells;
pub use time_distributed::TimeDistributed;
pub use use_cudnn::UseCudnn;

use crate::config::ClassTable;
use crate::error::{Error, Result};
use crate::layer::Layer;

/// Refuses layers without units.
fn require_units(context: &str, units: usize) -> Result<()> {
    if units > 0 { Ok(()) } else { Err(Error::argument(context, "units", "at least 1", units)) }
}

/// Adds the layers of this family.
pub(crate) fn register(table: &mut ClassTable<Box<dyn Layer>>) {
    table.class::<Bidirectional>(&["Bidirectional"]);
    table.class::<ConvLSTM1D>(&["ConvLSTM1D"]);
    table.class::<ConvLSTM2D>(&["ConvLSTM2D"]);
    table.class::<ConvLSTM3D>(&["ConvLSTM3D"]);
    table.class::<GRU>(&["GRU"]);
    table.class::<GRUCell>(&["GRUCell"]);
    table.class::<LSTM>(&["LSTM"]);
    table.class::<LSTMCell>(&["LSTMCell"]);
    table.class::<RNN>(&["RNN"]);
    table.class::<SimpleRNN>(&["SimpleRNN"]);
    table.class::<SimpleRNNCell>(&["SimpleRNNCell"]);
    table.class::<StackedRNNCells>(&["StackedRNNCells"]);
    table.class::<TimeDistributed>(&["TimeDistributed"]);
}
