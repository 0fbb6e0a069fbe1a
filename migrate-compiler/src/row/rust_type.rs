//! The types of fields, and the types of columns that sqlx reads into them.

use migrate_core::catalog::Catalog;
use migrate_core::name::QualifiedName;
use migrate_core::token::{Cursor, Token};
use migrate_core::types::Type;
use proc_macro2::TokenTree;

/// The type of a field, as far as its names tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RustType {
    /// `Option<T>`
    Option(Box<RustType>),
    /// `Vec<T>`
    Vec(Box<RustType>),
    /// The last names of a path.
    Named {
        /// The last one.
        name: String,
        /// The one before, as in `jiff::civil::DateTime`.
        parent: Option<String>,
    },
    /// Anything else.
    Other,
}

impl RustType {
    /// Reads a type.
    pub(super) fn of(trees: &[TokenTree]) -> Self {
        // `&'a str` and `&str`.
        let trees = match trees {
            [TokenTree::Punct(and), TokenTree::Punct(quote), _, rest @ ..]
                if and.as_char() == '&' && quote.as_char() == '\'' =>
            {
                rest
            }
            [TokenTree::Punct(and), rest @ ..] if and.as_char() == '&' => rest,
            all => all,
        };
        let end = trees.iter().position(|tree| matches!(tree, TokenTree::Punct(open) if open.as_char() == '<'));
        let path: Vec<String> = trees
            .get(..end.unwrap_or(trees.len()))
            .unwrap_or_default()
            .iter()
            .filter_map(|tree| match tree {
                TokenTree::Ident(ident) => Some(ident.to_string()),
                _ => None,
            })
            .collect();
        let Some((name, before)) = path.split_last() else { return RustType::Other };
        let argument = || {
            let inside = end.and_then(|end| trees.get(end + 1..trees.len().checked_sub(1)?));
            RustType::of(inside.unwrap_or_default())
        };
        match (name.as_str(), end) {
            ("Option", Some(_)) => RustType::Option(Box::new(argument())),
            ("Vec", Some(_)) => RustType::Vec(Box::new(argument())),
            ("Box" | "Arc" | "Rc", Some(_)) => argument(),
            _ => RustType::Named { name: name.clone(), parent: before.last().cloned() },
        }
    }

    /// The types of columns that it reads; `None` where that is not known.
    pub(super) fn columns(&self, catalog: &Catalog) -> Option<Vec<Type>> {
        match self {
            RustType::Vec(element) if matches!(&**element, RustType::Named { name, .. } if name == "u8") => {
                Some(types(&["bytea"]))
            }
            RustType::Vec(element) => {
                let element = match &**element {
                    RustType::Option(element) => element,
                    element => element,
                };
                Some(element.columns(catalog)?.into_iter().map(|one| Type::Array(Box::new(one))).collect())
            }
            RustType::Named { name, parent } => named(name, parent.as_deref()).map(types).or_else(|| {
                let own = QualifiedName::new(snake_case(name));
                catalog.enums.contains_key(&own).then(|| vec![Type::named(own)])
            }),
            RustType::Option(_) | RustType::Other => None,
        }
    }

    /// How it is written, without paths.
    pub(super) fn told(&self) -> String {
        match self {
            RustType::Option(inner) => format!("Option<{}>", inner.told()),
            RustType::Vec(inner) => format!("Vec<{}>", inner.told()),
            RustType::Named { name, .. } => name.clone(),
            RustType::Other => "_".to_owned(),
        }
    }
}

fn named(name: &str, parent: Option<&str>) -> Option<&'static [&'static str]> {
    Some(match (name, parent) {
        ("bool", None) => &["bool"],
        ("i16", None) => &["int2"],
        ("i32", None) => &["int4"],
        ("i64", None) => &["int8"],
        ("f32", None) => &["float4"],
        ("f64", None) => &["float8"],
        ("String" | "str", _) => &["text", "varchar", "bpchar", "name", "citext"],
        ("Uuid", _) => &["uuid"],
        ("DateTime" | "PrimitiveDateTime", Some("civil")) | ("NaiveDateTime" | "PrimitiveDateTime", _) => {
            &["timestamp"]
        }
        ("DateTime" | "OffsetDateTime" | "Timestamp", _) => &["timestamptz"],
        ("NaiveDate" | "Date", _) => &["date"],
        ("NaiveTime" | "Time", _) => &["time"],
        ("Value" | "Json" | "RawValue", _) => &["jsonb", "json"],
        ("Decimal" | "BigDecimal", _) => &["numeric"],
        ("IpAddr" | "IpNetwork" | "IpNet", _) => &["inet", "cidr"],
        ("MacAddress", _) => &["macaddr"],
        ("PgInterval", _) => &["interval"],
        ("BitVec", _) => &["bit", "varbit"],
        _ => return None,
    })
}

fn types(names: &[&str]) -> Vec<Type> {
    let parse = |name: &&str| Type::parse(&mut Cursor::new(&[Token::Word((*name).to_owned())])).ok();
    names.iter().filter_map(parse).map(|one| one.without_modifier()).collect()
}

/// What to write for a column of this type.
pub(super) fn suggested(data_type: &Type, catalog: &Catalog) -> Option<String> {
    if let Type::Array(element) = data_type {
        return suggested(element, catalog).map(|element| format!("Vec<{element}>"));
    }
    let base = catalog.base_type(data_type).without_modifier();
    if let Some(name) = base.as_named().filter(|name| catalog.enums.contains_key(*name)) {
        return Some(camel_case(&name.name));
    }
    let known = [
        "bool",
        "i16",
        "i32",
        "i64",
        "f32",
        "f64",
        "String",
        "Uuid",
        "NaiveDateTime",
        "DateTime",
        "NaiveDate",
        "NaiveTime",
        "Value",
        "Decimal",
        "IpNetwork",
        "MacAddress",
        "PgInterval",
        "BitVec",
    ];
    if types(&["bytea"]).contains(&base) {
        return Some("Vec<u8>".to_owned());
    }
    let found = known.iter().find(|name| named(name, None).is_some_and(|one| types(one).contains(&base)))?;
    Some(match *found {
        "DateTime" => "DateTime<Utc>".to_owned(),
        name => name.to_owned(),
    })
}

/// `BookingStatus` as `booking_status`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `booking_status` as `BookingStatus`.
fn camel_case(name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(part).collect()
}
