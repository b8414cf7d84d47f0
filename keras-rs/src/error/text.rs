//! How errors become text: lengths that a terminal can show, and causes.

use std::error::Error;
use std::fmt;

/// Bytes of one value in a message; a message has at most four.
const VALUE: usize = 440;
/// Bytes that stay at a long value's end, where paths have the file's name.
const TAIL: usize = 120;
/// Bytes of a list in a message, beyond its first entry.
const LIST: usize = 1000;

/// Writes an error and its causes: on one line, or each on a line of its own for `{:#?}`.
///
/// A cause that the text before it ends with is not repeated. For the `Debug` of error types,
/// which Rust prints where `main` returns an error.
///
/// ```
/// use keras_rs::{Error, load_model};
///
/// let error = load_model("no_such_model.keras").unwrap_err();
/// assert!(format!("{error:?}").starts_with("no_such_model.keras: open failed: "));
/// ```
///
/// # Errors
/// Those of the formatter.
pub fn fmt_with_causes(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut said = error.to_string();
    f.write_str(&said)?;
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cut(cause).to_string();
        if !said.ends_with(&text) {
            f.write_str(if f.alternate() { "\ncaused by: " } else { ": " })?;
            f.write_str(&text)?;
            said = text;
        }
        next = cause.source();
    }
    Ok(())
}

/// A value without its middle where it is long: files and their makers choose names freely.
pub(super) fn cut(value: impl fmt::Display) -> String {
    let text = value.to_string();
    if text.len() <= VALUE {
        return text;
    }
    let head = text.floor_char_boundary(VALUE - TAIL - 40);
    let tail = text.ceil_char_boundary(text.len() - TAIL);
    format!("{}[... {} bytes more ...]{}", &text[..head], tail - head, &text[tail..])
}

/// The entries of a list, as many as a message has room for, and how many more there are.
pub(super) fn join<T: fmt::Display>(items: &[T], separator: &str) -> String {
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        let item = cut(item);
        if i > 0 && text.len() + item.len() > LIST {
            return format!("{text}{separator}and {} more", items.len() - i);
        }
        if i > 0 {
            text.push_str(separator);
        }
        text.push_str(&item);
    }
    text
}

/// The names that an unknown one may have meant.
pub(super) fn nearest(names: &[String]) -> String {
    if names.is_empty() { "none are known".into() } else { format!("the nearest are: {}", join(names, ", ")) }
}

/// A shape as Python prints a tuple: `(2, 3)`, `(4,)`, `()`.
pub(crate) fn tuple(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        many => {
            let dims: Vec<String> = many.iter().map(ToString::to_string).collect();
            format!("({})", dims.join(", "))
        }
    }
}
