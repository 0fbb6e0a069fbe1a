//! The law of inverses, over every operation and everything in a rich catalog.

use std::collections::BTreeMap;

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

/// Finds every operation that is legal on a catalog, many of each.
struct Legal<'c> {
    catalog: &'c Catalog,
    /// The beginning of names that are free.
    free: &'c str,
    operations: Vec<Operation>,
}

/// Every operation that is legal on the catalog, many of each.
fn legal_operations(catalog: &Catalog, free: &str) -> Vec<Operation> {
    let mut legal = Legal { catalog, free, operations: Vec::new() };
    legal.find();
    legal.operations
}

impl Legal<'_> {
    fn add(&mut self, operation: impl Into<Operation>) {
        self.operations.push(operation.into());
    }

    fn free(&self, text: &str) -> String {
        format!("{}_{text}", self.free)
    }

    fn find(&mut self) {
        let unused = if self.free == "x" { "hstore" } else { "pg_trgm" }.to_owned();
        self.add(CreateExtension { name: unused, schema: None, comment: Some("Ours.".into()) });
        for name in self.catalog.extensions.keys() {
            self.add(DropExtension { name: name.clone() });
            self.add(MoveExtension { name: name.clone(), schema: Some(self.free("elsewhere")) });
            let target = CommentTarget::Extension(name.clone());
            self.add(SetComment { target, comment: Some("It's ours.".into()) });
        }
        let values = strings(&["sad", "it's"]);
        let definition = EnumType { values, comment: Some("How it is.".into()), access: access() };
        self.add(CreateEnum { name: name(&self.free("mood")), definition });
        if self.catalog.tables.contains_key(&name("bookings")) {
            self.add(CreateTable { name: name(&self.free("trips")), definition: self.trips() });
        }
        let above = self.catalog.tables.get_key_value(&name("bookings"));
        if let Some((above, table)) =
            above.filter(|_| self.catalog.tables.values().all(|table| table.inherits.is_empty()))
        {
            let inherited = inherited(&[(above, table)], &|_| false).unwrap();
            let mut heirs = Table { inherits: vec![above.clone()], ..inherited };
            heirs.columns.push(column("own", "text = 'x'"));
            heirs.columns[0].default = None;
            self.add(CreateTable { name: name(&self.free("heirs")), definition: heirs });
        }
        // The first of them gets all that is done to a table with foreign tables below it.
        if let Some((above, table)) = self.catalog.tables.get_key_value(&name("users"))
            && self.catalog.foreign_below(above).next().is_none()
        {
            let from_above = inherited(&[(above, table)], &|_| false).unwrap();
            let id = ObjectId::new(Kind::ForeignTable, name(&self.free("foreign_heirs")));
            let definition = foreign_below(Table { inherits: vec![above.clone()], ..from_above });
            self.add(CreateObject { id, object: Object::new(definition) });
        }
        if let Some(users) = self.catalog.table(&name("users")).filter(|table| !table.columns.is_empty()) {
            let copies = Table { columns: users.columns.clone(), ..Table::default() };
            self.add(CreateTable { name: name(&self.free("copies")), definition: copies });
        }
        for (id, object) in samples(self.free) {
            self.add(CreateObject { id, object });
        }
        for (id, object) in &self.catalog.objects {
            self.on_object(id, object);
        }
        for (enum_name, definition) in &self.catalog.enums {
            self.on_enum(enum_name, definition);
        }
        for (table, definition) in &self.catalog.tables {
            self.on_table(table, definition);
        }
    }

    fn on_access(&mut self, target: &AccessTarget) {
        if !matches!(target, AccessTarget::Column(..)) {
            self.add(SetOwner { target: target.clone(), owner: Some(Role::Named("app".into())) });
            self.add(SetOwner { target: target.clone(), owner: None });
        }
        let Some(securable) = target.securable() else { return };
        for (role, said) in [
            (Role::Named("app".into()), Said::Granted { with_option: true }),
            (Role::Public, Said::Granted { with_option: false }),
            (Role::Public, Said::Revoked),
        ] {
            let privileges = securable.privileges().iter().map(|privilege| (*privilege, Some(said))).collect();
            self.add(SetGrants { target: target.clone(), role, privileges });
        }
    }

    fn on_object(&mut self, id: &ObjectId, object: &Object) {
        self.on_access(&AccessTarget::Object(id.clone()));
        if id.kind == Kind::View {
            self.on_access(&AccessTarget::Column(id.name.clone(), "id".into()));
        }
        // What they are is all that tells them from others.
        if id.kind == Kind::DefaultPrivileges {
            self.add(DropObject { id: id.clone() });
            for (_, other) in samples("z").into_iter().filter(|(other, _)| other.kind == id.kind) {
                self.add(ChangeObject { id: id.clone(), definition: other.definition });
            }
            return;
        }
        self.add(RenameObject { id: id.clone(), to: id.name.sibling(self.free("renamed")) });
        let target = CommentTarget::Object(id.clone());
        self.add(SetComment { target, comment: Some("It's an object.".into()) });
        if let Some(column) = object.definition.column_names().into_iter().next() {
            let target = CommentTarget::Column(id.name.clone(), column);
            self.add(SetComment { target, comment: Some("It's a column.".into()) });
        }
        if self.catalog.users(&id.as_used()).is_empty() {
            self.add(DropObject { id: id.clone() });
        }
        if id.kind == Kind::Collation {
            self.add(RefreshCollation { id: id.clone() });
        }
        if let Definition::Domain(domain) = &object.definition {
            for check in domain.checks.keys() {
                let mut renamed = domain.clone();
                renamed.rename_check(check, &self.free("renamed_check"));
                self.add(ChangeObject { id: id.clone(), definition: renamed.into() });
                let target = CommentTarget::DomainConstraint(id.name.clone(), check.clone());
                self.add(SetComment { target, comment: None });
            }
        }
        if let Definition::MaterializedView(view) = &object.definition {
            let table = || id.name.clone();
            self.add(RefreshView { name: table(), with_data: true });
            self.add(RefreshView { name: table(), with_data: false });
            self.add(CreateIndex { table: table(), name: self.free("created"), index: index(&["id"]) });
            for name in view.indexes.keys() {
                self.add(DropIndex { table: table(), name: name.clone() });
                self.add(RenameIndex { table: table(), from: name.clone(), to: self.free("renamed_index") });
                let target = CommentTarget::Index(table(), name.clone());
                self.add(SetComment { target, comment: Some("It's an index.".into()) });
            }
        }
        for (_, other) in samples("z").into_iter().filter(|(other, _)| other.kind == id.kind) {
            if other.definition != object.definition {
                self.add(ChangeObject { id: id.clone(), definition: other.definition });
            }
        }
    }

    fn on_enum(&mut self, name: &QualifiedName, definition: &EnumType) {
        self.on_access(&AccessTarget::Enum(name.clone()));
        self.add(RenameEnum { from: name.clone(), to: self.free("renamed") });
        self.add(MoveEnum { name: name.clone(), schema: self.free("elsewhere") });
        self.add(SetComment { target: CommentTarget::Enum(name.clone()), comment: None });
        let mut places = vec![ValuePlace::Last];
        for value in &definition.values {
            places.push(ValuePlace::Before(value.clone()));
            places.push(ValuePlace::After(value.clone()));
            let to = self.free("it's");
            self.add(RenameEnumValue { name: name.clone(), from: value.clone(), to });
            // `pending` and `confirmed` are in defaults.
            if !matches!(value.as_str(), "pending" | "confirmed") && self.catalog.columns_of_type(name).count() == 0 {
                self.add(RemoveEnumValue { name: name.clone(), value: value.clone() });
            }
        }
        for place in places {
            self.add(AddEnumValue { name: name.clone(), value: self.free("new"), place });
        }
        if self.catalog.columns_of_type(name).count() == 0 {
            self.add(DropEnum { name: name.clone() });
        }
    }

    fn trips(&self) -> Table {
        let mut id = column("id", "bigint");
        id.identity = Some(Identity::Always);
        let mut touched = column("touched", "timestamptz?");
        touched.on_update = Some(on_update("now()", &self.free("trips_touched")));
        Table {
            columns: vec![id, column("booking_id", "uuid?"), column("order", "smallint = 1"), touched],
            constraints: [
                (self.free("trips_pkey"), primary_key(&["id"])),
                (self.free("trips_booking_id_fkey"), foreign_key(&["booking_id"], "bookings", &["id"])),
                (self.free("trips_order_check"), check("\"order\" > 0")),
            ]
            .into_iter()
            .filter(|(_, constraint)| match &constraint.kind {
                ConstraintKind::ForeignKey(key) => {
                    self.catalog.table(&key.table).is_some_and(|table| table.has_unique_key(&key.referenced))
                }
                _ => true,
            })
            .collect(),
            indexes: [(self.free("trips_booking_id_idx"), index(&["booking_id"]))].into(),
            row_security: RowSecurity { is_enabled: true, is_forced: true },
            access: access(),
            comment: Some("Where it's going.".into()),
            ..Table::default()
        }
    }

    /// What is inherited is changed where it comes from.
    fn on_heir(&mut self, table: &QualifiedName, definition: &Table) {
        self.add(RenameTable { from: table.clone(), to: self.free("renamed") });
        self.add(DropTable { name: table.clone() });
        let is_own = definition.columns.iter().all(|column| !column.inherited);
        for parent in definition.inherits.iter().filter(|_| is_own) {
            self.add(NoInherit { table: table.clone(), parent: parent.clone() });
        }
        for column in &definition.columns {
            let (table, name) = (|| table.clone(), column.name.clone());
            self.add(SetDefault { table: table(), column: name.clone(), default: None });
            if !column.inherited {
                self.add(DropColumn { table: table(), column: name });
            }
        }
    }

    fn on_table(&mut self, table: &QualifiedName, definition: &Table) {
        if !definition.inherits.is_empty() {
            return self.on_heir(table, definition);
        }
        self.on_access(&AccessTarget::Table(table.clone()));
        self.add(RenameTable { from: table.clone(), to: self.free("renamed") });
        self.add(SetComment { target: CommentTarget::Table(table.clone()), comment: Some("new".into()) });
        let row_security = RowSecurity { is_enabled: !definition.row_security.is_enabled, is_forced: true };
        self.add(SetRowSecurity { table: table.clone(), row_security });
        let parameters: BTreeMap<String, String> = [("fillfactor".to_owned(), "70".to_owned())].into();
        let settings = TableSettings {
            unlogged: !definition.settings.unlogged,
            parameters,
            replica_identity: ReplicaIdentity::Full,
        };
        self.add(SetTableSettings { table: table.clone(), settings });
        self.add(MoveTable { table: table.clone(), schema: self.free("elsewhere") });
        for (number, text) in [
            "text?",
            "uuid = gen_random_uuid()",
            "uuid? = gen_random_uuid()",
            "integer = 1",
            "timestamptz = now()",
            "varchar(3)[] = '{a,b}'",
        ]
        .into_iter()
        .enumerate()
        {
            let column = column(&self.free(&format!("added{number}")), text);
            self.add(AddColumn { table: table.clone(), column });
        }
        for column in &definition.columns {
            self.on_column(table, definition, column);
        }
        for (name, constraint) in &definition.constraints {
            self.add(RenameConstraint { table: table.clone(), from: name.clone(), to: self.free("renamed") });
            let target = CommentTarget::Constraint(table.clone(), name.clone());
            self.add(SetComment { target, comment: Some("It's so.".into()) });
            let is_referenced = constraint.kind.has_index() && self.catalog.references_to(table).next().is_some();
            if !is_referenced {
                self.add(DropConstraint { table: table.clone(), name: name.clone() });
            }
            if constraint.kind.can_be_validated() {
                self.add(ValidateConstraint { table: table.clone(), name: name.clone() });
                self.add_constraint(table, Constraint { not_valid: true, ..constraint.clone() });
            }
            if matches!(constraint.kind, ConstraintKind::ForeignKey(_)) {
                let (table, name) = (table.clone(), name.clone());
                self.add(AlterConstraint { table, name, deferral: Deferral::InitiallyDeferred });
            }
        }
        if let Some(column) = definition.columns.iter().find(|column| column.data_type == data_type("text")) {
            let constraint = check(&format!("length({}) > 1", column.name));
            self.add_constraint(table, constraint);
        }
        for (name, index) in &definition.indexes {
            self.add(RenameIndex { table: table.clone(), from: name.clone(), to: self.free("renamed") });
            self.add(SetIndexSettings {
                table: table.clone(),
                name: name.clone(),
                parameters: index.parameters.clone(),
                statistics: [(1, 200)].into(),
            });
            self.add(DropIndex { table: table.clone(), name: name.clone() });
            self.add(SetComment { target: CommentTarget::Index(table.clone(), name.clone()), comment: None });
            self.add(CreateIndex { table: table.clone(), name: self.free("created"), index: index.clone() });
        }
        let is_free = |(other, one): &(&QualifiedName, &std::sync::Arc<Table>)| {
            *other != table
                && one.partition_of.is_none()
                && one.inherits.is_empty()
                && self.catalog.tables_below(other).is_empty()
        };
        for (other, of) in self.catalog.tables.iter().filter(is_free) {
            if definition.partition_of.is_none() && can_inherit(table, definition, other, of).is_ok() {
                self.add(Inherit { table: table.clone(), parent: other.clone() });
            }
        }
        if let Some((other, _)) = self.catalog.tables.iter().find(is_free)
            && definition.partition_of.is_none()
            && self.catalog.heirs(table).next().is_none()
        {
            let (table, partition) = (table.clone(), other.clone());
            self.add(AttachPartition { table, partition, bound: PartitionBound::Default });
        }
        if let Some(of) = &definition.partition_of {
            self.add(DetachPartition { table: of.parent.clone(), partition: table.clone() });
        }
        if self.catalog.references_to(table).next().is_none() && self.catalog.heirs(table).next().is_none() {
            self.add(DropTable { name: table.clone() });
        }
    }

    fn add_constraint(&mut self, table: &QualifiedName, constraint: Constraint) {
        self.add(AddConstraint { table: table.clone(), name: self.free("added"), constraint });
    }

    fn on_column(&mut self, table: &QualifiedName, definition: &Table, column: &Column) {
        let name = || column.name.clone();
        self.on_access(&AccessTarget::Column(table.clone(), name()));
        self.add(RenameColumn { table: table.clone(), from: name(), to: self.free("renamed") });
        let target = CommentTarget::Column(table.clone(), name());
        self.add(SetComment { target, comment: Some("new".into()) });
        let settings = ColumnSettings {
            storage: Some(Storage::External),
            compression: Some(Compression::Lz4),
            statistics: Some(500),
            ..ColumnSettings::default()
        };
        self.add(SetColumnSettings { table: table.clone(), column: name(), settings });
        if column.data_type.is_collatable() == Some(true) {
            self.add(SetCollation { table: table.clone(), column: name(), collation: Some("C".into()) });
        }
        if column.data_type.is_integer() && column.default.is_none() && column.generated.is_none() && !column.nullable {
            let identity = Some(Identity::ByDefault);
            self.add(SetIdentity { table: table.clone(), column: name(), identity, sequence: None });
        }
        if column.generated.is_some() {
            let expression = expression("'it''s'");
            self.add(SetExpression { table: table.clone(), column: name(), expression });
        }
        let is_in_key = |constraint: &Constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => key.columns.contains(&column.name),
            _ => false,
        };
        let is_in_primary_key = definition.constraints.values().any(is_in_key);
        if column.generated.is_none() && column.identity.is_none() {
            if !is_in_primary_key {
                self.add(SetNullability { table: table.clone(), column: name(), nullable: !column.nullable });
            }
            self.add(SetDefault { table: table.clone(), column: name(), default: None });
            self.add_constraint(table, unique(&[&column.name]));
            let new = OnUpdate {
                expression: Expression::call("coalesce", [Expression::name(name()), Expression::null()]),
                trigger: self.free("trigger"),
            };
            self.add(SetOnUpdate { table: table.clone(), column: name(), on_update: Some(new) });
            self.add(SetOnUpdate { table: table.clone(), column: name(), on_update: None });
        }
        let is_read = definition.columns.iter().any(|other| {
            let expressions = [
                other.generated.as_ref().map(|generated| &generated.expression),
                other.on_update.as_ref().map(|on_update| &on_update.expression).filter(|_| other.name != column.name),
            ];
            expressions.into_iter().flatten().any(|expression| expression.reads(&column.name))
        });
        let is_referenced = |key: &ForeignKey| key.referenced.contains(&column.name);
        if is_read || self.catalog.references_to(table).any(|(_, _, key)| is_referenced(key)) {
            return;
        }
        self.add(DropColumn { table: table.clone(), column: name() });
        for (from, to) in [
            ("bigint", "numeric(20)"),
            ("numeric(12,2)", "numeric(14,2)"),
            ("text", "varchar(300)"),
            ("varchar(20)", "varchar(40)"),
            ("timestamp", "timestamptz"),
            ("timestamptz", "timestamp"),
            ("uuid", "text"),
        ] {
            let can_change = column.data_type == data_type(from)
                && column.generated.is_none()
                && column.identity.is_none()
                && (from != "uuid" || column.default.is_none())
                && (!definition.foreign_keys().any(|(_, key)| key.columns.contains(&column.name)));
            if can_change {
                let data_type = data_type(to);
                self.add(ChangeType { table: table.clone(), column: name(), data_type, using: None });
            }
        }
    }
}

/// An owner and privileges.
fn access() -> Access {
    let granted = [(Privilege::Usage, Said::Granted { with_option: true }), (Privilege::Create, Said::Revoked)];
    let grants = Grants([(Role::Public, granted.into())].into());
    Access { owner: Some(Role::Named("app".into())), grants, ..Access::default() }
}

/// An object or two of each kind.
/// A foreign table below others.
fn foreign_below(table: Table) -> ForeignTable {
    let options = || [("host".to_owned(), "one".to_owned())].into();
    let bare = ForeignTable {
        server: "there".into(),
        columns: Vec::new(),
        checks: Default::default(),
        options: options(),
        inherits: Vec::new(),
        partition_of: None,
    };
    let mut definition = bare.with_table(&table);
    for column in &mut definition.columns {
        column.options = options();
        column.default = None;
    }
    definition
}

fn samples(free: &str) -> Vec<(ObjectId, Object)> {
    let named = |kind: Kind, text: &str| ObjectId::new(kind, name(&format!("{free}_{text}")));
    let sequence = |options: SequenceOptions| Object::new(options.complete().unwrap());
    let domain = |text: &str| Domain {
        data_type: data_type("text"),
        collation: None,
        default: Some(expression("'it''s'")),
        not_null: false,
        checks: [("c".to_owned(), expression(text))].into(),
        not_valid: if text.contains("cancelled") { ["c".to_owned()].into() } else { Default::default() },
        comments: [("c".to_owned(), format!("It is {text}."))].into(),
    };
    let attribute =
        |name: &str, text: &str| Attribute { name: name.into(), data_type: data_type(text), collation: None };
    let view = |text: &str| {
        let column =
            |name: &str| RelationColumn { name: name.into(), data_type: Some(data_type("text")), nullable: true };
        let columns = vec![column("id"), column("other")];
        let query = text.parse().unwrap();
        View {
            query,
            columns,
            check_option: None,
            security_barrier: false,
            security_invoker: false,
            defaults: Default::default(),
        }
    };
    let materialized = |text: &str, is_filled: bool| {
        let View { query, columns, .. } = view(text);
        let unique = Index { unique: true, predicate: Some(expression("other <> 'pending'")), ..index(&["id"]) };
        let indexes = [(format!("{free}_index_of_{is_filled}"), unique)].into();
        let storage = [("fillfactor".to_owned(), "70".to_owned())].into();
        MaterializedView { query, columns, storage, indexes, is_filled }
    };
    let pair = CompositeType { attributes: vec![attribute("a", "status"), attribute("b", "text")] };
    let single = CompositeType { attributes: vec![attribute("b", "integer")] };
    let of_bookings = |text: &str| ObjectId::on_table(Kind::Policy, format!("{free}_{text}"), &name("bookings"));
    let policy = Policy {
        is_restrictive: false,
        command: PolicyCommand::All,
        roles: [Role::Public, Role::Named("app".into())].into(),
        using: Some(expression("user_id IN (SELECT id FROM public.users WHERE users.email = bookings.note)")),
        check: None,
    };
    let restrictive =
        Policy { is_restrictive: true, check: Some(expression("status <> 'confirmed'")), ..policy.clone() };
    let commented = Object { comment: Some("It's a type.".into()), ..Object::new(pair) };
    let argument = |name: &str, text: &str| FunctionArgument {
        mode: ArgumentMode::In,
        name: Some(name.into()),
        data_type: data_type(text),
        default: None,
    };
    let function = |arguments: Vec<FunctionArgument>, result: &str, body: &str| Function {
        arguments,
        returns: Returns::Type { data_type: data_type(result), set: false },
        language: "plpgsql".into(),
        body: Body::Text(body.into()),
        options: FunctionOptions::default(),
    };
    let of_status =
        ObjectId { arguments: vec![data_type("status"), data_type("bookings")], ..named(Kind::Function, "told") };
    let told = function(vec![argument("a", "status"), argument("b", "bookings")], "text", "begin return 'it''s'; end");
    let bump = function(Vec::new(), "trigger", "begin return new; end");
    let nothing = Function { returns: Returns::Outputs { set: false }, ..function(Vec::new(), "text", "begin end") };
    let trigger = Trigger {
        timing: Timing::Before,
        events: Events { update: Some(["total".to_owned()].into()), insert: true, ..Events::default() },
        for_each_row: true,
        condition: Some(expression("new.total > 1 and new.status = 'pending'")),
        old_table: None,
        new_table: None,
        function: name(&format!("{free}_bump")),
        arguments: vec!["it's".into()],
        constraint: None,
        firing: Firing::Usual,
    };
    let deferred = Trigger {
        timing: Timing::After,
        constraint: Some(ConstraintTrigger { deferral: Deferral::InitiallyDeferred, from: Some(name("users")) }),
        firing: Firing::Disabled,
        ..trigger.clone()
    };
    let audit = EventTrigger {
        event: "ddl_command_end".into(),
        filters: [("tag".to_owned(), ["CREATE TABLE".to_owned()].into())].into(),
        function: name(&format!("{free}_audit")),
        firing: Firing::Always,
    };
    let on_bookings = |text: &str| ObjectId::on_table(Kind::Trigger, format!("{free}_{text}"), &name("bookings"));
    let defaults = |schema: Option<&str>, said: Said| {
        let grants = Grants([(Role::Named("app".into()), [(Privilege::Select, said)].into())].into());
        let of = DefaultsOf::Tables;
        DefaultPrivileges { grants, ..DefaultPrivileges::new(Some(free.into()), schema.map(Into::into), of) }
    };
    let (anywhere, here) = (
        defaults(None, Said::Granted { with_option: false }),
        defaults(Some("public"), Said::Granted { with_option: true }),
    );
    let statistics = |keys: &[&str], target: Option<u32>| Statistics {
        table: name("bookings"),
        kinds: [StatisticsKind::Mcv].into(),
        keys: keys.iter().map(|key| expression(key)).collect(),
        target,
    };
    let function = |text: &str, takes: &[&str]| FunctionName {
        name: name(text),
        arguments: takes.iter().map(|takes| data_type(takes)).collect(),
    };
    let range = |subtype: &str, multirange: &str| RangeType {
        subtype: data_type(subtype),
        operator_class: None,
        collation: None,
        subtype_diff: None,
        multirange: name(&format!("{free}_{multirange}")),
    };
    let texts = RangeType { collation: Some(format!("public.{free}_order")), ..range("text", "many_texts") };
    let rule = |event: RuleEvent, action: &str| Rule {
        event,
        condition: Some(expression("new.total > 1 and new.status = 'pending'")),
        is_instead: true,
        actions: vec![RuleAction::Statement(action.parse().unwrap())],
        firing: Firing::Usual,
    };
    let on_insert = rule(RuleEvent::Insert, "UPDATE public.users SET email = new.note WHERE users.id = new.user_id");
    let on_update = rule(RuleEvent::Update, "INSERT INTO public.users (id, email) VALUES (old.user_id, old.note)");
    let on_update = Rule { firing: Firing::Disabled, ..on_update };
    let rule_of_bookings = |text: &str| ObjectId::on_table(Kind::Rule, format!("{free}_{text}"), &name("bookings"));
    let aggregate = |takes: &str, state: &str| {
        let argument =
            FunctionArgument { mode: ArgumentMode::In, name: None, data_type: data_type(takes), default: None };
        Aggregate {
            arguments: vec![argument],
            ordered: None,
            state: AggregateState {
                function: function("gathered", &[state, takes]),
                inverse: None,
                data_type: data_type(state),
                space: None,
                finish: None,
                finish_extra: false,
                finish_modify: Some(FinishModify::Shareable),
                initial: Some("it's".into()),
            },
            moving: None,
            combine: None,
            serialize: None,
            deserialize: None,
            sort_operator: None,
            parallel: Parallel::Safe,
            is_hypothetical: false,
            result: Some(data_type(state)),
        }
    };
    let of_status_alone =
        |text: &str| ObjectId { arguments: vec![data_type("status")], ..named(Kind::Aggregate, text) };
    let collation = |locale: CollationLocale| Object::new(Collation { locale, is_deterministic: true });
    let published = |table: &str, column: &str, filter: &str| PublishedTable {
        table: name(table),
        columns: Some([column.to_owned()].into()),
        filter: Some(expression(filter)),
    };
    let publication = |tables: Vec<PublishedTable>| Publication {
        of: Published::Some { tables, schemas: Default::default() },
        operations: [PublishedOperation::Insert].into(),
        via_partition_root: true,
        generated_columns: false,
    };
    let both = publication(vec![
        published("bookings", "status", "status = 'pending'"),
        published("users", "email", "email <> ''"),
    ]);
    let one = Publication {
        operations: PublishedOperation::ALL.into(),
        ..publication(vec![published("users", "id", "id > 1")])
    };
    let cast = |method: CastMethod| Object::new(Cast { method, applies: CastApplies::Assignment });
    let between = |source: &str, target: &str| ObjectId {
        arguments: vec![data_type(source), data_type(target)],
        ..ObjectId::without_schema(Kind::Cast, "")
    };
    let operator = |text: &str| OwnOperator {
        function: function("alike", &["status", "text"]),
        commutator: None,
        negator: Some(Operator::in_schema(Some("public".into()), format!("{text}="))),
        restrict: Some(QualifiedName::in_schema("pg_catalog", "eqsel")),
        join: None,
        hashes: true,
        merges: false,
        result: Some(data_type("boolean")),
    };
    let symbols = if free == "x" { "@@#" } else { "@@&" };
    let with_operands = |symbol: String| ObjectId {
        arguments: vec![data_type("status"), data_type("text")],
        ..ObjectId::new(Kind::OwnOperator, name(&symbol))
    };
    let member = |what: MemberKind, right: &str| FamilyMember {
        number: 1,
        left: data_type("status"),
        right: data_type(right),
        what,
    };
    let family =
        OperatorFamily { members: vec![member(MemberKind::Operator { name: name("@@#"), order_by: None }, "text")] };
    let class = OperatorClass {
        data_type: data_type("status"),
        is_default: free == "x",
        family: name(&format!("{free}_family")),
        members: vec![member(MemberKind::Function(function("compared", &["status", "status"])), "status")],
        storage: None,
    };
    let options = |value: &str| [("host".to_owned(), value.to_owned())].into();
    let wrapper = |value: &str| ForeignDataWrapper {
        handler: Some(function("handler", &[])),
        validator: None,
        options: options(value),
    };
    let server = |value: &str| Server {
        wrapper: format!("{free}_one_wrapper"),
        server_type: None,
        version: Some(value.into()),
        options: options(value),
    };
    let foreign = |value: &str| ForeignTable {
        server: format!("{free}_one_server"),
        columns: vec![ForeignColumn {
            name: "id".into(),
            data_type: data_type("status"),
            nullable: value == "one",
            default: None,
            generated: None,
            collation: None,
            options: options(value),
            inherited: false,
        }],
        checks: [(
            "believed".to_owned(),
            ForeignCheck {
                condition: expression("id <> 'cancelled'"),
                no_inherit: value == "one",
                not_valid: value == "other",
                inherited: false,
            },
        )]
        .into(),
        options: options(value),
        inherits: Vec::new(),
        partition_of: None,
    };
    let of_server = |text: &str| ObjectId {
        of: Some(format!("{free}_one_server")),
        ..ObjectId::without_schema(Kind::UserMapping, text)
    };
    let dictionary =
        |value: &str| TextSearchDictionary { template: name(&format!("{free}_one_template")), options: options(value) };
    let configuration = |token: &str| TextSearchConfiguration {
        parser: name(&format!("{free}_one_parser")),
        mappings: [(token.to_owned(), vec![name(&format!("{free}_one_dictionary"))])].into(),
    };
    let of_database = |kind: Kind, text: &str| ObjectId::without_schema(kind, format!("{free}_{text}"));
    vec![
        (
            between("status", if free == "x" { "bigint" } else { "uuid" }),
            cast(CastMethod::Function(function("numbered", &["status"]))),
        ),
        (between("status", if free == "x" { "integer" } else { "date" }), cast(CastMethod::Text)),
        (with_operands(symbols.to_owned()), Object::new(operator(symbols))),
        (
            with_operands(format!("{symbols}=")),
            Object::new(OwnOperator { join: None, restrict: None, ..operator("<") }),
        ),
        (OperatorFamily::id("btree", name(&format!("{free}_family"))), Object::new(family)),
        (OperatorClass::id("btree", name(&format!("{free}_class"))), Object::new(class)),
        (of_database(Kind::ForeignDataWrapper, "one_wrapper"), Object::new(wrapper("one"))),
        (of_database(Kind::ForeignDataWrapper, "other_wrapper"), Object::new(wrapper("other"))),
        (of_database(Kind::Server, "one_server"), Object::new(server("one"))),
        (of_database(Kind::Server, "other_server"), Object::new(server("other"))),
        (named(Kind::ForeignTable, "one_foreign"), Object::new(foreign("one"))),
        (named(Kind::ForeignTable, "other_foreign"), Object::new(foreign("other"))),
        (of_server("public"), Object::new(UserMapping { options: options("one") })),
        (of_server("app"), Object::new(UserMapping { options: options("other") })),
        (
            named(Kind::TextSearchParser, "one_parser"),
            Object::new(TextSearchParser {
                start: function("begun", &[]),
                token: function("next", &[]),
                end: function("ended", &[]),
                types: function("kinds", &[]),
                headline: None,
            }),
        ),
        (
            named(Kind::TextSearchTemplate, "one_template"),
            Object::new(TextSearchTemplate { init: None, lexize: function("lexed", &[]) }),
        ),
        (named(Kind::TextSearchDictionary, "one_dictionary"), Object::new(dictionary("one"))),
        (named(Kind::TextSearchDictionary, "other_dictionary"), Object::new(dictionary("other"))),
        (named(Kind::TextSearchConfiguration, "one_configuration"), Object::new(configuration("word"))),
        (named(Kind::TextSearchConfiguration, "other_configuration"), Object::new(configuration("int"))),
        (named(Kind::RangeType, "states"), Object::new(range("status", "many_states"))),
        (named(Kind::RangeType, "texts"), Object::new(texts)),
        (rule_of_bookings("on_insert"), Object::new(on_insert)),
        (rule_of_bookings("on_update"), Object::new(on_update)),
        (of_status_alone("gathered"), Object::new(aggregate("status", "text"))),
        (of_status_alone("counted"), Object::new(aggregate("status", "bigint"))),
        (named(Kind::Collation, "order"), collation(CollationLocale::Icu { locale: "de".into(), rules: None })),
        (
            named(Kind::Collation, "plain"),
            collation(CollationLocale::Libc { collate: "C".into(), ctype: "POSIX".into() }),
        ),
        (of_database(Kind::Publication, "both"), Object::new(both)),
        (of_database(Kind::Publication, "one"), Object::new(one)),
        (named(Kind::Statistics, "pair"), Object::new(statistics(&["user_id", "status"], None))),
        (named(Kind::Statistics, "lower"), Object::new(statistics(&["user_id", "lower(note)"], Some(100)))),
        (anywhere.id(), Object::new(anywhere)),
        (here.id(), Object::new(here)),
        (named(Kind::Function, "bump"), Object::new(bump)),
        (ObjectId::without_schema(Kind::EventTrigger, format!("{free}_audit")), Object::new(audit)),
        (of_status, Object::new(told)),
        (named(Kind::Procedure, "nothing"), Object::new(Procedure(nothing))),
        (on_bookings("trigger"), Object::new(trigger)),
        (on_bookings("deferred"), Object::new(deferred)),
        (Schema::id(format!("{free}_schema")), Object::new(Schema {})),
        (named(Kind::Sequence, "numbers"), sequence(SequenceOptions::default())),
        (
            named(Kind::Sequence, "down"),
            sequence(SequenceOptions { increment: Some(-2), cycle: true, ..SequenceOptions::default() }),
        ),
        (named(Kind::Domain, "email"), Object::new(domain("value ~ '@'"))),
        (named(Kind::Domain, "state"), Object::new(domain("value::status <> 'cancelled'"))),
        (named(Kind::View, "all"), Object::new(view("SELECT users.id, users.email FROM public.users"))),
        (
            named(Kind::View, "own"),
            Object::new(view("SELECT b.id, b.user_id FROM public.bookings b WHERE b.note = 'x'")),
        ),
        (
            named(Kind::MaterializedView, "kept"),
            Object::new(materialized("SELECT users.id, users.email FROM public.users", true)),
        ),
        (
            named(Kind::MaterializedView, "empty"),
            Object::new(materialized("SELECT b.id, b.note FROM public.bookings b", false)),
        ),
        (named(Kind::CompositeType, "pair"), commented),
        (named(Kind::CompositeType, "single"), Object::new(single)),
        (of_bookings("own"), Object::new(policy)),
        (of_bookings("strict"), Object::new(restrictive)),
    ]
}

#[test]
fn every_kind_of_object_is_in_the_law() {
    let kinds: BTreeSet<Kind> = samples("x").iter().map(|(id, _)| id.kind).collect();
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
    let covered: BTreeSet<&str> = operations.iter().map(Operation::name).collect();
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
