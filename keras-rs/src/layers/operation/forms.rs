//! Rows of the table of operations, and the forms that functions of `ops` have.

use super::arguments::{Arguments, Parameter};
use crate::error::Result;
use crate::shape::Spec;
use crate::tensor::Tensor;

/// In place of a row's keywords: any name.
pub(super) const ANY_KEYWORD: &str = "*";

/// One class of operations.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) class: &'static str,
    /// The module that files name.
    pub(super) module: &'static str,
    pub(super) function: Function,
    /// Arguments of the class, in Keras' order.
    pub(super) parameters: &'static [Parameter],
    /// Arguments by keyword that calls may have.
    pub(super) keywords: &'static [&'static str],
}

/// How an operation reads its arguments and calls its function of `ops`, with data and without.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) operands: Operands,
    pub(super) call: fn(&[Tensor], &Arguments<'_>) -> Result<Vec<Tensor>>,
    pub(super) spec: fn(&[Spec], &Arguments<'_>) -> Result<Vec<Spec>>,
}

/// What the operands are, besides tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operands {
    /// Tensors only.
    Tensors,
    /// One list of tensors.
    List,
    /// Tensors, and constants of their type.
    Values,
    /// A condition, then tensors and constants of their type.
    Chosen,
    /// Tensors and numbers of elements.
    Indices,
    /// Tensors, constants of their type, and `null` for operands that are not given.
    Optional,
    /// Lists of tensors and constants, and a constant of their type.
    Lists,
}

/// What functions of `ops` return: one output, two, or a list.
pub(super) trait Outputs<T> {
    fn list(self) -> Vec<T>;
}

impl Outputs<Tensor> for Tensor {
    fn list(self) -> Vec<Tensor> {
        vec![self]
    }
}

impl Outputs<Self> for Spec {
    fn list(self) -> Vec<Spec> {
        vec![self]
    }
}

impl<T, const N: usize> Outputs<T> for [T; N] {
    fn list(self) -> Vec<T> {
        self.into()
    }
}

impl<T> Outputs<T> for (T, T) {
    fn list(self) -> Vec<T> {
        vec![self.0, self.1]
    }
}

impl<T> Outputs<T> for Vec<T> {
    fn list(self) -> Vec<T> {
        self
    }
}

/// Rows of the table. The forms of functions of `ops`:
///
/// - `each`: of one tensor; arguments change nothing about its shape and data type.
/// - `one`, `two`, `three`: of so many operands, and arguments that both functions take.
/// - `apart`, `two_apart`, `three_apart`: of so many operands; both functions take arguments of their own.
/// - `list`: of a list of tensors, `pair`: of a list of two.
/// - `other`: an adapter finds the operands.
macro_rules! rows {
    ($($module:ident: $class:literal $kind:ident($($inner:tt)*) $([$($parameter:expr),*])? $(with $($keyword:literal),+)?;)*) => {
        &[$(Row {
            class: $class,
            module: $module,
            function: rows!(@ $kind $($inner)*),
            parameters: &[$($($parameter),*)?],
            keywords: &[$($($keyword),+)?],
        }),*]
    };
    (@ each $f:ident, $spec:ident $(, $a:ident => $($arg:expr),+)?) => {
        rows!(@ function Tensors, [x], [$($a)?], ($f: $($($arg),+)?), ($spec:))
    };
    (@ one $f:ident, $spec:ident $(, $a:ident => $($arg:expr),+)?) => {
        rows!(@ function Tensors, [x], [$($a)?], ($f: $($($arg),+)?), ($spec: $($($arg),+)?))
    };
    (@ two $kind:ident, $f:ident, $spec:ident $(, $a:ident => $($arg:expr),+)?) => {
        rows!(@ function $kind, [x1, x2], [$($a)?], ($f: $($($arg),+)?), ($spec: $($($arg),+)?))
    };
    (@ three $f:ident, $spec:ident) => { rows!(@ function Chosen, [x1, x2, x3], [], ($f:), ($spec:)) };
    (@ pair $f:ident, $spec:ident $(, $a:ident => $($arg:expr),+)?) => {
        Function {
            operands: Operands::List,
            call: |operands, arguments| {
                let [x1, x2] = arguments.exactly(operands)?;
                $(let $a = arguments;)?
                ops::$f([x1, x2], $($($arg),+)?).map(Outputs::list)
            },
            spec: |operands, arguments| {
                let [x1, x2] = arguments.exactly(operands)?;
                $(let $a = arguments;)?
                ops::$spec(x1, x2, $($($arg),+)?).map(Outputs::list)
            },
        }
    };
    (@ apart $a:ident => $f:ident: $($arg:expr),*; $spec:ident: $($spec_arg:expr),*) => {
        rows!(@ function Tensors, [x], [$a], ($f: $($arg),*), ($spec: $($spec_arg),*))
    };
    (@ two_apart $kind:ident, $a:ident => $f:ident: $($arg:expr),*; $spec:ident: $($spec_arg:expr),*) => {
        rows!(@ function $kind, [x1, x2], [$a], ($f: $($arg),*), ($spec: $($spec_arg),*))
    };
    (@ three_apart $kind:ident, $a:ident => $f:ident: $($arg:expr),*; $spec:ident: $($spec_arg:expr),*) => {
        rows!(@ function $kind, [x1, x2, x3], [$a], ($f: $($arg),*), ($spec: $($spec_arg),*))
    };
    (@ function $kind:ident, [$($x:ident),+], [$($a:ident)?], ($f:ident: $($arg:expr),*), ($spec:ident: $($spec_arg:expr),*)) => {
        Function {
            operands: Operands::$kind,
            call: |operands, arguments| {
                let [$($x),+] = arguments.exactly(operands)?;
                $(let $a = arguments;)?
                ops::$f($($x,)+ $($arg),*).map(Outputs::list)
            },
            spec: |operands, arguments| {
                let [$($x),+] = arguments.exactly(operands)?;
                $(let $a = arguments; let _ = $a;)?
                ops::$spec($($x,)+ $($spec_arg),*).map(Outputs::list)
            },
        }
    };
    (@ list $f:ident, $spec:ident $(, $a:ident => $($arg:expr),+)?) => {
        Function {
            operands: Operands::List,
            call: |operands, arguments| {
                let _ = arguments;
                $(let $a = arguments;)?
                ops::$f(&operands.iter().collect::<Vec<_>>(), $($($arg),+)?).map(Outputs::list)
            },
            spec: |operands, arguments| {
                let _ = arguments;
                $(let $a = arguments;)?
                ops::$spec(operands, $($($arg),+)?).map(Outputs::list)
            },
        }
    };
    (@ other $operands:ident, $call:ident, $spec:ident) => {
        Function { operands: Operands::$operands, call: adapters::$call, spec: adapters::$spec }
    };
}
pub(super) use rows;
