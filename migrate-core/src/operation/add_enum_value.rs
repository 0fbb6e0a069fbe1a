use super::{Inverse, Operate, RemoveEnumValue, Touched};
use crate::catalog::Catalog;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::Lowering;
use crate::sql::Writer;

/// `ALTER TYPE ... ADD VALUE`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct AddEnumValue {
    /// The enum.
    pub name: QualifiedName,
    /// The new value.
    pub value: String,
    /// Where it stands among the others.
    pub place: ValuePlace,
}

/// Where a new enum value stands.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum ValuePlace {
    /// After all others.
    Last,
    /// Before this one.
    Before(String),
    /// After this one.
    After(String),
}

impl Operate for AddEnumValue {
    fn apply(&self, catalog: &mut Catalog) {
        let Some(definition) = catalog.enum_type_mut(&self.name) else { return };
        let position_of = |value: &str| definition.values.iter().position(|known| known == value);
        let index = match &self.place {
            ValuePlace::Last => None,
            ValuePlace::Before(value) => position_of(value),
            ValuePlace::After(value) => position_of(value).map(|index| index + 1),
        };
        let index = index.unwrap_or(definition.values.len());
        definition.values.insert(index, self.value.clone());
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        if let Some(holder) = before.holders_of_enum(&self.name).first() {
            return Inverse::NotDerivable { why: format!("PostgreSQL cannot replace the type, of which {holder} is made") };
        }
        Inverse::operation(RemoveEnumValue { name: self.name.clone(), value: self.value.clone() })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER TYPE").name(&self.name).keyword("ADD VALUE").literal(&self.value);
        let writer = match &self.place {
            ValuePlace::Last => writer,
            ValuePlace::Before(value) => writer.keyword("BEFORE").literal(value),
            ValuePlace::After(value) => writer.keyword("AFTER").literal(value),
        };
        plan.sql(writer.finish()).committed_before_use();
    }

    fn touch(&self, _before: &Catalog, touched: &mut Touched) {
        touched.type_(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_value_is_added_at_its_place() {
        assert_eq!(
            lowered(
                &catalog(),
                AddEnumValue {
                    name: name("status"),
                    value: "refunded".into(),
                    place: ValuePlace::After("cancelled".into())
                }
            ),
            ["-- transaction", "ALTER TYPE public.status ADD VALUE 'refunded' AFTER 'cancelled'",]
        );
    }
}
