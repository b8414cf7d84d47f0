//! The gradient of a table whose rows were looked up.

use crate::threads;

/// Computes the gradient of a table of `count` rows of `size` numbers, of which `rows` were looked up: for each row the sum of
/// the gradients of what it gave.
///
/// Threads share the rows of the table, so that sums do not depend on their number.
///
/// ```
/// let gradient = keras_rs_kernels::look_up_gradient(&[1, 1, 2], 1, 4, &[1.0, 2.0, 3.0]);
/// assert_eq!(gradient, [0.0, 3.0, 3.0, 0.0]);
/// ```
///
/// # Panics
/// Where there is no such row, or not as many gradients as were looked up.
pub fn look_up_gradient(rows: &[usize], size: usize, count: usize, gradients: &[f32]) -> Vec<f32> {
    assert_eq!(gradients.len(), rows.len() * size, "gradients of the rows");
    assert!(rows.iter().all(|row| *row < count), "rows of the table");
    let mut table = crate::zeros(count * size);
    if size == 0 {
        return table;
    }
    let part = count.div_ceil(threads::count());
    threads::run_chunks(&mut table, part * size, &|index, table| {
        let first = index * part;
        let own = first..first + table.len() / size;
        for (row, gradient) in rows.iter().zip(gradients.chunks_exact(size)) {
            if own.contains(row) {
                let sums = &mut table[(row - first) * size..][..size];
                sums.iter_mut().zip(gradient).for_each(|(sum, gradient)| *sum += gradient);
            }
        }
    });
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn as_plain_loops() {
        let mut random = Random::new(8);
        for (looked_up, size, count) in [(0, 3, 5), (7, 1, 1), (40, 5, 3), (500, 17, 1000), (3, 0, 4)] {
            let rows: Vec<usize> = (0..looked_up).map(|at| at * at * 31 % count).collect();
            let gradients = random.numbers(looked_up * size);
            let mut expected = vec![0.0; count * size];
            for (at, row) in rows.iter().enumerate() {
                (0..size).for_each(|i| expected[row * size + i] += gradients[at * size + i]);
            }
            assert_eq!(look_up_gradient(&rows, size, count, &gradients), expected);
        }
    }
}
