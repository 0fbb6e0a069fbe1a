//! `alter total: numeric(14, 2) using ...`, `alter title: text collate "C"`, `alter total set default 0`, `alter note drop not null`,
//! `alter updated_at set on update now()`

use migrate_core::catalog::{Column, OnUpdate, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{ChangeType, SetCollation, SetDefault, SetNullability, SetOnUpdate};
use migrate_core::token::{At, Token};
use migrate_core::types::Type;

use super::{Action, Inherited, column_settings, expression, identity};
use crate::check::{Checker, Context};
use crate::clause::{Collation, parse_collation, parse_trigger_of_on_update};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Alter {
    column: Name,
    change: Change,
    at: At,
}

enum Change {
    Type {
        data_type: Spanned<Type>,
        /// `None`: that is kept.
        nullable: Option<bool>,
        collation: Option<Collation>,
        using: Option<Spanned<Expression>>,
    },
    SetDefault(Spanned<Expression>),
    DropDefault,
    SetNotNull,
    DropNotNull,
    SetOnUpdate(Spanned<Expression>, Option<Name>),
    DropOnUpdate,
}

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Box<dyn Action>> {
    let start = parser.cursor.index();
    // A column may be called `column`.
    if !matches!(parser.cursor.look_ahead(1), Token::Word(word) if word == "set" || word == "drop") {
        parser.no_column_word("write `alter name: type`, or `alter name set ...`");
    }
    let column = parser.name("a column")?;
    let word = parser.cursor.index();
    let has_word = parser.cursor.take_word("type") || parser.cursor.take_words(&["set", "data", "type"]);
    if has_word || parser.cursor.take_symbol(':') {
        let word = parser.cursor.since(word);
        let (data_type, is_nullable) = parser.column_type()?;
        if has_word {
            let written = format!("alter {}: {}", column.value, data_type.value);
            parser.habit("unexpected `type`", format!("write `{written}`, or `{written}?` if it is nullable"), word);
        }
        let nullable = (is_nullable || !has_word).then_some(is_nullable);
        let collation = parse_collation(parser)?;
        let using = if parser.cursor.take_word("using") { Some(parser.expression()?) } else { None };
        let change = Change::Type { data_type, nullable, collation, using };
        return Ok(Box::new(Alter { column, change, at: parser.cursor.since(start) }));
    }
    if let Some(action) = column_settings::parse(parser, &column, start)? {
        return Ok(action);
    }
    if let Some(action) = identity::parse(parser, &column, start)? {
        return Ok(action);
    }
    if let Some(action) = expression::parse(parser, &column, start)? {
        return Ok(action);
    }
    let change = if parser.cursor.take_words(&["set", "default"]) {
        Change::SetDefault(parser.expression()?)
    } else if parser.cursor.take_words(&["drop", "default"]) {
        Change::DropDefault
    } else if parser.cursor.take_words(&["set", "not", "null"]) {
        Change::SetNotNull
    } else if parser.cursor.take_words(&["drop", "not", "null"]) {
        Change::DropNotNull
    } else if parser.cursor.take_words(&["set", "on", "update"]) {
        let value = parser.expression()?;
        Change::SetOnUpdate(value, parse_trigger_of_on_update(parser)?)
    } else if parser.cursor.take_words(&["drop", "on", "update"]) {
        Change::DropOnUpdate
    } else {
        return parser.expected(
            "`: type`, `set default`, `drop default`, `set not null`, `drop not null`, `set on update` or `drop on update`",
        );
    };
    Ok(Box::new(Alter { column, change, at: parser.cursor.since(start) }))
}

impl Action for Alter {
    fn of_parent(&self) -> Option<Inherited<'_>> {
        matches!(self.change, Change::Type { .. }).then(|| Inherited::Column(&self.column.value))
    }

    fn of_partitioned(&self, _: &Table) -> Option<&'static str> {
        let is_its_own = matches!(self.change, Change::SetDefault(_) | Change::DropDefault | Change::SetNotNull);
        (!is_its_own).then_some("the columns")
    }

    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter`");
        let Some(definition) = checker.table(table) else { return };
        let Some(column) = checker.column(&table.value, &definition, &self.column) else { return };
        self.check_change(&table.value, &definition, column, checker);
    }
}

impl Alter {
    fn check_change(&self, table: &QualifiedName, definition: &Table, column: &Column, checker: &mut Checker<'_>) {
        let name = column.name.clone();
        let table = table.clone();
        match &self.change {
            Change::Type { data_type, nullable, collation, using } => {
                let nullable = nullable.unwrap_or(column.nullable);
                let new = match collation {
                    Some(collation) => match self.check_collation(collation, data_type, column, checker) {
                        Some(found) => Some(found),
                        None => return,
                    },
                    None => None,
                };
                let is_type_kept = checker.data_type(data_type).is_some_and(|found| found == column.data_type);
                if !(new.is_some() && is_type_kept && using.is_none() && nullable == column.nullable) {
                    self.check_type(data_type, nullable, using.as_ref(), &table, definition, column, checker);
                }
                if let Some(collation) = new.filter(|collation| *collation != column.collation) {
                    checker.emit(SetCollation { table, column: name, collation }, self.at);
                }
            }
            Change::SetDefault(value) => {
                if column.generated.is_some() || column.identity.is_some() {
                    checker.report(Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("generated column `{name}` cannot have a default"),
                        value.at,
                    ));
                    return;
                }
                let default = checker.value_for(value, &column.data_type, &name, column.nullable, Context::Default);
                let Some(default) = default else { return };
                // PostgreSQL keeps no default for `DEFAULT NULL`.
                let default = Some(default).filter(|default| !default.is_null());
                if column.default == default {
                    return self.no_change(format!("`{name}` already has this default"), checker);
                }
                checker.emit(SetDefault { table, column: name, default }, self.at);
            }
            Change::DropDefault if column.default.is_none() => {
                self.no_change(format!("`{name}` has no default"), checker);
            }
            Change::DropDefault => checker.emit(SetDefault { table, column: name, default: None }, self.at),
            Change::SetNotNull if !column.nullable => {
                self.no_change(format!("`{name}` is already NOT NULL"), checker);
            }
            Change::SetNotNull => checker.emit(SetNullability { table, column: name, nullable: false }, self.at),
            Change::DropNotNull if column.nullable => {
                self.no_change(format!("`{name}` is already nullable"), checker);
            }
            Change::DropNotNull => {
                let parents = checker.catalog().parents_with_column(definition, &name);
                let is_not_null = |parent: &&&QualifiedName| {
                    let column = checker.catalog().table(parent).and_then(|parent| parent.column(&name));
                    column.is_some_and(|column| !column.nullable)
                };
                if let Some(parent) = parents.iter().find(is_not_null) {
                    let message = format!("`{table}` inherits `{name}` from `{parent}`, where it is NOT NULL");
                    let help = format!("write `alter table {parent} alter {name} drop not null`: `{table}` follows");
                    checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, self.at).help(help));
                    return;
                }
                let in_key = definition.primary_key().is_some_and(|(_, key)| key.columns.contains(&name));
                if in_key || column.identity.is_some() {
                    let why = if in_key { "part of the primary key" } else { "an identity column" };
                    checker.report(Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("`{name}` cannot be nullable, because it is {why}"),
                        self.at,
                    ));
                    return;
                }
                checker.emit(SetNullability { table, column: name, nullable: true }, self.at);
            }
            Change::SetOnUpdate(value, trigger) => {
                let value = checker.on_update_value(value, column, &table, definition);
                let Some(expression) = value else { return };
                let trigger = match (&column.on_update, trigger) {
                    (Some(current), None) => current.trigger.clone(),
                    (_, written) => checker.on_update_name(written.as_ref(), &table, definition, &name),
                };
                let on_update = Some(OnUpdate { expression, trigger });
                checker.emit(SetOnUpdate { table, column: name, on_update }, self.at);
            }
            Change::DropOnUpdate if column.on_update.is_none() => {
                self.no_change(format!("`{name}` has no `on update`"), checker);
            }
            Change::DropOnUpdate => checker.emit(SetOnUpdate { table, column: name, on_update: None }, self.at),
        }
    }

    /// The collation that a column gets; `Some(None)` is that of its type.
    fn check_collation(
        &self,
        collation: &Collation,
        data_type: &Spanned<Type>,
        column: &Column,
        checker: &mut Checker<'_>,
    ) -> Option<Option<String>> {
        let found = checker.data_type(data_type)?;
        if found.is_collatable() == Some(false) {
            let message = format!("`{found}` has no collation");
            checker.report(Diagnostic::new(code::INVALID_DEFINITION, message, collation.at()).help("remove it"));
            return None;
        }
        let name = collation.check(checker)?;
        let new = Some(name).filter(|name| name != "default");
        if new == column.collation && found == column.data_type {
            let written = new.as_deref().unwrap_or("default");
            self.no_change(format!("`{}` already has the collation `{written}`", column.name), checker);
            return None;
        }
        Some(new)
    }

    fn no_change(&self, what: String, checker: &mut Checker<'_>) {
        checker.report(Diagnostic::new(code::NO_CHANGE, what, self.at).help("remove it"));
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one clause and what it is checked against")]
    fn check_type(
        &self,
        data_type: &Spanned<Type>,
        nullable: bool,
        using: Option<&Spanned<Expression>>,
        table: &QualifiedName,
        definition: &Table,
        column: &Column,
        checker: &mut Checker<'_>,
    ) {
        let Some(found) = checker.data_type(data_type) else { return };
        let data_type = &Spanned { value: found, at: data_type.at };
        let name = &column.name;
        if nullable != column.nullable {
            let (is, write) = if column.nullable {
                ("nullable", format!("write `{}?`, and `alter {name} set not null` to change that", data_type.value))
            } else {
                ("NOT NULL", format!("write `{}`, and `alter {name} drop not null` to change that", data_type.value))
            };
            let text = format!("`{name}` is {is}, and changing its type does not change that");
            checker.report(Diagnostic::new(code::INVALID_DEFINITION, text, data_type.at).help(write));
        }
        if data_type.value == column.data_type && using.is_none() {
            return self.no_change(format!("`{name}` is already of type `{}`", column.data_type), checker);
        }
        let is_generated = column.generated.is_some();
        if let Some(using) = using.filter(|_| is_generated) {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("`{name}` is generated, so its values cannot be converted by `using`"),
                    using.at,
                )
                .help("remove the `using`: the column is computed again from its expression"),
            );
            return;
        }
        let using_expression = match using {
            // What it is generated from is checked below.
            None if is_generated => None,
            // A literal is read as a value of the type.
            Some(using) if using.value.as_text().is_some() => {
                match checker.value_for(using, &data_type.value, name, nullable, Context::Using) {
                    Some(value) => Some(value),
                    None => return,
                }
            }
            Some(using) => match checker.column_expression(using, table, definition, Context::Using) {
                Some(resolved) => Some(resolved.expression),
                None => return,
            },
            None => {
                if checker.catalog().assigns(&column.data_type, &data_type.value) == Some(false) {
                    checker.report(
                        Diagnostic::new(
                            code::NO_CAST,
                            format!(
                                "cannot cast `{}` to `{}` automatically",
                                column.data_type, data_type.value
                            ),
                            data_type.at,
                        )
                        .help(match checker.catalog().casts(&column.data_type, &data_type.value) {
                            Some(false) => format!(
                                "there is no cast: say how to convert the values, for example through text: `using \
                                 {name}::text::{}`",
                                data_type.value
                            ),
                            _ => format!("say how to convert the values: `using {name}::{}`", data_type.value),
                        }),
                    );
                    return;
                }
                None
            }
        };
        self.check_keys(&data_type.value, table, definition, name, checker);
        let change = ChangeType {
            table: table.clone(),
            column: name.clone(),
            data_type: data_type.value.clone(),
            using: using_expression,
        };
        if !checker.report_misfits(&change, self.at) {
            checker.advise_on_type(table, name, &data_type.value, false, data_type.at);
            checker.emit(change, self.at);
        }
    }

    /// Reports foreign keys that the new type does not fit.
    fn check_keys(
        &self,
        data_type: &Type,
        table: &QualifiedName,
        definition: &Table,
        name: &str,
        checker: &mut Checker<'_>,
    ) {
        let mut misfits: Vec<String> = Vec::new();
        for (constraint, other, target, from_here) in foreign_keys_of(table, definition, name, checker) {
            let fits = if from_here { data_type.can_reference(&other) } else { other.can_reference(data_type) };
            if fits == Some(false) {
                misfits.push(format!("foreign key `{constraint}` compares it with `{target}` of type `{other}`"));
            }
        }
        if !misfits.is_empty() {
            let mut mistake = Diagnostic::new(
                code::FOREIGN_KEY_TYPE,
                format!("cannot change `{name}` to `{data_type}`, because of a foreign key"),
                self.at,
            );
            mistake.notes = misfits;
            checker.report(mistake);
        }
    }
}

/// The foreign keys a column is in: name, the type at the other end, the other column, whether it points from here.
fn foreign_keys_of(
    table: &QualifiedName,
    definition: &Table,
    column: &str,
    checker: &Checker<'_>,
) -> Vec<(String, Type, String, bool)> {
    let mut keys = Vec::new();
    let catalog = checker.catalog();
    for (name, constraint) in &definition.constraints {
        let migrate_core::catalog::ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
        for (own, referenced) in key.columns.iter().zip(&key.referenced).filter(|(own, _)| *own == column) {
            // A key within one row changes with it only when both ends are this column.
            if key.table == *table && own == referenced {
                continue;
            }
            if let Some(other) = catalog.table(&key.table).and_then(|target| target.column(referenced)) {
                keys.push((name.clone(), other.data_type.clone(), format!("{}.{referenced}", key.table), true));
            }
        }
    }
    for (other_name, constraint, key) in catalog.references_to(table) {
        for (own, _) in key.columns.iter().zip(&key.referenced).filter(|(_, referenced)| *referenced == column) {
            if let Some(other) = catalog.table(other_name).and_then(|other| other.column(own)) {
                keys.push((constraint.to_owned(), other.data_type.clone(), format!("{other_name}.{own}"), false));
            }
        }
    }
    keys
}
