use super::kind::Facts;
use super::collation::bare_name;
use super::{Define, FunctionName, Namespace, ObjectId, Renaming, compared, follow_collation, note_collation};
use crate::catalog::{Catalog, Scope, Securable, Used};
use crate::json::ToJson;
use crate::name::{LONGEST_NAME, QualifiedName, clip, truncated};
use crate::plan::Lowering;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// A range type, with its multirange type.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RangeType {
    /// The type of its ends.
    pub subtype: Type,
    /// The operator class that orders them, where it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
    /// The collation that orders them, where it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// What tells how far two values are apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype_diff: Option<FunctionName>,
    /// The type of several ranges.
    pub multirange: QualifiedName,
}

impl RangeType {
    pub(super) const FACTS: Facts = Facts {
        noun: "range type",
        keywords: "TYPE",
        namespace: Namespace::Type,
        on_table: None,
        securable: Some(Securable::Type),
    };

    /// The name that PostgreSQL gives a multirange type (`makeMultirangeTypeName` in `pg_type.c`).
    pub fn name_of_multirange(range: &QualifiedName) -> QualifiedName {
        let name = match range.name.find("range") {
            Some(place) => format!("{}multi{}", &range.name[..place], &range.name[place..]),
            None => {
                let suffix = "_multirange";
                format!("{}{suffix}", clip(&range.name, LONGEST_NAME - suffix.len()))
            }
        };
        range.sibling(truncated(&name))
    }
}

impl Define for RangeType {
    fn note_uses(&self, _id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        scope.note_type(&self.subtype, uses);
        note_collation(self.collation.as_deref(), uses);
        if let Some(function) = &self.subtype_diff {
            function.note_uses(scope, uses);
        }
    }

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            self.subtype.rename(from, to);
        }
        follow_collation(&mut self.collation, renaming);
        if let Some(function) = &mut self.subtype_diff {
            function.follow(renaming);
        }
    }

    fn also_makes(&self, _id: &ObjectId) -> SortedSet<Used> {
        [Used::Type(self.multirange.clone())].into()
    }

    fn create(&self, id: &ObjectId, plan: &mut Lowering) {
        let writer = Writer::new().keyword("CREATE TYPE").name(&id.name).keyword("AS RANGE");
        let writer = writer.parenthesized(|writer| {
            let mut writer = writer.keyword("subtype =").type_(&self.subtype);
            if let Some(class) = &self.operator_class {
                writer = writer.comma().keyword("subtype_opclass =").operator_class(class);
            }
            if let Some(collation) = &self.collation {
                writer = writer.comma().keyword("collation =").dotted_name(collation);
            }
            if let Some(function) = &self.subtype_diff {
                writer = writer.comma().keyword("subtype_diff =").name(&function.name);
            }
            if self.multirange != RangeType::name_of_multirange(&id.name) {
                writer = writer.comma().keyword("multirange_type_name =").name(&self.multirange);
            }
            writer
        });
        plan.sql(writer.finish());
    }

    fn change(&self, _id: &ObjectId, _to: &Self, _before: &Catalog, _plan: &mut Lowering) -> bool {
        false
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        let bare = |name: &Option<String>| bare_name(name.as_deref());
        [
            compared("subtype", Some(&self.subtype), Some(&found.subtype)),
            compared("operator class", bare(&self.operator_class).as_ref(), bare(&found.operator_class).as_ref()),
            compared("collation", bare(&self.collation).as_ref(), bare(&found.collation).as_ref()),
            compared("subtype_diff", self.subtype_diff.as_ref(), found.subtype_diff.as_ref()),
            compared("multirange", Some(&self.multirange), Some(&found.multirange)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multirange_is_named_as_the_server_does() {
        let name = |range: &str| RangeType::name_of_multirange(&QualifiedName::new(range)).name;
        assert_eq!(name("floatrange"), "floatmultirange");
        assert_eq!(name("span"), "span_multirange");
        assert_eq!(name(&"ä".repeat(31)), format!("{}_multirange", "ä".repeat(26)));
    }
}
