//! What is still needed cannot be removed: the mistake names each user, and where it is made.

use migrate_core::catalog::{ConstraintKind, Part, ReplicaIdentity, Used, User};
use migrate_core::name::QualifiedName;
use migrate_core::object::{Kind, Namespace, Object, ObjectId};
use migrate_core::operation::{Operate as _, Operation};
use migrate_core::token::At;

use super::{Checker, Origin};
use crate::diagnostic::{Diagnostic, code};
use crate::parser::Name;

impl Checker<'_> {
    /// Reports what still needs something that the operation removes; says whether there is anything.
    pub(super) fn report_still_needed(&mut self, operation: &Operation, at: At) -> bool {
        let needed_by = operation.still_needed_by(&self.state.catalog);
        if needed_by.is_empty() {
            return false;
        }
        let removed = operation.removes(&self.state.catalog);
        // The sequences of a table and of a column go with them: they are told where nothing else is in the way.
        let goes_along = |used: &Used| {
            let is_one =
                matches!(operation, Operation::DropTable(_) | Operation::DropColumn(_) | Operation::SetIdentity(_));
            is_one && matches!(used, Used::Table(name) if !self.state.catalog.tables.contains_key(name))
        };
        let of_sequences = needed_by.iter().all(|(_, used)| goes_along(used));
        let told = match of_sequences {
            true => needed_by.first().map(|(_, used)| used),
            false => removed.iter().find(|used| !goes_along(used)),
        };
        let Some((what, help)) = told.map(|used| self.told(operation, used)) else { return false };
        let mut mistake =
            Diagnostic::new(code::STILL_NEEDED, format!("cannot drop {what}, because it is still used"), at).help(help);
        for (user, used) in needed_by.iter().filter(|(_, used)| of_sequences || !goes_along(used)) {
            mistake = mistake.note(relation(user, used));
            let origin = origin(user);
            mistake.notes.extend(self.state.made_in(&name(user), &origin));
        }
        self.report(mistake);
        true
    }

    /// Reports an index that rows are told by in logical replication; says whether it is.
    pub(crate) fn report_replica_identity(&mut self, table: &QualifiedName, index: &str, at: At) -> bool {
        let identity = self.catalog().table(table).map(|table| &table.settings.replica_identity);
        if !matches!(identity, Some(ReplicaIdentity::Index(one)) if one == index) {
            return false;
        }
        let text = format!("cannot drop `{index}`, because it is the replica identity of `{table}`");
        let help = format!("write `alter table {table} replica identity default` first");
        self.report(Diagnostic::new(code::STILL_NEEDED, text, at).help(help));
        true
    }

    /// Reports what reads a column, whose type PostgreSQL does not change then; says whether there is anything.
    pub(crate) fn report_type_needed(&mut self, relation_name: &QualifiedName, column: &Name) -> bool {
        let used = Used::Column(relation_name.clone(), column.value.clone());
        let users = self.state.catalog.users(&used);
        let headline = format!("cannot change the type of `{}`, because it is still used", column.value);
        let mut mistake = Diagnostic::new(code::STILL_NEEDED, headline, column.at)
            .help("first drop what uses it, and create it again after the change");
        for user in &users {
            mistake = mistake.note(relation(user, &used));
            mistake.notes.extend(self.state.made_in(&name(user), &origin(user)));
        }
        let is_used = !users.is_empty();
        if is_used {
            self.report(mistake);
        }
        is_used
    }

    /// Reports the objects that are made of an enum which has to be replaced by another type; says whether there are any.
    pub(crate) fn report_holders_of_enum(&mut self, enum_name: &QualifiedName, value: &Name) -> bool {
        let holders: Vec<ObjectId> = self.state.catalog.holders_of_enum(enum_name).into_iter().cloned().collect();
        if holders.is_empty() {
            return false;
        }
        let headline = format!("cannot drop value `{}` of enum `{enum_name}`, because it is still used", value.value);
        let help = "drop these first: PostgreSQL replaces the type, but not what is made of it";
        let mut mistake = Diagnostic::new(code::STILL_NEEDED, headline, value.at).help(help);
        for id in holders {
            mistake = mistake.note(format!("{id} is made of `{enum_name}`"));
            mistake.notes.extend(self.state.made_in("it", &Origin::Object(id)));
        }
        self.report(mistake);
        true
    }

    /// Reports what uses an object that has to be taken down and put back, and is not taken down itself; says whether
    /// there is anything.
    pub(super) fn report_held(&mut self, id: &ObjectId, rebuilt: &[(ObjectId, Object)], at: At) -> bool {
        let catalog = &self.state.catalog;
        let users = catalog.users_of_any(&catalog.known_as(id));
        let is_taken_down =
            |user: &User<'_>| user.object().is_some_and(|(user, _)| rebuilt.iter().any(|(other, _)| other == user));
        let held: Vec<User<'_>> = users.into_iter().filter(|user| !is_taken_down(user)).collect();
        if held.is_empty() {
            return false;
        }
        let mut mistake = Diagnostic::new(
            code::STILL_NEEDED,
            format!("this drops {id} and creates it again, which is not possible while it is used"),
            at,
        )
        .help("drop or change these first, and restore them afterwards");
        for user in &held {
            mistake = mistake.note(relation(user, &id.as_used()));
            mistake.notes.extend(self.state.made_in(&name(user), &origin(user)));
        }
        self.report(mistake);
        true
    }

    /// What is removed, and what to do about its users.
    fn told(&self, operation: &Operation, used: &Used) -> (String, &'static str) {
        match (used, operation) {
            (Used::Extension(name), _) => (format!("extension `{name}`"), "drop or change these first"),
            (Used::Type(name), _) => {
                let found = self.state.catalog.object_named(Namespace::Type, name);
                let noun = found.map_or("enum", |(id, _)| id.kind.noun());
                (format!("{noun} `{name}`"), "drop these, or change their types, first")
            }
            (Used::Object(id), _) => (id.told(), "drop or change these first"),
            (Used::Function(name), _) => (format!("function `{name}`"), "drop or change these first"),
            (Used::Value(name, value), _) => {
                (format!("value `{value}` of enum `{name}`"), "change or drop these first")
            }
            (Used::Table(name), _) => match self.state.catalog.object_named(Namespace::Relation, name) {
                Some((id, _)) => (id.told(), "drop or change these first"),
                None => match self.state.catalog.owner_of_identity(name) {
                    Some((table, column)) => {
                        (format!("sequence `{name}` of column `{table}.{}`", column.name), "drop or change these first")
                    }
                    None => (format!("table `{name}`"), "drop these, or the tables that they belong to, first"),
                },
            },
            (Used::Column(of, column), _) => (
                match self.state.catalog.object_named(Namespace::Relation, of) {
                    Some((id, _)) => format!("column `{column}` of {id}"),
                    None if self.state.catalog.table(of).is_none() => format!("attribute `{column}` of type `{of}`"),
                    None => format!("column `{column}` of table `{of}`"),
                },
                "first drop or change what uses it, which can be done in the same migration",
            ),
            (Used::Key(table, _), Operation::DropConstraint(drop)) => {
                let found = self.state.catalog.table(table).and_then(|table| table.constraints.get(&drop.name));
                let noun = found.map_or("constraint", |constraint| constraint.kind.noun());
                (format!("{noun} `{}` of table `{table}`", drop.name), "drop these foreign keys first")
            }
            (Used::Key(table, _), Operation::DropIndex(drop)) => {
                (format!("index `{}`", table.sibling(drop.name.clone())), "drop these foreign keys first")
            }
            (Used::Key(table, _), _) => (format!("a key of `{table}`"), "drop these foreign keys first"),
        }
    }
}

/// What a user has to do with what it uses.
fn relation(user: &User<'_>, used: &Used) -> String {
    let (table, part) = match user {
        User::Table(table, part) => (*table, *part),
        User::Object(id, _) => return format!("{id} uses it"),
    };
    match (part, used) {
        (Part::Itself, _) => format!("table `{table}` is in it"),
        (Part::Partitioning(_), _) => format!("table `{table}` is partitioned by it"),
        (Part::PartitionOf(_), _) => format!("table `{table}` is a partition of it"),
        (Part::Inherits(_), _) => format!("table `{table}` inherits from it"),
        (Part::Type(column), Used::Object(_)) => format!("column `{table}.{}` uses it", column.name),
        (Part::Type(column), _) => format!("column `{table}.{}` is of type `{}`", column.name, column.data_type),
        (Part::Generated(column), Used::Column(..)) => {
            format!("column `{}` of table `{table}` is generated from it", column.name)
        }
        (Part::OnUpdate(column), Used::Column(..)) => {
            format!("the `on update` of column `{}` of table `{table}` reads it", column.name)
        }
        (Part::Constraint(name, constraint), Used::Key(..) | Used::Table(_)) => {
            format!("{} `{name}` of table `{table}` references it", constraint.kind.noun())
        }
        (Part::Constraint(name, constraint), Used::Column(other, _)) => match &constraint.kind {
            ConstraintKind::ForeignKey(key) if key.table == *other && table != other => {
                format!("foreign key `{name}` of table `{table}` references it")
            }
            kind if table == other => {
                format!("{} `{name}` of table `{table}` covers it and other columns", kind.noun())
            }
            kind => format!("{} `{name}` of table `{table}` uses it", kind.noun()),
        },
        (Part::Index(name, _), Used::Column(other, _)) if table == other => {
            format!("index `{name}` of table `{table}` covers it and other columns")
        }
        (Part::Default(column), _) => format!("the default of `{table}.{}` uses it", column.name),
        (Part::Generated(column), _) => format!("the expression of generated column `{table}.{}` uses it", column.name),
        (Part::OnUpdate(column), _) => format!("the `on update` of `{table}.{}` uses it", column.name),
        (Part::Constraint(name, constraint), _) => {
            format!("{} `{name}` of table `{table}` uses it", constraint.kind.noun())
        }
        (Part::Index(name, _), _) => format!("index `{name}` of table `{table}` uses it"),
    }
}

/// What a user is known by, in backticks; `it` where it has no name of its own.
pub(super) fn name(user: &User<'_>) -> String {
    let (table, part) = match user {
        User::Table(table, part) => (table, part),
        User::Object(id, _) if matches!(id.kind, Kind::Cast | Kind::UserMapping) => return "it".to_owned(),
        User::Object(id, _) => return format!("`{}`", id.name),
    };
    match part {
        Part::Itself | Part::Partitioning(_) | Part::PartitionOf(_) | Part::Inherits(_) => format!("`{table}`"),
        Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
            format!("`{table}.{}`", column.name)
        }
        Part::Constraint(name, _) | Part::Index(name, _) => format!("`{name}`"),
    }
}

/// What is known of where a user is made.
pub(super) fn origin(user: &User<'_>) -> Origin {
    let (table, part) = match user {
        User::Table(table, part) => (*table, *part),
        User::Object(id, _) => return Origin::Object((*id).clone()),
    };
    match part {
        Part::Itself | Part::Partitioning(_) | Part::PartitionOf(_) | Part::Inherits(_) => Origin::Table(table.clone()),
        Part::Type(column) | Part::Default(column) | Part::Generated(column) | Part::OnUpdate(column) => {
            Origin::Column(table.clone(), column.name.clone())
        }
        Part::Constraint(name, _) => Origin::Constraint(table.clone(), name.to_owned()),
        Part::Index(name, _) => Origin::Index(table.sibling(name)),
    }
}

#[cfg(test)]
mod tests {
    use crate::inline::compile_history;

    const TABLES: &str = r#"migration "1_tables" {
        create extension "uuid-ossp";
        create enum state { open, done, void }
        create enum colour { red, green }
        create table tasks {
            id: uuid = uuid_generate_v4() primary key,
            email: text,
            deleted_at: timestamptz?,
            state: state = open on update done,
            shade: text = "red"::colour::text,
            is_void: bool generated always as (state = "void") stored,
            at: timestamptz = "2020-01-01 00:00+02",
            n: int = 5 check (n > 3),
        }
        create unique index on tasks (email) where deleted_at is null;
    }"#;

    fn headline_and_notes(change: &str) -> Vec<String> {
        let history = format!("{TABLES}\nmigration \"2_change\" {{ {change} }}");
        let mistakes = compile_history(&history).expect_err(change);
        let lines = mistakes.iter().flat_map(|mistake| mistake.text.lines().map(str::trim).map(str::to_owned));
        lines.filter(|line| !line.starts_with("help:")).collect()
    }

    fn assert_told(change: &str, expected: &[&str]) {
        let change =
            format!("#[allow(drops_data, rewrites_table, narrows_type, blocks_writes, reason = \"a test\")] {change}");
        assert_eq!(headline_and_notes(&change), expected, "{change}");
    }

    #[test]
    fn each_user_is_named_with_its_place() {
        assert_told(
            "alter table tasks drop deleted_at;",
            &[
                "cannot drop column `deleted_at` of table `tasks`, because it is still used [still_needed]",
                "note: index `tasks_email_idx` of table `tasks` covers it and other columns",
                "note: `tasks_email_idx` is created on line 15",
            ],
        );
        assert_told(
            "alter enum state drop done;",
            &[
                "cannot drop value `done` of enum `state`, because it is still used [still_needed]",
                "note: the `on update` of `tasks.state` uses it",
                "note: `tasks.state` is created on line 9",
            ],
        );
        assert_told(
            "alter enum state drop void;",
            &[
                "cannot drop value `void` of enum `state`, because it is still used [still_needed]",
                "note: the expression of generated column `tasks.is_void` uses it",
                "note: `tasks.is_void` is created on line 11",
            ],
        );
        assert_told(
            "drop enum colour;",
            &[
                "cannot drop enum `colour`, because it is still used [still_needed]",
                "note: the default of `tasks.shade` uses it",
                "note: `tasks.shade` is created on line 10",
            ],
        );
        assert_told(
            "drop extension \"uuid-ossp\";",
            &[
                "cannot drop extension `uuid-ossp`, because it is still used [still_needed]",
                "note: the default of `tasks.id` uses it",
                "note: `tasks.id` is created on line 6",
            ],
        );
    }

    #[test]
    fn what_does_not_fit_a_new_type_is_named() {
        assert_told(
            "alter table tasks { alter state drop default, alter state drop on update, alter state: bool using true }",
            &[
                "cannot change the type of `state` to `boolean` [still_needed]",
                "note: generated column `tasks.is_void`: `void` is not a valid `boolean`",
                "note: `tasks.is_void` is created on line 11",
            ],
        );
        assert_told(
            "alter table tasks alter is_void: text using is_void::text;",
            &["`is_void` is generated, so its values cannot be converted by `using` [invalid_definition]"],
        );
        assert_told(
            "alter table tasks alter is_void: date;",
            &[
                "cannot change the type of `is_void` to `date` [still_needed]",
                "note: generated column `tasks.is_void`: the column is of type `date`, but the expression is of type `boolean`",
                "note: `tasks.is_void` is created on line 11",
            ],
        );
        assert_told(
            "alter table tasks alter at: timestamp;",
            &[
                "cannot change the type of `at` to `timestamp` [still_needed]",
                "note: default of `tasks.at`: its value as `timestamp` would depend on the time zone",
                "note: `tasks.at` is created on line 12",
            ],
        );
        assert_told(
            "alter table tasks alter n: date using now()::date;",
            &[
                "cannot change the type of `n` to `date` [still_needed]",
                "note: check constraint `tasks_n_check` of table `tasks`: `3` is not a valid `date`",
                "note: `tasks_n_check` is created on line 13",
                "note: default of `tasks.n`: `5` is not a valid `date`",
                "note: `tasks.n` is created on line 13",
            ],
        );
    }

    #[test]
    fn what_is_dropped_before_is_not_in_the_way() {
        let change =
            "drop index tasks_email_idx; #[allow(drops_data, reason = \"a test\")] alter table tasks drop deleted_at;";
        compile_history(&format!("{TABLES}\nmigration \"2_change\" {{ {change} }}")).unwrap();
    }

    #[test]
    fn a_value_on_update_names_columns_of_its_row_only() {
        for change in
            ["alter table tasks alter n set on update other.n;", "alter table tasks alter n set on update old.m;"]
        {
            let found = headline_and_notes(change);
            assert!(found[0].ends_with("[unknown_column]"), "{found:?}");
        }
        let change = "alter table tasks alter n set on update old.n + 1;";
        let migrations = compile_history(&format!("{TABLES}\nmigration \"2_change\" {{ {change} }}")).unwrap();
        let plan = format!("{:?}", migrations[1].up);
        assert!(plan.contains("NEW.n := old.n + 1;"), "{plan}");
    }
}
