//! What each part of a table uses.

use super::{Part, Scope, Used, Uses};
use crate::catalog::{ConstraintKind, Index};
use crate::name::QualifiedName;
use crate::object::{Schema, note_collation};
use crate::sorted::SortedSet;

impl Part<'_> {
    /// What it has that was computed from other things and is not computed again when they change, as a clause; `None`
    /// where it has no such thing.
    pub fn computed_once(&self, table: &QualifiedName) -> Option<String> {
        match self {
            Part::Generated(column) => Some(format!("generated column `{table}.{}` was filled", column.name)),
            Part::Index(name, _) => Some(format!("index `{name}` of table `{table}` was built")),
            Part::Constraint(name, _) => Some(format!("the rows of `{table}` were checked by `{name}`")),
            Part::Itself
            | Part::Type(_)
            | Part::Default(_)
            | Part::OnUpdate(_)
            | Part::Partitioning(_)
            | Part::PartitionOf(_)
            | Part::Inherits(_) => None,
        }
    }
}

impl Uses for Part<'_> {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        match self {
            Part::Itself => {
                uses.insert(Used::Object(Schema::id(scope.name().schema)));
            }
            Part::Type(column) => {
                scope.note_type(&column.data_type, uses);
                note_collation(column.collation.as_deref(), uses);
            }
            Part::Default(column) => {
                if let Some(default) = &column.default {
                    scope.note_value(default, column, uses);
                }
            }
            Part::Generated(column) => {
                if let Some(generated) = &column.generated {
                    scope.note_value(&generated.expression, column, uses);
                }
            }
            Part::OnUpdate(column) => {
                if let Some(on_update) = &column.on_update {
                    scope.note_value(&on_update.expression, column, uses);
                }
            }
            Part::Constraint(_, constraint) => constraint.kind.note_uses(scope, uses),
            Part::Index(_, index) => index.note_uses(scope, uses),
            Part::Partitioning(partitioning) => {
                for key in &partitioning.keys {
                    note_collation(key.collation.as_deref(), uses);
                    scope.note_expression(&key.expression, uses);
                    uses.extend(scope.class_of(partitioning.index_method(), key).map(Used::Object));
                }
            }
            Part::PartitionOf(of) => {
                uses.insert(Used::Table(of.parent.clone()));
            }
            Part::Inherits(parent) => {
                uses.insert(Used::Table((*parent).clone()));
            }
        }
    }
}

impl Uses for ConstraintKind {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        match self {
            ConstraintKind::Check(check) => scope.note_expression(check, uses),
            ConstraintKind::ForeignKey(key) => {
                uses.insert(Used::Table(key.table.clone()));
                uses.insert(Used::Key(key.table.clone(), key.referenced.iter().cloned().collect()));
                for column in &key.referenced {
                    uses.insert(Used::Column(key.table.clone(), column.clone()));
                }
            }
            ConstraintKind::Exclusion(exclusion) => {
                for expression in exclusion.expressions() {
                    scope.note_expression(expression, uses);
                }
                for key in exclusion.elements.iter().map(|element| &element.key) {
                    note_collation(key.collation.as_deref(), uses);
                    uses.extend(scope.extension_of_class(&exclusion.method, key).map(Used::Extension));
                    uses.extend(scope.class_of(&exclusion.method, key).map(Used::Object));
                }
            }
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => {}
        }
        let Some((_, definition)) = scope.table else { return };
        for column in definition.columns_of_constraint(self) {
            scope.note_column(&column, uses);
        }
    }
}

impl Uses for Index {
    fn note_uses(&self, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
        let Some((_, definition)) = scope.table else { return };
        for column in definition.columns_of_index(self) {
            scope.note_column(&column, uses);
        }
        for expression in self.expressions() {
            scope.note_expression(expression, uses);
        }
        for key in &self.keys {
            note_collation(key.collation.as_deref(), uses);
            uses.extend(scope.extension_of_class(&self.method, key).map(Used::Extension));
            uses.extend(scope.class_of(&self.method, key).map(Used::Object));
        }
        let extension = match self.method.as_str() {
            "hnsw" | "ivfflat" => "vector",
            method @ ("bloom" | "rum") => method,
            _ => return,
        };
        uses.insert(Used::Extension(extension.to_owned()));
    }
}
