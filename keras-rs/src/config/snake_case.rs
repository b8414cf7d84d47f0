//! Class names in the spelling of names.

/// A class name in the spelling of names: `Conv2DTranspose` becomes `conv2d_transpose`.
///
/// ```
/// use keras_rs::config::snake_case;
///
/// assert_eq!(snake_case("Conv2DTranspose"), "conv2d_transpose");
/// assert_eq!(snake_case("PReLU"), "p_re_lu");
/// ```
pub fn snake_case(class_name: &str) -> String {
    let chars: Vec<char> = class_name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    // Keras breaks before each capital with small letters after it, then between small and capital.
    let mut words = String::new();
    let mut i = 0;
    while i < chars.len() {
        words.push(chars[i]);
        let capital = chars.get(i + 1).is_some_and(char::is_ascii_uppercase);
        if capital && chars.get(i + 2).is_some_and(char::is_ascii_lowercase) {
            words.push('_');
            words.push(chars[i + 1]);
            i += 2;
            while let Some(small) = chars.get(i).filter(|c| c.is_ascii_lowercase()) {
                words.push(*small);
                i += 1;
            }
        } else {
            i += 1;
        }
    }
    let mut name = String::new();
    let mut previous = ' ';
    for c in words.chars() {
        if previous.is_ascii_lowercase() && c.is_ascii_uppercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
        previous = c;
    }
    name
}
