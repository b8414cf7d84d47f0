//! Tables of text in the form that Keras' summaries have: columns of fixed widths, a line around
//! every cell, text broken between words, and words that are too long cut off.

use unicode_width::UnicodeWidthChar;

/// On which side of a column its text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    Center,
}

/// A column: its title, and its width before the lines are taken off.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) align: Align,
    pub(super) width: usize,
}

/// A table that is filled row by row.
pub(super) struct Table {
    columns: Vec<Column>,
    /// Characters for text in each column.
    widths: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Of `line_length` characters, which the columns' widths sum to.
    pub(super) fn new(columns: Vec<Column>, line_length: usize) -> Self {
        let widths = shrink(&columns, line_length);
        Self { columns, widths, rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(super) fn render(&self) -> String {
        let heads: Vec<String> = self.columns.iter().map(|c| c.head.to_string()).collect();
        let mut text = self.line('┏', '━', '┳', '┓');
        text.push_str(&self.cells(&heads, '┃', true));
        text.push_str(&self.line('┡', '━', '╇', '┩'));
        for (i, row) in self.rows.iter().enumerate() {
            if i > 0 {
                text.push_str(&self.line('├', '─', '┼', '┤'));
            }
            text.push_str(&self.cells(row, '│', false));
        }
        text.push_str(&self.line('└', '─', '┴', '┘'));
        text
    }

    fn line(&self, left: char, fill: char, between: char, right: char) -> String {
        let parts: Vec<String> = self.widths.iter().map(|w| fill.to_string().repeat(w + 2)).collect();
        format!("{left}{}{right}\n", parts.join(&between.to_string()))
    }

    /// One row; cells with fewer lines than others stand at its top or bottom.
    fn cells(&self, row: &[String], border: char, bottom: bool) -> String {
        let columns = self.columns.iter().zip(&self.widths);
        let broken: Vec<Vec<String>> =
            row.iter().zip(columns).map(|(cell, (c, &width))| wrap(cell, width, c.align)).collect();
        let height = broken.iter().map(Vec::len).max().unwrap_or(0);
        let mut text = String::new();
        for i in 0..height {
            text.push(border);
            for (lines, &width) in broken.iter().zip(&self.widths) {
                let skipped = if bottom { height - lines.len() } else { 0 };
                let line = i.checked_sub(skipped).and_then(|i| lines.get(i));
                let line = line.cloned().unwrap_or_else(|| " ".repeat(width));
                text.push_str(&format!(" {line} {border}"));
            }
            text.push('\n');
        }
        text
    }
}

/// Takes the room for borders from the columns evenly.
fn shrink(columns: &[Column], line_length: usize) -> Vec<usize> {
    let borders = columns.len() + 1;
    let padded: usize = columns.iter().map(|c| c.width + 2).sum();
    let mut excess = (padded + borders).saturating_sub(line_length);
    let mut left = columns.len();
    let mut widths = Vec::with_capacity(columns.len());
    for column in columns {
        // Halves are rounded to the even number, as Python does.
        let take = (excess as f64 / left as f64).round_ties_even() as usize;
        let take = take.min(column.width + 2);
        excess -= take.min(excess);
        left -= 1;
        widths.push(column.width.saturating_sub(take));
    }
    widths
}

/// Breaks text into lines of exactly `width` characters' room.
fn wrap(text: &str, width: usize, align: Align) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words(text) {
        let length = room(word.trim_end());
        if used > 0 && used + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
        used += room(word);
    }
    lines.iter().map(|line| place(line, width, align)).collect()
}

/// Words with the space that follows them; the first with the space before it, too.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    let mut after_word = false;
    for (i, c) in text.char_indices() {
        if c.is_whitespace() {
            after_word = in_word;
        } else {
            if after_word {
                words.push(&text[start..i]);
                start = i;
                after_word = false;
            }
            in_word = true;
        }
    }
    words.push(&text[start..]);
    words
}

/// Cuts a line that is too long, and fills up one that is too short.
fn place(line: &str, width: usize, align: Align) -> String {
    let kept = line.trim_end();
    let mut text = String::new();
    if room(kept) > width {
        let mut used = 0;
        for c in kept.chars() {
            if used + room_of(c) > width.saturating_sub(1) {
                break;
            }
            used += room_of(c);
            text.push(c);
        }
        // Half of a wide character is not shown.
        text.push_str(&" ".repeat(width.saturating_sub(1).saturating_sub(used)));
        if width > 0 {
            text.push('…');
        }
    } else {
        text.push_str(kept);
    }
    let free = width.saturating_sub(room(&text));
    let before = match align {
        Align::Left => 0,
        Align::Right => free,
        Align::Center => free / 2,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(free - before))
}

/// Columns of a terminal that text takes.
fn room(text: &str) -> usize {
    text.chars().map(room_of).sum()
}

/// Columns of a terminal that a character takes, as Rich counts them: one by one, without joining
/// those that are drawn as a single sign.
fn room_of(c: char) -> usize {
    c.width().unwrap_or(0)
}
