use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::collation::bare_name;
use super::default_value::{differing_default, lower_default};
use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use super::kind::Facts;
use super::{
    Define, Kind, Namespace, ObjectId, RelationColumn, Renaming, Server, compared, follow_collation, note_collation,
};
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumLiterals, Generated, Part, Scope, Securable, Table, Used, Uses as _,
};
use crate::diff::DoubtPlace;
use crate::expression::{Expression, canonical};
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::query::PartMut;
use crate::sql::Writer;
use crate::types::Type;

/// A foreign table: rows that a foreign server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ForeignTable {
    /// The foreign server.
    pub server: String,
    /// Its columns in their order.
    pub columns: Vec<ForeignColumn>,
    /// Its checks by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, ForeignCheck>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// A check of a foreign table, which nobody enforces: it is what the planner believes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ForeignCheck {
    /// What is true of each row.
    pub condition: Expression,
    /// `NO INHERIT`
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_inherit: bool,
    /// `NOT VALID`: the planner does not believe it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
}

impl ForeignCheck {
    fn write(&self, name: &str, writer: Writer) -> Writer {
        let writer = writer.keyword("CONSTRAINT").identifier(name).keyword("CHECK");
        writer.enclosed_expression(&self.condition).keyword_if(self.no_inherit, "NO INHERIT")
    }

    fn told(&self) -> String {
        let no_inherit = if self.no_inherit { " no inherit" } else { "" };
        let not_valid = if self.not_valid { " not valid" } else { "" };
        format!("{}{no_inherit}{not_valid}", self.condition)
    }

    fn is_same(&self, other: &Self) -> bool {
        canonical(&self.condition) == canonical(&other.condition)
            && (self.no_inherit, self.not_valid) == (other.no_inherit, other.not_valid)
    }
}

/// A column of a foreign table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ForeignColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: Type,
    /// Whether it may be NULL, which nobody checks: it is what the planner believes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// `DEFAULT`: what an insert here sends to the other server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Expression>,
    /// What it is generated from: an insert here sends the value to the other server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// `COLLATE`, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

impl ForeignColumn {
    fn write(&self, writer: Writer) -> Writer {
        let writer = writer.identifier(&self.name).type_(&self.data_type);
        write_options(writer, &self.options)
            .optional(self.collation.as_deref(), |writer, name| writer.collation(name))
            .keyword_if(!self.nullable, "NOT NULL")
            .optional(self.default.as_ref(), |writer, value| writer.keyword("DEFAULT").default_expression(value))
            .optional(self.generated.as_ref(), |writer, generated| generated.write(writer))
    }

    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        let generated = self.generated.iter_mut().map(|generated| &mut generated.expression);
        self.default.iter_mut().chain(generated)
    }

    fn told(&self) -> String {
        let nullable = if self.nullable { "?" } else { "" };
        let collation = bare_name(self.collation.as_deref()).map_or_else(String::new, |name| format!(" collate {name}"));
        let options = match self.options.is_empty() {
            true => String::new(),
            false => format!(" options ({})", told_options(&self.options)),
        };
        format!("{}: {}{nullable}{collation}{options}", self.name, self.data_type)
    }
}

impl ForeignTable {
    pub(super) const FACTS: Facts = Facts {
        noun: "foreign table",
        keywords: "FOREIGN TABLE",
        namespace: Namespace::Relation,
        on_table: None,
        securable: Some(Securable::Table),
    };

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ForeignColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// It as a table with the same columns and checks: what its expressions are looked up in.
    pub fn as_table(&self) -> Table {
        let column = |column: &ForeignColumn| Column {
            nullable: column.nullable,
            default: column.default.clone(),
            generated: column.generated.clone(),
            ..Column::new(column.name.clone(), column.data_type.clone())
        };
        let check = |(name, check): (&String, &ForeignCheck)| {
            let constraint = Constraint::new(ConstraintKind::Check(check.condition.clone()));
            (name.clone(), Constraint { not_valid: check.not_valid, no_inherit: check.no_inherit, ..constraint })
        };
        Table {
            columns: self.columns.iter().map(column).collect(),
            constraints: self.checks.iter().map(check).collect(),
            ..Table::default()
        }
    }

    /// The expression of a place in it.
    pub(crate) fn expression_mut(&mut self, place: &DoubtPlace) -> Option<&mut Expression> {
        let (DoubtPlace::Default(name) | DoubtPlace::Generated(name) | DoubtPlace::Check(name)) = place else {
            return None;
        };
        let column = self.columns.iter_mut().find(|column| column.name == *name);
        match place {
            DoubtPlace::Default(_) => column?.default.as_mut(),
            DoubtPlace::Generated(_) => column?.generated.as_mut().map(|generated| &mut generated.expression),
            _ => self.checks.get_mut(name).map(|check| &mut check.condition),
        }
    }

    /// Its defaults, what its columns are generated from, and its checks.
    fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        let of_columns = self.columns.iter_mut().flat_map(ForeignColumn::expressions_mut);
        of_columns.chain(self.checks.values_mut().map(|check| &mut check.condition))
    }

    /// Whether a check is there under the name, but as another one.
    fn is_otherwise(&self, name: &str, to: &Self) -> bool {
        match (self.checks.get(name), to.checks.get(name)) {
            (Some(one), Some(other)) => {
                let validated = ForeignCheck { not_valid: other.not_valid, ..one.clone() };
                validated != *other || other.not_valid && !one.not_valid
            }
            _ => false,
        }
    }

    fn gone(&self, to: &Self) -> impl Iterator<Item = &ForeignColumn> {
        self.columns.iter().filter(|column| to.column(&column.name).is_none())
    }
}

impl Define for ForeignTable {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut BTreeSet<Used>) {
        uses.insert(Used::Object(Server::id(self.server.clone())));
        for column in &self.columns {
            scope.note_type(&column.data_type, uses);
            note_collation(column.collation.as_deref(), uses);
        }
        let table = self.as_table();
        let scope = scope.over(&id.name, &table);
        table.parts().filter(|part| !matches!(part, Part::Itself)).for_each(|part| part.note_uses(&scope, uses));
        uses.retain(|used| !matches!(used, Used::Column(table, _) if *table == id.name));
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::Server
            && from.name.name == self.server
        {
            self.server.clone_from(&to.name);
        }
        for column in &mut self.columns {
            follow_collation(&mut column.collation, renaming);
            if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
                column.data_type.rename(from, to);
            }
        }
        // Texts beside columns of an enum are values of it.
        if let Renaming::Value { name, from, to, .. } = renaming {
            let table = self.as_table();
            let literals = EnumLiterals::of(&table, name);
            let mut rename = |value: &mut String| {
                if value == from {
                    (*to).clone_into(value);
                }
            };
            for column in self.columns.iter_mut().filter(|column| column.data_type.depends_on() == Some(*name)) {
                column.expressions_mut().for_each(|expression| literals.visit_value(expression, &mut rename));
            }
            self.expressions_mut().for_each(|expression| literals.visit_inside(expression, &mut rename));
        }
        self.expressions_mut().for_each(|expression| renaming.follow_expression(expression));
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE FOREIGN TABLE"));
        let writer = writer.parenthesized(|writer| {
            let mut writer = writer.comma_separated(&self.columns, |writer, column| column.write(writer));
            let mut is_first = self.columns.is_empty();
            for (name, check) in self.checks.iter().filter(|(_, check)| !check.not_valid) {
                writer = check.write(name, if is_first { writer } else { writer.comma() });
                is_first = false;
            }
            writer
        });
        let writer = writer.keyword("SERVER").identifier(&self.server);
        plan.sql(write_options(writer, &self.options).finish());
        for (name, check) in self.checks.iter().filter(|(_, check)| check.not_valid) {
            let alter = id.write(Writer::new().keyword("ALTER FOREIGN TABLE")).keyword("ADD");
            plan.sql(check.write(name, alter).keyword("NOT VALID").finish());
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let kept = || self.columns.iter().filter_map(|column| Some((column, to.column(&column.name)?)));
        let in_order = kept().zip(&to.columns).all(|((one, _), other)| one.name == other.name);
        let is_generated_so = kept().all(|(one, other)| one.generated == other.generated);
        // Columns are added behind the others; the server stays, and what generates a column.
        if self.server != to.server || !in_order || !is_generated_so {
            return false;
        }
        let alter = || id.write(Writer::new().keyword("ALTER FOREIGN TABLE"));
        for name in self.checks.keys() {
            if !to.checks.contains_key(name) || self.is_otherwise(name, to) {
                plan.sql(alter().keyword("DROP CONSTRAINT").identifier(name).finish());
            }
        }
        for column in self.gone(to) {
            plan.sql(alter().keyword("DROP COLUMN").identifier(&column.name).finish());
        }
        for column in &to.columns {
            let alter_column = || alter().keyword("ALTER COLUMN").identifier(&column.name);
            let Some(before) = self.column(&column.name) else {
                plan.sql(column.write(alter().keyword("ADD COLUMN")).finish());
                continue;
            };
            if before.data_type != column.data_type || before.collation != column.collation {
                let writer = alter_column().keyword("TYPE").type_(&column.data_type);
                let writer =
                    writer.optional(column.collation.as_deref(), |writer, name| writer.collation(name));
                plan.sql(writer.finish());
            }
            if before.nullable != column.nullable {
                let keywords = if column.nullable { "DROP NOT NULL" } else { "SET NOT NULL" };
                plan.sql(alter_column().keyword(keywords).finish());
            }
            lower_default(alter_column, before.default.as_ref(), column.default.as_ref(), plan);
            if let Some(writer) = write_changed_options(alter_column(), &before.options, &column.options) {
                plan.sql(writer.finish());
            }
        }
        for (name, check) in &to.checks {
            let before = self.checks.get(name).filter(|_| !self.is_otherwise(name, to));
            match before {
                None => {
                    let writer = check.write(name, alter().keyword("ADD"));
                    plan.sql(writer.keyword_if(check.not_valid, "NOT VALID").finish());
                }
                Some(before) if before.not_valid && !check.not_valid => {
                    plan.sql(alter().keyword("VALIDATE CONSTRAINT").identifier(name).finish());
                }
                Some(_) => {}
            }
        }
        if let Some(writer) = write_changed_options(alter(), &self.options, &to.options) {
            plan.sql(writer.finish());
        }
        true
    }

    fn hazards_of_change(
        &self,
        id: &ObjectId,
        to: &Self,
        _before: &Catalog,
        _is_new: &dyn Fn(&QualifiedName) -> bool,
    ) -> Vec<(Hazard, String)> {
        let gone = self.gone(to).next().map(|column| &column.name);
        gone.map(|name| (Hazard::BreaksQueries, format!("running code that reads `{name}` of {id} fails")))
            .into_iter()
            .collect()
    }

    fn loses(&self, id: &ObjectId, to: &Self) -> BTreeSet<Used> {
        self.gone(to).map(|column| Used::Column(id.name.clone(), column.name.clone())).collect()
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn rename_column(&mut self, from: &str, to: &str) {
        self.columns.iter_mut().filter(|column| column.name == from).for_each(|column| to.clone_into(&mut column.name));
        for expression in self.expressions_mut() {
            expression.rename_column(from, to);
        }
    }

    fn columns(&self) -> Vec<RelationColumn> {
        let column = |column: &ForeignColumn| RelationColumn {
            name: column.name.clone(),
            data_type: Some(column.data_type.clone()),
            nullable: column.nullable,
        };
        self.columns.iter().map(column).collect()
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let columns =
            |table: &ForeignTable| table.columns.iter().map(ForeignColumn::told).collect::<Vec<_>>().join(", ");
        let default = self.columns.iter().find_map(|column| {
            let other = found.column(&column.name)?;
            let (wanted, there) = (column.default.as_ref(), other.default.as_ref());
            differing_default(&column.name, Some(&column.data_type), wanted, there)
        });
        let generated = self.columns.iter().filter_map(|column| {
            let (one, other) = (&column.generated, &found.column(&column.name)?.generated);
            let is_same = match (one, other) {
                (Some(one), Some(other)) => {
                    one.stored == other.stored && canonical(&one.expression) == canonical(&other.expression)
                }
                (one, other) => one.is_none() && other.is_none(),
            };
            let told = |generated: &Option<Generated>| {
                generated.as_ref().map(|generated| format!("{}: {generated}", column.name))
            };
            (!is_same).then(|| ("generated column", told(one), told(other)))
        });
        let names: BTreeSet<&String> = self.checks.keys().chain(found.checks.keys()).collect();
        let checks = names.into_iter().filter_map(|name| {
            let (one, other) = (self.checks.get(name), found.checks.get(name));
            let is_same = one.zip(other).is_some_and(|(one, other)| one.is_same(other));
            let told = |check: Option<&ForeignCheck>| check.map(|check| format!("{name}: {}", check.told()));
            (!is_same).then(|| ("check", told(one), told(other)))
        });
        [
            compared("server", Some(&self.server), Some(&found.server)),
            compared("columns", Some(&columns(self)), Some(&columns(found))),
            default,
            compared("options", Some(&told_options(&self.options)), Some(&told_options(&found.options))),
        ]
        .into_iter()
        .flatten()
        .chain(generated)
        .chain(checks)
        .collect()
    }

    fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
        self.expressions_mut().for_each(|expression| expression.walk_mut(change));
    }
}
