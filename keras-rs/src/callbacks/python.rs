//! Numbers and templates as Python formats them.

use crate::error::{Error, Result};

/// A value of a template field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(usize),
    Float(f64),
}

/// A float as Python's `str` writes it: the shortest digits that read back as the same number.
pub(super) fn repr(value: f64) -> String {
    if !value.is_finite() {
        return special(value);
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&power) {
        return format!("{digits}e{}", signed(exponent));
    }
    let plain = value.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

/// An exponent with its sign and at least two digits.
fn signed(exponent: &str) -> String {
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{sign}{digits:0>2}")
}

/// A float with a number of decimals.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { special(value) }
}

fn special(value: f64) -> String {
    match (value.is_nan(), value > 0.0) {
        (true, _) => "nan".into(),
        (_, true) => "inf".into(),
        _ => "-inf".into(),
    }
}

/// Fills a template as Python's `str.format`: `{epoch:02d}-{val_loss:.2f}`.
///
/// Formats are `[[fill]align][sign][0][width][.precision][type]` with the types `d`, `e`, `f`, `g`,
/// `%` and their capitals.
pub(super) fn fill(template: &str, values: &[(&str, Number)]) -> Result<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        let field = rest.find('}').filter(|_| brace == "{").map(|end| (&rest[..end], &rest[end + 1..]));
        let Some((field, after)) = field else {
            return Err(Error::argument("template", "braces", "pairs of { and }", template));
        };
        let (name, spec) = field.split_once(':').unwrap_or((field, ""));
        let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
            return Err(Error::unknown_name("template field", name, values.iter().map(|(name, _)| name)));
        };
        let filled = Spec::parse(spec).and_then(|spec| spec.format(*value));
        text += &filled.ok_or_else(|| {
            let expected = "a format for a number such as 02d or .2f (for epoch and batch) or .2f";
            Error::argument("template", format!("format of {name}"), expected, spec)
        })?;
        rest = after;
    }
    Ok(text + rest)
}

/// The format of a field.
struct Spec {
    fill: char,
    align: char,
    sign: char,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(spec: &str) -> Option<Self> {
        let chars: Vec<char> = spec.chars().collect();
        let is_align = |at: usize| chars.get(at).is_some_and(|c| "<>=^".contains(*c));
        let (mut fill, mut align, mut at) = (' ', '>', 0);
        if is_align(1) {
            (fill, align, at) = (chars[0], chars[1], 2);
        } else if is_align(0) {
            (align, at) = (chars[0], 1);
        }
        let sign = *chars.get(at).filter(|c| "+- ".contains(**c)).unwrap_or(&'-');
        at += usize::from(chars.get(at).is_some_and(|c| "+- ".contains(*c)));
        if at == 0 || align == '>' && fill == ' ' {
            // A zero before the width pads between the sign and the digits.
            if chars.get(at) == Some(&'0') {
                (fill, align) = ('0', '=');
            }
        }
        let number = |at: &mut usize| {
            let start = *at;
            while chars.get(*at).is_some_and(char::is_ascii_digit) {
                *at += 1;
            }
            chars[start..*at].iter().collect::<String>()
        };
        let width = number(&mut at);
        // File names are not longer.
        let width = if width.is_empty() { 0 } else { width.parse().ok().filter(|w| *w < 256)? };
        let mut precision = None;
        if chars.get(at) == Some(&'.') {
            at += 1;
            precision = Some(number(&mut at).parse().ok().filter(|p| *p < 100)?);
        }
        let kind = chars.get(at).copied();
        let ends = at + usize::from(kind.is_some()) == chars.len();
        ends.then_some(Self { fill, align, sign, width, precision, kind })
    }

    fn format(&self, value: Number) -> Option<String> {
        let (negative, digits) = match (value, self.kind) {
            (Number::Int(n), None | Some('d')) if self.precision.is_none() => (false, n.to_string()),
            (_, Some('d')) | (Number::Int(_), None) => return None,
            (Number::Int(n), _) => (false, self.float(n as f64)?),
            (Number::Float(x), _) => (x.is_sign_negative() && !x.is_nan(), self.float(x.abs())?),
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (_, '+') => "+",
            (_, ' ') => " ",
            _ => "",
        };
        let missing = self.width.saturating_sub(sign.len() + digits.chars().count());
        let pad = |count: usize| self.fill.to_string().repeat(count);
        Some(match self.align {
            '<' => format!("{sign}{digits}{}", pad(missing)),
            '=' => format!("{sign}{}{digits}", pad(missing)),
            '^' => format!("{}{sign}{digits}{}", pad(missing / 2), pad(missing - missing / 2)),
            _ => format!("{}{sign}{digits}", pad(missing)),
        })
    }

    fn float(&self, value: f64) -> Option<String> {
        let precision = self.precision.unwrap_or(6);
        Some(match self.kind {
            Some('f') => fixed(value, precision),
            Some('F') => fixed(value, precision).to_uppercase(),
            Some('%') => fixed(value * 100.0, precision) + "%",
            Some('e') => exponential(value, precision),
            Some('E') => exponential(value, precision).to_uppercase(),
            Some('g') => general(value, precision.max(1)),
            Some('G') => general(value, precision.max(1)).to_uppercase(),
            None => match self.precision {
                None => repr(value),
                // Unlike `g`, at least one digit follows the point.
                Some(precision) => {
                    let text = general_below(value, precision.max(1), precision.max(1) as i32 - 1);
                    let whole = !text.contains(['.', 'e', 'n', 'i']);
                    if whole { text + ".0" } else { text }
                }
            },
            _ => return None,
        })
    }
}

/// `1.500000e-03`: at least two digits in the exponent.
fn exponential(value: f64, precision: usize) -> String {
    if !value.is_finite() {
        return special(value);
    }
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{digits}e{}", signed(exponent))
}

/// A number of significant digits, without trailing zeros.
fn general(value: f64, precision: usize) -> String {
    general_below(value, precision, precision as i32)
}

/// As [`general`], with an exponent if the power of ten is at least `limit`.
fn general_below(value: f64, precision: usize, limit: i32) -> String {
    if !value.is_finite() {
        return special(value);
    }
    let scientific = exponential(value, precision - 1);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => digits.to_string(),
    };
    if power < -4 || power >= limit {
        return format!("{}e{exponent}", trimmed(digits));
    }
    trimmed(&fixed(value, (precision as i32 - 1 - power).max(0) as usize))
}

#[cfg(test)]
mod tests;
