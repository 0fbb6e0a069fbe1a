//! `comment on column bookings.total is "net";`, `comment on table bookings is null;`

use migrate_core::name::QualifiedName;
use migrate_core::operation::{CommentTarget, SetComment};
use migrate_core::token::At;

use super::Item;
use crate::check::Checker;
use crate::object::{Identity, parse_commented};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

pub(super) const WORDS: &[&[&str]] = &[&["comment", "on"]];

pub(super) struct Comment {
    target: Target,
    comment: Option<String>,
    at: At,
}

enum Target {
    Table(Spanned<QualifiedName>),
    /// Of a table, or of an object with columns.
    Column(Spanned<QualifiedName>, Name),
    Enum(Spanned<QualifiedName>),
    Index(Spanned<QualifiedName>),
    Extension(Name),
    Constraint(Name, Spanned<QualifiedName>),
    DomainConstraint(Name, Spanned<QualifiedName>),
    Object(Box<dyn Identity>),
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Comment> {
    let start = parser.cursor.index();
    let target = if parser.cursor.take_word("table") {
        Target::Table(parser.qualified_name("the table")?)
    } else if parser.cursor.take_word("column") {
        let mut parts = vec![parser.name("the table")?];
        while parser.cursor.take_symbol('.') {
            parts.push(parser.name("a name")?);
        }
        let (Some(column), Some(table)) = (parts.pop(), parts.pop()) else {
            return parser.expected("`.` and the column");
        };
        let at = table.at;
        let name = match parts.pop() {
            Some(schema) => QualifiedName::in_schema(schema.value, table.value),
            None => QualifiedName::new(table.value),
        };
        Target::Column(Spanned { value: name, at }, column)
    } else if parser.cursor.take_word("enum") {
        Target::Enum(parser.qualified_name("the enum")?)
    } else if parser.cursor.take_word("index") {
        Target::Index(parser.qualified_name("the index")?)
    } else if parser.cursor.take_word("extension") {
        Target::Extension(parser.name("the extension")?)
    } else if parser.cursor.take_word("constraint") {
        let name = parser.name("the constraint")?;
        parser.word("on")?;
        let is_of_domain = parser.cursor.is_word("domain") && !parser.cursor.is_words(&["domain", "is"]);
        if is_of_domain {
            parser.cursor.next();
            Target::DomainConstraint(name, parser.qualified_name("the domain")?)
        } else {
            Target::Constraint(name, parser.qualified_name("the table")?)
        }
    } else if let Some(identity) = parse_commented(parser)? {
        Target::Object(identity)
    } else {
        return parser.expected("`table`, `column`, `enum`, `index`, `constraint` or the kind of another object");
    };
    parser.word("is")?;
    let comment = if parser.cursor.take_word("null") {
        None
    } else {
        // To PostgreSQL an empty comment is no comment.
        Some(parser.text("the comment in double quotes, or `null`")?.value).filter(|comment| !comment.is_empty())
    };
    Ok(Comment { target, comment, at: parser.cursor.since(start) })
}

impl Item for Comment {
    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`comment on`");
        let target = match &self.target {
            Target::Table(table) => checker.table(table).map(|_| CommentTarget::Table(table.value.clone())),
            Target::Column(table, column) => column_of(table, column, checker)
                .map(|()| CommentTarget::Column(table.value.clone(), column.value.clone())),
            Target::Enum(name) => checker.enum_type(name).map(|_| CommentTarget::Enum(name.value.clone())),
            Target::Index(name) => {
                checker.index(name).map(|(table, _)| CommentTarget::Index(table, name.value.name.clone()))
            }
            Target::Extension(name) => {
                checker.extension_exists(name).then(|| CommentTarget::Extension(name.value.clone()))
            }
            Target::Object(identity) => identity.check(checker).and_then(|id| {
                checker.object(&id, identity.at())?;
                Some(CommentTarget::Object(id))
            }),
            Target::DomainConstraint(name, domain) => checker
                .commented_check(domain, name)
                .map(|()| CommentTarget::DomainConstraint(domain.value.clone(), name.value.clone())),
            Target::Constraint(name, table) => checker.table(table).and_then(|definition| {
                checker.constraint(&table.value, &definition, name)?;
                Some(CommentTarget::Constraint(table.value.clone(), name.value.clone()))
            }),
        };
        if let Some(target) = target {
            checker.emit(SetComment { target, comment: self.comment.clone() }, self.at);
        }
    }
}

/// Looks the column up: of a table, of a view or of another object that has columns, an attribute of a composite type.
fn column_of(name: &Spanned<QualifiedName>, column: &Name, checker: &mut Checker<'_>) -> Option<()> {
    let found = checker.catalog().with_columns(&name.value).map(|(id, object)| (id.clone(), object.definition.clone()));
    if let Some((id, definition)) = found {
        return checker.column_of_object(&id, &definition, column);
    }
    let definition = checker.table(name)?;
    checker.column(&name.value, &definition, column).map(|_| ())
}
