//! The law of inverses, over every operation and everything in a rich catalog.

mod legal;
mod samples;

use super::testing::*;
use super::*;
use crate::catalog::inheritance::{can_inherit, inherited};
use crate::catalog::{
    Access, AccessTarget, ColumnSettings, Compression, Constraint, ConstraintKind, Deferral, EnumType, ForeignKey,
    Grants, Identity, Index, OnUpdate, PartitionBound, Privilege, ReplicaIdentity, Role, RowSecurity, Said, Storage,
    TableSettings,
};
use crate::expression::{Expression, Operator};
use crate::object::{
    Aggregate, AggregateState, ArgumentMode, Attribute, Body, Cast, CastApplies, CastMethod, Collation,
    CollationLocale, CompositeType, ConstraintTrigger, DefaultPrivileges, DefaultsOf, Definition, Domain, EventTrigger,
    Events, FamilyMember, FinishModify, Firing, ForeignCheck, ForeignColumn, ForeignDataWrapper, ForeignTable,
    Function, FunctionArgument, FunctionName, FunctionOptions, Kind, MaterializedView, MemberKind, Object, ObjectId,
    OperatorClass, OperatorFamily, OwnOperator, Parallel, Policy, PolicyCommand, Procedure, Publication, Published,
    PublishedOperation, PublishedTable, RangeType, RelationColumn, Returns, Rule, RuleAction, RuleEvent, Schema,
    SequenceOptions, Server, Statistics, StatisticsKind, TextSearchConfiguration, TextSearchDictionary,
    TextSearchParser, TextSearchTemplate, Timing, Trigger, UserMapping, View,
};
use crate::sorted::SortedMap;
use legal::legal_operations;
use samples::{access, foreign_below, samples};

#[test]
fn every_kind_of_object_is_in_the_law() {
    let kinds: SortedSet<Kind> = samples("x").iter().map(|(id, _)| id.kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), Kind::ALL);
}

#[test]
fn undoing_any_operation_gives_the_catalog_from_before() {
    let catalog = catalog();
    let operations = legal_operations(&catalog, "x");
    assert!(operations.len() > 150, "{}", operations.len());
    for operation in operations {
        assert_undone(&catalog, operation);
    }
}

#[test]
fn undoing_works_after_any_other_operation() {
    let catalog = catalog();
    for first in legal_operations(&catalog, "x") {
        let mut changed = catalog.clone();
        first.apply(&mut changed);
        for second in legal_operations(&changed, "y") {
            // PostgreSQL cannot replace an enum that something else is made of.
            let is_held = |add: &AddEnumValue| !changed.holders_of_enum(&add.name).is_empty();
            if matches!(&second, Operation::AddEnumValue(add) if is_held(add)) {
                continue;
            }
            assert_undone(&changed, second);
        }
    }
}

#[test]
fn every_structural_operation_is_in_the_law() {
    let mut catalog = catalog();
    for (id, object) in samples("y") {
        catalog.objects.insert(id, object.into());
    }
    let mut operations = legal_operations(&catalog, "x");
    let (table, partition) = (name("bookings"), name("users"));
    AttachPartition { table, partition, bound: PartitionBound::Default }.apply(&mut catalog);
    operations.extend(legal_operations(&catalog, "x"));
    let mut catalog = self::catalog();
    let (table, parent) = (name("copies"), name("users"));
    let columns = catalog.table(&parent).unwrap().columns.clone();
    catalog.tables.insert(table.clone(), Table { columns, ..Table::default() }.into());
    operations.extend(legal_operations(&catalog, "x"));
    Inherit { table, parent }.apply(&mut catalog);
    operations.extend(legal_operations(&catalog, "x"));
    let covered: SortedSet<&str> = operations.iter().map(Operation::name).collect();
    let rest: Vec<&str> = Operation::NAMES.iter().filter(|name| !covered.contains(**name)).copied().collect();
    assert_eq!(
        rest,
        [
            // These cannot be undone.
            "update_extension",
            "drop_expression",
            "insert_rows",
            "delete_rows",
            "update_rows",
            "run_statement",
            "call_procedure",
            "truncate_tables",
            "restart_sequence",
            "backfill_rows",
            "raw_sql",
            "run_function"
        ]
    );
}
