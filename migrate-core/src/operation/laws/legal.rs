//! The operations that are legal on a catalog.

use super::*;

/// Finds every operation that is legal on a catalog, many of each.
struct Legal<'c> {
    catalog: &'c Catalog,
    /// The beginning of names that are free.
    free: &'c str,
    operations: Vec<Operation>,
}

/// Every operation that is legal on the catalog, many of each.
pub(super) fn legal_operations(catalog: &Catalog, free: &str) -> Vec<Operation> {
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
        let parameters: SortedMap<String, String> = [("fillfactor".to_owned(), "70".to_owned())].into();
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
