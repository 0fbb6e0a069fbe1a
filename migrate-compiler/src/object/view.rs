//! `create view active_users as select ... from ... where ... with check option;`

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::object::{CheckOption, Definition, Kind, Object, ObjectId, RelationColumn, View};
use migrate_core::query::{
    self, Body, CommonTable, Item, ObjectName, Query, Select, Source, SourceKind, Statement, TableSource, With,
};
use migrate_core::sql::lex;
use migrate_core::token::{At, Cursor, Token};
use migrate_core::types::{BuiltIn, Type};

use super::{Action, Write, Written};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};
#[cfg(feature = "print")]
use migrate_core::catalog::Catalog;
use migrate_core::sorted::SortedMap;
#[cfg(feature = "print")]
use super::default_value::print_changed_default;
#[cfg(feature = "print")]
use super::not_of_kind;
#[cfg(feature = "print")]
use crate::print::{Piece, Printed, name, names, print_query, qualified};

pub(super) struct Syntax;

struct Clauses {
    columns: Vec<Name>,
    options: Options,
    query: QueryClause,
    /// Whether the query may name the view.
    is_recursive: bool,
}

#[derive(Clone, Debug, Default)]
struct Options {
    check: Option<CheckOption>,
    /// Where that stands.
    check_at: Option<At>,
    barrier: bool,
    invoker: Option<At>,
}

/// A query as it is written: as tokens, or as a text that holds SQL.
pub(super) struct QueryClause {
    query: Query,
    /// The text's place: all in it is said to be there.
    text_at: Option<At>,
    at: At,
}

enum Change {
    SetOption(Options, At),
    ResetOption(Name),
    SetDefault(Name, Spanned<Expression>),
    DropDefault(Name),
}

impl QueryClause {
    /// Takes a query up to the end of the item.
    pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Self> {
        let start = parser.cursor.index();
        if let Token::Text(text) = parser.cursor.peek() {
            let at = parser.cursor.at();
            parser.cursor.next();
            let failed = |message: String| {
                Diagnostic::new(code::INVALID_SQL, format!("this SQL cannot be read: {message}"), at)
            };
            let tokens = lex(text).map_err(|error| failed(error.message))?;
            let mut cursor = Cursor::new(&tokens);
            let query = query::parse(&mut cursor).map_err(|error| failed(error.message))?;
            cursor.take_symbol(';');
            if !cursor.is_at_end() {
                return Err(failed(cursor.expected("the end of the query").message));
            }
            return Ok(QueryClause { query, text_at: Some(at), at });
        }
        let query = query::parse(&mut parser.cursor)?;
        Ok(QueryClause { query, text_at: None, at: parser.cursor.since(start) })
    }

    /// `WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name`, as PostgreSQL makes it (manual, CREATE VIEW).
    fn naming_itself(&self, name: &str, columns: &[Name]) -> Self {
        let at = self.at;
        let columns: Vec<query::Name> =
            columns.iter().map(|column| query::Name::new(column.value.clone(), column.at)).collect();
        let item = |column: &query::Name| Item {
            value: Expression::new(ExpressionKind::Name(vec![column.value.clone()]), column.at),
            alias: None,
        };
        let name = query::Name::new(name, at);
        let source = Source {
            kind: SourceKind::Table(TableSource {
                name: ObjectName::unqualified(name.clone()),
                is_only: false,
                sample: None,
            }),
            alias: None,
            at,
        };
        let select = Select::new(columns.iter().map(item).collect(), vec![source], at);
        let table = CommonTable {
            name,
            columns,
            is_materialized: None,
            statement: Box::new(Statement::Query(self.query.clone())),
            search: None,
            cycle: None,
            at,
        };
        let with = With { is_recursive: true, tables: vec![table], at };
        let query = Query { with: Some(with), ..Query::new(Body::Select(Box::new(select)), at) };
        QueryClause { query, text_at: self.text_at, at }
    }

    /// What is selected as a column of the checked query, if that has a place: a text has none of its own.
    fn item<'q>(&self, query: &'q Query, index: usize) -> Option<&'q Item> {
        let Body::Select(select) = &query.body else { return None };
        let has_place = |item: &&Item| self.text_at.is_none() && item.value.at.end > item.value.at.start;
        select.items.get(index).filter(has_place)
    }

    /// Looks everything up: the query in full, and what comes out.
    pub(super) fn check(&self, names: &[Name], checker: &mut Checker<'_>) -> Option<(Query, Vec<RelationColumn>)> {
        let mut query = self.query.clone();
        let changes = |table: &&CommonTable| !matches!(*table.statement, Statement::Query(_));
        if let Some(changing) = query.with.iter().flat_map(|with| &with.tables).find(changes) {
            let message = format!("`{}` changes rows, which the query of a view cannot do", changing.name.value);
            let mistake = Diagnostic::new(code::INVALID_QUERY, message, self.text_at.unwrap_or(changing.name.at));
            checker.report(mistake.help("write it in a function"));
            return None;
        }
        let outputs = checker.query(&mut query, self.text_at)?;
        let mut columns: Vec<RelationColumn> = Vec::new();
        for (index, output) in outputs.into_iter().enumerate() {
            let name = names.get(index).map_or(output.name, |name| name.value.clone());
            let item = self.item(&query, index);
            if columns.iter().any(|column| column.name == name) {
                let of_item = item.map(|item| item.alias.as_ref().map_or(item.value.at, |alias| alias.at));
                let at = names.get(index).map(|name| name.at).or(of_item).unwrap_or(self.at);
                let message = match name.as_str() {
                    "?column?" => "several columns of the view have no name".to_owned(),
                    name => format!("the view has more than one column `{name}`"),
                };
                checker.report(
                    Diagnostic::new(code::DUPLICATE_COLUMN, message, at).help("give one of them an alias: `... as other`"),
                );
                return None;
            }
            let of_none = [BuiltIn::Void, BuiltIn::Trigger, BuiltIn::EventTrigger].map(Type::BuiltIn);
            if let Some(data_type) = output.data_type.as_ref().filter(|data_type| of_none.contains(data_type)) {
                let message = format!("column `{name}` of the view is of type `{data_type}`, which no column can be");
                let at = item.map_or(self.at, |item| item.value.at);
                checker.report(Diagnostic::new(code::TYPE_MISMATCH, message, at).help("remove it"));
                return None;
            }
            let record = Type::BuiltIn(BuiltIn::Record);
            let is_record = |found: &Type| *found == record || found.element() == Some(&record);
            if let Some(found) = output.data_type.as_ref().filter(|found| is_record(found)) {
                let message = format!("column `{name}` of the view is a `{found}`, which no column can be");
                let at = item.map_or(self.at, |item| item.value.at);
                let mistake = Diagnostic::new(code::TYPE_MISMATCH, message, at);
                checker.report(mistake.help("cast it to a composite type, or select its fields: `(...).*`"));
                return None;
            }
            columns.push(RelationColumn { name, data_type: output.data_type, nullable: output.nullable });
        }
        if let Some(extra) = names.get(columns.len()) {
            let (found, named) = (columns.len(), names.len());
            let message = format!("the query has {found} columns, but {named} column names are given");
            checker.report(Diagnostic::new(code::INVALID_QUERY, message, extra.at));
            return None;
        }
        Some((query, columns))
    }
}

impl Write for Syntax {
    const KIND: Kind = Kind::View;
    const IS_REPLACED: bool = true;
    const ACTIONS: &'static [&'static str] = &["set", "reset", "alter COLUMN set default", "alter COLUMN drop default"];

    fn definition(parser: &mut Parser<'_>, words: &[&str]) -> Parsed<Box<dyn Written>> {
        let columns = match parser.cursor.is_open(migrate_core::token::Bracket::Round) {
            true => parser.name_list("a column of the view")?,
            false => Vec::new(),
        };
        let mut options = match parser.cursor.take_word("with") {
            true => parse_options(parser)?,
            false => Options::default(),
        };
        parser.word("as")?;
        let mut query = QueryClause::parse(parser)?;
        if parser.cursor.take_word("with") {
            options.check = Some(if parser.cursor.take_word("local") {
                CheckOption::Local
            } else {
                parser.cursor.take_word("cascaded");
                CheckOption::Cascaded
            });
            parser.word("check")?;
            parser.word("option")?;
        }
        let is_recursive = words.contains(&"recursive");
        if is_recursive && columns.is_empty() {
            return Err(Diagnostic::new(code::SYNTAX, "a recursive view must name its columns", query.at)
                .help("write `create recursive view name (column, ...) as ...`"));
        }
        query.at = query.text_at.unwrap_or(query.at);
        Ok(Box::new(Clauses { columns, options, query, is_recursive }))
    }

    fn action(parser: &mut Parser<'_>) -> Parsed<Option<Box<dyn Action>>> {
        let start = parser.cursor.index();
        if parser.cursor.is_words(&["set", "schema"]) {
            return Ok(None);
        }
        let change = if parser.cursor.take_word("set") {
            let options = parse_options(parser)?;
            Change::SetOption(options, parser.cursor.since(start))
        } else if parser.cursor.take_word("reset") {
            let names = parser.name_list("an option")?;
            let Some(name) = names.into_iter().next() else { return parser.expected("an option") };
            Change::ResetOption(name)
        } else if parser.cursor.take_word("alter") {
            let column = parser.name("a column")?;
            if parser.cursor.take_words(&["set", "default"]) {
                Change::SetDefault(column, parser.default_expression()?)
            } else if parser.cursor.take_words(&["drop", "default"]) {
                Change::DropDefault(column)
            } else {
                return parser.expected("`set default` or `drop default`");
            }
        } else {
            return Ok(None);
        };
        Ok(Some(Box::new(change)))
    }

    #[cfg(feature = "print")]
    fn print(id: &ObjectId, definition: &Definition, catalog: &Catalog) -> Printed {
        let Definition::View(view) = definition else { return Err(not_of_kind(id)) };
        let mut written = format!("view {}{}", qualified(&id.name), print_columns(&view.query, &view.columns));
        let mut options = Vec::new();
        if view.security_barrier {
            options.push("security_barrier".to_owned());
        }
        if view.security_invoker {
            options.push("security_invoker".to_owned());
        }
        match view.check_option {
            Some(CheckOption::Local) => options.push("check_option = local".to_owned()),
            Some(CheckOption::Cascaded) => options.push("check_option = cascaded".to_owned()),
            None => {}
        }
        if !options.is_empty() {
            written.push_str(&format!(" with ({})", options.join(", ")));
        }
        written.push_str(&format!(" as {}", print_query(&view.query, catalog)));
        Ok(written)
    }

    #[cfg(feature = "print")]
    fn as_made(definition: &Definition, _: &Catalog) -> Definition {
        match definition {
            Definition::View(view) => View { defaults: SortedMap::new(), ..view.clone() }.into(),
            other => other.clone(),
        }
    }

    #[cfg(feature = "print")]
    fn print_change(id: &ObjectId, before: &Definition, after: &Definition, catalog: &Catalog) -> Printed<Vec<Piece>> {
        let (Definition::View(before), Definition::View(view)) = (before, after) else {
            return Err(not_of_kind(id));
        };
        if before.query != view.query || before.columns != view.columns {
            let mut pieces = vec![Piece::item(format!("create or replace {}", Self::print(id, after, catalog)?))];
            let kept = view.clone().with_defaults_of(before);
            pieces.extend(print_defaults(&kept, view, catalog)?.into_iter().map(|text| super::action(id, text)));
            return Ok(pieces);
        }
        let mut actions = print_defaults(before, view, catalog)?;
        let mut switch = |name: &str, before: bool, after: bool| match (before, after) {
            (false, true) => actions.push(format!("set ({name})")),
            (true, false) => actions.push(format!("reset ({name})")),
            _ => {}
        };
        switch("security_barrier", before.security_barrier, view.security_barrier);
        switch("security_invoker", before.security_invoker, view.security_invoker);
        if before.check_option != view.check_option {
            actions.push(match view.check_option {
                Some(CheckOption::Local) => "set (check_option = local)".to_owned(),
                Some(CheckOption::Cascaded) => "set (check_option = cascaded)".to_owned(),
                None => "reset (check_option)".to_owned(),
            });
        }
        Ok(actions.into_iter().map(|text| super::action(id, text)).collect())
    }
}

fn parse_options(parser: &mut Parser<'_>) -> Parsed<Options> {
    parser.open(migrate_core::token::Bracket::Round, "`(`")?;
    let mut options = Options::default();
    parser.separated(migrate_core::token::Bracket::Round, |parser| {
        let name = parser.name("an option")?;
        let (value, value_at) = match parser.cursor.take_symbol('=') {
            true => {
                let value = parser.name("a value")?;
                (value.value, value.at)
            }
            false => ("true".to_owned(), name.at),
        };
        match (name.value.as_str(), value.as_str()) {
            ("check_option", "local") => (options.check, options.check_at) = (Some(CheckOption::Local), Some(name.at)),
            ("check_option", "cascaded") => {
                (options.check, options.check_at) = (Some(CheckOption::Cascaded), Some(name.at));
            }
            ("security_barrier", "true" | "on") => options.barrier = true,
            ("security_barrier", "false" | "off") => options.barrier = false,
            ("security_invoker", "true" | "on") => options.invoker = Some(name.at),
            ("security_invoker", "false" | "off") => options.invoker = None,
            ("check_option" | "security_barrier" | "security_invoker", _) => {
                let message = format!("`{value}` is not a valid value of `{}`", name.value);
                let mistake = Diagnostic::new(code::INVALID_DEFINITION, message, value_at);
                return Err(mistake.help(match name.value.as_str() {
                    "check_option" => "write `local` or `cascaded`",
                    _ => "write `true` or `false`",
                }));
            }
            _ => {
                let mistake = Diagnostic::new(code::SYNTAX, format!("`{}` is not an option of a view", name.value), name.at);
                return Err(mistake.help(
                    "write `security_invoker`, `security_barrier`, or `check_option = local` or `= cascaded`",
                ));
            }
        }
        Ok(())
    })?;
    Ok(options)
}

impl Options {
    fn put_into(&self, view: &mut View, checker: &mut Checker<'_>) {
        view.check_option = self.check.or(view.check_option);
        view.security_barrier |= self.barrier;
        if let Some(at) = self.invoker {
            checker.needs_postgres(15, "`security_invoker`", at);
            view.security_invoker = true;
        }
    }
}

/// Rows that are written through a view can be checked where PostgreSQL writes them by itself.
fn check_option(view: &View, at: At, checker: &mut Checker<'_>) {
    if view.check_option.is_none() {
        return;
    }
    let why = match checker.catalog().updatable(view) {
        Ok(updatable) if updatable.columns.iter().any(Option::is_some) => return,
        Ok(_) => "no column that is one of its table",
        Err(why) => why,
    };
    let message = format!("`check option` needs a view that can be updated, but its query has {why}");
    checker.report(Diagnostic::new(code::INVALID_QUERY, message, at).help("remove `check option`"));
}

impl Clauses {
    /// Whether the query of a recursive view names the view with its schema, under which there is none yet; reported.
    fn names_itself_with_schema(&self, id: &ObjectId, checker: &mut Checker<'_>) -> bool {
        let tables = self.query.query.tables();
        let mut named = tables.into_iter().filter(|name| {
            name.name.value == id.name.name && name.schema.as_ref().is_some_and(|schema| schema.value == id.name.schema)
        });
        let Some(itself) = named.next().filter(|_| self.is_recursive) else { return false };
        let at = self.query.text_at.unwrap_or_else(|| itself.at());
        let headline = format!("cannot find table or view `{}`", id.name);
        let help = format!("write `{}`: in its own query a recursive view is in no schema", id.name.name);
        checker.report(Diagnostic::new(code::UNKNOWN_TABLE, headline, at).help(help));
        true
    }
}

impl Written for Clauses {
    fn check(&self, id: &ObjectId, _: At, checker: &mut Checker<'_>) -> Option<Definition> {
        if self.names_itself_with_schema(id, checker) {
            return None;
        }
        let (query, columns) = match self.is_recursive {
            true => self.query.naming_itself(&id.name.name, &self.columns).check(&self.columns, checker)?,
            false => self.query.check(&self.columns, checker)?,
        };
        let mut view = View {
            query,
            columns,
            check_option: None,
            security_barrier: false,
            security_invoker: false,
            defaults: SortedMap::new(),
        };
        self.options.put_into(&mut view, checker);
        check_option(&view, self.query.at, checker);
        // `or replace` leaves the defaults of the columns that stay.
        if let Some(Definition::View(before)) = checker.catalog().object(id).map(|object| &object.definition) {
            view = view.with_defaults_of(before);
        }
        Some(view.into())
    }
}

impl Action for Change {
    fn at(&self) -> At {
        match self {
            Change::SetOption(_, at) => *at,
            Change::ResetOption(name) | Change::SetDefault(name, _) | Change::DropDefault(name) => name.at,
        }
    }

    fn check(&self, id: &ObjectId, before: &Object, checker: &mut Checker<'_>) -> Option<Definition> {
        let Definition::View(view) = &before.definition else { return None };
        let mut view = view.clone();
        match self {
            Change::SetOption(options, at) => {
                options.put_into(&mut view, checker);
                check_option(&view, options.check_at.unwrap_or(*at), checker);
            }
            Change::SetDefault(name, value) => {
                checker.column_of_object(id, &before.definition, name)?;
                let column = view.columns.iter().find(|column| column.name == name.value)?;
                let value = match &column.data_type {
                    Some(data_type) => checker.value_for(value, data_type, &name.value, true, Context::Default)?,
                    None => value.value.clone(),
                };
                view.defaults.insert(name.value.clone(), value);
            }
            Change::DropDefault(name) => {
                checker.column_of_object(id, &before.definition, name)?;
                view.defaults.remove(&name.value);
            }
            Change::ResetOption(name) => match name.value.as_str() {
                "check_option" => view.check_option = None,
                "security_barrier" => view.security_barrier = false,
                "security_invoker" => view.security_invoker = false,
                _ => {
                    let message = format!("`{}` is not an option of a view", name.value);
                    checker.report(Diagnostic::new(code::SYNTAX, message, name.at));
                    return None;
                }
            },
        }
        Some(view.into())
    }
}

/// The actions that lead from the defaults of one view to those of another.
#[cfg(feature = "print")]
fn print_defaults(before: &View, after: &View, catalog: &Catalog) -> Printed<Vec<String>> {
    let gone = before.defaults.keys().filter(|column| !after.defaults.contains_key(*column));
    let mut actions = Vec::new();
    for column in gone.chain(after.defaults.keys()) {
        let data_type = after.columns.iter().find(|one| one.name == *column).and_then(|one| one.data_type.as_ref());
        let (was, is) = (before.defaults.get(column), after.defaults.get(column));
        let default = print_changed_default(was, is, data_type, catalog)?;
        actions.extend(default.map(|default| format!("alter {} {default}", name(column))));
    }
    Ok(actions)
}

/// The names of the columns in brackets, where the query gives them others.
#[cfg(feature = "print")]
pub(super) fn print_columns(query: &Query, columns: &[RelationColumn]) -> String {
    let own = query::output_names(query);
    let is_same =
        own.len() == columns.len() && own.iter().zip(columns).all(|(own, column)| *own == column.name);
    if is_same { String::new() } else { format!(" {}", names(columns.iter().map(|column| &column.name))) }
}
