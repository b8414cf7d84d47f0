//! Axes in another order.

/// Copies numbers of a shape so that their axes are in another order: `axes` says for each of the output's which of the
/// input's it is.
///
/// ```
/// let mut output = [0.0; 6];
/// keras_rs_kernels::permute(&[2, 3], &[1, 0], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut output);
/// assert_eq!(output, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// ```
///
/// # Panics
/// Where the axes are not those of the shape, or there are fewer numbers than it has.
pub fn permute(shape: &[usize], axes: &[usize], input: &[f32], output: &mut [f32]) {
    assert_eq!(shape.len(), axes.len(), "number of axes");
    let strides: Vec<usize> = axes.iter().map(|axis| shape[axis + 1..].iter().product::<usize>()).collect();
    let sizes: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
    // Rows of the output; what is beside each other in both is copied at once.
    let Some((&size, outer)) = sizes.split_last() else { return };
    let stride = strides[outer.len()];
    let mut index = vec![0; outer.len()];
    let mut from = 0;
    for row in output.chunks_exact_mut(size.max(1)).take(outer.iter().product()) {
        if stride == 1 {
            row.copy_from_slice(&input[from..from + size]);
        } else {
            row.iter_mut().zip(input[from..].iter().step_by(stride)).for_each(|(to, x)| *to = *x);
        }
        for axis in (0..outer.len()).rev() {
            index[axis] += 1;
            from += strides[axis];
            if index[axis] < outer[axis] {
                break;
            }
            from -= index[axis] * strides[axis];
            index[axis] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Random;

    #[test]
    fn numbers_are_where_their_indices_say() {
        let mut random = Random::new(31);
        for axes in [vec![0], vec![0, 1], vec![1, 0], vec![0, 2, 1], vec![2, 0, 1], vec![3, 1, 0, 2]] {
            let shape: Vec<usize> = axes.iter().map(|_| random.whole(1, 6)).collect();
            let input = random.numbers(shape.iter().product());
            let mut output = vec![0.0; input.len()];
            permute(&shape, &axes, &input, &mut output);
            let sizes: Vec<usize> = axes.iter().map(|axis| shape[*axis]).collect();
            for (i, got) in output.iter().enumerate() {
                let (mut rest, mut index) = (i, vec![0; axes.len()]);
                for at in (0..axes.len()).rev() {
                    index[axes[at]] = rest % sizes[at];
                    rest /= sizes[at];
                }
                let from = index.iter().zip(&shape).fold(0, |from, (i, size)| from * size + i);
                assert_eq!(*got, input[from], "{shape:?} {axes:?} {i}");
            }
        }
    }
}
