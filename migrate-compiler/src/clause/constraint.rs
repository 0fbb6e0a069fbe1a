//! Constraints, in a column's options or as an entry of a table.

use migrate_core::catalog::{Constraint, ConstraintKind, Deferral, Partitioning, Table, Unique};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::sorted::SortedMap;
use migrate_core::token::{At, Token};
use migrate_core::types::Type;

use super::exclusion::name_of;
use super::references::References;
use super::{ExclusionClause, parse_storage_of_key, report_key_outside};
use crate::check::{Checker, Context};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Name, Parsed, Parser, Spanned};

/// A constraint as written.
pub(crate) struct ConstraintClause {
    /// `constraint NAME`
    pub(crate) name: Option<Name>,
    pub(crate) demand: Demand,
    /// `not valid`
    pub(crate) not_valid: Option<At>,
    /// `no inherit`
    pub(crate) no_inherit: bool,
    /// The `///` comment.
    pub(crate) comment: Option<String>,
    pub(crate) at: At,
}

/// What a constraint demands, as written.
pub(crate) enum Demand {
    PrimaryKey(Key),
    Unique(Key),
    Check(Spanned<Expression>),
    References(References),
    Exclude(ExclusionClause),
}

/// The columns of a key.
pub(crate) struct Key {
    pub(crate) columns: Vec<Name>,
    pub(crate) include: Vec<Name>,
    pub(crate) nulls_not_distinct: bool,
    parameters: SortedMap<String, String>,
    pub(crate) deferral: Deferral,
}

impl ConstraintClause {
    /// Whether a constraint of a table starts here, rather than a column of that name.
    pub(crate) fn starts_at(parser: &Parser<'_>) -> bool {
        let is_word = ["primary", "unique", "check", "foreign", "exclude", "constraint"]
            .iter()
            .any(|word| parser.cursor.is_word(word));
        is_word && !matches!(parser.cursor.look_ahead(1), Token::Symbol { symbol: ':', .. })
    }

    /// Takes a constraint of a table.
    pub(crate) fn parse_in_table(parser: &mut Parser<'_>, comment: Option<String>) -> Parsed<Self> {
        let start = parser.cursor.index();
        let name = Self::parse_name(parser)?;
        let demand = if parser.cursor.take_words(&["primary", "key"]) {
            let columns = parser.name_list("a column")?;
            Demand::PrimaryKey(parse_key(parser, columns, false)?)
        } else if parser.cursor.take_word("unique") {
            let nulls_not_distinct = parser.cursor.take_words(&["nulls", "not", "distinct"]);
            let columns = parser.name_list("a column")?;
            Demand::Unique(parse_key(parser, columns, nulls_not_distinct)?)
        } else if parser.cursor.take_word("check") {
            Demand::Check(parser.bracketed_expression()?)
        } else if parser.cursor.take_words(&["foreign", "key"]) {
            let columns = parser.name_list("a column")?;
            parser.word("references")?;
            Demand::References(References::parse(parser, columns)?)
        } else if parser.cursor.take_word("exclude") {
            Demand::Exclude(ExclusionClause::parse(parser)?)
        } else {
            return parser.expected("`primary key`, `unique`, `check`, `foreign key` or `exclude`");
        };
        let mut clause = ConstraintClause::new(name, demand, comment);
        clause.parse_rest(parser)?;
        clause.at = parser.cursor.since(start);
        Ok(clause)
    }

    /// Takes a constraint among the options of a column, if one starts here.
    pub(crate) fn parse_in_column(parser: &mut Parser<'_>, column: &Name) -> Parsed<Option<Self>> {
        let start = parser.cursor.index();
        let name = Self::parse_name(parser)?;
        let columns = || vec![column.clone()];
        let demand = if parser.cursor.take_words(&["primary", "key"])
            || parser.takes_habit(&["primary_key"], "write `primary key`")
        {
            Demand::PrimaryKey(parse_key(parser, columns(), false)?)
        } else if parser.cursor.take_word("unique") {
            let nulls_not_distinct = parser.cursor.take_words(&["nulls", "not", "distinct"]);
            Demand::Unique(parse_key(parser, columns(), nulls_not_distinct)?)
        } else if parser.cursor.take_word("check") {
            Demand::Check(parser.bracketed_expression()?)
        } else if parser.cursor.take_word("references") {
            Demand::References(References::parse(parser, columns())?)
        } else if name.is_some() {
            return parser.expected("`primary key`, `unique`, `check` or `references`");
        } else {
            return Ok(None);
        };
        let mut clause = ConstraintClause::new(name, demand, None);
        clause.parse_rest(parser)?;
        clause.at = parser.cursor.since(start);
        Ok(Some(clause))
    }

    fn new(name: Option<Name>, demand: Demand, comment: Option<String>) -> Self {
        ConstraintClause { name, demand, not_valid: None, no_inherit: false, comment, at: At::default() }
    }

    /// Takes `no inherit` and `not valid`.
    fn parse_rest(&mut self, parser: &mut Parser<'_>) -> Parsed<()> {
        loop {
            let start = parser.cursor.index();
            if parser.cursor.take_words(&["no", "inherit"]) {
                if !matches!(self.demand, Demand::Check(_)) {
                    return Err(only_of("`no inherit`", "a check", parser.cursor.since(start)));
                }
                self.no_inherit = true;
            } else if parser.cursor.take_words(&["not", "valid"]) {
                let at = parser.cursor.since(start);
                if !matches!(self.demand, Demand::Check(_) | Demand::References(_)) {
                    return Err(only_of("`not valid`", "a check or a foreign key", at));
                }
                self.not_valid = Some(at);
            } else {
                return Ok(());
            }
        }
    }

    /// Whether it is a foreign key.
    pub(crate) fn is_foreign_key(&self) -> bool {
        matches!(self.demand, Demand::References(_))
    }

    /// Whether it is a primary key or a unique constraint, which others can reference.
    pub(crate) fn is_key(&self) -> bool {
        matches!(self.demand, Demand::PrimaryKey(_) | Demand::Unique(_))
    }

    fn parse_name(parser: &mut Parser<'_>) -> Parsed<Option<Name>> {
        if parser.cursor.take_word("constraint") { parser.name("the constraint's name").map(Some) } else { Ok(None) }
    }

    /// Checks it against its table, and gives its name and definition.
    pub(crate) fn check(
        &self,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<(String, Constraint)> {
        let constraint = self.constraint(table_name, table, checker);
        if let Some((name, Constraint { kind: ConstraintKind::ForeignKey(key), .. })) = &constraint {
            checker.advise_on_foreign_key(table_name, name, &key.columns, self.at);
        }
        checker.accounted_part(self.at, constraint)
    }

    fn constraint(
        &self,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<(String, Constraint)> {
        let kind = match &self.demand {
            Demand::PrimaryKey(key) => {
                let key = self.check_key(key, table_name, table, checker)?;
                if let Some((name, _)) = table.primary_key() {
                    checker.report(
                        Diagnostic::new(
                            code::DUPLICATE_CONSTRAINT,
                            format!("table `{table_name}` already has a primary key `{name}`"),
                            self.at,
                        )
                        .help("for a key of several columns, write one `primary key (a, b)` as an entry of its own"),
                    );
                    return None;
                }
                ConstraintKind::PrimaryKey(key)
            }
            Demand::Unique(key) => ConstraintKind::Unique(self.check_key(key, table_name, table, checker)?),
            Demand::Check(expression) => {
                ConstraintKind::Check(checker.condition(expression, table_name, table, Context::Check)?)
            }
            Demand::References(references) => {
                ConstraintKind::ForeignKey(references.check(table_name, table, self.at, checker)?)
            }
            Demand::Exclude(exclusion) => ConstraintKind::Exclusion(exclusion.check(table_name, table, checker)?),
        };
        if !matches!(kind, ConstraintKind::Check(_)) {
            let columns = table.columns_of_constraint(&kind);
            let article = if matches!(kind, ConstraintKind::Exclusion(_)) { "an" } else { "a" };
            let what = format!("{article} {}", kind.noun());
            if checker.report_virtual(&what, table, columns.iter().map(String::as_str), self.at) {
                return None;
            }
        }
        let name = self.choose_name(&kind, table_name, table, checker)?;
        if let Some(partitioning) = &table.partitioning {
            self.check_on_partitioned(partitioning, &name, &kind, checker)?;
            // Each of the partitions gets the key as well.
            let below = checker.catalog().partition_tree(table_name);
            let below = below.iter().filter_map(|name| checker.catalog().table(name)?.partitioning.clone());
            let below: Vec<Partitioning> = below.filter(|_| kind.has_index()).collect();
            for partitioning in below {
                report_key_outside(&partitioning, &name, &Constraint::new(kind.clone()), self.at, checker)?;
            }
        }
        let (not_valid, no_inherit) = (self.not_valid.is_some(), self.no_inherit);
        Some((name, Constraint { comment: self.comment.clone(), not_valid, no_inherit, ..Constraint::new(kind) }))
    }

    /// What a partitioned table cannot have.
    fn check_on_partitioned(
        &self,
        partitioning: &Partitioning,
        name: &str,
        kind: &ConstraintKind,
        checker: &mut Checker<'_>,
    ) -> Option<()> {
        if self.no_inherit {
            checker.report(
                Diagnostic::new(
                    code::INVALID_DEFINITION,
                    "a check of a partitioned table cannot be `no inherit`",
                    self.at,
                )
                .help("remove `no inherit`, or add the check to the partitions that need it"),
            );
            return None;
        }
        match (kind, self.not_valid) {
            (ConstraintKind::ForeignKey(_), Some(at)) => {
                checker.needs_postgres(18, "a foreign key of a partitioned table that is `not valid`", at);
            }
            (ConstraintKind::Exclusion(_), _) => {
                checker.needs_postgres(17, "an exclusion constraint of a partitioned table", self.at);
            }
            _ => {}
        }
        if kind.has_index() {
            report_key_outside(partitioning, name, &Constraint::new(kind.clone()), self.at, checker)?;
        }
        Some(())
    }

    fn choose_name(
        &self,
        kind: &ConstraintKind,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<String> {
        let (second, label) = match kind {
            ConstraintKind::PrimaryKey(_) => (None, "pkey"),
            ConstraintKind::Unique(key) => (Some(key.columns.join("_")), "key"),
            ConstraintKind::ForeignKey(key) => (Some(key.columns.join("_")), "fkey"),
            ConstraintKind::Exclusion(exclusion) => (Some(name_of(exclusion)), "excl"),
            ConstraintKind::Check(expression) => {
                let columns = expression.columns();
                let mut columns = columns.iter();
                let only = columns.next().filter(|_| columns.next().is_none());
                (only.map(ToString::to_string), "check")
            }
        };
        match &self.name {
            None => Some(checker.free_member_name(table_name, table, second.as_deref(), label)),
            Some(name) => checker.member_name(name, table_name, table, kind.has_index()).then(|| name.value.clone()),
        }
    }

    fn check_key(
        &self,
        key: &Key,
        table_name: &QualifiedName,
        table: &Table,
        checker: &mut Checker<'_>,
    ) -> Option<Unique> {
        let columns = check_columns(&key.columns, table_name, table, checker);
        let include = check_columns(&key.include, table_name, table, checker);
        if key.nulls_not_distinct {
            checker.needs_postgres(15, "`nulls not distinct`", self.at);
        }
        for name in &key.columns {
            check_ordered(name, table, checker);
        }
        let is_primary = matches!(self.demand, Demand::PrimaryKey(_));
        for name in key.columns.iter().filter(|_| is_primary) {
            if let Some(maker) = checker.state.undeclared.column(table_name, &name.value).cloned()
                && table.column(&name.value).is_none()
            {
                // Whether it takes NULL decides what has to be done first.
                checker.report_undeclared_column(table_name, &name.value, &maker, name.at);
                return None;
            }
            if table.column(&name.value).is_some_and(|column| column.nullable) {
                let help = match checker.catalog().tables.contains_key(table_name) {
                    true => format!("write `alter {} set not null` first", name.value),
                    false => "remove the `?` of its type".to_owned(),
                };
                checker.report(
                    Diagnostic::new(
                        code::INVALID_DEFINITION,
                        format!("primary key column `{}` is nullable", name.value),
                        name.at,
                    )
                    .help(help),
                );
            }
        }
        Some(Unique {
            columns: columns?,
            include: include?,
            nulls_not_distinct: key.nulls_not_distinct,
            parameters: key.parameters.clone(),
            deferral: key.deferral,
        })
    }
}

fn only_of(what: &str, of: &str, at: At) -> Diagnostic {
    Diagnostic::new(code::SYNTAX, format!("only {of} can be {what}"), at).help("remove it")
}

/// Reports a column of a key whose values have no order: the key is an index of the method `btree`.
fn check_ordered(name: &Name, table: &Table, checker: &mut Checker<'_>) {
    let Some(column) = table.column(&name.value) else { return };
    let data_type = &column.data_type;
    if checker.values_of(data_type).is_some() || data_type.has_default_operator_class("btree") != Some(false) {
        return;
    }
    let headline = format!("`{data_type}` has no default operator class for `btree`, which a key needs");
    let mistake = Diagnostic::new(code::NO_OPERATOR_CLASS, headline, name.at);
    checker.report(match *data_type == Type::JSON {
        true => mistake.help("use `jsonb`, whose values can be compared"),
        false => mistake
            .help("create a unique index on an expression of it, such as `create unique index on ... (md5(...))`"),
    });
}

/// Looks up every column of a list by its name; `None` when one is missing or stands there twice.
pub(crate) fn check_columns(
    names: &[Name],
    table_name: &QualifiedName,
    table: &Table,
    checker: &mut Checker<'_>,
) -> Option<Vec<String>> {
    let mut good = true;
    let mut found: Vec<String> = Vec::new();
    for name in names {
        good &= checker.column_by_name(table_name, table, name).is_some();
        if found.contains(&name.value) {
            good = false;
            checker.report(Diagnostic::new(
                code::DUPLICATE_CLAUSE,
                format!("`{}` is listed more than once", name.value),
                name.at,
            ));
        }
        found.push(name.value.clone());
    }
    good.then_some(found)
}

fn parse_key(parser: &mut Parser<'_>, columns: Vec<Name>, nulls_not_distinct: bool) -> Parsed<Key> {
    let include = if parser.cursor.take_word("include") { parser.name_list("a column")? } else { Vec::new() };
    let parameters = parse_storage_of_key(parser, "btree")?;
    Ok(Key { columns, include, nulls_not_distinct, parameters, deferral: parse_deferral(parser)? })
}

pub(crate) fn parse_deferral(parser: &mut Parser<'_>) -> Parsed<Deferral> {
    if !parser.cursor.take_word("deferrable") {
        parser.cursor.take_words(&["not", "deferrable"]);
        return Ok(Deferral::NotDeferrable);
    }
    if parser.cursor.take_word("initially") {
        if parser.cursor.take_word("deferred") {
            return Ok(Deferral::InitiallyDeferred);
        }
        if !parser.cursor.take_word("immediate") {
            return parser.expected("`deferred` or `immediate`");
        }
    }
    Ok(Deferral::InitiallyImmediate)
}
