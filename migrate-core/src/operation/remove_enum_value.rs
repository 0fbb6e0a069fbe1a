use super::{AddEnumValue, Inverse, Operate, Touched, ValuePlace, type_swap};
use crate::catalog::{Catalog, EnumType, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sorted::SortedSet;

/// Takes a value out of an enum: PostgreSQL cannot, so the type is replaced and every column of it is rewritten. Fails,
/// changing nothing, when a row still holds the value.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RemoveEnumValue {
    /// The enum.
    pub name: QualifiedName,
    /// The value to take out.
    pub value: String,
}

impl RemoveEnumValue {
    fn place(&self, definition: &EnumType) -> ValuePlace {
        let position = definition.values.iter().position(|value| *value == self.value);
        let Some(position) = position else { return ValuePlace::Last };
        match (
            definition.values.get(position + 1),
            position.checked_sub(1).and_then(|index| definition.values.get(index)),
        ) {
            (None, _) => ValuePlace::Last,
            (Some(_), Some(before)) => ValuePlace::After(before.clone()),
            (Some(after), None) => ValuePlace::Before(after.clone()),
        }
    }
}

impl Operate for RemoveEnumValue {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(definition) = catalog.enum_type_mut(&self.name) {
            definition.values.retain(|value| *value != self.value);
        }
        type_swap::apply(&self.name, catalog);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        match before.enum_type(&self.name) {
            Some(definition) => Inverse::operation(AddEnumValue {
                name: self.name.clone(),
                value: self.value.clone(),
                place: self.place(definition),
            }),
            None => Inverse::NotDerivable { why: format!("the definition of `{}` is not known", self.name) },
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let mut after = before.clone();
        self.apply(&mut after);
        if let Some(definition) = after.enum_type(&self.name) {
            type_swap::lower(&self.name, definition, before, plan);
        }
    }

    fn disturbs(&self, before: &Catalog) -> SortedSet<Used> {
        let columns = before.columns_of_type(&self.name);
        let columns = columns.map(|(table, column)| Used::Column(table.clone(), column.name.clone()));
        columns.chain([Used::Type(self.name.clone())]).collect()
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
        for (table, _) in before.columns_of_type(&self.name) {
            touched.table(table);
        }
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let tables: SortedSet<String> = before
            .columns_of_type(&self.name)
            .filter(|(table, _)| !is_new(table))
            .map(|(table, _)| format!("`{table}`"))
            .collect();
        if tables.is_empty() {
            return Vec::new();
        }
        let tables = tables.into_iter().collect::<Vec<String>>().join(", ");
        vec![(
            Hazard::RewritesTable,
            format!(
                "PostgreSQL cannot drop a value of an enum: the type is replaced and {tables} rewritten while nobody \
                 can read or write them; a check that rejects `{}` avoids that",
                self.value
            ),
        )]
    }

    fn removes(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::from([Used::Value(self.name.clone(), self.value.clone())])
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("value `{}` of enum `{}` is dropped", self.value, self.name)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn without_default() -> Catalog {
        let mut catalog = catalog();
        catalog.table_mut(&name("bookings")).unwrap().column_mut("history").unwrap().default = None;
        catalog
    }

    #[test]
    fn the_type_is_replaced_in_one_transaction() {
        assert_eq!(
            lowered(&without_default(), RemoveEnumValue { name: name("status"), value: "confirmed".into() }),
            [
                "-- transaction",
                "LOCK TABLE public.bookings IN ACCESS EXCLUSIVE MODE",
                "ALTER TABLE public.bookings DROP CONSTRAINT bookings_status_check",
                "DROP INDEX public.bookings_status_idx",
                "ALTER TYPE public.status RENAME TO status_old",
                "CREATE TYPE public.status AS ENUM ('pending', 'cancelled')",
                "ALTER TABLE public.bookings ALTER COLUMN status DROP DEFAULT, ALTER COLUMN status TYPE public.status USING status::text::public.status, ALTER COLUMN history TYPE public.status[] USING history::text[]::public.status[], ALTER COLUMN status SET DEFAULT 'pending'",
                "CREATE INDEX bookings_status_idx ON public.bookings (status, made_at) INCLUDE (total) WHERE (status = 'pending'::public.status)",
                "COMMENT ON INDEX public.bookings_status_idx IS 'Open ones.'",
                "ALTER TABLE public.bookings ADD CONSTRAINT bookings_status_check CHECK (status <> 'cancelled' OR note <> '')",
                "DROP TYPE public.status_old",
                "COMMENT ON TYPE public.status IS 'Where a booking stands.'",
            ]
        );
    }

    #[test]
    fn a_type_that_no_live_table_uses_is_replaced_without_a_hazard() {
        let remove = |enum_name: &str, value: &str| RemoveEnumValue { name: name(enum_name), value: value.into() };
        assert!(hazard_codes(&catalog(), remove("unused", "a")).is_empty());
        assert_eq!(hazard_codes(&catalog(), remove("status", "confirmed")), ["rewrites_table"]);
    }

    #[test]
    fn a_generated_column_is_made_anew_with_what_is_over_it() {
        let mut catalog = without_default();
        let bookings = catalog.table_mut(&name("bookings")).unwrap();
        let mut is_open = column("is_open", "boolean?");
        is_open.generated =
            Some(crate::catalog::Generated { expression: expression("status = 'pending'"), stored: true });
        is_open.comment = Some("Not yet.".into());
        bookings.columns.insert(0, is_open);
        bookings.indexes.insert("by_open".into(), index(&["is_open"]));
        bookings.constraints.insert("open_key".into(), unique(&["is_open", "id"]));
        let remove = RemoveEnumValue { name: name("status"), value: "confirmed".into() };
        let lines = lowered(&catalog, remove.clone());
        let place = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text}"));
        let order = [
            "DROP CONSTRAINT open_key",
            "DROP INDEX public.by_open",
            "DROP COLUMN is_open",
            "CREATE TYPE",
            "ADD COLUMN is_open boolean GENERATED ALWAYS AS (status = 'pending') STORED",
            "COMMENT ON COLUMN public.bookings.is_open IS 'Not yet.'",
            "CREATE INDEX by_open",
            "ADD CONSTRAINT open_key UNIQUE",
            "DROP TYPE",
        ];
        assert!(order.map(place).is_sorted(), "{lines:#?}");
        let mut after = catalog.clone();
        remove.apply(&mut after);
        assert_eq!(after.table(&name("bookings")).unwrap().columns.last().unwrap().name, "is_open");
        assert_undone(&catalog, remove);
    }

    #[test]
    fn the_value_comes_back_to_its_place() {
        for value in ["pending", "confirmed", "cancelled"] {
            assert_undone(&catalog(), RemoveEnumValue { name: name("status"), value: value.into() });
        }
    }
}
