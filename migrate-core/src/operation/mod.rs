//! Operations as data: what one verb of the language changes, already checked.
//!
//! One operation, one file: its data, how it advances the catalog, how it is undone, the statements it lowers to,
//! what it touches. The list at the end of this file is the only place that names them all.

mod access;
mod belongings;
mod comments;
mod conversion;
mod ddl;
mod expressions;
mod follow;
pub mod foreign_below;
pub mod fresh;
mod indexes;
pub mod inheritance;
#[cfg(test)]
mod laws;
mod made_by_hand;
mod moved_sequence;
mod not_null;
mod on_update;
mod partition_proof;
pub mod partitions;
pub mod proof;
mod rebuild;
mod renamed_schema;
mod retype;
mod rows;
pub mod script;
mod settings;
#[cfg(test)]
pub(crate) mod testing;
mod type_swap;
mod validation;

use crate::catalog::{AccessTarget, Catalog, Column, Table, Used, User};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Kind, Namespace, Object, ObjectId};
use crate::plan::{Hazard, Lowering};
use crate::sorted::SortedSet;

/// What every operation can do. All of it is pure, and none of it can fail: an operation that does not fit the catalog
/// was refused by the compiler before.
pub trait Operate {
    /// Advances the catalog.
    fn apply(&self, catalog: &mut Catalog);

    /// What undoes it, given the catalog before it.
    fn invert(&self, before: &Catalog) -> Inverse;

    /// Adds its statements, in the safe form for live tables, given the catalog before it.
    fn lower(&self, before: &Catalog, plan: &mut Lowering);

    /// Says what it touches.
    fn touch(&self, before: &Catalog, touched: &mut Touched);

    /// What is dangerous about it on a live database, given the catalog before it, with one line for people: what
    /// happens, and the way out. `is_new` tells tables that were made in the same migration.
    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        Vec::new()
    }

    /// What is not there anymore after it, given the catalog before it.
    fn removes(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::new()
    }

    /// What objects cannot be built on while it happens: they are taken down before and put back after it.
    fn disturbs(&self, _before: &Catalog) -> SortedSet<Used> {
        SortedSet::new()
    }

    /// What an object that was taken down for it is afterwards, given the catalog before it.
    fn rebuilt(&self, _id: &ObjectId, object: &Object, _before: &Catalog) -> Object {
        object.clone()
    }

    /// Whether something that uses what is removed goes with it, and nothing else is lost by that.
    fn takes_along(&self, _user: &User<'_>, _before: &Catalog) -> bool {
        false
    }

    /// What stops working in application code that does not know of it; one line each, empty when nothing does.
    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        Vec::new()
    }
}

/// What undoes an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Inverse {
    /// These operations, in this order.
    Operations {
        /// The operations.
        operations: Vec<Operation>,
        /// What does not come back: "the rows of `bookings`".
        loses: Vec<String>,
    },
    /// Nothing that can be derived; the source must give a `down` or say `irreversible`.
    NotDerivable {
        /// Why, as a clause: "the old values are not kept".
        why: String,
    },
}

impl Inverse {
    /// One operation, nothing lost.
    pub fn operation(operation: impl Into<Operation>) -> Self {
        Inverse::Operations { operations: vec![operation.into()], loses: Vec::new() }
    }

    /// Several operations, nothing lost.
    pub fn operations(operations: Vec<Operation>) -> Self {
        Inverse::Operations { operations, loses: Vec::new() }
    }

    /// The same, noting what does not come back.
    pub fn losing(self, what: impl Into<String>) -> Self {
        match self {
            Inverse::Operations { operations, mut loses } => {
                loses.push(what.into());
                Inverse::Operations { operations, loses }
            }
            not_derivable => not_derivable,
        }
    }
}

/// The objects that operations touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// What is changed: `table public.bookings`, `type public.booking_status`, `extension citext`.
    pub objects: SortedSet<String>,
    /// What must be there, without being changed itself: the table a foreign key references.
    pub used: SortedSet<String>,
    /// Whether anything else may be touched, too.
    pub unknown: bool,
}

impl Touched {
    /// A table, with its columns, constraints and indexes.
    pub fn table(&mut self, table: &QualifiedName) {
        self.objects.insert(format!("table {}.{}", table.schema, table.name));
    }

    /// A table or a materialized view, with its indexes.
    pub fn indexed(&mut self, relation: &QualifiedName, catalog: &Catalog) {
        match catalog.materialized_view(relation) {
            Some(_) => self.object(&ObjectId::new(Kind::MaterializedView, relation.clone())),
            None => self.table(relation),
        }
    }

    /// The partitions of what is changed, and the tables that inherit from it.
    fn tables_below(&mut self, catalog: &Catalog) {
        for name in catalog.above_others() {
            let mut parent = Touched::default();
            parent.table(&name);
            if parent.objects.is_subset(&self.objects) {
                for below in catalog.relations_below(&name) {
                    match catalog.foreign_table(&below) {
                        Some(_) => self.object(&ObjectId::new(Kind::ForeignTable, below)),
                        None => self.table(&below),
                    }
                }
            }
        }
    }

    /// A type.
    pub fn type_(&mut self, name: &QualifiedName) {
        self.objects.insert(format!("type {}.{}", name.schema, name.name));
    }

    /// A table that must be there.
    pub fn uses_table(&mut self, table: &QualifiedName) {
        self.used.insert(format!("table {}.{}", table.schema, table.name));
    }

    /// The enum that a column's type is, or is an array of.
    pub fn uses_type_of(&mut self, column: &Column, catalog: &Catalog) {
        if let Some(name) = column.data_type.depends_on().filter(|name| catalog.enums.contains_key(name)) {
            self.used.insert(format!("type {}.{}", name.schema, name.name));
        }
    }

    /// The tables and types that a table's definition needs.
    pub fn used_by(&mut self, table: &Table, catalog: &Catalog) {
        for referenced in table.referenced_tables() {
            self.uses_table(referenced);
        }
        if let Some(of) = &table.partition_of {
            self.uses_table(&of.parent);
        }
        table.inherits.iter().for_each(|parent| self.uses_table(parent));
        for column in &table.columns {
            self.uses_type_of(column, catalog);
        }
    }

    /// An extension.
    pub fn extension(&mut self, name: &str) {
        self.objects.insert(format!("extension {name}"));
    }

    /// An object of one of the kinds that are alike.
    pub fn object(&mut self, id: &ObjectId) {
        self.objects.insert(id.footprint());
    }

    /// What an object needs.
    pub fn used_by_object(&mut self, id: &ObjectId, object: &Object, catalog: &Catalog) {
        if let Some(table) = id.table() {
            self.table(&table);
        }
        for used in catalog.uses_of_object(id, object) {
            match used {
                Used::Table(name) | Used::Column(name, _) | Used::Key(name, _)
                    if catalog.tables.contains_key(&name) =>
                {
                    self.uses_table(&name);
                }
                Used::Table(name) | Used::Column(name, _) | Used::Key(name, _) => {
                    let found = catalog.object_named(Namespace::Relation, &name);
                    self.used.extend(found.map(|(id, _)| id.footprint()));
                }
                Used::Type(name) | Used::Value(name, _) if catalog.has_type(&name) => {
                    self.used.insert(format!("type {}.{}", name.schema, name.name));
                }
                Used::Type(_) | Used::Value(..) => {}
                Used::Object(id) if catalog.objects.contains_key(&id) => {
                    self.used.insert(id.footprint());
                }
                Used::Object(_) => {}
                Used::Extension(name) => {
                    self.used.insert(format!("extension {name}"));
                }
                Used::Function(name) => {
                    let found = catalog.objects.keys();
                    let found = found.filter(|id| id.kind.namespace() == Namespace::Routine && id.name == name);
                    self.used.extend(found.map(ObjectId::footprint));
                }
            }
        }
    }

    /// What owners and privileges are of.
    pub fn access(&mut self, target: &AccessTarget, catalog: &Catalog) {
        match target {
            AccessTarget::Table(name) => self.table(name),
            AccessTarget::Column(name, _) => match catalog.object_named(Namespace::Relation, name) {
                Some((id, _)) => self.object(id),
                None => self.table(name),
            },
            AccessTarget::Enum(name) => self.type_(name),
            AccessTarget::Object(id) => self.object(id),
        }
    }

    /// Something that uses what is changed.
    pub fn user(&mut self, user: &User<'_>) {
        match user {
            User::Table(table, _) => self.table(table),
            User::Object(id, _) => self.object(id),
        }
    }

    /// Anything.
    pub fn anything(&mut self) {
        self.unknown = true;
    }
}

macro_rules! operations {
    ($($module:ident :: $operation:ident),* $(,)?) => {
        $(mod $module; pub use $module::$operation;)*

        /// One change of a database.
        #[derive(Clone, Debug, PartialEq, ToJson)]
        #[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        pub enum Operation {
            $(
                #[doc = concat!("See [`", stringify!($operation), "`].")]
                $operation($operation),
            )*
        }

        $(impl From<$operation> for Operation {
            fn from(operation: $operation) -> Self { Operation::$operation(operation) }
        })*

        impl Operation {
            /// The names of all operations, as the language and the tests know them.
            pub const NAMES: &[&str] = &[$(stringify!($module)),*];

            /// The name of this operation.
            pub fn name(&self) -> &'static str {
                match self { $(Operation::$operation(_) => stringify!($module),)* }
            }

            fn operate(&self) -> &dyn Operate {
                match self { $(Operation::$operation(operation) => operation,)* }
            }
        }
    };
}

impl Operate for Operation {
    fn apply(&self, catalog: &mut Catalog) {
        let below = partitions::below(self, catalog).into_iter().chain(inheritance::below(self, catalog));
        let below: Vec<Operation> = below.chain(foreign_below::below(self, catalog)).collect();
        self.operate().apply(catalog);
        for operation in below {
            operation.apply(catalog);
        }
        catalog.tables.settle();
    }
    fn invert(&self, before: &Catalog) -> Inverse {
        self.operate().invert(before)
    }
    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        plan.note_tables_below(before);
        self.operate().lower(before, plan);
    }
    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        self.operate().touch(before, touched);
        touched.tables_below(before);
    }
    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        self.operate().hazards(before, is_new)
    }
    fn breaks(&self, before: &Catalog) -> Vec<String> {
        self.operate().breaks(before)
    }
    fn removes(&self, before: &Catalog) -> SortedSet<Used> {
        self.operate().removes(before)
    }
    fn disturbs(&self, before: &Catalog) -> SortedSet<Used> {
        self.operate().disturbs(before)
    }
    fn rebuilt(&self, id: &ObjectId, object: &Object, before: &Catalog) -> Object {
        self.operate().rebuilt(id, object, before)
    }
    fn takes_along(&self, user: &User<'_>, before: &Catalog) -> bool {
        self.operate().takes_along(user, before)
    }
}

impl Operation {
    /// What still needs something that the operation removes, and what it needs: a reason not to do it.
    pub fn still_needed_by<'c>(&self, before: &'c Catalog) -> Vec<(User<'c>, Used)> {
        let removed = self.removes(before);
        if removed.is_empty() {
            return Vec::new();
        }
        let users = before.users_of_any_among(&removed, |user| !self.takes_along(user, before));
        users
            .into_iter()
            .filter_map(|user| Some((user, before.uses_of(&user).intersection(&removed).next()?.clone())))
            .collect()
    }
}

#[cfg(feature = "runtime")]
mod on_update_body;

pub(crate) use access::{Granted, lower_grants};
pub use add_enum_value::ValuePlace;
pub(crate) use attach_partition::lower_attach;
pub(crate) use comments::{comment_statements, lower_comment};
pub(crate) use ddl::{constraint_definition, create_index, parameters, partitioning};
pub(crate) use detach_partition::lower_detach;
pub(crate) use indexes::lower_index_of_new;
pub use made_by_hand::made_by_hand;
pub use move_table::owned_sequences;
use moved_sequence::{is_numbered, move_sequence};
#[cfg(feature = "runtime")]
pub use on_update_body::{is_on_update_body, read_on_update_body};
pub(crate) use retype::retype_literals;
pub use set_comment::CommentTarget;
pub use set_identity::{plain_sequence, unless_plain};
pub(crate) use settings::change_parameters;

operations! {
    create_extension::CreateExtension,
    drop_extension::DropExtension,
    move_extension::MoveExtension,
    update_extension::UpdateExtension,
    create_enum::CreateEnum,
    drop_enum::DropEnum,
    rename_enum::RenameEnum,
    add_enum_value::AddEnumValue,
    remove_enum_value::RemoveEnumValue,
    rename_enum_value::RenameEnumValue,
    create_table::CreateTable,
    drop_table::DropTable,
    rename_table::RenameTable,
    add_column::AddColumn,
    drop_column::DropColumn,
    rename_column::RenameColumn,
    change_type::ChangeType,
    set_default::SetDefault,
    set_nullability::SetNullability,
    set_on_update::SetOnUpdate,
    set_row_security::SetRowSecurity,
    set_table_settings::SetTableSettings,
    set_collation::SetCollation,
    set_column_settings::SetColumnSettings,
    set_identity::SetIdentity,
    set_expression::SetExpression,
    drop_expression::DropExpression,
    move_table::MoveTable,
    move_enum::MoveEnum,
    add_constraint::AddConstraint,
    drop_constraint::DropConstraint,
    validate_constraint::ValidateConstraint,
    alter_constraint::AlterConstraint,
    rename_constraint::RenameConstraint,
    attach_partition::AttachPartition,
    detach_partition::DetachPartition,
    inherit::Inherit,
    no_inherit::NoInherit,
    create_index::CreateIndex,
    drop_index::DropIndex,
    rename_index::RenameIndex,
    set_index_settings::SetIndexSettings,
    create_object::CreateObject,
    change_object::ChangeObject,
    rename_object::RenameObject,
    drop_object::DropObject,
    refresh_view::RefreshView,
    refresh_collation::RefreshCollation,
    set_comment::SetComment,
    set_grants::SetGrants,
    set_owner::SetOwner,
    insert_rows::InsertRows,
    delete_rows::DeleteRows,
    update_rows::UpdateRows,
    run_statement::RunStatement,
    call_procedure::CallProcedure,
    truncate_tables::TruncateTables,
    restart_sequence::RestartSequence,
    backfill_rows::BackfillRows,
    raw_sql::RawSql,
    run_function::RunFunction,
}
