//! A column, in `create table` or behind `add`.

use migrate_core::catalog::{Column, Identity, OnUpdate, Table};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::token::{At, Token};
use migrate_core::types::{Type, serial_base};

use super::{Collation, ColumnSetting, ConstraintClause, GeneratedClause, parse_collation};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::habit;
use crate::object::IdentityOptions;
use crate::parser::{Name, Parsed, Parser, Spanned};

/// A column as written.
pub(crate) struct ColumnClause {
    pub(crate) name: Name,
    pub(crate) data_type: Spanned<Type>,
    pub(crate) nullable: bool,
    pub(crate) default: Option<Spanned<Expression>>,
    pub(crate) generated: Option<GeneratedClause>,
    pub(crate) identity: Option<Spanned<Identity>>,
    pub(crate) sequence: Option<IdentityOptions>,
    pub(crate) settings: Vec<ColumnSetting>,
    pub(crate) on_update: Option<Spanned<Expression>>,
    /// The name of the trigger and the function of `on update`.
    pub(crate) trigger: Option<Name>,
    pub(crate) collation: Option<Collation>,
    /// Whether it is written as `serial` or one of its kin.
    pub(crate) is_serial: bool,
    pub(crate) constraints: Vec<ConstraintClause>,
    pub(crate) comment: Option<String>,
    pub(crate) at: At,
}

impl ColumnClause {
    /// Takes `name: type? collate c = default options`.
    pub(crate) fn parse(parser: &mut Parser<'_>, comment: Option<String>) -> Parsed<Self> {
        let start = parser.cursor.index();
        let name = parser.name("a column or a constraint")?;
        let has_colon = parser.cursor.take_symbol(':');
        let (data_type_at, found) = (parser.cursor.at(), parser.cursor.peek());
        if !has_colon && !habit::is_type_without_colon(&parser.cursor, &name.value) {
            return parser.expected("`:` and the column's type");
        }
        let serial = match parser.cursor.peek() {
            Token::Word(word) => serial_base(word),
            _ => None,
        };
        let (data_type, nullable) = match serial {
            Some(base) => (serial_type(parser, base)?, false),
            None => parser.column_type()?,
        };
        let mut column = ColumnClause {
            name,
            data_type,
            nullable,
            default: None,
            generated: None,
            identity: None,
            sequence: None,
            settings: Vec::new(),
            on_update: None,
            trigger: None,
            collation: None,
            is_serial: serial.is_some(),
            constraints: Vec::new(),
            comment,
            at: At::default(),
        };
        let known = parser.habits.len();
        if !has_colon {
            column.without_colon(parser, data_type_at, &found.describe());
        }
        column.collation = parse_collation(parser)?;
        if parser.cursor.take_symbol('=') {
            column.default = Some(parser.default_expression()?);
        }
        while column.parse_option(parser)? {}
        column.at = parser.cursor.since(start);
        let is_whole =
            matches!(parser.cursor.peek(), Token::Symbol { symbol: ',' | ';', .. } | Token::Close(_) | Token::End);
        if !has_colon && !is_whole && column.data_type.value.depends_on().is_some() {
            // It is not a column without a colon, but something else.
            parser.habits.truncate(known);
            parser.cursor.go_to(data_type_at.start);
            return parser.expected("`:` and the column's type");
        }
        Ok(column)
    }

    /// Takes one option, if one is there.
    fn parse_option(&mut self, parser: &mut Parser<'_>) -> Parsed<bool> {
        let start = parser.cursor.index();
        if parser.cursor.take_word("generated") {
            self.parse_generated(parser, start)?;
        } else if parser.cursor.take_words(&["on", "update"]) {
            let value = parser.default_expression()?;
            if self.on_update.replace(value).is_some() {
                return Err(twice("on update", parser.cursor.since(start)));
            }
            self.trigger = parse_trigger_of_on_update(parser)?;
        } else if let Some(collation) = parse_collation(parser)? {
            let help = format!("write `{}: {} collate ...`", self.name.value, self.data_type.value);
            parser.habit("`collate` must come right after the type", help, At { start, end: start + 1 });
            self.collation.get_or_insert(collation);
        } else if let Some(setting) = ColumnSetting::parse(parser)? {
            if self.settings.iter().any(|other| other.word() == setting.word()) {
                return Err(twice(setting.word(), parser.cursor.since(start)));
            }
            self.settings.push(setting);
        } else if self.parse_habit(parser)? {
        } else if let Some(constraint) = ConstraintClause::parse_in_column(parser, &self.name)? {
            self.constraints.push(constraint);
        } else if let Some(mistake) = habit::instead_of_option(&parser.cursor, &self.name.value) {
            return Err(mistake);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn parse_generated(&mut self, parser: &mut Parser<'_>, start: u32) -> Parsed<()> {
        let identity = if parser.cursor.take_words(&["by", "default"]) {
            Identity::ByDefault
        } else {
            parser.word("always")?;
            Identity::Always
        };
        parser.word("as")?;
        if parser.cursor.take_word("identity") {
            let at = parser.cursor.since(start);
            if self.identity.replace(Spanned { value: identity, at }).is_some() {
                return Err(twice("generated ... as identity", at));
            }
            self.sequence = IdentityOptions::parse(parser)?;
            return Ok(());
        }
        if self.generated.replace(GeneratedClause::parse(parser)?).is_some() {
            return Err(twice("generated always as", parser.cursor.since(start)));
        }
        Ok(())
    }

    /// Checks it, and gives the column. `table` holds the columns that its expressions may name.
    pub(crate) fn check(&self, table_name: &QualifiedName, table: &Table, checker: &mut Checker<'_>) -> Option<Column> {
        let column = self.column(table_name, table, checker);
        if let Some(column) = &column {
            checker.advise_on_type(table_name, &column.name, &column.data_type, self.is_serial, self.data_type.at);
        }
        checker.accounted_part(self.at, column)
    }

    fn column(&self, table_name: &QualifiedName, table: &Table, checker: &mut Checker<'_>) -> Option<Column> {
        let name_fits = checker.name_fits(&self.name);
        let data_type = checker.data_type(&self.data_type).filter(|_| name_fits)?;
        let mut column = Column::new(self.name.value.clone(), data_type.clone());
        column.nullable = self.nullable;
        column.comment = self.comment.clone();
        if let Some(default) = &self.default {
            let value = checker.value_for(default, &data_type, &self.name.value, self.nullable, Context::Default);
            let value = checker.accounted_part(default.at, value);
            // PostgreSQL keeps no default for `DEFAULT NULL`.
            column.default = value.filter(|value| !value.is_null());
        }
        if let Some(collation) = &self.collation {
            if !checker.is_collatable(&data_type) {
                checker.report(Diagnostic::new(
                    code::INVALID_DEFINITION,
                    format!("type `{data_type}` does not support collations"),
                    collation.at(),
                ));
            }
            column.collation = Some(collation.name(checker));
        }
        for setting in &self.settings {
            let put = setting.put_into(&mut column.settings, &data_type, checker);
            checker.accounted_part(self.at, put);
        }
        self.check_generated(&mut column, table_name, table, checker);
        if let Some(value) = &self.on_update {
            let value = checker.on_update_value(value, &column, table_name, table);
            column.on_update = checker.accounted_part(self.at, value).map(|expression| OnUpdate {
                expression,
                trigger: checker.on_update_name(self.trigger.as_ref(), table_name, table, &self.name.value),
            });
        }
        Some(column)
    }

    fn check_generated(
        &self,
        column: &mut Column,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) {
        let clash = |what: &str, at: At| {
            Diagnostic::new(code::INVALID_DEFINITION, format!("`{}` has {what}", self.name.value), at)
                .help("remove one of them")
        };
        if self.is_serial && (self.default.is_some() || self.identity.is_some() || self.generated.is_some()) {
            checker.report(clash("both a sequence and another source of its values", self.data_type.at));
        }
        if let Some(identity) = &self.identity {
            if !column.data_type.is_integer() {
                checker.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("an identity column cannot be of type `{}`", column.data_type),
                        self.data_type.at,
                    )
                    .help("write `smallint`, `int` or `bigint`"),
                );
            }
            if column.nullable {
                checker.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        "an identity column cannot be nullable",
                        self.data_type.at,
                    )
                    .help("remove the `?`"),
                );
            }
            if self.default.is_some() {
                checker.report(clash("both a default and an identity", identity.at));
            }
            column.identity = Some(identity.value);
            if let Some(options) = self.sequence.as_ref().filter(|_| column.data_type.is_integer()) {
                let sequence = options.check(column, table_name, checker);
                column.sequence = checker.accounted_part(identity.at, sequence).flatten();
            }
        }
        if let Some(written) = &self.generated {
            let at = written.expression.at;
            if self.default.is_some() || self.identity.is_some() {
                checker.report(clash("both a generation expression and a default", at));
            }
            let generated = written.check(&column.data_type, table_name, table, checker);
            column.generated = checker.accounted_part(at, generated);
        }
    }
}

/// Takes `trigger NAME` behind the value of `on update`: what its trigger and its function are called.
pub(crate) fn parse_trigger_of_on_update(parser: &mut Parser<'_>) -> Parsed<Option<Name>> {
    match parser.cursor.take_word("trigger") {
        true => parser.name("the name of the trigger and its function").map(Some),
        false => Ok(None),
    }
}

/// Takes `serial` or one of its kin, for the type that the column gets.
fn serial_type(parser: &mut Parser<'_>, base: &str) -> Parsed<Spanned<Type>> {
    let at = parser.cursor.at();
    parser.cursor.next();
    if parser.cursor.is_symbol('?') {
        return Err(Diagnostic::new(code::SYNTAX, "a serial column cannot be nullable", parser.cursor.at())
            .help("remove the `?`"));
    }
    let value = match base {
        "smallint" => Type::SMALLINT,
        "bigint" => Type::BIGINT,
        _ => Type::INTEGER,
    };
    Ok(Spanned { value, at })
}

fn twice(what: &str, at: At) -> Diagnostic {
    Diagnostic::new(code::DUPLICATE_CLAUSE, format!("`{what}` is given more than once"), at).help("remove one of them")
}
