//! Making a table or a column again with what belongs to it.

use super::{ChangeObject, CreateObject, Operation};
use crate::catalog::Catalog;
use crate::name::QualifiedName;
use crate::object::{Definition, Object};

/// The operation that makes a table or a column again, with what belongs to it around it: a sequence is there before the
/// default that reads it, and gets its owner afterwards.
pub(super) fn restored(
    make: impl Into<Operation>,
    before: &Catalog,
    table: &QualifiedName,
    column: Option<&str>,
) -> Vec<Operation> {
    let (mut earlier, mut later): (Vec<Operation>, Vec<Operation>) = (Vec::new(), Vec::new());
    for (id, object) in before.belongings(table, column) {
        match &object.definition {
            Definition::Sequence(sequence) => {
                let mut free = sequence.clone();
                free.owned_by = None;
                let object = Object { definition: free.into(), ..object.clone() };
                earlier.push(CreateObject { id: id.clone(), object }.into());
                let definition = sequence.clone().into();
                later.push(ChangeObject { id: id.clone(), definition }.into());
            }
            _ => later.push(CreateObject { id: id.clone(), object: object.clone() }.into()),
        }
    }
    earlier.push(make.into());
    earlier.extend(later);
    earlier
}
