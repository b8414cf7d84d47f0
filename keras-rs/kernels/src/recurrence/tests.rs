use super::*;
use crate::tests::Random;

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

struct Plain<'a> {
    step: RecurrentStep,
    units: usize,
    kernel: &'a [f32],
    recurrent: &'a [f32],
    bias: &'a [f32],
}

impl Plain<'_> {
    fn sums(&self, x: &[f64], matrix: &[f32]) -> Vec<f64> {
        let columns = self.step.gates() * self.units;
        let sum =
            |j: usize| x.iter().enumerate().map(|(k, x)| x * f64::from(matrix[k * columns + j])).sum::<f64>();
        (0..columns).map(sum).collect()
    }

    fn bias(&self, row: usize, j: usize) -> f64 {
        let columns = self.step.gates() * self.units;
        f64::from(self.bias.get(row * columns + j).copied().unwrap_or(0.0))
    }

    /// The states after a step, in float64 and by the formulas.
    fn next(&self, x: &[f64], h: &mut [f64], c: &mut [f64]) {
        let units = self.units;
        let mut z = self.sums(x, self.kernel);
        z.iter_mut().enumerate().for_each(|(j, z)| *z += self.bias(0, j));
        let p = self.sums(h, self.recurrent);
        match self.step {
            RecurrentStep::SimpleRnn(activation) => {
                for u in 0..units {
                    let sum = z[u] + p[u];
                    h[u] = match activation {
                        RecurrentActivation::Linear => sum,
                        RecurrentActivation::Relu => sum.max(0.0),
                        RecurrentActivation::Sigmoid => logistic(sum),
                        RecurrentActivation::Tanh => sum.tanh(),
                    };
                }
            }
            RecurrentStep::Lstm => {
                for u in 0..units {
                    let [i, f, g, o] = [0, 1, 2, 3].map(|gate| z[gate * units + u] + p[gate * units + u]);
                    c[u] = logistic(f) * c[u] + logistic(i) * g.tanh();
                    h[u] = logistic(o) * c[u].tanh();
                }
            }
            RecurrentStep::Gru { reset_after } => {
                let second = usize::from(reset_after);
                let of_state = |j: usize| p[j] + if reset_after { self.bias(second, j) } else { 0.0 };
                let gate = |j: usize| logistic(z[j] + of_state(j));
                let reset: Vec<f64> = (0..units).map(|u| gate(units + u) * h[u]).collect();
                let before = self.sums(&reset, self.recurrent);
                let next = |u: usize| {
                    let last = 2 * units + u;
                    let inner = if reset_after { gate(units + u) * of_state(last) } else { before[last] };
                    let g = (z[last] + inner).tanh();
                    gate(u) * h[u] + (1.0 - gate(u)) * g
                };
                let made: Vec<f64> = (0..units).map(next).collect();
                h.copy_from_slice(&made);
            }
        }
    }
}

const STEPS: [RecurrentStep; 7] = [
    RecurrentStep::SimpleRnn(RecurrentActivation::Linear),
    RecurrentStep::SimpleRnn(RecurrentActivation::Relu),
    RecurrentStep::SimpleRnn(RecurrentActivation::Sigmoid),
    RecurrentStep::SimpleRnn(RecurrentActivation::Tanh),
    RecurrentStep::Lstm,
    RecurrentStep::Gru { reset_after: true },
    RecurrentStep::Gru { reset_after: false },
];

#[test]
fn states_are_those_of_the_formulas_on_every_set_of_instructions() {
    let mut random = Random::new(17);
    for level in Level::all() {
        for round in 0..60 {
            let step = STEPS[round % STEPS.len()];
            let [batch, steps] = [random.whole(1, 19), random.whole(1, 33)];
            let [features, units] = [random.whole(1, 40), random.pick(&[1, 3, 16, 21, 40])];
            let columns = step.gates() * units;
            let size = 1.0 / (units as f32).sqrt();
            let mut weights =
                |count: usize| random.numbers(count).iter().map(|x| x * size).collect::<Vec<_>>();
            let rows = if step == (RecurrentStep::Gru { reset_after: true }) { 2 } else { 1 };
            let bias = if round % 5 == 0 { Vec::new() } else { weights(rows * columns) };
            let (kernel, recurrent) = (weights(features * columns), weights(units * columns));
            let layer = Recurrence::at(*level, step, units, &kernel, &recurrent, &bias);
            let plain = Plain { step, units, kernel: &kernel, recurrent: &recurrent, bias: &bias };
            let (pitch, offset) = (features + random.whole(0, 3), random.whole(0, 2));
            let x = random.numbers(offset + batch * steps * pitch);
            let backwards = random.whole(0, 1) == 1;
            let flags: Vec<bool> = (0..batch * steps).map(|_| random.whole(0, 2) > 0).collect();
            let seen = (round % 3 > 0).then_some(Seen { steps: &flags, zeros: round % 3 == 1 });
            for states in [States::Last, States::InOrder, States::AtInputs] {
                let pixels = if states == States::Last { batch } else { batch * steps };
                let (to_pitch, to_offset) = (units + random.whole(0, 3), random.whole(0, 2));
                let mut y = vec![-9.0; to_offset + pixels * to_pitch];
                let input = View { values: &x, pitch, offset };
                let output = ViewMut { values: &mut y, pitch: to_pitch, offset: to_offset };
                layer.run_masked([batch, steps], input, seen, backwards, states, output);
                let y = View { values: &y, pitch: to_pitch, offset: to_offset };
                for sample in 0..batch {
                    let (mut h, mut c) = (vec![0.0; units], vec![0.0; units]);
                    for i in 0..steps {
                        let at = if backwards { steps - 1 - i } else { i };
                        let x: Vec<f64> = input
                            .pixel(sample * steps + at, features)
                            .iter()
                            .map(|x| f64::from(*x))
                            .collect();
                        let counts = seen.is_none_or(|seen| seen.has(sample * steps + at));
                        if counts {
                            plain.next(&x, &mut h, &mut c);
                        }
                        let zeros = !counts && states != States::Last && round % 3 == 1;
                        let place = match states {
                            States::Last if i + 1 < steps => continue,
                            States::Last => sample,
                            States::InOrder => sample * steps + i,
                            States::AtInputs => sample * steps + at,
                        };
                        let scale = h.iter().fold(1.0, |most: f64, h| most.max(h.abs()));
                        for (y, h) in y.pixel(place, units).iter().zip(&h) {
                            let h = if zeros { 0.0 } else { *h };
                            assert!((f64::from(*y) - h).abs() < 1e-5 * scale, "{level:?} {step:?} {y} {h}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_number_that_is_none_stays_in_its_sample() {
    for step in STEPS {
        let columns = step.gates() * 3;
        let layer = Recurrence::new(step, 3, &vec![0.3; 2 * columns], &vec![0.1; 3 * columns], &[]);
        let mut x = vec![0.5; 4 * 5 * 2];
        x[2 * 5 * 2 + 3] = f32::NAN;
        let mut y = vec![0.0; 4 * 3];
        layer.run([4, 5], View::dense(&x, 2), false, States::Last, ViewMut::dense(&mut y, 3));
        assert!(y[6..9].iter().all(|y| y.is_nan()), "{step:?}");
        assert!(y[..6].iter().chain(&y[9..]).all(|y| y.is_finite()), "{step:?}");
    }
}
