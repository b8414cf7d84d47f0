//! Plain tables for terminals.

/// Rows as aligned columns with two spaces between them; numbers, which are the columns of `right`, end below each other.
pub(crate) fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let room = |text: &String| text.chars().count();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(room).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            if column > 0 {
                line.push_str("  ");
            }
            line +=
                &if right.contains(&column) { format!("{cell:>width$}") } else { format!("{cell:<width$}") };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A number of bytes with its unit, as Keras' summaries have it.
pub(crate) fn readable_bytes(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KB", "MB", "GB"] {
        if size < 1024.0 {
            return if unit == "B" { format!("{size} B") } else { format!("{size:.2} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{size:.2} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other() {
        let row = |cells: [&str; 3]| cells.map(String::from).to_vec();
        let text = columns(&[row(["Name", "Size", "x"]), row(["é", "12345", ""])], &[1]);
        assert_eq!(text, "Name   Size  x\né     12345\n");
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!(readable_bytes(1023), "1023 B");
        assert_eq!(readable_bytes(1536), "1.50 KB");
        assert_eq!(readable_bytes(3 << 40), "3.00 TB");
    }
}
