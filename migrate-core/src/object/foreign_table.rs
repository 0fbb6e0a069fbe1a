use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::collation::bare_name;
use super::default_value::{differing_default, lower_default};
use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use super::kind::Facts;
use super::{
    Define, Kind, Namespace, ObjectId, RelationColumn, Renaming, Server, compared, follow_collation, note_collation,
};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::expression::Expression;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sql::Writer;
use crate::types::Type;

/// A foreign table: rows that a foreign server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignTable {
    /// The foreign server.
    pub server: String,
    /// Its columns in their order.
    pub columns: Vec<ForeignColumn>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}

/// A column of a foreign table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    fn gone(&self, to: &Self) -> impl Iterator<Item = &ForeignColumn> {
        self.columns.iter().filter(|column| to.column(&column.name).is_none())
    }
}

impl Define for ForeignTable {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut BTreeSet<Used>) {
        uses.insert(Used::Object(Server::id(self.server.clone())));
        for column in &self.columns {
            scope.note_type(&column.data_type, uses);
            note_collation(column.collation.as_deref(), uses);
            column.default.iter().for_each(|default| scope.note_expression(default, uses));
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to } = renaming
            && from.kind == Kind::Server
            && from.name.name == self.server
        {
            self.server.clone_from(&to.name);
        }
        for column in &mut self.columns {
            follow_collation(&mut column.collation, renaming);
            column.default.iter_mut().for_each(|default| renaming.follow_expression(default));
            if let Renaming::Type { from, to } = renaming {
                column.data_type.rename(from, to);
            }
        }
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = id.write(Writer::new().keyword("CREATE FOREIGN TABLE"));
        let writer = writer.list(&self.columns, |writer, column| column.write(writer));
        let writer = writer.keyword("SERVER").identifier(&self.server);
        plan.sql(write_options(writer, &self.options).finish());
    }

    fn change(&self, id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        let kept = self.columns.iter().filter(|column| to.column(&column.name).is_some());
        let in_order = kept.zip(&to.columns).all(|(one, other)| one.name == other.name);
        // Columns are added behind the others, and the server stays.
        if self.server != to.server || !in_order {
            return false;
        }
        let alter = || id.write(Writer::new().keyword("ALTER FOREIGN TABLE"));
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
        [
            compared("server", Some(&self.server), Some(&found.server)),
            compared("columns", Some(&columns(self)), Some(&columns(found))),
            default,
            compared("options", Some(&told_options(&self.options)), Some(&told_options(&found.options))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
