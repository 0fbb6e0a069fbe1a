//! From lists of operations to catalogs and scripts.

use std::borrow::Cow;

use super::{Operate, Operation};
use crate::catalog::Catalog;
use crate::plan::{Hazard, Lowering, Place, Script, cut_into_segments};

/// An operation, where it stands in the source, and the hazards allowed there.
pub type Placed = (Operation, Place, Vec<Hazard>);

/// The catalog after the operations.
pub fn fold<'o>(before: &Catalog, operations: impl IntoIterator<Item = &'o Operation>) -> Catalog {
    let mut catalog = before.clone();
    for operation in operations {
        operation.apply(&mut catalog);
    }
    catalog
}

/// The statements of the operations, each lowered against the catalog as the ones before it left it, for servers of
/// this major version and newer.
pub fn lower(before: &Catalog, operations: &[Placed], postgres: u32) -> Script {
    let mut catalog = Cow::Borrowed(before);
    let mut plan = Lowering::new(postgres);
    for (index, (operation, place, hazards)) in operations.iter().enumerate() {
        plan.at(place.clone(), hazards.clone());
        operation.lower(&catalog, &mut plan);
        // Nobody sees what the last one leaves.
        if index + 1 < operations.len() {
            operation.apply(catalog.to_mut());
        }
    }
    cut_into_segments(plan)
}
