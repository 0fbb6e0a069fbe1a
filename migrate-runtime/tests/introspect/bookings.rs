//! A small database with every kind of thing that PostgreSQL 14 knows, as people write it.

use migrate_core::catalog::{
    Column, Constraint, ConstraintKind, Deferral, EnumType, ForeignKey, Generated, Identity, Index, IndexKey,
    NullsOrder, OnUpdate, ReferentialAction, Table, Unique,
};
use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::operation::{CreateEnum, CreateTable, Operation};

pub(crate) fn expression(text: &str) -> Expression {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

pub(crate) fn column(name: &str, data_type: &str) -> Column {
    Column::new(name, data_type.parse().unwrap_or_else(|error| panic!("{data_type}: {error:?}")))
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

pub(crate) fn key(expression_: &str) -> IndexKey {
    IndexKey::new(expression(expression_))
}

pub(crate) fn index(method: &str, keys: Vec<IndexKey>) -> Index {
    Index {
        method: method.into(),
        keys,
        unique: false,
        nulls_not_distinct: false,
        include: Vec::new(),
        predicate: None,
        attached_to: None,
        statistics: Default::default(),
        parameters: Default::default(),
        comment: None,
    }
}

pub(crate) fn unique(columns: &[&str]) -> Unique {
    Unique { columns: names(columns), ..Unique::default() }
}

pub(crate) fn foreign_key(columns: &[&str], table: &str, referenced: &[&str]) -> ForeignKey {
    ForeignKey {
        columns: names(columns),
        table: QualifiedName::new(table),
        referenced: names(referenced),
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        match_full: false,
        deferral: Deferral::NotDeferrable,
    }
}

/// A table with every kind of thing that PostgreSQL 14 knows, as people write it.
pub(crate) fn bookings() -> Table {
    let mut table = Table {
        comment: Some("One reservation, it's by one user.".into()),
        columns: vec![
            Column { default: Some(expression("gen_random_uuid()")), ..column("id", "uuid") },
            Column { identity: Some(Identity::Always), ..column("number", "bigint") },
            Column { identity: Some(Identity::ByDefault), ..column("other", "int") },
            column("user_id", "uuid"),
            Column { default: Some(expression("'pending'")), ..column("status", "booking_status") },
            Column { default: Some(expression("'{}'")), ..column("details", "jsonb") },
            Column { default: Some(expression("'{}'")), ..column("tags", "text[]") },
            Column { default: Some(expression("'{pending,confirmed}'")), ..column("statuses", "booking_status[]") },
            Column { default: Some(expression("0")), ..column("total", "numeric(12,2)") },
            Column { default: Some(expression("-1")), ..column("balance", "bigint") },
            Column { default: Some(expression("0.5")), ..column("rate", "double precision") },
            Column { default: Some(expression("true")), ..column("active", "bool") },
            Column { default: Some(expression("'EUR'")), ..column("currency", "char(3)") },
            Column { default: Some(expression("'x'")), ..column("code", "varchar(20)") },
            Column { nullable: true, comment: Some("Nullable.".into()), ..column("note", "text") },
            Column { collation: Some("C".into()), ..column("order", "text") },
            Column { default: Some(expression("now()")), ..column("created_at", "timestamptz") },
            Column { default: Some(expression("current_timestamp")), ..column("stamped_at", "timestamptz(3)") },
            Column { default: Some(expression("interval '1 day'")), ..column("wait", "interval") },
            Column { default: Some(expression("now() + interval '30 days'")), ..column("until", "timestamptz") },
            Column { default: Some(expression("'2020-01-01'")), ..column("day", "date") },
            Column { default: Some(expression("array[1, 2]")), ..column("numbers", "int[]") },
            Column {
                nullable: true,
                generated: Some(Generated { expression: expression("total * 2"), stored: true }),
                ..column("twice", "numeric")
            },
            Column {
                nullable: true,
                generated: Some(Generated {
                    expression: expression("to_tsvector('english', coalesce(note, ''))"),
                    stored: true,
                }),
                ..column("words", "tsvector")
            },
            Column {
                default: Some(expression("now()")),
                on_update: Some(OnUpdate {
                    expression: expression("now()"),
                    trigger: "bookings_updated_at_on_update".into(),
                }),
                ..column("updated_at", "timestamptz")
            },
        ],
        ..Table::default()
    };
    let mut add = |name: &str, kind: ConstraintKind| {
        table.constraints.insert(name.into(), Constraint::new(kind));
    };
    add("bookings_pkey", ConstraintKind::PrimaryKey(unique(&["id"])));
    add("bookings_number_key", ConstraintKind::Unique(Unique { include: names(&["total"]), ..unique(&["number"]) }));
    add(
        "bookings_code_key",
        ConstraintKind::Unique(Unique { deferral: Deferral::InitiallyDeferred, ..unique(&["code", "day"]) }),
    );
    add(
        "bookings_user_id_fkey",
        ConstraintKind::ForeignKey(ForeignKey {
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::Restrict,
            deferral: Deferral::InitiallyImmediate,
            ..foreign_key(&["user_id"], "users", &["id"])
        }),
    );
    for (name, check) in [
        ("total_not_negative", "total >= 0"),
        ("status_known", "status <> 'cancelled' or total = 0"),
        ("code_in_list", "code in ('x', 'y', 'z')"),
        ("code_not_in_list", "code not in ('a', 'b')"),
        ("order_in_list", "\"order\" in ('x', 'y')"),
        ("status_in_list", "status in ('pending', 'confirmed')"),
        ("number_in_list", "other in (1, 2, 3)"),
        ("balance_between", "balance between -5 and 100"),
        ("note_length", "char_length(note) <= 500"),
        ("code_like", "code like 'x%' or code ilike 'y%' or code not like 'z%'"),
        ("code_matches", "code ~ '^[a-z]+$'"),
        ("details_object", "jsonb_typeof(details) = 'object'"),
        ("details_member", "details ? 'a' or (details ->> 'b')::int > 3"),
        ("note_or_code", "(note is null) <> (code is null)"),
        ("until_later", "until > created_at + interval '1 hour'"),
        ("active_when", "case when active then total > 0 else true end"),
        ("tags_few", "cardinality(tags) < 10 and not ('bad' = any (tags))"),
        ("code_trimmed", "code = trim(code) and code = lower(code)"),
        ("coalesced", "coalesce(note, '') <> 'never'"),
        ("rate_range", "rate >= 0 and rate <= 1.0"),
        ("day_recent", "day > '2000-01-01' and extract(year from day) < 2100"),
        ("balance_null", "balance is distinct from 7"),
    ] {
        add(name, ConstraintKind::Check(expression(check)));
    }
    table.constraints.get_mut("total_not_negative").unwrap().comment = Some("No debts.".into());

    let mut add = |name: &str, index: Index| {
        table.indexes.insert(name.into(), index);
    };
    add("bookings_total_idx", Index { comment: Some("Fast.".into()), ..index("btree", vec![key("total")]) });
    add(
        "bookings_ordered",
        index(
            "btree",
            vec![
                IndexKey { descending: true, ..key("created_at") },
                IndexKey { descending: true, nulls: Some(NullsOrder::Last), ..key("note") },
                IndexKey { nulls: Some(NullsOrder::First), ..key("day") },
            ],
        ),
    );
    add(
        "bookings_partial",
        Index {
            unique: true,
            predicate: Some(expression("status <> 'cancelled' and note is not null")),
            include: names(&["total"]),
            ..index("btree", vec![key("user_id")])
        },
    );
    add("bookings_lower", index("btree", vec![key("lower(code)"), key("(total + 1)")]));
    add(
        "bookings_details",
        index("gin", vec![IndexKey { operator_class: Some("jsonb_path_ops".into()), ..key("details") }]),
    );
    add("bookings_words", index("gin", vec![key("to_tsvector('english', note)")]));
    add(
        "bookings_pattern",
        index(
            "btree",
            vec![
                IndexKey { operator_class: Some("text_pattern_ops".into()), ..key("lower(note)") },
                IndexKey { collation: Some("C".into()), ..key("note") },
                IndexKey {
                    collation: Some("POSIX".into()),
                    operator_class: Some("text_pattern_ops".into()),
                    ..key("upper(note)")
                },
                key("\"order\""),
            ],
        ),
    );
    add("bookings_hash", index("hash", vec![key("code")]));
    add("bookings_brin", index("brin", vec![key("created_at")]));
    table
}

pub(crate) fn users() -> Table {
    let mut table = Table { columns: vec![column("id", "uuid"), column("email", "text")], ..Table::default() };
    table.constraints.insert("users_pkey".into(), Constraint::new(ConstraintKind::PrimaryKey(unique(&["id"]))));
    table
}

/// The operations that make a small but complete database.
pub(crate) fn operations() -> Vec<Operation> {
    let values = names(&["pending", "confirmed", "cancelled"]);
    let status = EnumType { values, comment: Some("Where it stands.".into()), ..EnumType::default() };
    vec![
        CreateEnum { name: QualifiedName::new("booking_status"), definition: status }.into(),
        CreateTable { name: QualifiedName::new("users"), definition: users() }.into(),
        CreateTable { name: QualifiedName::new("bookings"), definition: bookings() }.into(),
    ]
}
