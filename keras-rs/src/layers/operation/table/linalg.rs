//! Operations of `keras.ops.linalg`.

use super::super::adapters;
use super::super::arguments::{Default, Form, Parameter};
use super::super::forms::{Function, Operands, Outputs, Row, rows};
use super::{AXES, KEEPDIMS, parameter};
use crate::ops;

const LINALG: &str = "keras.src.ops.linalg";
const UPPER: Parameter = parameter("upper", Form::Flag, Default::Flag(false));
const RCOND: Parameter = parameter("rcond", Form::MaybeNumber, Default::Null);

/// The operations.
pub(super) static ROWS: &[Row] = rows! {
    LINALG: "Norm" apart(a => norm: a.norm_order("ord")?, a.axes("axis")?, a.flag("keepdims")?; norm_spec: a.axes("axis")?, a.flag("keepdims")?) [
        parameter("ord", Form::Order, Default::Null), AXES, KEEPDIMS
    ];
    LINALG: "Cholesky" apart(a => cholesky: a.flag("upper")?; cholesky_spec:) [UPPER];
    LINALG: "CholeskyInverse" apart(a => cholesky_inverse: a.flag("upper")?; cholesky_inverse_spec:) [UPPER];
    LINALG: "Det" each(det, det_spec);
    LINALG: "Eig" other(Tensors, complex, complex_spec);
    LINALG: "Eigh" each(eigh, eigh_spec);
    LINALG: "Inv" each(inv, inv_spec);
    LINALG: "LuFactor" each(lu_factor, lu_factor_spec);
    LINALG: "Qr" other(Tensors, qr, qr_spec) [parameter("mode", Form::Text, Default::Text("reduced"))];
    LINALG: "Solve" two(Values, solve, solve_spec);
    LINALG: "SolveTriangular" other(Values, solve_triangular, solve_triangular_spec) [
        parameter("lower", Form::Flag, Default::Flag(false))
    ];
    LINALG: "SVD" other(Tensors, svd, svd_spec) [
        parameter("full_matrices", Form::Flag, Default::Flag(true)),
        parameter("compute_uv", Form::Flag, Default::Flag(true))
    ];
    LINALG: "Lstsq" other(Values, lstsq, lstsq_spec) [RCOND];
    LINALG: "MatrixRank" apart(a => matrix_rank: a.maybe_number("tol")?; matrix_rank_spec:) [
        parameter("tol", Form::MaybeNumber, Default::Null)
    ];
    LINALG: "Pinv" apart(a => pinv: a.maybe_number("rcond")?; pinv_spec:) [RCOND];
};
