use super::default_value::differing_default;
use super::foreign_data_wrapper::{told_options, write_changed_options, write_options};
use super::kind::Facts;
use super::{
    Define, ForeignCheck, ForeignColumn, Kind, Namespace, ObjectId, RelationColumn, Renaming, Server, compared,
    follow_collation, note_collation,
};
use crate::catalog::inheritance::inherited;
use crate::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumLiterals, Generated, Part, PartitionOf, Scope, Securable, Table, Used,
    Uses as _,
};
use crate::diff::DoubtPlace;
use crate::expression::{Expression, canonical};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::operation::{lower_attach, lower_detach};
use crate::plan::{Hazard, LockMode, Lowering};
use crate::query::PartMut;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// A foreign table: rows that a foreign server has.
#[derive(Clone, Debug, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ForeignTable {
    /// The foreign server.
    pub server: String,
    /// Its columns in their order.
    pub columns: Vec<ForeignColumn>,
    /// Its checks by their names.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub checks: SortedMap<String, ForeignCheck>,
    /// `OPTIONS`
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub options: SortedMap<String, String>,
    /// The tables that it inherits columns and checks from, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<QualifiedName>,
    /// What it is a partition of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_of: Option<PartitionOf>,
}

/// The columns of one that is below others stand as they came from there: their order says nothing.
impl PartialEq for ForeignTable {
    fn eq(&self, other: &Self) -> bool {
        let is_below = self.parents().next().is_some() && other.parents().next().is_some();
        let same_columns = match is_below {
            true => {
                self.columns.len() == other.columns.len()
                    && self.columns.iter().all(|column| other.column(&column.name) == Some(column))
            }
            false => self.columns == other.columns,
        };
        same_columns
            && self.server == other.server
            && self.checks == other.checks
            && self.options == other.options
            && self.inherits == other.inherits
            && self.partition_of == other.partition_of
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

    /// The tables that it is below: those that it inherits from, or the one that it is a partition of.
    pub fn parents(&self) -> impl Iterator<Item = &QualifiedName> {
        self.inherits.iter().chain(self.partition_of.iter().map(|of| &of.parent))
    }

    /// It as a table with the same columns and checks: what its expressions are looked up in.
    pub fn as_table(&self) -> Table {
        let check = |(name, check): (&String, &ForeignCheck)| {
            let constraint = Constraint::new(ConstraintKind::Check(check.condition.clone()));
            let attached_to = check.inherited.then(|| name.clone());
            let (not_valid, no_inherit) = (check.not_valid, check.no_inherit);
            (name.clone(), Constraint { not_valid, no_inherit, attached_to, ..constraint })
        };
        Table {
            columns: self.columns.iter().map(ForeignColumn::as_column).collect(),
            constraints: self.checks.iter().map(check).collect(),
            inherits: self.inherits.clone(),
            partition_of: self.partition_of.clone(),
            ..Table::default()
        }
    }

    /// It with the columns and checks of that table; the columns keep their options.
    pub fn with_table(&self, table: &Table) -> Self {
        let column = |column: &Column| {
            let options = self.column(&column.name).map(|own| own.options.clone()).unwrap_or_default();
            ForeignColumn { options, ..ForeignColumn::of_parent(column) }
        };
        let check = |(name, constraint): (&String, &Constraint)| match &constraint.kind {
            ConstraintKind::Check(condition) => {
                let (no_inherit, not_valid) = (constraint.no_inherit, constraint.not_valid);
                let inherited = constraint.attached_to.is_some();
                Some((name.clone(), ForeignCheck { condition: condition.clone(), no_inherit, not_valid, inherited }))
            }
            _ => None,
        };
        ForeignTable {
            server: self.server.clone(),
            columns: table.columns.iter().map(column).collect(),
            checks: table.constraints.iter().filter_map(check).collect(),
            options: self.options.clone(),
            inherits: table.inherits.clone(),
            partition_of: table.partition_of.clone(),
        }
    }

    /// It as making it beside the tables that it inherits from leaves it: with what only these say of columns.
    pub fn as_inherited(&self, catalog: &Catalog) -> Self {
        let mut made = self.clone();
        let from_above = inherited(&catalog.inherited_from(&self.as_table()), &|_| true).unwrap_or_default();
        for column in &mut made.columns {
            let Some(above) = from_above.column(&column.name) else { continue };
            if column.inherited {
                *column = ForeignColumn::of_parent(above);
            } else if column.default.is_none() && column.generated.is_none() {
                // A column that says nothing of its default gets that of the column above.
                column.default.clone_from(&above.default);
            }
        }
        made
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
                let (not_valid, inherited) = (other.not_valid, other.inherited);
                let validated = ForeignCheck { not_valid, inherited, ..one.clone() };
                validated != *other || other.not_valid && !one.not_valid
            }
            _ => false,
        }
    }

    /// Whether a column or a check is to come from a table above, as only making the table does it.
    fn comes_from_above(&self, to: &Self) -> bool {
        let is_own = |name: &str| self.column(name).is_none_or(|column| !column.inherited);
        let mut columns = to.columns.iter().filter(|column| column.inherited);
        let is_own_check = |name: &str| self.checks.get(name).is_none_or(|check| !check.inherited);
        let mut checks = to.checks.iter().filter(|(_, check)| check.inherited && to.partition_of.is_none());
        columns.any(|column| is_own(&column.name)) || checks.any(|(name, _)| is_own_check(name))
    }

    /// Whether a column or a check is to be its own, and no table above it goes.
    fn is_only_kept(&self, to: &Self) -> bool {
        let is_kept = |name: &str| to.column(name).is_some_and(|column| !column.inherited);
        self.inherits.iter().all(|parent| to.inherits.contains(parent))
            && self.columns.iter().any(|column| column.inherited && is_kept(&column.name))
    }

    fn gone(&self, to: &Self) -> impl Iterator<Item = &ForeignColumn> {
        self.columns.iter().filter(|column| to.column(&column.name).is_none())
    }
}

impl Define for ForeignTable {
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
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
        if let Renaming::Relation { from, to } = renaming {
            let of_partition = self.partition_of.iter_mut().map(|of| &mut of.parent);
            for parent in self.inherits.iter_mut().chain(of_partition).filter(|parent| *parent == *from) {
                parent.clone_from(to);
            }
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
        plan.note_new_table(&id.name);
        let is_said = |check: &ForeignCheck| self.inherits.is_empty() || !check.inherited;
        let columns: Vec<&ForeignColumn> = self.columns.iter().filter(|column| !column.inherited).collect();
        let writer = id.write(Writer::new().keyword("CREATE FOREIGN TABLE"));
        let writer = writer.parenthesized(|writer| {
            let mut writer = writer.comma_separated(&columns, |writer, column| column.write(writer));
            let mut is_first = columns.is_empty();
            for (name, check) in self.checks.iter().filter(|(_, check)| !check.not_valid && is_said(check)) {
                writer = check.write(name, if is_first { writer } else { writer.comma() });
                is_first = false;
            }
            writer
        });
        let writer = writer.when(!self.inherits.is_empty(), |writer| {
            writer.keyword("INHERITS").list(&self.inherits, Writer::name)
        });
        let writer = writer.keyword("SERVER").identifier(&self.server);
        let added = plan.sql(write_options(writer, &self.options).finish());
        let lock = LockMode::ShareUpdateExclusive;
        self.inherits.iter().fold(added, |added, parent| added.locking_only(parent, lock));
        for (name, check) in self.checks.iter().filter(|(_, check)| check.not_valid && is_said(check)) {
            let alter = id.write(Writer::new().keyword("ALTER FOREIGN TABLE")).keyword("ADD");
            plan.sql(check.write(name, alter).keyword("NOT VALID").finish());
        }
    }

    /// What comes from above is made what it is meant to be; a partition is attached, since `PARTITION OF` would lock more.
    fn complete(&self, id: &ObjectId, before: &Catalog, plan: &mut Lowering) {
        let made = self.as_inherited(before);
        for (made, column) in made.columns.iter().zip(&self.columns) {
            made.lower_change(id, column, plan);
        }
        if let Some(of) = &self.partition_of {
            lower_attach(&of.parent, &id.name, &of.bound, before, plan);
        }
    }

    fn change(&self, id: &ObjectId, to: &Self, before: &Catalog, plan: &mut Lowering) -> bool {
        let kept = || self.columns.iter().filter_map(|column| Some((column, to.column(&column.name)?)));
        // The columns of one that is below others stand as they came from there.
        let is_below = to.parents().next().is_some() || self.parents().next().is_some();
        let in_order = is_below || kept().zip(&to.columns).all(|((one, _), other)| one.name == other.name);
        let is_generated_so = kept().all(|(one, other)| one.generated == other.generated);
        // Columns are added behind the others; the server stays, and what generates a column.
        if self.server != to.server
            || !in_order
            || !is_generated_so
            || self.comes_from_above(to)
            || self.is_only_kept(to)
        {
            return false;
        }
        let is_left = |of: &&PartitionOf| to.partition_of.as_ref() != Some(*of);
        if let Some(of) = self.partition_of.as_ref().filter(is_left) {
            lower_detach(&of.parent, &id.name, &of.bound, before, plan);
        }
        for parent in self.inherits.iter().filter(|parent| !to.inherits.contains(parent)) {
            let writer = id.write(Writer::new().keyword("ALTER FOREIGN TABLE")).keyword("NO INHERIT").name(parent);
            plan.sql(writer.finish()).locking_only(parent, LockMode::AccessShare);
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
            let Some(before) = self.column(&column.name) else {
                plan.sql(column.write(alter().keyword("ADD COLUMN")).finish());
                continue;
            };
            before.lower_change(id, column, plan);
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
        for parent in to.inherits.iter().filter(|parent| !self.inherits.contains(parent)) {
            let writer = alter().keyword("INHERIT").name(parent);
            plan.sql(writer.finish()).locking_only(parent, LockMode::ShareUpdateExclusive);
        }
        let is_new = |of: &&PartitionOf| self.partition_of.as_ref() != Some(*of);
        if let Some(of) = to.partition_of.as_ref().filter(is_new) {
            lower_attach(&of.parent, &id.name, &of.bound, before, plan);
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

    fn loses(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
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
        // Those of one that is below others stand as they came from there.
        let is_below = self.parents().next().is_some();
        let columns = |table: &ForeignTable| {
            let mut told: Vec<String> = table.columns.iter().map(ForeignColumn::told).collect();
            if is_below {
                told.sort_unstable();
            }
            told.join(", ")
        };
        let inherits = |table: &ForeignTable| {
            let names: SortedSet<String> = table.inherits.iter().map(ToString::to_string).collect();
            names.into_iter().collect::<Vec<_>>().join(", ")
        };
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
        let names: SortedSet<&String> = self.checks.keys().chain(found.checks.keys()).collect();
        let checks = names.into_iter().filter_map(|name| {
            let (one, other) = (self.checks.get(name), found.checks.get(name));
            let is_same = one.zip(other).is_some_and(|(one, other)| one.is_same(other));
            let told = |check: Option<&ForeignCheck>| check.map(|check| format!("{name}: {}", check.told()));
            (!is_same).then(|| ("check", told(one), told(other)))
        });
        [
            compared("server", Some(&self.server), Some(&found.server)),
            compared("columns", Some(&columns(self)), Some(&columns(found))),
            compared("inherits", Some(&inherits(self)), Some(&inherits(found))),
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
