//! Linear algebra of `keras.ops`, as `functions` calls it.

use keras_rs::ops::{self, Axes, NormOrder};
use keras_rs::{DType, Result, Tensor, TensorData};
use serde_json::Value;

pub fn run(function: &str, x: &[&Tensor], a: &[Value]) -> Result<Vec<Tensor>> {
    let flag = |i: usize| a[i].as_bool().unwrap();
    let text = |i: usize| a[i].as_str().unwrap();
    let one = match function {
        "det" => ops::det(x[0]),
        "inv" => ops::inv(x[0]),
        "logdet" => ops::logdet(x[0]),
        "solve" => ops::solve(x[0], x[1]),
        "solve_triangular" => ops::solve_triangular(x[0], x[1], flag(0)),
        "cholesky" => ops::cholesky(x[0], flag(0)),
        "cholesky_inverse" => ops::cholesky_inverse(x[0], flag(0)),
        "pinv" => ops::pinv(x[0], None),
        "matrix_rank" => ops::matrix_rank(x[0], None),
        "lstsq" => ops::lstsq(x[0], x[1], None),
        "svdvals" => ops::svdvals(x[0]),
        "norm" => ops::norm(x[0], order(&a[0]), axes(&a[1]), flag(2)),
        "slogdet" => return pair(ops::slogdet(x[0])?),
        "lu_factor" => return pair(ops::lu_factor(x[0])?),
        "eigh" if x[0].is_empty() => return pair(ops::eigh(x[0])?),
        "eigh" => ops::eigh(x[0]).map(|(values, _)| values),
        "svd" => ops::svd(x[0], true).map(|(_, values, _)| values),
        "qr" => ops::qr(x[0], "reduced")?.1.abs(),
        "eigh_products" => return eigh(x[0]),
        "svd_products" => return svd(x[0], flag(0)),
        "qr_products" => return qr(x[0], text(0)),
        other => panic!("the test does not call {other}"),
    };
    Ok(vec![one?])
}

fn pair((first, second): (Tensor, Tensor)) -> Result<Vec<Tensor>> {
    Ok(vec![first, second])
}

fn order(value: &Value) -> Option<NormOrder> {
    match value.as_str() {
        Some("nuc") => Some(NormOrder::Nuclear),
        Some("fro") => Some(NormOrder::Frobenius),
        _ => value.as_f64().map(NormOrder::Number),
    }
}

fn axes(value: &Value) -> Axes {
    let axes: Vec<isize> = value.as_array().unwrap().iter().map(|v| v.as_i64().unwrap() as isize).collect();
    axes.into()
}

fn sines(like: &Tensor, shape: &[usize], k: usize) -> Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|i| (0.7 * i as f64 + 0.3 + k as f64).sin()).collect();
    let data = TensorData::from_f64(&values, shape.to_vec(), like.dtype()).unwrap();
    Tensor::from_data_on(data, like.device()).unwrap()
}

/// `a diag(c) b` with sines c, which does not depend on the signs of columns and rows.
fn between(a: &Tensor, b: &Tensor, k: usize) -> Result<Tensor> {
    a.mul(&sines(a, &[a.dim(-1)?], k))?.matmul(b)
}

fn eigh(x: &Tensor) -> Result<Vec<Tensor>> {
    let (values, vectors) = ops::eigh(x)?;
    let product = between(&vectors, &vectors.transpose()?, 1)?;
    Ok(vec![values, product])
}

fn svd(x: &Tensor, full_matrices: bool) -> Result<Vec<Tensor>> {
    let (u, s, vt) = ops::svd(x, full_matrices)?;
    let k = s.dim(-1)?;
    if full_matrices && u.dim(-1)? != vt.dim(-2)? {
        orthogonal(&u)?;
        orthogonal(&vt)?;
        return Ok(vec![between(&u.narrow(-1, 0..k)?, &vt.narrow(-2, 0..k)?, 1)?, s]);
    }
    let (ut, v) = (u.transpose()?, vt.transpose()?);
    Ok(vec![between(&u, &vt, 1)?, between(&u, &ut, 2)?, between(&v, &vt, 3)?, s])
}

fn qr(x: &Tensor, mode: &str) -> Result<Vec<Tensor>> {
    let (q, r) = ops::qr(x, mode)?;
    near(&q.matmul(&r)?.detach(), &x.detach())?;
    if mode == "complete" {
        orthogonal(&q.detach())?;
    }
    if q.dim(-1)? > r.dim(-1)? {
        // The last columns are any that complete the basis.
        let all = between(&q, &q.transpose()?, 1)?;
        return Ok(vec![all, between(&r.transpose()?, &r, 2)?]);
    }
    Ok(vec![between(&q, &q.transpose()?, 1)?, between(&r.transpose()?, &r, 2)?])
}

fn orthogonal(square: &Tensor) -> Result<()> {
    let product = square.matmul(&square.transpose()?)?;
    let identity = ops::identity(square.dim(-1)?, DType::F32)?.to_device(square.device())?;
    near(&product, &identity.broadcast_to(product.shape())?)
}

fn near(got: &Tensor, want: &Tensor) -> Result<()> {
    let difference = got.sub(want)?.abs()?.max(&[], false)?.to_scalar()?;
    assert!(difference < 1e-5, "{difference}");
    Ok(())
}
