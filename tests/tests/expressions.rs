//! Random expressions, judged by the server and by us. `EXPRESSIONS` is how many (a few thousand else), `SEED` which.

use std::fmt::Write as _;

use migrate_core::expression::Expression;
use migrate_core::name::QualifiedName;
use migrate_core::resolve::{NamedType, Surroundings, resolve};
use migrate_core::system::{self, AggregateKind, Function, FunctionKind, SystemOperator, TypeId, TypeKind};
use migrate_core::types::Type;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

/// The types of the columns: `c0`, `c1`, ...
const TYPES: &[&str] = &[
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(10,2)",
    "real",
    "double precision",
    "money",
    "text",
    "varchar(10)",
    "char(3)",
    "name",
    "\"char\"",
    "boolean",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "jsonb",
    "jsonpath",
    "bytea",
    "bit(3)",
    "varbit",
    "inet",
    "cidr",
    "macaddr",
    "point",
    "box",
    "circle",
    "polygon",
    "tsvector",
    "tsquery",
    "int4range",
    "numrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "tstzmultirange",
    "oid",
    "regclass",
    "xml",
    "pg_lsn",
    "xid8",
    "integer[]",
    "bigint[]",
    "text[]",
    "varchar[]",
    "numeric[]",
    "boolean[]",
    "timestamptz[]",
    "jsonb[]",
    "mood",
    "mood[]",
    "email",
    "positive",
];

struct Around {
    major: u32,
}

impl Surroundings for Around {
    fn major(&self) -> u32 {
        self.major
    }

    fn functions(&self, _: &str, _: &str) -> Vec<migrate_core::resolve::OwnFunction> {
        Vec::new()
    }

    fn column(&self, parts: &[String]) -> Option<Type> {
        TYPES.get(parts.last()?.strip_prefix('c')?.parse::<usize>().ok()?)?.parse().ok()
    }

    fn named_type(&self, name: &QualifiedName) -> NamedType {
        match name.name.as_str() {
            "mood" => NamedType::Enum,
            "email" => NamedType::Domain(Type::TEXT),
            "positive" => NamedType::Domain(Type::INTEGER),
            _ => NamedType::Other,
        }
    }

    fn has_extension(&self, _: &str) -> bool {
        false
    }

    fn may_have_function(&self, _: Option<&str>, _: &str) -> bool {
        false
    }

    fn may_have_operator(&self, _: Option<&str>, _: &str) -> bool {
        false
    }

    fn may_have_casts(&self) -> bool {
        false
    }
}

struct Maker {
    random: fastrand::Rng,
    functions: Vec<Function>,
    operators: Vec<SystemOperator>,
}

impl Maker {
    fn new(major: u32, seed: u64) -> Maker {
        let is_usable = |id: TypeId| !matches!(id.entry().name(), "internal" | "cstring");
        let mut names: Vec<&str> = system::function_names().map(|(name, _)| name).collect();
        names.dedup();
        let functions = names.into_iter().flat_map(system::functions).filter(|function| {
            function.extension().is_none()
                && function.versions().has(major)
                // Without `within group`, which these expressions do not have, there is no such call.
                && function.aggregate_kind() == AggregateKind::Normal
                // A word of the grammar, which nobody calls as a function.
                && function.name() != "like"
                && matches!(function.kind(), FunctionKind::Function | FunctionKind::Aggregate)
                && function.arguments().iter().all(is_usable)
                && function
                    .name()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        });
        let operators =
            system::all_operators().filter(|operator| operator.extension().is_none() && operator.versions().has(major));
        Maker { functions: functions.collect(), operators: operators.collect(), random: fastrand::Rng::with_seed(seed) }
    }

    fn column(&mut self) -> String {
        format!("c{}", self.random.usize(..TYPES.len()))
    }

    fn literal(&mut self) -> String {
        self.random.choice(["1", "2.5", "null", "'1'", "true", "99999999999", "'x'"]).unwrap_or("1").to_owned()
    }

    /// Something of a type, most of the time.
    fn of_type(&mut self, id: TypeId, depth: u32) -> String {
        match self.random.u32(..20) {
            0 => return self.column(),
            1 => return self.literal(),
            2 => return "null".to_owned(),
            3 if depth > 0 => return self.expression(depth - 1),
            _ => {}
        }
        if id.entry().kind() == TypeKind::Pseudo {
            return self.column();
        }
        let name = id.entry().name();
        let same: Vec<usize> = (0..TYPES.len())
            .filter(|index| {
                let data_type: Type = TYPES.get(*index).unwrap_or(&"text").parse().expect("a type");
                match data_type.element() {
                    Some(element) => {
                        element.internal_name().is_some_and(|element| name.strip_prefix('_') == Some(element))
                    }
                    None => data_type.internal_name() == Some(name),
                }
            })
            .collect();
        match self.random.choice(&same) {
            Some(index) => format!("c{index}"),
            None => format!("null::pg_catalog.\"{name}\""),
        }
    }

    fn expression(&mut self, depth: u32) -> String {
        let next = depth.saturating_sub(1);
        match self.random.u32(..if depth == 0 { 2 } else { 30 }) {
            0 => self.literal(),
            1 | 2 => self.column(),
            3..=11 => {
                let index = self.random.usize(..self.functions.len());
                let function = self.functions[index];
                let mut arguments: Vec<String> = function.arguments().iter().map(|id| self.of_type(id, next)).collect();
                if self.random.u32(..15) == 0 {
                    arguments.pop();
                }
                format!("{}({})", function.name(), arguments.join(", "))
            }
            12..=20 => {
                let index = self.random.usize(..self.operators.len());
                let operator = self.operators[index];
                let right = self.of_type(operator.right(), next);
                match operator.left() {
                    Some(left) => {
                        let left = self.of_type(left, next);
                        format!("(({left}) {} ({right}))", operator.symbol())
                    }
                    None => format!("({} ({right}))", operator.symbol()),
                }
            }
            21 => format!("coalesce({}, {})", self.expression(next), self.expression(next)),
            22 => format!("greatest({}, {})", self.column(), self.expression(0)),
            23 => {
                let (one, two, three) = (self.expression(next), self.expression(0), self.expression(0));
                format!("(case when {one} then {two} else {three} end)")
            }
            24 => format!("array[{}, {}]", self.expression(0), self.expression(0)),
            25 => {
                let target = self.random.choice(TYPES).copied().unwrap_or("text");
                format!("({})::{target}", self.expression(next))
            }
            26 => format!("({} in ({}, {}))", self.column(), self.literal(), self.expression(0)),
            27 => format!("({} = any ({}))", self.expression(0), self.column()),
            28 => {
                let words = ["like", "not like", "ilike", "is distinct from", "similar to"];
                let word = self.random.choice(words).unwrap_or("like");
                format!("({} {word} {})", self.column(), self.expression(0))
            }
            _ => match self.random.u32(..6) {
                0 => format!("({})[1]", self.column()),
                1 => format!("(not {})", self.expression(0)),
                2 => format!("({} and {})", self.expression(0), self.column()),
                3 => format!("extract(year from {})", self.column()),
                4 => format!("nullif({}, {})", self.expression(0), self.expression(0)),
                _ => format!("({} between {} and {})", self.column(), self.literal(), self.expression(0)),
            },
        }
    }
}

/// What the server says: the type, or the number and the text of the error.
const VERDICT: &str = "create function verdict(expression text) returns text language plpgsql as $$
declare found text; code text; message text;
begin
  execute 'select pg_typeof((select (' || expression || ') from t limit 0))::text' into found;
  return found;
exception when others then
  get stacked diagnostics code = returned_sqlstate, message = message_text;
  return '!' || code || ' ' || message;
end $$";

/// What the compiler lets through and the server refuses, with the reason.
const PASSED_OVER: [(&str, &str); 2] = [
    (
        "function bpchar(boolean) does not exist",
        "the cast calls a function of another name, and the tables do not say which one a cast calls",
    ),
    (
        "function binary_upgrade_set_next_attribute_versions(",
        "for `pg_upgrade` alone, and only some builds of the server have it",
    ),
];

/// Errors of the server that say that a function, an operator or a cast is not there, or not clear.
const REFUSALS: &[&str] = &["42883", "42804", "42725", "42846"];

fn wanted(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test]
async fn the_server_and_the_resolution_agree() {
    let major = tests::server().major();
    let database = tests::Database::create().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
    let columns: Vec<String> = TYPES.iter().enumerate().map(|(index, name)| format!("c{index} {name}")).collect();
    for statement in [
        "create type mood as enum ('calm', 'angry')",
        "create domain email as text",
        "create domain positive as integer check (value > 0)",
        &format!("create table t ({})", columns.join(", ")),
        VERDICT,
    ] {
        connection.execute(AssertSqlSafe(statement.to_owned())).await.expect("the table");
    }
    let (count, seed) = (wanted("EXPRESSIONS", 4_000), wanted("SEED", 1));
    let mut maker = Maker::new(major, seed);
    let around = Around { major };
    let (mut refused, mut missed, mut different, mut accepted, mut broken) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    let mut made = 0;
    while made < count {
        let texts: Vec<String> = (0..500).map(|_| maker.expression(2)).collect();
        made += 500;
        let verdicts: Vec<String> =
            sqlx::query_scalar("select verdict(x) from unnest($1::text[]) with ordinality as u(x, n) order by n")
                .bind(&texts)
                .fetch_all(&mut connection)
                .await
                .expect("verdicts");
        for (text, verdict) in texts.iter().zip(&verdicts) {
            let expression: Expression = match text.parse() {
                Ok(expression) => expression,
                Err(_) if verdict.starts_with('!') => continue,
                Err(error) => {
                    refused.push(format!("{text}\n    {verdict}, but {}", error.message));
                    continue;
                }
            };
            let resolution = resolve(&expression, &around);
            match verdict.strip_prefix('!') {
                None if !resolution.mistakes.is_empty() => {
                    refused.push(format!("{text}\n    {verdict}, but {:?}", resolution.mistakes));
                }
                None => {
                    accepted += 1;
                    if let Some(found) = &resolution.data_type
                        && !same_type(found, verdict)
                    {
                        different.push(format!("{text}\n    {verdict}, but `{found}`"));
                    }
                }
                Some(error) if REFUSALS.contains(&error.get(..5).unwrap_or_default()) => {
                    broken += 1;
                    if resolution.mistakes.is_empty() && !PASSED_OVER.iter().any(|(what, _)| error.contains(what)) {
                        missed.push(format!("{text}\n    {error}"));
                    }
                }
                Some(_) => {}
            }
        }
    }
    let mut report = format!("{made} expressions of seed {seed}: {accepted} right, {broken} wrong for the server\n");
    for (what, list) in [("refused", &refused), ("missed", &missed), ("of another type", &different)] {
        let _ = writeln!(report, "{} {what}", list.len());
        for line in list.iter().take(40) {
            let _ = writeln!(report, "  {line}");
        }
    }
    println!("{report}");
    assert!(accepted * 5 > made && broken * 20 > made, "{report}");
    assert!(refused.is_empty() && missed.is_empty() && different.is_empty(), "{report}");
}

/// Whether the server's name of a type is that of the type.
fn same_type(found: &Type, verdict: &str) -> bool {
    verdict.parse::<Type>().is_ok_and(|expected| expected.without_modifier() == found.without_modifier())
}
