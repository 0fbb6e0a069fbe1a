//! `id: bigserial`: a column with a sequence of its own, as PostgreSQL makes it (`transformColumnDefinition` in
//! `parse_utilcmd.c`).

use migrate_core::catalog::{Column, Table};
use migrate_core::expression::Expression;
use migrate_core::name::{QualifiedName, free_object_name};
use migrate_core::object::{Kind, Object, ObjectId, Sequence, SequenceOptions};
use migrate_core::operation::{ChangeObject, CreateObject};
use migrate_core::sql::Writer;
use migrate_core::token::At;
use migrate_core::types::{BuiltIn, Type};

use crate::check::{Checker, Origin};

/// The sequence of a serial column.
pub(crate) struct Serial {
    id: ObjectId,
    owned: Sequence,
    at: At,
}

impl Serial {
    /// Chooses the sequence of a column, and gives the column the default that reads it. `table` has what is there beside
    /// it, and `others` are the sequences of the columns before it.
    pub(crate) fn of(
        column: &mut Column,
        table_name: &QualifiedName,
        table: &Table,
        others: &[Serial],
        at: At,
        checker: &Checker<'_>,
    ) -> Option<Self> {
        let is_taken = |name: &str| {
            let name = table_name.sibling(name);
            name == *table_name
                || checker.state.has_relation(&name)
                || table.has_constraint_or_index(&name.name)
                || others.iter().any(|other| other.id.name == name)
        };
        let name = free_object_name(&table_name.name, Some(&column.name), "seq", is_taken);
        let name = table_name.sibling(name);
        let options = SequenceOptions {
            data_type: Some(column.data_type.clone()),
            owned_by: Some((table_name.name.clone(), column.name.clone())),
            ..SequenceOptions::default()
        };
        let text = Expression::text(Writer::new().name(&name).finish());
        let sequence = Expression::cast(text, Type::BuiltIn(BuiltIn::RegClass));
        column.default = Some(Expression::call("nextval", [sequence]));
        Some(Serial { id: ObjectId::new(Kind::Sequence, name), owned: options.complete().ok()?, at })
    }

    /// Makes the sequence, before the column is there.
    pub(crate) fn emit_sequence(&self, checker: &mut Checker<'_>) {
        let free = Sequence { owned_by: None, ..self.owned.clone() };
        checker.note_origin(Origin::Object(self.id.clone()), self.at);
        checker.emit(CreateObject { id: self.id.clone(), object: Object::new(free) }, self.at);
    }

    /// Gives the sequence to the column.
    pub(crate) fn emit_owner(&self, checker: &mut Checker<'_>) {
        let definition = self.owned.clone().into();
        checker.emit(ChangeObject { id: self.id.clone(), definition }, self.at);
    }
}
