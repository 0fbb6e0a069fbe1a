//! The kinds of objects that are alike, as they are written. One kind, one file: its syntax, and its check.
//!
//! `create`, `create or replace`, `alter`, `drop` and `comment on` are written once, here and in the files beside it that
//! are named after them. To add a kind: write the file, add its line to the list below.

mod alter;
mod argument_type;
mod create;
#[cfg(feature = "print")]
mod default_value;
mod drop;
mod family_member;
mod foreign_change;
mod foreign_column;
#[cfg(feature = "print")]
mod foreign_print;
mod function_name;
mod language;
mod lookup;
mod options;
mod properties;
mod range_type;
mod rebuild;
mod refused_changes;
mod routine;
mod routine_options;
#[cfg(feature = "print")]
mod routine_print;
mod setting;
mod signature;
mod standard_body;

#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, Kind, Object, ObjectId};
use migrate_core::token::At;

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, code};
use crate::ops::Syntax;
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable};

/// How objects of a kind are written.
pub(crate) trait Write {
    /// The kind.
    const KIND: Kind;

    /// Other kinds that share its words.
    #[cfg(feature = "print")]
    const ALSO: &'static [Kind] = &[];

    /// Whether `create or replace` is written for another definition; else it is `alter`.
    const IS_REPLACED: bool = false;

    /// Takes what tells it from others: its name, where nothing else does.
    fn identity(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
        let noun = format!("the {}", Self::KIND.noun());
        Ok(Box::new(Named { kind: Self::KIND, name: parser.qualified_name(&noun)? }))
    }

    /// Takes everything behind the words of `create`: what tells it from others, and the rest.
    fn created(parser: &mut Parser<'_>, words: &[&str]) -> Parsed<(Box<dyn Identity>, Box<dyn Written>)> {
        let identity = Self::identity(parser)?;
        let definition = Self::definition(parser, words)?;
        Ok((identity, definition))
    }

    /// Takes the rest of `create`, where that stands behind what tells it from others. `words` are those of `create`.
    fn definition(parser: &mut Parser<'_>, _words: &[&str]) -> Parsed<Box<dyn Written>> {
        parser.expected(Self::KIND.noun())
    }

    /// Takes one action of `alter`, where one of the kind's own begins.
    fn action(_parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        Ok(None)
    }

    /// The words that begin the kind's own actions, for the message where none of them does.
    const ACTIONS: &'static [&'static str] = &[];

    /// What stands behind `create`, the words of the kind included. `definition` is one that [`Write::as_made`] gives, and
    /// `catalog` is what there is before.
    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed;

    /// The definition as `create` makes it: what only `alter` can say is left to that.
    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _catalog: &Catalog) -> Definition {
        definition.clone()
    }

    /// What leads from one definition to another: actions of `alter`, or `create or replace`.
    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let made = Self::as_made(after, catalog);
        if !Self::IS_REPLACED || Self::as_made(before, catalog) == made {
            return Err(Unprintable::new(format!("a change of {}", id.told()), "the language has no action for it"));
        }
        Ok(vec![Piece::item(format!("create or replace {}", Self::print(id, &made, catalog)?))])
    }
}

/// Whether the syntax is that of the kind.
#[cfg(feature = "print")]
fn writes<K: Write>(kind: Kind) -> bool {
    K::KIND == kind || K::ALSO.contains(&kind)
}

/// A definition of another kind than the object that it is of.
#[cfg(feature = "print")]
fn not_of_kind(id: &ObjectId) -> Unprintable {
    Unprintable::new(id.told(), "its definition is one of another kind")
}

/// One action of `alter`.
#[cfg(feature = "print")]
pub(crate) fn action(id: &ObjectId, text: impl Into<String>) -> Piece {
    Piece::action(crate::print::alter(id), text)
}

/// What tells an object from others, as it is written.
pub(crate) trait Identity {
    /// Its place.
    fn at(&self) -> At;

    /// Which object it is, once what it names is looked up. `None`: there is a mistake.
    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId>;
}

/// A definition as it is written.
pub(crate) trait Written {
    /// What it is, once everything is looked up. `None`: there is a mistake.
    fn check(&self, id: &ObjectId, at: At, checker: &mut Checker<'_>) -> Option<Definition>;
}

/// An action of `alter` that only one kind has.
pub(crate) trait Action {
    /// The definition after it. `None`: there is a mistake.
    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition>;

    /// Its place.
    fn at(&self) -> At;
}

/// An object that its name tells from others.
struct Named {
    kind: Kind,
    name: Spanned<QualifiedName>,
}

impl Identity for Named {
    fn at(&self) -> At {
        self.name.at
    }

    /// Kinds that share their keywords are told by what has the name.
    fn check(&self, checker: &mut Checker<'_>) -> Option<ObjectId> {
        let alike = Kind::ALL.iter().filter(|kind| kind.keywords() == self.kind.keywords());
        let mut ids = alike.map(|kind| ObjectId::new(*kind, self.name.value.clone()));
        let found = ids.find(|id| checker.catalog().objects.contains_key(id));
        Some(found.unwrap_or_else(|| ObjectId::new(self.kind, self.name.value.clone())))
    }
}

/// An object whose kind has no schemas.
struct OfDatabase {
    kind: Kind,
    name: Name,
}

impl OfDatabase {
    fn parse(kind: Kind, parser: &mut Parser<'_>) -> Parsed<Self> {
        Ok(OfDatabase { kind, name: parser.name(&format!("the {}", kind.noun()))? })
    }
}

impl Identity for OfDatabase {
    fn at(&self) -> At {
        self.name.at
    }

    fn check(&self, _: &mut Checker<'_>) -> Option<ObjectId> {
        Some(ObjectId::without_schema(self.kind, self.name.value.clone()))
    }
}

macro_rules! kinds {
    ($($module:ident [$($words:literal)+ $(| $($more:literal)+)*]),* $(,)?) => {
        $(mod $module;)*

        /// The items of all kinds: four of each.
        pub(crate) static ITEMS: &[Syntax] = &[$(
            Syntax {
                name: stringify!($module),
                words: &[
                    &["create", $($words),+], $(&["create", $($more),+],)*
                    &["create", "or", "replace", $($words),+], $(&["create", "or", "replace", $($more),+],)*
                ],
                parse: |parser, words| Ok(Box::new(create::parse::<$module::Syntax>(parser, words)?)),
            },
            Syntax {
                name: stringify!($module),
                words: &[&["alter", $($words),+]],
                parse: |parser, _| Ok(Box::new(alter::parse::<$module::Syntax>(parser)?)),
            },
            Syntax {
                name: stringify!($module),
                words: &[&["drop", $($words),+]],
                parse: |parser, _| Ok(Box::new(drop::parse::<$module::Syntax>(parser)?)),
            },
        )*];

        /// Takes what tells an object of this kind from others.
        pub(crate) fn parse_identity(kind: Kind, parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
            $(
                if kind == <$module::Syntax as Write>::KIND {
                    return <$module::Syntax as Write>::identity(parser);
                }
            )*
            parser.expected(kind.noun())
        }

        /// The words behind `create`, `alter`, `drop` and `comment on`.
        #[cfg(feature = "print")]
        pub(crate) fn words_of(kind: Kind) -> String {
            $(
                if writes::<$module::Syntax>(kind) {
                    return [$($words),+].join(" ");
                }
            )*
            kind.noun().to_owned()
        }

        /// [`Write::print`] of the kind.
        #[cfg(feature = "print")]
        pub(crate) fn print_created(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
            $(
                if writes::<$module::Syntax>(id.kind) {
                    return <$module::Syntax as Write>::print(id, definition, catalog);
                }
            )*
            Err(Unprintable::new(id.told(), "the language has no such kind"))
        }

        /// [`Write::as_made`] of the kind.
        #[cfg(feature = "print")]
        pub(crate) fn as_made(definition: &Definition, catalog: &Catalog) -> Definition {
            $(
                if writes::<$module::Syntax>(definition.kind()) {
                    return <$module::Syntax as Write>::as_made(definition, catalog);
                }
            )*
            definition.clone()
        }

        /// [`Write::print_change`] of the kind.
        #[cfg(feature = "print")]
        pub(crate) fn print_change(
            id: &ObjectId,
            before: &Definition,
            after: &Definition,
            catalog: &Catalog,
        ) -> Printed<Vec<Piece>> {
            $(
                if writes::<$module::Syntax>(id.kind) {
                    return <$module::Syntax as Write>::print_change(id, before, after, catalog);
                }
            )*
            Err(Unprintable::new(id.told(), "the language has no such kind"))
        }

        /// Takes what `comment on` is about, where it is an object of one of the kinds.
        pub(crate) fn parse_commented(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Identity>>> {
            if parser.cursor.take_word("routine") {
                return parse_routine(parser).map(Some);
            }
            $(
                if parser.cursor.is_words(&[$($words),+]) {
                    let kind = <$module::Syntax as Write>::KIND;
                    if !kind.has_comment() {
                        let headline = format!("{} has no comment", kind.with_article());
                        return Err(Diagnostic::new(code::SYNTAX, headline, parser.cursor.at()).help("remove it"));
                    }
                    parser.cursor.take_words(&[$($words),+]);
                    return <$module::Syntax as Write>::identity(parser).map(Some);
                }
            )*
            Ok(None)
        }
    };
}

/// What is written of a function, a procedure or an aggregate that is there, whichever of them it is.
pub(crate) static ITEMS_OF_ROUTINES: &[Syntax] = &[
    Syntax {
        name: "function",
        words: &[&["alter", "routine"]],
        parse: |parser, _| Ok(Box::new(alter::parse::<function::AnyRoutine>(parser)?)),
    },
    Syntax {
        name: "function",
        words: &[&["drop", "routine"]],
        parse: |parser, _| Ok(Box::new(drop::parse::<function::AnyRoutine>(parser)?)),
    },
];

/// Takes what tells a routine from others, where it is not said of which kind it is.
pub(crate) fn parse_routine(parser: &mut Parser<'_>) -> Parsed<Box<dyn Identity>> {
    <function::AnyRoutine as Write>::identity(parser)
}

pub(crate) use foreign_table::report_no_foreign_partition;
#[cfg(feature = "print")]
pub(crate) use operator::print_own_operator as own_operator;
pub(crate) use sequence::{IdentityOptions, Restart};
#[cfg(feature = "print")]
pub(crate) use sequence::{print_changed_identity, print_identity_options};

kinds! {
    schema ["schema"],
    sequence ["sequence"],
    domain ["domain"],
    composite_type ["type"],
    view ["view" | "recursive" "view"],
    materialized_view ["materialized" "view"],
    function ["function"],
    procedure ["procedure"],
    trigger ["trigger" | "constraint" "trigger"],
    event_trigger ["event" "trigger"],
    policy ["policy"],
    statistics ["statistics"],
    rule ["rule"],
    aggregate ["aggregate"],
    collation ["collation"],
    publication ["publication"],
    cast ["cast"],
    operator_family ["operator" "family"],
    operator_class ["operator" "class"],
    operator ["operator"],
    foreign_data_wrapper ["foreign" "data" "wrapper"],
    server ["server"],
    foreign_table ["foreign" "table"],
    user_mapping ["user" "mapping"],
    text_search_parser ["text" "search" "parser"],
    text_search_template ["text" "search" "template"],
    text_search_dictionary ["text" "search" "dictionary"],
    text_search_configuration ["text" "search" "configuration"],
}
