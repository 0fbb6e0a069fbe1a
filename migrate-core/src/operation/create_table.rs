use std::sync::Arc;

use super::{
    DropTable, Inverse, Operate, Touched, access, attach_partition, comments, ddl, indexes, inheritance, on_update, set_row_security, settings,
};
use crate::catalog::inheritance::inherited;
use crate::catalog::{Catalog, Column, Constraint, ConstraintKind, PartitionBound, PartitionOf, RowSecurity, Table};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::sql::Writer;

/// `CREATE TABLE`, with its constraints, indexes, comments and `on update` triggers. Foreign keys whose table is not
/// there yet (two tables that reference each other, in an inverse) are separate operations.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct CreateTable {
    /// Its name.
    pub name: QualifiedName,
    /// Everything about it.
    pub definition: Table,
}

impl CreateTable {
    fn constraints_inside(&self) -> impl Iterator<Item = (&str, &Constraint)> {
        let constraints = self.definition.constraints.iter().map(|(name, constraint)| (name.as_str(), constraint));
        constraints.filter(|(name, constraint)| !self.is_inherited(constraint) && !self.is_added_apart(name, constraint))
    }

    fn is_inherited(&self, constraint: &Constraint) -> bool {
        !self.definition.inherits.is_empty() && constraint.attached_to.is_some()
    }

    /// What it is made with by those that it inherits from is changed to what it is meant to be.
    fn lower_inherited(&self, before: &Catalog, plan: &mut Lowering) {
        let made = inherited(&before.inherited_from(&self.definition), &|column| {
            self.definition.column(column).is_some_and(|own| !own.inherited && own.default.is_some())
        });
        let made = made.unwrap_or_default();
        for own in self.definition.columns.iter().filter(|column| column.inherited) {
            let Some(inherited) = made.column(&own.name) else { continue };
            // Comments and settings are those of any new table.
            let like = Column { settings: own.settings.clone(), comment: own.comment.clone(), ..inherited.clone() };
            for operation in inheritance::differing(&self.name, own, &like) {
                operation.lower(before, plan);
            }
        }
    }

    /// Whether PostgreSQL would not make it as it is meant inside CREATE TABLE: it takes no notice of `NOT VALID` there.
    fn is_added_apart(&self, name: &str, constraint: &Constraint) -> bool {
        constraint.not_valid || self.repeats_a_key(name, &constraint.kind)
    }

    /// A partition is made as a table of its own, and attached: so it is named as it should be, and its parent is locked
    /// less than by `PARTITION OF`.
    fn lower_attach(&self, parent: &QualifiedName, bound: &PartitionBound, before: &Catalog, plan: &mut Lowering) {
        let mut after = before.clone();
        self.apply(&mut after);
        if let Some(table) = after.table_mut(&self.name) {
            table.partition_of = None;
        }
        attach_partition::lower_attach(parent, &self.name, bound, &after, plan);
    }

    /// Whether it is a unique constraint over the columns of another key: inside CREATE TABLE, PostgreSQL would
    /// silently make one of both.
    fn repeats_a_key(&self, name: &str, kind: &ConstraintKind) -> bool {
        let ConstraintKind::Unique(key) = kind else { return false };
        self.definition.constraints.iter().any(|(other_name, other)| match &other.kind {
            ConstraintKind::PrimaryKey(other) => other.columns == key.columns,
            ConstraintKind::Unique(other) => other.columns == key.columns && other_name.as_str() < name,
            _ => false,
        })
    }
}

impl Operate for CreateTable {
    fn apply(&self, catalog: &mut Catalog) {
        let mut definition = self.definition.clone();
        definition.mark_primary_key_not_null();
        catalog.tables.insert(self.name.clone(), Arc::new(definition));
    }

    fn invert(&self, _before: &Catalog) -> Inverse {
        Inverse::operation(DropTable { name: self.name.clone() })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.note_new_table(&self.name);
        let columns = self.definition.columns.iter().filter(|column| !column.inherited).map(Part::Column);
        let constraints = self.constraints_inside().map(|(name, constraint)| Part::Constraint(name, constraint));
        let sql = Writer::new()
            .keyword(if self.definition.settings.unlogged { "CREATE UNLOGGED TABLE" } else { "CREATE TABLE" })
            .name(&self.name)
            .lines(columns.chain(constraints), |writer, part| match part {
                Part::Column(column) => ddl::column_definition(writer, &self.name, column),
                Part::Constraint(name, constraint) => ddl::constraint_definition(writer, name, constraint),
            })
            .when(!self.definition.inherits.is_empty(), |writer| {
                writer.keyword("INHERITS").list(&self.definition.inherits, Writer::name)
            })
            .optional(self.definition.partitioning.as_ref(), |writer, partitioning| {
                ddl::partitioning(writer.keyword("PARTITION BY"), partitioning)
            })
            .when(!self.definition.settings.parameters.is_empty(), |writer| {
                ddl::parameters(writer.keyword("WITH"), &self.definition.settings.parameters)
            })
            .finish();
        let mut added = plan.sql(sql);
        for referenced in self.definition.referenced_tables() {
            added = added.locking(referenced, LockMode::ShareRowExclusive);
        }
        for parent in &self.definition.inherits {
            added = added.locking_only(parent, LockMode::ShareUpdateExclusive);
        }
        self.lower_inherited(before, plan);
        for (name, constraint) in &self.definition.constraints {
            if self.is_added_apart(name, constraint) && !self.is_inherited(constraint) {
                let added = plan.sql(ddl::add_constraint(&self.name, name, constraint).finish());
                if let ConstraintKind::ForeignKey(key) = &constraint.kind {
                    added.locking(&key.table, LockMode::ShareRowExclusive);
                }
            }
        }
        for (name, index) in &self.definition.indexes {
            indexes::lower_create(&self.name, name, index, plan);
        }
        settings::lower_new_table(&self.name, &self.definition, plan);
        let row_security = self.definition.row_security;
        set_row_security::lower_row_security(&self.name, RowSecurity::default(), row_security, plan);
        comments::lower_table_comments(&self.name, &self.definition, plan);
        for column in &self.definition.columns {
            if let Some(on_update) = &column.on_update {
                on_update::lower_create(&self.name, &column.name, on_update, plan);
            }
        }
        access::lower_new_table(&self.name, &self.definition, plan);
        if let Some(PartitionOf { parent, bound }) = &self.definition.partition_of {
            self.lower_attach(parent, bound, before, plan);
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.table(&self.name);
        touched.used_by(&self.definition, before);
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        self.definition.foreign_keys().filter_map(|(_, key)| key.impossible_action(&self.definition)).collect()
    }
}

enum Part<'d> {
    Column(&'d Column),
    Constraint(&'d str, &'d Constraint),
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn trips() -> Table {
        let mut touched = column("touched", "timestamptz?");
        touched.on_update = Some(on_update("now()", "trips_touched"));
        touched.comment = Some("Last change.".into());
        Table {
            columns: vec![column("id", "uuid = gen_random_uuid()"), column("user_id", "bigint?"), touched],
            constraints: [
                ("trips_pkey".into(), primary_key(&["id"])),
                ("trips_user_id_fkey".into(), foreign_key(&["user_id"], "users", &["id"])),
                ("trips_id_check".into(), check("id IS NOT NULL")),
            ]
            .into(),
            indexes: [("trips_user_id_idx".into(), index(&["user_id"]))].into(),
            comment: Some("Where it's going.".into()),
            ..Table::default()
        }
    }

    #[test]
    fn a_new_table_is_one_transaction() {
        assert_eq!(
            lowered(&catalog(), CreateTable { name: name("trips"), definition: trips() }),
            [
                "-- transaction",
                "CREATE TABLE public.trips (\n    id uuid NOT NULL DEFAULT gen_random_uuid(),\n    user_id bigint,\n    touched timestamp with time zone,\n    CONSTRAINT trips_id_check CHECK (id IS NOT NULL),\n    CONSTRAINT trips_pkey PRIMARY KEY (id),\n    CONSTRAINT trips_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users (id)\n)",
                "CREATE INDEX trips_user_id_idx ON public.trips (user_id)",
                "COMMENT ON TABLE public.trips IS 'Where it''s going.'",
                "COMMENT ON COLUMN public.trips.touched IS 'Last change.'",
                "CREATE FUNCTION public.trips_touched() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$BEGIN IF NEW.touched IS NOT DISTINCT FROM OLD.touched AND pg_catalog.current_setting('migrate.on_update', true) IS DISTINCT FROM 'off' THEN NEW.touched := now(); END IF; RETURN NEW; END$$",
                "CREATE TRIGGER trips_touched BEFORE UPDATE ON public.trips FOR EACH ROW EXECUTE FUNCTION public.trips_touched()",
            ]
        );
    }

    #[test]
    fn a_key_over_the_columns_of_another_is_added_apart() {
        assert_eq!(
            lowered(
                &catalog(),
                CreateTable {
                    name: name("twice"),
                    definition: Table {
                        columns: vec![column("id", "integer")],
                        constraints: [
                            ("twice_id_key".into(), unique(&["id"])),
                            ("twice_pkey".into(), primary_key(&["id"]))
                        ]
                        .into(),
                        ..Table::default()
                    }
                }
            ),
            [
                "-- transaction",
                "CREATE TABLE public.twice (\n    id integer NOT NULL,\n    CONSTRAINT twice_pkey PRIMARY KEY (id)\n)",
                "ALTER TABLE public.twice ADD CONSTRAINT twice_id_key UNIQUE (id)",
            ]
        );
    }
}
