//! Texts in pictures: how wide they are, and what of them fits.

/// Widths of the characters from space to tilde in the embedded font, in thousandths of its size.
const WIDTHS: [u16; 95] = [
    248, 258, 320, 616, 562, 732, 622, 175, 342, 348, 431, 567, 197, 276, 264, 413, 562, 562, 562, 562, 562,
    562, 562, 562, 562, 562, 242, 211, 508, 549, 523, 473, 898, 652, 623, 651, 656, 568, 553, 681, 713, 272,
    552, 627, 539, 873, 713, 688, 631, 688, 616, 594, 597, 648, 637, 887, 627, 601, 599, 265, 411, 265, 418,
    451, 309, 544, 562, 523, 564, 530, 348, 562, 551, 243, 239, 507, 243, 877, 552, 570, 562, 568, 339, 516,
    327, 551, 484, 751, 496, 473, 496, 338, 244, 338, 680,
];

/// As many characters of a text are shown.
const MOST_CHARACTERS: usize = 64;

/// How wide a text is.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let of = |c: char| {
        let index = (c as usize).checked_sub(' ' as usize);
        // Other letters of the alphabet are about as wide, those of others wider.
        let known = index.and_then(|index| WIDTHS.get(index)).copied();
        f64::from(known.unwrap_or(if (c as u32) < 0x2000 { 600 } else { 1000 }))
    };
    text.chars().map(of).sum::<f64>() * size / 1000.0
}

/// As much of a text as is shown, with what stands for signs of XML, and for characters that it cannot hold.
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    shown
}

/// A text that is not too long for a box.
pub(super) fn clipped(text: &str) -> String {
    if text.chars().count() <= MOST_CHARACTERS {
        return text.into();
    }
    text.chars().take(MOST_CHARACTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_and_are_sound() {
        assert!((width("Dense", 10.0) - 27.84).abs() < 0.01, "{}", width("Dense", 10.0));
        assert_eq!(escaped("a<b>&\"\u{1}"), "a&lt;b&gt;&amp;&quot;\u{fffd}");
        assert_eq!(clipped(&"x".repeat(100)).chars().count(), MOST_CHARACTERS);
    }
}
