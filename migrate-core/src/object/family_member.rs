use std::fmt;

use super::{FunctionName, Kind, ObjectId, OperatorFamily, Renaming};
use crate::catalog::{Scope, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::types::Type;

/// An operator or a function of an operator class or family: what an index method finds under a number, for two types.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct FamilyMember {
    /// Its number, which the index method gives a meaning.
    pub number: u16,
    /// The type on the left.
    pub left: Type,
    /// The type on the right.
    pub right: Type,
    /// What it is.
    pub what: MemberKind,
}

/// What a member of an operator class or family is.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// An operator between the two types.
    Operator {
        /// Its characters, with their schema.
        name: QualifiedName,
        /// `FOR ORDER BY`: the family of B-trees that sorts what it gives.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_by: Option<QualifiedName>,
    },
    /// A function.
    Function(FunctionName),
}

/// Brings members into their order.
pub fn sort_members(members: &mut [FamilyMember]) {
    members.sort_by_cached_key(FamilyMember::place);
}

impl FamilyMember {
    /// What tells it from the others of its family: whether it is a function, its number and its types.
    pub fn place(&self) -> (bool, u16, String, String) {
        (matches!(self.what, MemberKind::Function(_)), self.number, self.left.sql(), self.right.sql())
    }

    /// Whether it depends on the class that it is made with, and is not just one more of the family (`amadjustmembers` of
    /// each index method, from PostgreSQL 14 on). `class` is the type that the class is for.
    pub fn is_of_class(&self, method: &str, class: &Type) -> bool {
        let is_between_equals = self.left == self.right && self.left == *class;
        match (&self.what, method) {
            (MemberKind::Operator { .. }, "btree" | "hash") => is_between_equals,
            (MemberKind::Function(_), "btree" | "hash") => self.number == 1 && is_between_equals,
            (MemberKind::Operator { .. }, "gin" | "gist" | "spgist") => false,
            (MemberKind::Function(_), "gin") => matches!(self.number, 2 | 3),
            (MemberKind::Function(_), "gist") => matches!(self.number, 1 | 2 | 5 | 6 | 7),
            (MemberKind::Function(_), "spgist") => self.number <= 5,
            _ => true,
        }
    }

    pub(super) fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        scope.note_type(&self.left, uses);
        scope.note_type(&self.right, uses);
        match &self.what {
            MemberKind::Operator { name, order_by } => {
                let arguments = vec![self.left.clone(), self.right.clone()];
                let id = ObjectId { arguments, ..ObjectId::new(Kind::OwnOperator, name.clone()) };
                let sorting = order_by.iter().map(|family| OperatorFamily::id("btree", family.clone()));
                uses.extend(
                    [id].into_iter().chain(sorting).filter(|id| id.name.schema != "pg_catalog").map(Used::Object),
                );
            }
            MemberKind::Function(function) => function.note_uses(scope, uses),
        }
    }

    pub(super) fn follow(&mut self, renaming: &Renaming<'_>) {
        if let Renaming::Type { from, to } | Renaming::Relation { from, to } = renaming {
            self.left.rename(from, to);
            self.right.rename(from, to);
        }
        match &mut self.what {
            MemberKind::Operator { name, order_by } => {
                if let Renaming::Object { from, to, .. } = renaming {
                    let is_same = from.kind == Kind::OwnOperator
                        && from.name == *name
                        && from.arguments.as_slice() == [self.left.clone(), self.right.clone()];
                    if is_same {
                        (*to).clone_into(name);
                    }
                    if let Some(family) = order_by
                        && **from == OperatorFamily::id("btree", family.clone())
                    {
                        (*to).clone_into(family);
                    }
                }
            }
            MemberKind::Function(function) => function.follow(renaming),
        }
    }

    /// `OPERATOR 1 public.<= (app.point3, app.point3)`
    pub(super) fn write(&self, writer: Writer) -> Writer {
        let types = [&self.left, &self.right];
        match &self.what {
            MemberKind::Operator { name, order_by } => writer
                .keyword("OPERATOR")
                .integer(self.number)
                .operator_name(name)
                .list(types, Writer::type_)
                .optional(order_by.as_ref(), |writer, family| writer.keyword("FOR ORDER BY").name(family)),
            MemberKind::Function(function) => {
                function.write_signature(writer.keyword("FUNCTION").integer(self.number).list(types, Writer::type_))
            }
        }
    }

    /// `OPERATOR 1 (app.point3, app.point3)`, as it is dropped.
    pub(super) fn write_place(&self, writer: Writer) -> Writer {
        let word = match self.what {
            MemberKind::Operator { .. } => "OPERATOR",
            MemberKind::Function(_) => "FUNCTION",
        };
        writer.keyword(word).integer(self.number).list([&self.left, &self.right], Writer::type_)
    }
}

impl fmt::Display for FamilyMember {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FamilyMember { number, left, right, .. } = self;
        match &self.what {
            MemberKind::Operator { name, order_by } => {
                write!(formatter, "operator {number} {} ({left}, {right})", name.name)?;
                match order_by {
                    Some(family) => write!(formatter, " for order by {}", family.name),
                    None => Ok(()),
                }
            }
            MemberKind::Function(function) => write!(formatter, "function {number} ({left}, {right}) {function}"),
        }
    }
}

/// Members in words; `None` where there are none.
pub(super) fn told_members(members: &[FamilyMember]) -> Option<String> {
    let mut sorted = members.to_vec();
    // A type that gets another name stands in another place among them.
    sort_members(&mut sorted);
    let told: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_class_needs_is_its_own_and_the_rest_is_the_familys() {
        let member =
            |what: MemberKind, number: u16, right: Type| FamilyMember { number, left: Type::INTEGER, right, what };
        let operator = || MemberKind::Operator { name: QualifiedName::in_schema("pg_catalog", "<"), order_by: None };
        let function = || {
            MemberKind::Function(FunctionName {
                name: QualifiedName::in_schema("pg_catalog", "f"),
                arguments: Vec::new(),
            })
        };
        let is_own = |member: FamilyMember, method: &str| member.is_of_class(method, &Type::INTEGER);
        assert!(is_own(member(operator(), 1, Type::INTEGER), "btree"));
        assert!(!is_own(member(operator(), 1, Type::BIGINT), "btree"));
        assert!(!is_own(member(function(), 2, Type::INTEGER), "btree"));
        assert!(!is_own(member(operator(), 3, Type::INTEGER), "gist"));
        assert!(is_own(member(function(), 7, Type::INTEGER), "gist"));
        assert!(is_own(member(operator(), 1, Type::BIGINT), "brin"));
    }
}
