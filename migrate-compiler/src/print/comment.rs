//! Comments: `///` where it can hold them, else `comment on`.

use migrate_core::operation::CommentTarget;

use super::words::comment_lines;
use super::{Piece, identity, name, qualified, text};

/// The comment for `///`, or for an item of its own.
pub(crate) fn split<'c>(comment: Option<&'c str>, target: &CommentTarget) -> (Option<&'c str>, Option<Piece>) {
    match comment {
        Some(comment) if comment_lines(comment).is_none() => (None, Some(comment_on(target, Some(comment)))),
        comment => (comment, None),
    }
}

/// The lines of a `///` comment with the line break behind them; empty for none.
pub(crate) fn lines(comment: Option<&str>) -> String {
    comment.and_then(comment_lines).map_or_else(String::new, |lines| format!("{lines}\n"))
}

/// `comment on table bookings is "..."`
pub(crate) fn comment_on(target: &CommentTarget, comment: Option<&str>) -> Piece {
    let what = match target {
        CommentTarget::Table(table) => format!("table {}", qualified(table)),
        CommentTarget::Column(table, column) => format!("column {}.{}", qualified(table), name(column)),
        CommentTarget::Enum(written) => format!("enum {}", qualified(written)),
        CommentTarget::DomainConstraint(domain, constraint) => {
            format!("constraint {} on domain {}", name(constraint), qualified(domain))
        }
        CommentTarget::Extension(written) => format!("extension {}", name(written)),
        CommentTarget::Constraint(table, constraint) => {
            format!("constraint {} on {}", name(constraint), qualified(table))
        }
        CommentTarget::Index(table, index) => format!("index {}", qualified(&table.sibling(index.as_str()))),
        CommentTarget::Object(id) => format!("{} {}", crate::object::words_of(id.kind), identity(id)),
    };
    Piece::item(format!("comment on {what} is {}", comment.map_or_else(|| "null".to_owned(), text)))
}
