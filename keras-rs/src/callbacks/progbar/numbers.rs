//! Numbers and times as Keras' progress bar writes them.

/// A metric: four decimals, or with an exponent where `size` is small or NaN.
pub(super) fn metric(value: f64, size: f64) -> String {
    if !value.is_finite() {
        return match value {
            _ if value.is_nan() => "nan".to_string(),
            _ if value > 0.0 => "inf".to_string(),
            _ => "-inf".to_string(),
        };
    }
    if size > 1e-3 {
        return format!("{value:.4}");
    }
    // Python writes a sign and at least two digits of the exponent.
    let text = format!("{value:.4e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// The time of a step, as text.
pub(super) fn step_time(seconds: f64, unit: &str) -> String {
    if seconds >= 1.0 || seconds == 0.0 {
        format!(" {seconds:.0}s/{unit}")
    } else if seconds >= 1e-3 {
        format!(" {:.0}ms/{unit}", seconds * 1e3)
    } else {
        format!(" {:.0}us/{unit}", seconds * 1e6)
    }
}

/// The remaining time, as text.
pub(super) fn time_left(seconds: f64) -> String {
    let whole = seconds as i64;
    if seconds > 3600.0 {
        format!("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60)
    } else if seconds > 60.0 {
        format!("{}:{:02}", whole / 60, whole % 60)
    } else {
        format!("{whole}s")
    }
}
