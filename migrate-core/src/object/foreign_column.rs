//! The columns and checks of foreign tables.

use super::ObjectId;
use super::collation::bare_name;
use super::default_value::lower_default;
use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use crate::catalog::{Column, Generated};
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::plan::Lowering;
use crate::sorted::SortedMap;
use crate::sql::Writer;
use crate::types::Type;

/// A check of a foreign table, which nobody enforces: it is what the planner believes.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
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
    /// Whether the table has it only because of those that it is below.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
}

impl ForeignCheck {
    pub(super) fn write(&self, name: &str, writer: Writer) -> Writer {
        let writer = writer.keyword("CONSTRAINT").identifier(name).keyword("CHECK");
        writer.enclosed_expression(&self.condition).keyword_if(self.no_inherit, "NO INHERIT")
    }

    pub(super) fn told(&self) -> String {
        let no_inherit = if self.no_inherit { " no inherit" } else { "" };
        let not_valid = if self.not_valid { " not valid" } else { "" };
        let inherited = if self.inherited { " (inherited)" } else { "" };
        format!("{}{no_inherit}{not_valid}{inherited}", self.condition)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        canonical(&self.condition) == canonical(&other.condition)
            && (self.no_inherit, self.not_valid, self.inherited) == (other.no_inherit, other.not_valid, other.inherited)
    }
}

/// A column of a foreign table.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
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
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
    /// Whether the table has it only because of those that it inherits from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
}

impl ForeignColumn {
    pub(super) fn write(&self, writer: Writer) -> Writer {
        let writer = writer.identifier(&self.name).type_(&self.data_type);
        write_options(writer, &self.options)
            .optional(self.collation.as_deref(), |writer, name| writer.collation(name))
            .keyword_if(!self.nullable, "NOT NULL")
            .optional(self.default.as_ref(), |writer, value| writer.keyword("DEFAULT").default_expression(value))
            .optional(self.generated.as_ref(), |writer, generated| generated.write(writer))
    }

    /// Adds the statements that make the other column of it, which is generated in the same way.
    pub(super) fn lower_change(&self, id: &ObjectId, to: &Self, plan: &mut Lowering) {
        let alter = || {
            let writer = id.write(Writer::new().keyword("ALTER FOREIGN TABLE"));
            writer.keyword("ALTER COLUMN").identifier(&to.name)
        };
        if self.data_type != to.data_type || self.collation != to.collation {
            let writer = alter().keyword("TYPE").type_(&to.data_type);
            plan.sql(writer.optional(to.collation.as_deref(), |writer, name| writer.collation(name)).finish());
        }
        if self.nullable != to.nullable {
            let keywords = if to.nullable { "DROP NOT NULL" } else { "SET NOT NULL" };
            plan.sql(alter().keyword(keywords).finish());
        }
        lower_default(alter, self.default.as_ref(), to.default.as_ref(), plan);
        if let Some(writer) = write_changed_options(alter(), &self.options, &to.options) {
            plan.sql(writer.finish());
        }
    }

    pub(super) fn expressions_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        let generated = self.generated.iter_mut().map(|generated| &mut generated.expression);
        self.default.iter_mut().chain(generated)
    }

    pub(super) fn told(&self) -> String {
        let nullable = if self.nullable { "?" } else { "" };
        let collation =
            bare_name(self.collation.as_deref()).map_or_else(String::new, |name| format!(" collate {name}"));
        let options = match self.options.is_empty() {
            true => String::new(),
            false => format!(" options ({})", told_options(&self.options)),
        };
        let inherited = if self.inherited { " (inherited)" } else { "" };
        format!("{}: {}{nullable}{collation}{options}{inherited}", self.name, self.data_type)
    }

    /// It as a column of a table.
    pub fn as_column(&self) -> Column {
        Column {
            nullable: self.nullable,
            default: self.default.clone(),
            generated: self.generated.clone(),
            collation: self.collation.clone(),
            inherited: self.inherited,
            ..Column::new(self.name.clone(), self.data_type.clone())
        }
    }

    /// A column of a table as a foreign table has it that is below that.
    pub fn of_parent(column: &Column) -> Self {
        ForeignColumn {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            nullable: column.nullable,
            default: column.default.clone(),
            generated: column.generated.clone(),
            collation: column.collation.clone(),
            options: SortedMap::new(),
            inherited: column.inherited,
        }
    }
}
