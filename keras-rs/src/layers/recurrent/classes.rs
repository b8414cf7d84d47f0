//! The structs of a recurrent layer and of its cell, whose arguments are the same but for a few.

/// Declares a recurrent layer and its cell. Both have the arguments of every cell; what a class has besides is
/// given: the sizes, `gate` and `forget` for cells with gates and with a bias of the forget gate, what stands before
/// the seed, attributes of the layer's seed, and what the layer alone has.
macro_rules! recurrent_classes {
    (
        $(#[$($layer_attribute:tt)*])*
        layer $layer:ident $([$($generics:tt)*] [$($arguments:tt)*])?,
        $(#[$($cell_attribute:tt)*])*
        cell $cell:ident as $cell_name:literal,
        sizes { $($(#[$($size_attribute:tt)*])* $size:ident: $size_type:ident $(<$size_argument:ident>)?,)* }
        gate { $($gate:ident)? }
        forget { $($forget:ident)? }
        last { $($(#[$($last_attribute:tt)*])* $last:ident: $last_type:ident,)* }
        seed { $($seed:tt)* }
        alone { $($alone:tt)* }
    ) => {
        #[derive(Clone, Debug, KerasConfig)]
        #[keras(module = "keras.layers", check = Self::check, sublayers_with = Self::inner)]
        $(#[$($layer_attribute)*])*
        pub struct $layer $(<$($generics)*>)? {
            #[keras(read_with = $crate::layers::recurrent::recurrence::read_base)]
            base: LayerBase,
            /// Whether the outputs of all steps are given, or the last one's (default `false`).
            #[keras(default = false)]
            return_sequences: bool,
            /// Whether the states at the end are outputs, too (default `false`).
            #[keras(default = false)]
            return_state: bool,
            /// Whether the last step comes first; outputs are in the order in which they were computed (default
            /// `false`).
            #[keras(default = false)]
            go_backwards: bool,
            /// Whether a call starts from the states that the last one left, sample by sample, until
            /// [`reset_state`](LayerRef::reset_state) (default `false`). The batch must then be known.
            #[keras(default = false)]
            stateful: bool,
            /// Whether Keras makes a graph of all steps in place of a loop (default `false`); it changes nothing.
            #[keras(default = false)]
            unroll: bool,
            /// Whether steps that the mask takes out give zeros, or the state before them (default `false`).
            #[keras(default = false)]
            zero_output_for_mask: bool,
            $($(#[$($size_attribute)*])* $size: $size_type $(<$size_argument>)?,)*
            /// Activation of the outputs (default `tanh`).
            #[keras(default = Activation::tanh())]
            activation: Activation,
            $(
                /// Activation of the gates (default `sigmoid`).
                #[keras(default = Activation::sigmoid())]
                $gate: Activation,
            )?
            /// Whether a bias is added (default `true`).
            #[keras(default = true)]
            use_bias: bool,
            /// Initializer of the kernel of the inputs (default `glorot_uniform`).
            #[keras(default = Initializer::glorot_uniform())]
            kernel_initializer: Initializer,
            /// Initializer of the kernel of the states (default `orthogonal`).
            #[keras(default = Initializer::orthogonal())]
            recurrent_initializer: Initializer,
            /// Initializer of the bias (default `zeros`).
            #[keras(default = Initializer::zeros())]
            bias_initializer: Initializer,
            $(
                /// Whether the bias of the forget gate starts from ones (default `true`).
                #[keras(default = true)]
                $forget: bool,
            )?
            /// Penalty on the kernel of the inputs (default: none).
            kernel_regularizer: Option<Regularizer>,
            /// Penalty on the kernel of the states (default: none).
            recurrent_regularizer: Option<Regularizer>,
            /// Penalty on the bias (default: none).
            bias_regularizer: Option<Regularizer>,
            /// Penalty on the outputs (default: none).
            activity_regularizer: Option<Regularizer>,
            /// Projection of the kernel of the inputs (default: none).
            kernel_constraint: Option<Constraint>,
            /// Projection of the kernel of the states (default: none).
            recurrent_constraint: Option<Constraint>,
            /// Projection of the bias (default: none).
            bias_constraint: Option<Constraint>,
            /// Part of the inputs that training drops, the same at every step of a call, 0 to 1 (default 0).
            #[keras(default = 0.0, normalize = $crate::layers::recurrent::dropout::share)]
            dropout: f64,
            /// Part of the state that training drops, the same at every step of a call, 0 to 1 (default 0).
            #[keras(default = 0.0, normalize = $crate::layers::recurrent::dropout::share)]
            recurrent_dropout: f64,
            $($(#[$($last_attribute)*])* $last: $last_type,)*
            /// Seed of what is dropped (default: none).
            $($seed)*
            seed: Option<u64>,
            $($alone)*
            #[keras(skip)]
            cell: InnerCell,
            #[keras(skip)]
            kept: KeptStates,
        }

        impl $(<$($generics)*>)? $layer $($($arguments)*)? {
            fn check(&self, context: &str) -> Result<()> {
                self.new_cell().check(context)
            }

            fn new_cell(&self) -> $cell $($($arguments)*)? {
                let mut base = LayerBase::named($cell_name);
                base.frozen = self.base.frozen;
                base.dtype = self.base.dtype.clone();
                $cell {
                    base,
                    $($size: self.$size.clone(),)*
                    activation: self.activation.clone(),
                    $($gate: self.$gate.clone(),)?
                    use_bias: self.use_bias,
                    $($forget: self.$forget,)?
                    kernel_initializer: self.kernel_initializer.clone(),
                    recurrent_initializer: self.recurrent_initializer.clone(),
                    bias_initializer: self.bias_initializer.clone(),
                    kernel_regularizer: self.kernel_regularizer.clone(),
                    recurrent_regularizer: self.recurrent_regularizer.clone(),
                    bias_regularizer: self.bias_regularizer.clone(),
                    kernel_constraint: self.kernel_constraint.clone(),
                    recurrent_constraint: self.recurrent_constraint.clone(),
                    bias_constraint: self.bias_constraint.clone(),
                    dropout: self.dropout,
                    recurrent_dropout: self.recurrent_dropout,
                    $($last: self.$last.clone(),)*
                    seed: self.seed,
                    drawn: Default::default(),
                }
            }

            fn inner(&self) -> Vec<(String, LayerRef)> {
                vec![("cell".into(), self.recurrence().cell.clone())]
            }

            fn recurrence(&self) -> Recurrence<'_> {
                Recurrence {
                    base: &self.base,
                    cell: self.cell.get_or_make(|| self.new_cell()),
                    kept: &self.kept,
                    return_sequences: self.return_sequences,
                    return_state: self.return_state,
                    go_backwards: self.go_backwards,
                    stateful: self.stateful,
                    zero_output_for_mask: self.zero_output_for_mask,
                    num_constants: None,
                    rank: Some(<$cell $($($arguments)*)?>::RANK + 1),
                }
            }
        }

        impl $(<$($generics)*>)? Layer for $layer $($($arguments)*)? {
            fn signature(&self) -> Signature {
                recurrence::SIGNATURE
            }

            fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
                self.check(scope.name())?;
                self.recurrence().build(scope, inputs)
            }

            fn call(&self, inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
                let recurrence = self.recurrence();
                recurrence.call(inputs, context, |run, context| {
                    let layer = context.layer().to_string();
                    let unknown = || Error::argument(layer, "cell", $cell_name, "another layer");
                    let cell = cell_as::<$cell $($($arguments)*)?>(recurrence.cell).ok_or_else(unknown)?;
                    cell.run(recurrence.cell, run, context)
                })
            }

            fn compute_output_shape(&self, inputs: &InputShapes) -> Result<Vec<Shape>> {
                self.recurrence().output_shapes(inputs)
            }

            fn form(&self) -> Option<Form> {
                let recurrence = self.recurrence();
                let cell = cell_as::<$cell $($($arguments)*)?>(recurrence.cell)?;
                recurrence.form(cell.known_step()?)
            }

            fn supports_masking(&self) -> bool {
                true
            }

            fn compute_mask(&self, inputs: &Inputs) -> Result<Vec<Option<Tensor>>> {
                Ok(self.recurrence().mask(inputs))
            }

            fn compute_symbolic_mask(&self, inputs: &SymbolicInputs) -> Result<Vec<Option<KerasTensor>>> {
                Ok(self.recurrence().mask(inputs))
            }

            fn activity_regularizer(&self) -> Option<&Regularizer> {
                self.activity_regularizer.as_ref()
            }

            fn reset_state(&self) -> Result<()> {
                self.kept.reset()
            }
        }

        #[derive(Clone, Debug, KerasConfig)]
        #[keras(module = "keras.layers", check = Self::check)]
        $(#[$($cell_attribute)*])*
        pub struct $cell $(<$($generics)*>)? {
            #[keras(read_with = $crate::layers::recurrent::recurrence::read_base)]
            base: LayerBase,
            $($(#[$($size_attribute)*])* $size: $size_type $(<$size_argument>)?,)*
            /// Activation of the outputs (default `tanh`).
            #[keras(default = Activation::tanh(), sublayer)]
            activation: Activation,
            $(
                /// Activation of the gates (default `sigmoid`).
                #[keras(default = Activation::sigmoid(), sublayer)]
                $gate: Activation,
            )?
            /// Whether a bias is added (default `true`).
            #[keras(default = true)]
            use_bias: bool,
            $(
                /// Whether the bias of the forget gate starts from ones (default `true`).
                #[keras(default = true)]
                $forget: bool,
            )?
            /// Initializer of the kernel of the inputs (default `glorot_uniform`).
            #[keras(default = Initializer::glorot_uniform())]
            kernel_initializer: Initializer,
            /// Initializer of the kernel of the states (default `orthogonal`).
            #[keras(default = Initializer::orthogonal())]
            recurrent_initializer: Initializer,
            /// Initializer of the bias (default `zeros`).
            #[keras(default = Initializer::zeros())]
            bias_initializer: Initializer,
            /// Penalty on the kernel of the inputs (default: none).
            kernel_regularizer: Option<Regularizer>,
            /// Penalty on the kernel of the states (default: none).
            recurrent_regularizer: Option<Regularizer>,
            /// Penalty on the bias (default: none).
            bias_regularizer: Option<Regularizer>,
            /// Projection of the kernel of the inputs (default: none).
            kernel_constraint: Option<Constraint>,
            /// Projection of the kernel of the states (default: none).
            recurrent_constraint: Option<Constraint>,
            /// Projection of the bias (default: none).
            bias_constraint: Option<Constraint>,
            /// Part of the inputs that training drops, the same at every step of a sequence, 0 to 1 (default 0).
            #[keras(default = 0.0, normalize = $crate::layers::recurrent::dropout::share)]
            dropout: f64,
            /// Part of the state that training drops, the same at every step of a sequence, 0 to 1 (default 0).
            #[keras(default = 0.0, normalize = $crate::layers::recurrent::dropout::share)]
            recurrent_dropout: f64,
            $($(#[$($last_attribute)*])* $last: $last_type,)*
            /// Seed of what is dropped (default: none).
            seed: Option<u64>,
            #[keras(skip)]
            drawn: Arc<AtomicU64>,
        }

        impl $(<$($generics)*>)? $cell $($($arguments)*)? {
            /// Makes the kernels and the bias.
            fn weights(
                &self,
                scope: &mut BuildScope<'_>,
                [kernel, recurrent_kernel]: [&[usize]; 2],
                bias: &[usize],
                bias_initializer: &Initializer,
            ) -> Result<()> {
                scope
                    .weight("kernel", kernel, &self.kernel_initializer)
                    .regularizer(&self.kernel_regularizer)
                    .constraint(&self.kernel_constraint)
                    .add()?;
                scope
                    .weight("recurrent_kernel", recurrent_kernel, &self.recurrent_initializer)
                    .regularizer(&self.recurrent_regularizer)
                    .constraint(&self.recurrent_constraint)
                    .add()?;
                if !self.use_bias {
                    return Ok(());
                }
                scope
                    .weight("bias", bias, bias_initializer)
                    .regularizer(&self.bias_regularizer)
                    .constraint(&self.bias_constraint)
                    .add()
            }

            fn dropout_of_cell(&self) -> CellDropout<'_> {
                CellDropout {
                    dropout: self.dropout,
                    recurrent_dropout: self.recurrent_dropout,
                    seed: self.seed,
                    drawn: &self.drawn,
                    count: self.mask_count(),
                    all_at_one: Self::GATES == 1,
                }
            }
        }

        impl $(<$($generics)*>)? Layer for $cell $($($arguments)*)? {
            fn signature(&self) -> Signature {
                Signature::new(&["inputs", "states", "training"])
            }

            fn build(&self, scope: &mut BuildScope<'_>, inputs: &InputShapes) -> Result<()> {
                self.check(scope.name())?;
                self.build_weights(scope, inputs.single()?)
            }

            fn call(&self, mut inputs: Inputs, context: &mut CallContext<'_>) -> Result<Outputs> {
                let states = inputs.take_all("states");
                if states.len() != Self::STATES {
                    let got = format!("{} tensors", states.len());
                    return Err(Error::argument(context.layer(), "states", format!("{} states", Self::STATES), got));
                }
                self.step(inputs.into_single()?, states, context).map(Outputs::from)
            }

            fn cell(&self) -> Option<&dyn Cell> {
                Some(self)
            }

            fn draws(&self) -> Option<&AtomicU64> {
                self.seed.map(|_| &*self.drawn)
            }
        }
    };
}
pub(super) use recurrent_classes;

/// What the files of recurrent layers with that macro need.
macro_rules! recurrent_imports {
    () => {
        use crate::activations::Activation;
        use crate::config::KerasConfig;
        use crate::constraints::Constraint;
        use crate::error::{Error, Result};
        use crate::initializers::Initializer;
        use crate::layer::{
            BuildScope, CallContext, Cell, Form, InputShapes, Inputs, KerasTensor, Layer, LayerBase,
            LayerRef, Outputs, Signature, SymbolicInputs,
        };
        use crate::layers::recurrent::dropout::CellDropout;
        use crate::layers::recurrent::inner_cell::{InnerCell, cell_as};
        use crate::layers::recurrent::kept_states::KeptStates;
        use crate::layers::recurrent::recurrence::{self, Recurrence, Run};
        use crate::regularizers::Regularizer;
        use crate::shape::Shape;
        use crate::tensor::Tensor;
        use std::sync::Arc;
        use std::sync::atomic::AtomicU64;
    };
}
pub(super) use recurrent_imports;
