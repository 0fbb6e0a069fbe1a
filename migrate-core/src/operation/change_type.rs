use super::conversion::{
    Conversion, conversion, cost, is_of_another_length, is_relabelled, keeps_operators, narrows,
};
use super::retype::{default_after, retype_literals};
use super::rebuild::{self, Rebuilt, generated_anew};
use super::{
    CommentTarget, Inverse, Operate, Operation, SetColumnSettings, SetDefault, Touched, comments, ddl, script, settings,
};
use crate::catalog::{Catalog, Column, ColumnSettings, Constraint, ConstraintKind, IndexKey, Table, Used};
use crate::expression::{Expression, ExpressionKind};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Define as _, Object, ObjectId, Renaming};
use crate::plan::{Duration, Hazard, LockMode, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::{BuiltIn, Type, TypeChange};

/// `ALTER TABLE ... ALTER COLUMN ... TYPE`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct ChangeType {
    /// The table.
    pub table: QualifiedName,
    /// The column.
    pub column: String,
    /// The new type.
    pub data_type: Type,
    /// `USING`: how a value is converted.
    pub using: Option<Expression>,
}

impl ChangeType {
    fn column<'c>(&self, catalog: &'c Catalog) -> Option<&'c Column> {
        catalog.table(&self.table)?.column(&self.column)
    }

    /// Whether values are converted by the cast alone, so that PostgreSQL may find that nothing has to be done.
    fn is_plain_cast(&self) -> bool {
        let is_column = |expression: &Expression| expression.as_name() == Some(&self.column);
        match self.using.as_ref().map(|using| &using.kind) {
            None => true,
            Some(ExpressionKind::Cast { operand, target, .. }) => *target == self.data_type && is_column(operand),
            Some(_) => self.using.as_ref().is_some_and(is_column),
        }
    }

    fn cost(&self, before: &Catalog) -> TypeChange {
        if self.generates_anew(before) { TypeChange::RewritesTable } else { self.cost_of_column(before) }
    }

    /// What the column alone costs: not those that are generated from it.
    fn cost_of_column(&self, before: &Catalog) -> TypeChange {
        let Some(column) = self.column(before) else { return TypeChange::RewritesTable };
        // A value of a domain is one of the type that the domain is over.
        let data_type = before.base_type(&column.data_type);
        match cost(data_type, &self.data_type) {
            TypeChange::NeedsUsing => TypeChange::RewritesTable,
            _ if !self.is_plain_cast() => TypeChange::RewritesTable,
            _ if is_relabelled(data_type, &self.data_type, before) => TypeChange::RebuildsIndexes,
            cost => cost,
        }
    }

    /// Between `timestamp` and `timestamptz` values are converted in the session's time zone. UTC makes the result the
    /// same everywhere, and PostgreSQL then knows that no value changes.
    pub fn depends_on_time_zone(&self, before: &Catalog) -> bool {
        let has_zone = |data_type: &Type| match data_type {
            Type::Timestamp { with_time_zone, .. } | Type::Time { with_time_zone, .. } => Some(*with_time_zone),
            Type::BuiltIn(BuiltIn::Date) => Some(false),
            _ => None,
        };
        let old = self.column(before).and_then(|column| has_zone(&column.data_type));
        let new = has_zone(&self.data_type);
        self.is_plain_cast() && old.is_some() && new.is_some() && old != new
    }

    /// Whether the default is a literal whose value under the new type would depend on the session's time zone.
    pub fn moves_default(&self, before: &Catalog) -> bool {
        let default = self.column(before).and_then(|column| column.default.as_ref());
        let is_literal = |default: &Expression| {
            default.columns().is_empty() && default.functions().is_empty() && !default.sql().starts_with("CURRENT_")
        };
        default.is_some_and(is_literal) && self.depends_on_time_zone(before)
    }

    /// The other ends of foreign keys over the column: their tables are locked too.
    fn partners<'c>(&'c self, before: &'c Catalog) -> SortedSet<&'c QualifiedName> {
        let referenced = before
            .table(&self.table)
            .into_iter()
            .flat_map(Table::foreign_keys)
            .filter(|(_, key)| key.columns.contains(&self.column))
            .map(|(_, key)| &key.table);
        let referencing = before
            .references_to(&self.table)
            .filter(|(_, _, key)| key.referenced.contains(&self.column))
            .map(|(table, _, _)| table);
        referenced.chain(referencing).filter(|table| **table != self.table).collect()
    }

    /// Checks over the column: PostgreSQL would verify them under the strong lock, unless they are put aside.
    fn checks<'c>(&self, before: &'c Catalog) -> Vec<(&'c str, &'c Constraint)> {
        let constraints = before.table(&self.table).into_iter().flat_map(|table| &table.constraints);
        constraints
            .filter(
                |(_, constraint)| matches!(&constraint.kind, ConstraintKind::Check(check) if check.reads(&self.column)),
            )
            .map(|(name, constraint)| (name.as_str(), constraint))
            .collect()
    }

    /// Whether literals and operators beside the column may mean something else with the new type. PostgreSQL keeps them
    /// as they were; what has them is taken down, and made again as it is written.
    fn changes_meaning(&self, before: &Catalog) -> bool {
        self.column(before).is_some_and(|column| !keeps_operators(&column.data_type, &self.data_type))
    }

    /// Whether generated columns are made anew: PostgreSQL changes neither the source of one nor, with `USING`, its type.
    fn generates_anew(&self, before: &Catalog) -> bool {
        let table = before.table(&self.table);
        table.is_some_and(|table| !generated_anew(table, &self.column).is_empty())
    }

    fn is_generated(&self, before: &Catalog) -> bool {
        self.column(before).is_some_and(|column| column.generated.is_some())
    }

    /// Takes down what is about the column by meaning, changes the type, and makes it again: in one transaction, while
    /// the table is locked and rewritten anyway.
    fn lower_with_dependents(&self, before: &Catalog, plan: &mut Lowering) {
        let mut after = before.clone();
        self.apply(&mut after);
        let Some(definition) = before.table(&self.table) else { return };
        let rebuilt = Rebuilt::of(&self.table, definition, &self.column, self.changes_meaning(before));
        rebuilt.lower_before(plan);
        if !self.is_generated(before) {
            self.lower_type(before, plan);
        }
        rebuilt.lower_after(&after, plan);
    }

    /// The change itself.
    fn lower_type(&self, before: &Catalog, plan: &mut Lowering) {
        let cost = self.cost_of_column(before);
        if self.depends_on_time_zone(before) {
            plan.sql(Writer::new().keyword("SET LOCAL TimeZone TO").literal("UTC").finish()).with_next();
        }
        let mut added = plan.sql(self.sql(before)).locking(&self.table, LockMode::AccessExclusive);
        for partner in self.partners(before) {
            added = added.locking(partner, LockMode::AccessExclusive);
        }
        match cost {
            TypeChange::MetadataOnly => {}
            TypeChange::RebuildsIndexes => {
                added.taking(Duration::IndexBuild);
            }
            TypeChange::RewritesTable | TypeChange::NeedsUsing => {
                added.taking(Duration::Rewrite);
            }
        }
        if self.depends_on_time_zone(before) {
            plan.sql(Writer::new().keyword("SET LOCAL TimeZone TO DEFAULT").finish());
        }
        // PostgreSQL gives the column the storage of the new type, and no compression.
        if let Some(column) = self.column(before) {
            let kept = column.settings.clone().with_type(&self.data_type);
            let left = ColumnSettings { storage: None, compression: None, ..kept.clone() };
            settings::lower_column(&self.table, &self.column, &self.data_type, (&left, &kept), plan);
        }
    }

    fn sql(&self, before: &Catalog) -> String {
        let column = self.column(before);
        // With USING, PostgreSQL does not know how to convert the default; without, it keeps the old one behind a cast.
        let is_set = self.using.is_some()
            || column.is_some_and(|column| column.data_type.without_modifier() != self.data_type.without_modifier());
        let default = column.filter(|_| is_set).and_then(|column| Some(default_after(column.default.clone()?, &column.data_type, &self.data_type)));
        let default = default.as_ref();
        let collation = self.collation(before);
        let alter = |writer: Writer| writer.keyword("ALTER COLUMN").identifier(&self.column);
        let steps =
            default.map(|_| Step::DropDefault).into_iter().chain([Step::Type]).chain(default.map(Step::SetDefault));
        ddl::alter_table(&self.table)
            .comma_separated(steps, |writer, step| match step {
                Step::DropDefault => alter(writer).keyword("DROP DEFAULT"),
                Step::Type => alter(writer)
                    .keyword("TYPE")
                    .type_(&self.data_type)
                    .optional(collation, Writer::collation)
                    .optional(self.using.as_ref(), |writer, using| writer.keyword("USING").expression(using)),
                Step::SetDefault(default) => alter(writer).keyword("SET DEFAULT").default_expression(default),
            })
            .finish()
    }

    /// The column's collation, if the new type has one: without the clause it would fall back to the type's.
    fn collation<'c>(&self, before: &'c Catalog) -> Option<&'c str> {
        let collation = self.column(before)?.collation.as_deref();
        collation.filter(|_| self.data_type.is_collatable() != Some(false))
    }

    fn indexes_rebuilt<'c>(&'c self, before: &'c Catalog) -> Vec<&'c str> {
        let Some(table) = before.table(&self.table) else { return Vec::new() };
        let cost = self.cost(before);
        let indexes = table.indexes.iter().filter(move |(_, index)| match cost {
            TypeChange::MetadataOnly => {
                let of_expression = |key: &IndexKey| key.column().is_none() && key.expression.reads(&self.column);
                index.keys.iter().any(of_expression)
                    || index.predicate.as_ref().is_some_and(|predicate| predicate.reads(&self.column))
            }
            _ => index.mentions(&self.column),
        });
        let keys = table.constraints.iter().filter(move |(_, constraint)| {
            cost != TypeChange::MetadataOnly && constraint.kind.has_index() && constraint.kind.mentions(&self.column)
        });
        indexes.map(|(name, _)| name.as_str()).chain(keys.map(|(name, _)| name.as_str())).collect()
    }

    /// The way back, with what it alone would not bring back as it was.
    fn with_what_differs(&self, before: &Catalog, back: ChangeType) -> Vec<Operation> {
        let mut operations: Vec<Operation> = vec![back.into()];
        let mut there: Vec<Operation> = vec![self.clone().into()];
        there.extend(operations.iter().cloned());
        let returned = script::fold(before, &there);
        let (Some(was), Some(is)) = (before.table(&self.table), returned.table(&self.table)) else { return operations };
        let table = || self.table.clone();
        let default = |table: &Table| table.column(&self.column).and_then(|column| column.default.clone());
        if default(was) != default(is) {
            operations.push(SetDefault { table: table(), column: self.column.clone(), default: default(was) }.into());
        }
        let settings = |table: &Table| table.column(&self.column).map(|column| column.settings.clone());
        if let (Some(was), Some(is)) = (settings(was), settings(is))
            && was != is
        {
            operations.push(SetColumnSettings { table: table(), column: self.column.clone(), settings: was }.into());
        }
        operations.extend(rebuild::restore(&self.table, was, is));
        operations
    }

    fn is_narrower(&self, before: &Catalog) -> bool {
        let is_narrower = |column: &Column| {
            column.generated.is_none()
                && narrows(&column.data_type, &self.data_type)
                && !is_relabelled(&column.data_type, &self.data_type, before)
        };
        self.column(before).is_some_and(is_narrower)
    }

    /// A key or a unique index over the column that may not hold for the new type, which an extension brings: it may take for equal
    /// what was not.
    fn unique_otherwise<'c>(&self, before: &'c Catalog) -> Option<&'c str> {
        let column = self.column(before)?;
        let is_of_extension = matches!(self.data_type, Type::Named { .. });
        if !is_of_extension || !is_relabelled(&column.data_type, &self.data_type, before) {
            return None;
        }
        let table = before.table(&self.table)?;
        let is_key = |constraint: &Constraint| {
            let is_unique = matches!(constraint.kind, ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_));
            is_unique && constraint.kind.mentions(&self.column)
        };
        let keys = table.constraints.iter().filter(|(_, constraint)| is_key(constraint)).map(|(name, _)| name);
        let indexes = table.indexes.iter().filter(|(_, index)| index.unique && index.mentions(&self.column));
        keys.chain(indexes.map(|(name, _)| name)).next().map(String::as_str)
    }
}

enum Step<'c> {
    DropDefault,
    Type,
    SetDefault(&'c Expression),
}

impl Operate for ChangeType {
    /// PostgreSQL changes no column that a trigger names.
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(column) = catalog.table_mut(&self.table).and_then(|table| table.column_mut(&self.column)) {
            let old = std::mem::replace(&mut column.data_type, self.data_type.clone());
            column.default = column.default.take().map(|default| default_after(default, &old, &self.data_type));
            if self.data_type.is_collatable() == Some(false) {
                column.collation = None;
            }
            column.settings = std::mem::take(&mut column.settings).with_type(&self.data_type);
            if let Some(sequence) = &mut column.sequence {
                sequence.retype(&self.data_type);
            }
            let Some(table) = catalog.table_mut(&self.table) else { return };
            if !keeps_operators(&old, &self.data_type) {
                for expression in table.expressions_mut() {
                    retype_literals(expression, &self.column, &old, &self.data_type);
                }
            }
            rebuild::apply(table, &self.column);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let Some(column) = self.column(before) else {
            return Inverse::NotDerivable { why: format!("the previous type of `{}` is not known", self.column) };
        };
        if column.collation.is_some() && self.collation(before).is_none() {
            return Inverse::NotDerivable {
                why: format!("`{}` has no collation, and the old one is not kept", self.data_type),
            };
        }
        // A domain is cast as what it is over.
        let (from, to) = (before.base_type(&self.data_type), before.base_type(&column.data_type));
        let is_castable = !is_of_another_length(before, from, to);
        let using = match conversion(&self.column, from, to) {
            // What it is generated from gives the values.
            _ if column.generated.is_some() => None,
            Conversion::Implicit => None,
            Conversion::Explicit(using) if is_castable => Some(using),
            Conversion::Explicit(_) | Conversion::Unknown => {
                return Inverse::NotDerivable {
                    why: format!("`{}` cannot be cast back to `{}`", self.data_type, column.data_type),
                };
            }
        };
        let back = ChangeType {
            table: self.table.clone(),
            column: self.column.clone(),
            data_type: column.data_type.clone(),
            using,
        };
        let inverse = Inverse::operations(self.with_what_differs(before, back));
        if self.is_narrower(before) || !self.is_plain_cast() {
            inverse.losing(format!("the values of `{}.{}` as they were before", self.table, self.column))
        } else {
            inverse
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        if self.changes_meaning(before) || self.generates_anew(before) {
            return self.lower_with_dependents(before, plan);
        }
        let checks = match self.cost(before) {
            TypeChange::MetadataOnly | TypeChange::RebuildsIndexes if !plan.is_new(&self.table) => self.checks(before),
            _ => Vec::new(),
        };
        for (name, _) in &checks {
            plan.sql(ddl::drop_constraint(&self.table, name)).locking(&self.table, LockMode::AccessExclusive);
        }
        self.lower_type(before, plan);
        for (name, check) in &checks {
            plan.sql(ddl::add_constraint_not_valid(&self.table, name, check))
                .locking(&self.table, LockMode::AccessExclusive);
            let target = CommentTarget::Constraint(self.table.clone(), (*name).to_owned());
            comments::lower_comment_if_any(&target, check.comment.as_deref(), plan);
        }
        for (name, _) in checks.iter().filter(|(_, check)| !check.not_valid) {
            plan.sql(ddl::validate_constraint(&self.table, name))
                .locking(&self.table, LockMode::ShareUpdateExclusive)
                .taking(Duration::Scan)
                .apart_from_locks();
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.table);
        for partner in self.partners(before) {
            touched.uses_table(partner);
        }
        if let Some(column) = self.column(before) {
            touched.uses_type_of(&Column { data_type: self.data_type.clone(), ..column.clone() }, before);
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        if is_new(&self.table) {
            return Vec::new();
        }
        let (table, column) = (&self.table, &self.column);
        let mut hazards = Vec::new();
        let generated = before.table(table).map(|definition| generated_anew(definition, column));
        let generated: Vec<String> =
            generated.into_iter().flatten().map(|generated| format!("`{}`", generated.name)).collect();
        if !generated.is_empty() {
            let generated = generated.join(", ");
            hazards.push((
                Hazard::RewritesTable,
                format!(
                    "generated column {generated} is dropped and added again, and `{table}` is rewritten while nobody can read or write it; drop {generated} first, and add a column of another name later"
                ),
            ));
        } else if self.cost(before) == TypeChange::RewritesTable {
            hazards.push((
                Hazard::RewritesTable,
                format!(
                    "`{table}` is rewritten while nobody can read or write it; add a column of the new type, \
                     `backfill` it, and drop `{column}` once nothing uses it"
                ),
            ));
        } else {
            let indexes = self.indexes_rebuilt(before);
            if !indexes.is_empty() {
                hazards.push((
                    Hazard::BlocksWrites,
                    format!(
                        "`{}` is rebuilt while nobody can read or write `{table}`; drop it first and create it again \
                         afterwards: both run concurrently",
                        indexes.join("`, `")
                    ),
                ));
            }
        }
        if self.is_narrower(before) {
            hazards.push((
                Hazard::NarrowsType,
                format!(
                    "values of `{table}.{column}` may not fit into `{}`: the statement fails or rounds them; keep the wider \
                     type and add a check",
                    self.data_type
                ),
            ));
        } else if let Some(key) = self.unique_otherwise(before) {
            hazards.push((
                Hazard::NarrowsType,
                format!(
                    "`{}` considers values equal that `{key}` considers different: the statement fails if `{table}` \
                     has such values; look for them first",
                    self.data_type
                ),
            ));
        }
        hazards
    }

    fn disturbs(&self, before: &Catalog) -> SortedSet<Used> {
        let table = before.table(&self.table);
        let generated = table.map(|table| generated_anew(table, &self.column)).unwrap_or_default();
        let columns: Vec<&str> =
            generated.iter().map(|column| column.name.as_str()).chain([self.column.as_str()]).collect();
        let tables = before.relations_below(&self.table).into_iter().chain([self.table.clone()]);
        let used = |table: QualifiedName| columns.iter().map(move |column| Used::Column(table.clone(), (*column).to_owned()));
        tables.flat_map(used).collect()
    }

    fn rebuilt(&self, id: &ObjectId, object: &Object, before: &Catalog) -> Object {
        let mut object = object.clone();
        if let Some(column) = self.column(before).filter(|column| !keeps_operators(&column.data_type, &self.data_type)) {
            let (table, column, from, to) = (&self.table, &*self.column, &column.data_type, &self.data_type);
            object.definition.follow(id, &Renaming::ColumnType { table, column, from, to });
        }
        object
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let Some(column) = self.column(before) else { return Vec::new() };
        vec![format!(
            "`{}.{}` changes its type from `{}` to `{}`",
            self.table, self.column, column.data_type, self.data_type
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::catalog::Index;

    #[test]
    fn a_check_is_put_aside_while_a_type_widens() {
        assert_eq!(
            lowered(
                &catalog(),
                ChangeType {
                    table: name("bookings"),
                    column: "total".into(),
                    data_type: data_type("numeric(14,2)"),
                    using: None
                }
            ),
            [
                "-- transaction",
                "ALTER TABLE public.bookings DROP CONSTRAINT bookings_total_check",
                "ALTER TABLE public.bookings ALTER COLUMN total TYPE numeric(14,2)",
                "ALTER TABLE public.bookings ADD CONSTRAINT bookings_total_check CHECK (total >= 0 AND note IS NOT NULL) NOT VALID",
                "-- transaction",
                "ALTER TABLE public.bookings VALIDATE CONSTRAINT bookings_total_check",
            ]
        );
    }

    #[test]
    fn a_time_zone_is_added_in_utc() {
        assert_eq!(
            lowered(
                &catalog(),
                ChangeType {
                    table: name("bookings"),
                    column: "made_at".into(),
                    data_type: data_type("timestamptz"),
                    using: None
                }
            ),
            [
                "-- transaction",
                "SET LOCAL TimeZone TO 'UTC'",
                "ALTER TABLE public.bookings ALTER COLUMN made_at TYPE timestamp with time zone",
                "SET LOCAL TimeZone TO DEFAULT",
            ]
        );
    }

    #[test]
    fn a_default_is_put_aside_while_using_converts() {
        assert_eq!(
            lowered(
                &catalog(),
                ChangeType {
                    table: name("bookings"),
                    column: "updated_at".into(),
                    data_type: data_type("date"),
                    using: Some(expression("updated_at::date"))
                }
            ),
            [
                "-- transaction",
                "SET LOCAL TimeZone TO 'UTC'",
                "ALTER TABLE public.bookings ALTER COLUMN updated_at DROP DEFAULT, ALTER COLUMN updated_at TYPE date USING updated_at::date, ALTER COLUMN updated_at SET DEFAULT now()",
                "SET LOCAL TimeZone TO DEFAULT",
            ]
        );
    }

    #[test]
    fn what_is_about_the_column_by_meaning_is_made_again_for_the_new_type() {
        let mut catalog = catalog();
        let bookings = catalog.table_mut(&name("bookings")).unwrap();
        bookings.column_mut("note").unwrap().default = Some(expression("'pending'::text"));
        bookings.constraints.insert("note_known".into(), check("note = ANY (ARRAY['pending']::text[])"));
        bookings.constraints.remove("bookings_total_check");
        bookings.constraints.remove("bookings_status_check");
        bookings.column_mut("label").unwrap().generated = None;
        bookings.indexes.remove("bookings_note_idx");
        let by_note = Index { predicate: Some(expression("note = 'pending'")), ..index(&["user_id"]) };
        bookings.indexes.insert("by_note".into(), by_note);
        let change = ChangeType { using: Some(expression("note::public.status")), ..change("note", "public.status") };
        assert_eq!(
            lowered(&catalog, change.clone()),
            [
                "-- transaction",
                "ALTER TABLE public.bookings DROP CONSTRAINT note_known",
                "DROP INDEX public.by_note",
                "ALTER TABLE public.bookings ALTER COLUMN note DROP DEFAULT, ALTER COLUMN note TYPE public.status USING note::public.status, ALTER COLUMN note SET DEFAULT 'pending'",
                "CREATE INDEX by_note ON public.bookings (user_id) WHERE (note = 'pending')",
                "ALTER TABLE public.bookings ADD CONSTRAINT note_known CHECK (note = ANY (ARRAY['pending']::public.status[]))",
            ]
        );
        assert_undone(&catalog, change);
    }

    #[test]
    fn generated_columns_over_it_are_made_anew() {
        let catalog = catalog();
        assert_eq!(
            lowered(&catalog, change("note", "varchar(300)")),
            [
                "-- transaction",
                "ALTER TABLE public.bookings DROP COLUMN label",
                "ALTER TABLE public.bookings ALTER COLUMN note TYPE character varying(300)",
                "ALTER TABLE public.bookings ADD COLUMN label text GENERATED ALWAYS AS (upper(note)) STORED",
            ]
        );
        assert_undone(&catalog, change("note", "varchar(300)"));
        assert_undone(&catalog, change("label", "varchar(300)"));
        assert_eq!(
            lowered(&catalog, change("label", "varchar(300)")),
            [
                "-- transaction",
                "ALTER TABLE public.bookings DROP COLUMN label",
                "ALTER TABLE public.bookings ADD COLUMN label character varying(300) GENERATED ALWAYS AS (upper(note)) STORED",
            ]
        );
    }

    fn change(column: &str, to: &str) -> ChangeType {
        ChangeType { table: name("bookings"), column: column.into(), data_type: data_type(to), using: None }
    }

    #[test]
    fn only_what_costs_is_a_hazard() {
        let codes = |column, to| hazard_codes(&catalog(), change(column, to));
        assert!(codes("total", "numeric(14,2)").is_empty());
        assert_eq!(codes("total", "numeric(8,2)"), ["rewrites_table", "narrows_type"]);
        assert_eq!(codes("made_at", "timestamptz"), ["blocks_writes"]);
        assert!(codes("updated_at", "timestamp").is_empty());
        assert_eq!(codes("user_id", "numeric"), ["rewrites_table"]);
        // A generated column is made anew, an index over an expression built again, even when the values stay.
        assert_eq!(codes("note", "varchar"), ["rewrites_table"]);
        let mut catalog = catalog();
        catalog.table_mut(&name("bookings")).unwrap().columns.retain(|column| column.generated.is_none());
        assert_eq!(hazard_codes(&catalog, change("note", "varchar")), ["blocks_writes"]);
    }

    #[test]
    fn the_way_back_is_a_cast_where_nothing_converts_by_itself() {
        let Inverse::Operations { operations, .. } = change("total", "text").invert(&catalog()) else {
            panic!("no inverse");
        };
        let back = ChangeType { using: Some(expression("total::numeric(12,2)")), ..change("total", "numeric(12,2)") };
        assert_eq!(operations, [back.into()]);
        assert_eq!(
            why_not_derivable(
                &catalog(),
                ChangeType { using: Some(expression("now()")), ..change("id", "timestamptz") }
            ),
            "`timestamptz` cannot be cast back to `uuid`"
        );
    }

    #[test]
    fn the_other_end_of_a_foreign_key_is_locked_too() {
        let script = script::lower(
            &catalog(),
            &[(change("user_id", "numeric").into(), Default::default(), Vec::new())],
            15,
        );
        let locks: Vec<_> = script.statements().map(|statement| statement.lock_on("public", "users")).collect();
        assert_eq!(locks, [Some(LockMode::AccessExclusive)]);
    }
}
