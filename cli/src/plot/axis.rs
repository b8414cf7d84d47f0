//! The range of an axis, and round numbers on it.

/// How many numbers an axis shows at most, roughly.
const TICKS: f64 = 6.0;

/// Values as large as this are drawn as if they were infinite; sums of smaller ones are finite.
const HUGE: f64 = 1e300;

/// An axis of one panel.
pub(super) struct Axis {
    pub(super) low: f64,
    high: f64,
    /// Where grid lines and numbers stand.
    pub(super) ticks: Vec<f64>,
    step: f64,
}

/// Whether a value has a place on an axis.
pub(super) fn is_drawable(value: f64) -> bool {
    value.abs() < HUGE
}

impl Axis {
    /// An axis that holds the values, with some room at both ends; 0 to 1 where there are none.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let values = values.filter(|value| is_drawable(*value));
        let (mut low, mut high) = match values.clone().reduce(f64::min) {
            Some(low) => (low, values.fold(low, f64::max)),
            None => (0.0, 1.0),
        };
        let size = low.abs().max(high.abs());
        if high - low <= size * 1e-9 {
            let room = if size > 1e-290 { size * 0.1 } else { 0.5 };
            (low, high) = (low - room, high + room);
        }
        let room = (high - low) * 0.05;
        // What is never negative gets no negative part of the axis.
        low = if low >= 0.0 && low < room { 0.0 } else { low - room };
        high += room;
        let step = round_step((high - low) / TICKS);
        Self { low, high, ticks: multiples(step, low, high), step }
    }

    /// An axis of the epochs from 1 to `count`.
    pub(super) fn epochs(count: usize) -> Self {
        let count = count as f64;
        let step = round_step(count / (TICKS + 2.0)).max(1.0);
        let room = ((count - 1.0) * 0.02).max(0.1);
        let (low, high) = (1.0 - room, count + room);
        let mut ticks = multiples(step, 1.0, count);
        if step >= 5.0 {
            ticks.insert(0, 1.0);
        }
        Self { low, high, ticks, step }
    }

    /// How far along the axis a value stands, from 0 to 1.
    pub(super) fn share(&self, value: f64) -> f32 {
        ((value - self.low) / (self.high - self.low)) as f32
    }

    /// A tick's number in as many digits as tell it from its neighbours.
    pub(super) fn label(&self, tick: f64) -> String {
        let size = self.low.abs().max(self.high.abs());
        let digits = exponent(self.step);
        if (1e-3..1e6).contains(&size) {
            let text = format!("{tick:.*}", usize::try_from(-digits).unwrap_or(0));
            return if text.trim_matches(['-', '0', '.']).is_empty() { text.replace('-', "") } else { text };
        }
        let precision = usize::try_from(exponent(size) - digits).unwrap_or(0);
        let text = format!("{tick:.precision$e}");
        let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        if mantissa.trim_matches(['-', '0']).is_empty() { "0".into() } else { format!("{mantissa}e{power}") }
    }
}

/// The next number from `step` upwards that is 1, 2 or 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powi(exponent(step));
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = (last - first).clamp(0.0, 4.0 * TICKS) as u32;
    (0..=count).map(|i| (first + f64::from(i)) * step).collect()
}

fn exponent(value: f64) -> i32 {
    // Logarithms of powers of ten may fall just short of the whole number.
    (value.log10() + 1e-9).floor() as i32
}
