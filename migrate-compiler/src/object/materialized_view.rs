//! `create materialized view totals with (fillfactor = 70) as select ... from ... with no data;`

use migrate_core::object::{Definition, Kind, MaterializedView, Object, ObjectId};
use migrate_core::token::{At, Bracket};

use super::view::QueryClause;
use super::{Action, Write, Written};
use crate::check::Checker;
use crate::clause::{parse_parameters, parse_storage, reset_parameters};
use crate::diagnostic::{Diagnostic, code};
use crate::ops::parse_with_data;
use crate::parser::{Name, Parsed, Parser};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, Unprintable, change_parameters, print_query, qualified, storage};

pub(super) struct Syntax;

struct Clauses {
    columns: Vec<Name>,
    storage: SortedMap<String, String>,
    query: QueryClause,
    with_data: bool,
}

enum Change {
    Set(SortedMap<String, String>, At),
    Reset(Vec<Name>, At),
}

impl Write for Syntax {
    const KIND: Kind = Kind::MaterializedView;
    const ACTIONS: &'static [&'static str] = &["set (...)", "reset (...)"];

    fn definition(parser: &mut Parser<'_>, _: &[&str]) -> Parsed<Box<dyn Written>> {
        let columns = match parser.cursor.is_open(Bracket::Round) {
            true => parser.name_list("a column of the materialized view")?,
            false => Vec::new(),
        };
        let storage = match parser.cursor.take_word("with") {
            true => parse_storage(parser)?,
            false => SortedMap::new(),
        };
        if parser.cursor.is_word("tablespace") {
            return Err(Diagnostic::new(code::SYNTAX, "unexpected `tablespace`", parser.cursor.at())
                .help("remove it: the tablespace is that of the database, or `default_tablespace`"));
        }
        parser.word("as")?;
        let query = QueryClause::parse(parser)?;
        let with_data = parse_with_data(parser)?;
        Ok(Box::new(Clauses { columns, storage, query, with_data }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        if parser.cursor.is_words(&["set", "schema"]) {
            return Ok(None);
        }
        let change = if parser.cursor.take_word("set") {
            let storage = parse_storage(parser)?;
            Change::Set(storage, parser.cursor.since(start))
        } else if parser.cursor.take_word("reset") {
            let names = parse_parameters(parser)?;
            Change::Reset(names, parser.cursor.since(start))
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(change)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::MaterializedView(view) = definition else { return Err(not_of_kind(id)) };
        let columns = super::view::print_columns(&view.query, &view.columns);
        let mut written = format!("materialized view {}{columns}", qualified(&id.name));
        if !view.storage.is_empty() {
            written.push_str(&format!(" with {}", storage(&view.storage)));
        }
        written.push_str(&format!(" as {}", print_query(&view.query, catalog)));
        if !view.is_filled {
            written.push_str(" with no data");
        }
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::MaterializedView(view) => {
                MaterializedView { indexes: SortedMap::new(), ..view.clone() }.into()
            }
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, _: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::MaterializedView(before), Definition::MaterializedView(after)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        let same = MaterializedView { storage: after.storage.clone(), indexes: after.indexes.clone(), ..before.clone() };
        if same != *after {
            let what = format!("a change of {}", id.told());
            return Err(Unprintable::new(what, "PostgreSQL cannot replace its query"));
        }
        let actions = change_parameters(&before.storage, &after.storage);
        Ok(actions.into_iter().map(|text| super::action(id, text)).collect())
    }
}

impl Written for Clauses {
    fn check(&self, _: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        let (query, columns) = self.query.check(&self.columns, checker)?;
        let (storage, is_filled) = (self.storage.clone(), self.with_data);
        Some(MaterializedView { query, columns, storage, indexes: SortedMap::new(), is_filled }.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        match self {
            Change::Set(_, at) | Change::Reset(_, at) => *at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::MaterializedView(view) = &before.definition else { return None };
        let mut view = view.clone();
        match self {
            Change::Set(storage, _) => view.storage.extend(storage.clone()),
            Change::Reset(names, _) => {
                if let Err(mistake) = reset_parameters(names, &mut view.storage, &id.to_string()) {
                    checker.report(*mistake);
                    return None;
                }
            }
        }
        Some(view.into())
    }
}
