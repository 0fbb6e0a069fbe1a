//! Columns that line up.

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use super::style::{FAINT, NONE, paint};

/// A cell of a table.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    text: String,
    style: Style,
    right: bool,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Cell { text: text.into(), style: NONE, right: false }
    }

    pub(super) fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// For numbers.
    pub(super) fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

/// The rows below their headings. A column that is empty in all rows is left out.
pub(super) fn table(headings: &[&str], rows: &[Vec<Cell>]) -> String {
    let columns: Vec<usize> = (0..headings.len())
        .filter(|&column| rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.text.is_empty())))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.width());
        cells.chain(headings.get(column).map(|heading| heading.width())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = columns.iter().map(|&column| width(column)).collect();
    let is_right = |column: usize| rows.first().and_then(|row| row.get(column)).is_some_and(|cell| cell.right);
    let heading: Vec<Cell> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| Cell { text: (*heading).to_string(), style: FAINT, right: is_right(column) })
        .collect();
    let mut text = String::new();
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (position, (&column, &width)) in columns.iter().zip(&widths).enumerate() {
            let Some(cell) = row.get(column) else { continue };
            let padding = " ".repeat(width - cell.text.width());
            let painted = if cell.text.is_empty() { String::new() } else { paint(cell.style, &cell.text) };
            let is_last = position + 1 == columns.len();
            match (cell.right, is_last) {
                (true, _) => line.extend([padding, painted]),
                (false, true) => line.push_str(&painted),
                (false, false) => line.extend([painted, padding]),
            }
            if !is_last {
                line.push_str("  ");
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_what_is_seen_and_empty_ones_are_left_out() {
        let rows = vec![
            vec![
                Cell::new("1"),
                Cell::new("größe").styled(super::super::style::GOOD),
                Cell::new(""),
                Cell::new("5 ms").right(),
            ],
            vec![Cell::new("200"), Cell::new("a"), Cell::new(""), Cell::new("1.2 s").right()],
        ];
        let text = table(&["version", "name", "note", "took"], &rows);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "version  name    took\n1        größe   5 ms\n200      a      1.2 s\n");
    }
}
