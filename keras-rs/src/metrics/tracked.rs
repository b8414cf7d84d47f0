//! Metrics among the fields of layers and models.

use super::{Measure, Metric};
use crate::error::Result;
use crate::layer::Tracked;
use crate::tensor::{Tensor, TensorData};
use std::sync::Arc;

/// What a model follows of a metric, by the metric behind a field.
macro_rules! tracked {
    ($($field:ty, $metric:expr $(, $class:ident)?;)*) => {$(
        impl $(<$class: Measure>)? Tracked for $field {
            fn name(&self) -> &str {
                Measure::name($metric(self))
            }

            fn result(&self) -> Result<Tensor> {
                Measure::result($metric(self))
            }

            fn reset_state(&self) {
                Measure::reset_state($metric(self));
            }

            fn snapshot(&self) -> Result<Vec<Option<TensorData>>> {
                $metric(self).states().into_iter().map(|state| state.snapshot()).collect()
            }

            fn restore(&self, parts: Vec<Option<TensorData>>) -> Result<()> {
                let states = $metric(self).states();
                states.into_iter().zip(parts).try_for_each(|(state, values)| state.restore(values))
            }
        }
    )*};
}

tracked! {
    M, std::convert::identity::<&M>, M;
    Arc<M>, Arc::<M>::as_ref, M;
    Metric, <Metric as std::ops::Deref>::deref;
}
