//! Pieces of source: items, and actions that share what they are of.

use migrate_core::plan::Hazard;

use super::text;
use super::words::comment_lines;

/// An item, or an action of an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    /// What several actions can share: `alter table bookings`. Empty for an item of its own.
    of: String,
    text: String,
    comment: Option<String>,
    /// The hazards that are allowed, with the reason.
    pub(super) attributes: Vec<(Hazard, String)>,
    /// `down { ... }` or `irreversible "..."`
    pub(super) undo: Option<String>,
    /// The lines of the `//` comment before it.
    pub(super) remarks: Vec<String>,
    /// The place of the operation in the list that is printed.
    origin: usize,
}

impl Piece {
    /// An item of its own, without `;`.
    pub(crate) fn item(text: impl Into<String>) -> Self {
        Piece { text: text.into(), ..Piece::default() }
    }

    /// An action: `alter table bookings` and `drop note`.
    pub(crate) fn action(of: impl Into<String>, text: impl Into<String>) -> Self {
        Piece { of: of.into(), text: text.into(), ..Piece::default() }
    }

    /// The same with a `///` comment, which must be one that is read back as it is.
    pub(crate) fn with_comment(self, comment: Option<&str>) -> Self {
        Piece { comment: comment.map(str::to_owned), ..self }
    }

    /// The same as one of the operation at this place.
    pub(super) fn of_operation(self, origin: usize) -> Self {
        Piece { origin, ..self }
    }

    /// The place of the operation that it comes from.
    pub(super) fn origin(&self) -> usize {
        self.origin
    }

    /// What stands before it, a line each.
    fn head(&self) -> String {
        // With a space, so that no line is one that is stored.
        let mut head: String = self.remarks.iter().map(|line| format!("// {line}\n")).collect();
        if let Some(comment) = &self.comment {
            head.push_str(&comment_lines(comment).unwrap_or_default());
            head.push('\n');
        }
        for (hazard, reason) in &self.attributes {
            head.push_str(&format!("#[allow({}, reason = {})]\n", hazard.code(), text(reason)));
        }
        head
    }

    fn is_alone(&self) -> bool {
        // Only an action on a table has attributes of its own.
        let is_attributed = !self.attributes.is_empty() && !self.of.starts_with("alter table");
        self.of.is_empty() || self.undo.is_some() || is_attributed
    }
}

/// Pieces as lines of source.
pub(super) fn joined(pieces: &[Piece]) -> String {
    joined_from(pieces).0
}

/// The same with the lines, from 1, at which what comes from an operation begins.
pub(super) fn joined_from(pieces: &[Piece]) -> (String, Vec<(usize, usize)>) {
    let mut lines = String::new();
    let mut begins = Vec::new();
    let mut rest = pieces;
    while let Some((first, after)) = rest.split_first() {
        let follow = match first.is_alone() {
            true => 0,
            false => after.iter().take_while(|next| !next.is_alone() && next.of == first.of).count(),
        };
        let (same, others) = rest.split_at(follow + 1);
        write(same, &mut lines, &mut begins);
        rest = others;
    }
    (lines, begins)
}

/// Writes one item, or actions of one item.
fn write(pieces: &[Piece], lines: &mut String, begins: &mut Vec<(usize, usize)>) {
    let Some(first) = pieces.first() else { return };
    let mut item = String::new();
    let mut is_block = true;
    let before = lines.matches('\n').count();
    begins.push((before + 1, first.origin));
    match pieces {
        [only] if only.of.is_empty() => {
            item.push_str(&only.head());
            item.push_str(&only.text);
        }
        [only] if only.comment.is_none() => {
            item.push_str(&only.head());
            item.push_str(&format!("{} {}", only.of, only.text));
            // What ends with `}` may be the value of a default.
            is_block = false;
        }
        several => {
            item.push_str(&format!("{} {{\n", first.of));
            for piece in several {
                begins.push((before + item.matches('\n').count() + 1, piece.origin));
                item.push_str(&format!("{}{},\n", piece.head(), piece.text));
            }
            item.push('}');
        }
    }
    if let Some(undo) = &first.undo {
        item.push(' ');
        item.push_str(undo);
        is_block = true;
    }
    if !(is_block && item.ends_with('}')) {
        item.push(';');
    }
    item.push('\n');
    lines.push_str(&item);
}
