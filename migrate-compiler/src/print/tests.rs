//! Random expressions, and the queries of the tests: what is printed is read back as the same tree.

use std::fs;
use std::path::Path;

use migrate_core::catalog::Catalog;
use migrate_core::expression::{
    CaseBranch, Expression, ExpressionKind, IsTest, LikeForm, Operator, Quantifier, SessionValue, Subscript,
};
use migrate_core::query::Statement;
use migrate_core::token::At;
use migrate_core::types::Type;

use super::expression::{expression, is_as_tokens, statement};

/// Random numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("a small number")
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn chance(&mut self) -> bool {
        self.below(2) == 0
    }
}

const NAMES: [&str; 16] = [
    "a",
    "total",
    "userId",
    "unit price",
    "null",
    "case",
    "order",
    "select",
    "Group",
    "\u{e9}t\u{e9}",
    "a\"b",
    "x",
    "interval",
    "row",
    "not",
    "and",
];
const TEXTS: [&str; 10] = ["", "it's", "say \"x\"", "a\\b", "two\nlines", "\"#", "\u{1f600}", "{}", "\r", "tab\t"];
const NUMBERS: [&str; 6] = ["0", "1", "1.5", "1e10", "12345678901234567890123", "0.000001"];
const OPERATORS: [&str; 24] = [
    "+", "-", "*", "/", "%", "^", "=", "<>", "<", "<=", ">", ">=", "||", "->", "->>", "#>", "#>>", "@>", "<@", "&&",
    "~", "!~*", "?", "?|",
];
const PREFIXES: [&str; 5] = ["-", "+", "~", "@", "|/"];
const TYPES: [&str; 12] = [
    "int",
    "text",
    "varchar(3)",
    "numeric(10,2)",
    "timestamptz",
    "timestamp(3)",
    "interval day to second",
    "text[]",
    "public.mood",
    "app.\"Mood\"[]",
    "\"char\"",
    "public.interval",
];

fn boxed(random: &mut Random, depth: u32) -> Box<Expression> {
    Box::new(made(random, depth))
}

fn several(random: &mut Random, depth: u32, least: usize) -> Vec<Expression> {
    (0..least + random.below(2)).map(|_| made(random, depth)).collect()
}

fn data_type(random: &mut Random) -> Type {
    random.one(&TYPES).parse().expect("a type")
}

fn leaf(random: &mut Random) -> ExpressionKind {
    match random.below(9) {
        0 => ExpressionKind::Null,
        1 => ExpressionKind::Boolean(random.chance()),
        2 => ExpressionKind::Number((random.one(&NUMBERS)).to_owned()),
        3 | 4 => ExpressionKind::Text((random.one(&TEXTS)).to_owned()),
        5 => ExpressionKind::SessionValue { value: SessionValue::CurrentDate, precision: None },
        6 => ExpressionKind::Name(vec![(random.one(&NAMES)).to_owned(), (random.one(&NAMES)).to_owned()]),
        _ => ExpressionKind::Name(vec![(random.one(&NAMES)).to_owned()]),
    }
}

fn made(random: &mut Random, depth: u32) -> Expression {
    if depth == 0 {
        return leaf(random).into();
    }
    let below = depth - 1;
    let kind = match random.below(24) {
        0 => ExpressionKind::Unary { operator: Operator::new(random.one(&PREFIXES)), operand: boxed(random, below) },
        1..=4 => ExpressionKind::Binary {
            operator: Operator::new(random.one(&OPERATORS)),
            left: boxed(random, below),
            right: boxed(random, below),
        },
        5 => ExpressionKind::And(several(random, below, 2)),
        6 => ExpressionKind::Or(several(random, below, 2)),
        7 => ExpressionKind::Not(boxed(random, below)),
        8 => ExpressionKind::Is { operand: boxed(random, below), test: IsTest::Null, is_negated: random.chance() },
        9 => ExpressionKind::IsDistinct {
            left: boxed(random, below),
            right: boxed(random, below),
            is_negated: random.chance(),
            place: At::default(),
        },
        10 => ExpressionKind::In {
            operand: boxed(random, below),
            items: several(random, below, 1),
            is_negated: random.chance(),
        },
        11 => ExpressionKind::Between {
            operand: boxed(random, below),
            low: boxed(random, below),
            high: boxed(random, below),
            is_symmetric: random.chance(),
            is_negated: random.chance(),
        },
        12 => ExpressionKind::Like {
            form: LikeForm::ILike,
            operand: boxed(random, below),
            pattern: boxed(random, below),
            escape: None,
            is_negated: random.chance(),
            place: At::default(),
        },
        13 => ExpressionKind::Quantified {
            operand: boxed(random, below),
            operator: Operator::new("="),
            quantifier: if random.chance() { Quantifier::Any } else { Quantifier::All },
            array: Box::new(ExpressionKind::Array(several(random, below, 1)).into()),
        },
        14 | 15 => {
            ExpressionKind::Cast { operand: boxed(random, below), target: data_type(random), place: At::default() }
        }
        16 => ExpressionKind::Array(several(random, below, 0)),
        17 => ExpressionKind::Case {
            operand: random.chance().then(|| boxed(random, below)),
            branches: vec![CaseBranch { condition: made(random, below), result: made(random, below) }],
            otherwise: random.chance().then(|| boxed(random, below)),
        },
        18 => ExpressionKind::AtTimeZone { operand: boxed(random, below), zone: boxed(random, below) },
        19 => ExpressionKind::Collate {
            operand: boxed(random, below),
            collation: vec![(random.one(&["C", "de-x-icu", "german"])).to_owned()],
        },
        20 => ExpressionKind::Subscript {
            operand: Box::new(ExpressionKind::Name(vec![(random.one(&NAMES)).to_owned()]).into()),
            subscripts: vec![Subscript::Index(made(random, below))],
        },
        21 => ExpressionKind::Field { operand: boxed(random, below), field: (random.one(&NAMES)).to_owned() },
        22 => ExpressionKind::Extract { field: "year".to_owned(), source: boxed(random, below) },
        _ => {
            let name = random.one(&["lower", "coalesce", "my function", "Foo", "position", "left"]);
            return Expression::call(name, several(random, below, 1));
        }
    };
    kind.into()
}

#[test]
fn random_expressions_are_read_back_as_the_same() {
    let mut random = Random(20_260_312);
    let catalog = Catalog::default();
    let mut failed = Vec::new();
    let mut count = 0;
    for _ in 0..4_000 {
        let depth = u32::try_from(random.below(4)).expect("a small number");
        let tree = made(&mut random, depth);
        // What SQL itself does not give back is not an expression of a catalog.
        if tree.sql().parse::<Expression>().ok().as_ref() != Some(&tree) {
            continue;
        }
        count += 1;
        // `case .f(x)` would be a function of the schema `case`.
        if ["CASE \"my function\"(", "CASE \"position\"(", "CASE \"Foo\"("].iter().any(|odd| tree.sql().contains(odd)) {
            continue;
        }
        if let Err(why) = expression(&tree, &catalog) {
            failed.push(why.to_string());
        }
    }
    failed.sort_by_key(String::len);
    failed.truncate(30);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(count > 3_000, "{count}");
}

#[test]
fn queries_are_printed_as_tokens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/queries");
    let catalog = Catalog::default();
    let (mut count, mut others) = (0, Vec::new());
    for entry in fs::read_dir(folder).expect("queries/ can be read") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a file");
        for sql in text.split(";\n") {
            let Ok(read) = sql.parse::<Statement>() else { continue };
            count += 1;
            let is_good = match &read {
                Statement::Query(query) => is_as_tokens(query, &catalog),
                other => statement(other, &catalog).is_ok(),
            };
            if !is_good {
                others.push(sql.trim().to_owned());
            }
        }
    }
    assert!(count > 200, "{count}");
    // Numbers and texts of quoted types that Rust has no tokens for.
    let has_no_tokens = |sql: &String| [" .5,", "\"char\" 'x'", "0x1F"].iter().any(|part| sql.contains(part));
    others.retain(|sql| !has_no_tokens(sql));
    assert!(others.is_empty(), "{} of {count}:\n{}", others.len(), others.join("\n"));
}
