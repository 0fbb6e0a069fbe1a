//! The tables that the statements are about, and the types that their columns have.

/// In the language, so that both know the same.
pub const HISTORY: &str = r#"migration "1_tables" {
    create schema app;
    create enum mood { calm, angry, sad }
    create domain email as text;
    create type address { street: text, zip: text }
    create table people {
        id: integer primary key, mail: email?, name: text?, boss: integer? references people, born: date?,
        admin: boolean = false, settings: jsonb?, tags: text[]?, home: address?, seen: timestamptz?,
        ages: int4range?, shifts: int4multirange?, moods: mood[]?,
    }
    create table orders {
        id: bigint primary key, person: integer? references people, total: numeric(12, 2)?, state: mood?, note: text?,
        placed: timestamptz = now(), day: date?, lines: integer[]?, details: json?, token: uuid?, span: interval?,
        ratio: double precision?, unique (person, day), unique (token),
    }
    create table items {
        order_id: bigint references orders, line: integer, label: varchar(10)?, price: numeric?, weight: double precision?,
        kind: mood = calm, extra: jsonb?, primary key (order_id, line),
    }
    create table app.events {
        id: integer generated always as identity primary key, at: timestamptz?, kind: text?, person: integer?,
        payload: jsonb?, twice: integer? generated always as (person * 2) stored,
    }
    create view adults as select id, name, born, tags from people where admin;
    create function doubled(n: integer) returns integer language sql immutable as "select n * 2";
    create function listed(n: integer) returns setof integer language sql as "select generate_series(1, n)";
    create function paired(n: integer) returns table (a: integer, b: text) language sql as "select 1, 'x'::text";
    create function shifted(n: integer, by: integer = 1, scale: integer = 1) returns integer language sql as "select n + by * scale";
    create function titled(v: text) returns text language sql as "select v";
    create function titled(v: text, mark: text = "!") returns text language sql as "select v || mark";
    create function glued(variadic parts: text[]) returns text language sql as "select array_to_string(parts, ',')";
    create function chosen(a: anyelement, b: anyelement) returns anyelement language sql as "select coalesce(a, b)";
    create function wrapped(a: anyelement) returns anyarray language sql as "select array[a]";
    create function top_of(list: anyarray) returns anyelement language sql as "select list[1]";
    create function widest(a: anycompatible, b: anycompatible) returns anycompatible language sql as "select coalesce(a, b)";
    create function rehomed(h: address, zip: text = "0") returns address language sql as "select h";
    create function anything(n: integer) returns setof record language sql as "select 1, 'x'::text";
}"#;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ty {
    Int,
    Big,
    Num,
    Float,
    Text,
    Code,
    Email,
    Bool,
    Date,
    At,
    Span,
    Uuid,
    Json,
    Jsonb,
    Ints,
    Texts,
    Mood,
    Home,
    Range,
    Multi,
    Moods,
}

impl Ty {
    pub const ALL: [Ty; 21] = [
        Ty::Int,
        Ty::Big,
        Ty::Num,
        Ty::Float,
        Ty::Text,
        Ty::Code,
        Ty::Email,
        Ty::Bool,
        Ty::Date,
        Ty::At,
        Ty::Span,
        Ty::Uuid,
        Ty::Json,
        Ty::Jsonb,
        Ty::Ints,
        Ty::Texts,
        Ty::Mood,
        Ty::Home,
        Ty::Range,
        Ty::Multi,
        Ty::Moods,
    ];

    /// Whether it has a default order.
    pub fn is_ordered(self) -> bool {
        self != Ty::Json
    }

    /// Whether it is an array, of which there are no arrays.
    pub fn is_array(self) -> bool {
        matches!(self, Ty::Ints | Ty::Texts | Ty::Moods)
    }
}

/// The tables with their columns.
pub const TABLES: &[(&str, &[(&str, Ty)])] = &[
    (
        "people",
        &[
            ("id", Ty::Int),
            ("mail", Ty::Email),
            ("name", Ty::Text),
            ("boss", Ty::Int),
            ("born", Ty::Date),
            ("admin", Ty::Bool),
            ("settings", Ty::Jsonb),
            ("tags", Ty::Texts),
            ("home", Ty::Home),
            ("seen", Ty::At),
            ("ages", Ty::Range),
            ("shifts", Ty::Multi),
            ("moods", Ty::Moods),
        ],
    ),
    (
        "orders",
        &[
            ("id", Ty::Big),
            ("person", Ty::Int),
            ("total", Ty::Num),
            ("state", Ty::Mood),
            ("note", Ty::Text),
            ("placed", Ty::At),
            ("day", Ty::Date),
            ("lines", Ty::Ints),
            ("details", Ty::Json),
            ("token", Ty::Uuid),
            ("span", Ty::Span),
            ("ratio", Ty::Float),
        ],
    ),
    (
        "items",
        &[
            ("order_id", Ty::Big),
            ("line", Ty::Int),
            ("label", Ty::Code),
            ("price", Ty::Num),
            ("weight", Ty::Float),
            ("kind", Ty::Mood),
            ("extra", Ty::Jsonb),
        ],
    ),
    (
        "app.events",
        &[
            ("id", Ty::Int),
            ("at", Ty::At),
            ("kind", Ty::Text),
            ("person", Ty::Int),
            ("payload", Ty::Jsonb),
            ("twice", Ty::Int),
        ],
    ),
    ("adults", &[("id", Ty::Int), ("name", Ty::Text), ("born", Ty::Date), ("tags", Ty::Texts)]),
];
