use std::cmp::Ordering;
use std::fmt;

use super::{Catalog, IndexKey, Table};
use crate::expression::{Expression, ExpressionKind, canonical, parse, parse_default};
use crate::json::ToJson;
use crate::literal::canonical as printed;
use crate::name::QualifiedName;
use crate::sql::{Writer, lex};
use crate::token::{Bracket, Cursor, SyntaxError, Token};
use crate::types::{BuiltIn, Type};

/// How the rows of a partitioned table are divided: `PARTITION BY`.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Partitioning {
    /// By what.
    pub strategy: PartitionStrategy,
    /// The columns or expressions, in order; never empty.
    pub keys: Vec<IndexKey>,
}

impl Partitioning {
    /// The index method whose operator classes its keys have.
    pub fn index_method(&self) -> &'static str {
        match self.strategy {
            PartitionStrategy::Range | PartitionStrategy::List => "btree",
            PartitionStrategy::Hash => "hash",
        }
    }
}

/// By what a table is partitioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum PartitionStrategy {
    /// `RANGE`
    Range,
    /// `LIST`
    List,
    /// `HASH`
    Hash,
}

/// What a table is a partition of.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct PartitionOf {
    /// The partitioned table.
    pub parent: QualifiedName,
    /// Which rows it takes.
    pub bound: PartitionBound,
}

/// Which rows a partition takes.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum PartitionBound {
    /// `DEFAULT`: those that no other takes.
    Default,
    /// `FOR VALUES FROM (...) TO (...)`
    Range {
        /// The first values that it takes.
        from: Vec<RangeLimit>,
        /// The first values that it does not take anymore.
        to: Vec<RangeLimit>,
    },
    /// `FOR VALUES IN (...)`
    List(Vec<Expression>),
    /// `FOR VALUES WITH (MODULUS m, REMAINDER r)`
    Hash {
        /// By what the hash is divided.
        modulus: u32,
        /// What must remain.
        remainder: u32,
    },
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum RangeLimit {
    /// `MINVALUE`
    MinValue,
    /// `MAXVALUE`
    MaxValue,
    /// A value of the key's type.
    Value(Expression),
}

impl PartitionStrategy {
    /// The word for it.
    pub fn keyword(self) -> &'static str {
        match self {
            PartitionStrategy::Range => "RANGE",
            PartitionStrategy::List => "LIST",
            PartitionStrategy::Hash => "HASH",
        }
    }
}

impl Partitioning {
    /// Reads it as the server prints it: `RANGE (a, lower(b) COLLATE c)`.
    ///
    /// # Errors
    /// It is not one.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::of_sql(&tokens);
        let strategies =
            [("range", PartitionStrategy::Range), ("list", PartitionStrategy::List), ("hash", PartitionStrategy::Hash)];
        let Some((_, strategy)) = strategies.into_iter().find(|(word, _)| cursor.take_word(word)) else {
            return Err(cursor.expected("`range`, `list` or `hash`"));
        };
        let keys = listed(&mut cursor, key)?;
        if cursor.is_at_end() { Ok(Partitioning { strategy, keys }) } else { Err(cursor.expected("the end")) }
    }

    /// Whether it mentions this column of its table.
    pub fn mentions(&self, column: &str) -> bool {
        self.keys.iter().any(|key| key.expression.reads(column))
    }
}

impl PartitionBound {
    /// The values in it, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Expression> {
        let (from, to, list): (&mut [RangeLimit], &mut [RangeLimit], &mut [Expression]) = match self {
            PartitionBound::Range { from, to } => (from, to, &mut []),
            PartitionBound::List(values) => (&mut [], &mut [], values),
            PartitionBound::Default | PartitionBound::Hash { .. } => (&mut [], &mut [], &mut []),
        };
        let ends = from.iter_mut().chain(to).filter_map(|limit| match limit {
            RangeLimit::Value(value) => Some(value),
            RangeLimit::MinValue | RangeLimit::MaxValue => None,
        });
        ends.chain(list)
    }

    /// Reads it as the server prints it, and as it is written in SQL.
    ///
    /// # Errors
    /// It is not one.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        let tokens = lex(text)?;
        let mut cursor = Cursor::of_sql(&tokens);
        let bound = Self::parse(&mut cursor)?;
        if cursor.is_at_end() { Ok(bound) } else { Err(cursor.expected("the end")) }
    }

    /// Takes `FOR VALUES ...` or `DEFAULT`.
    ///
    /// # Errors
    /// Something else stands there.
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Self, SyntaxError> {
        if cursor.take_word("default") {
            return Ok(PartitionBound::Default);
        }
        if !cursor.take_words(&["for", "values"]) {
            return Err(cursor.expected("`for values` or `default`"));
        }
        if cursor.take_word("from") {
            let from = limits(cursor)?;
            if !cursor.take_word("to") {
                return Err(cursor.expected("`to`"));
            }
            return Ok(PartitionBound::Range { from, to: limits(cursor)? });
        }
        if cursor.take_word("in") {
            return Ok(PartitionBound::List(listed(cursor, parse)?));
        }
        if cursor.take_word("with") {
            return hash(cursor);
        }
        Err(cursor.expected("`from`, `in` or `with`"))
    }

    /// It as it stands behind `ATTACH PARTITION name`.
    pub fn write(&self, writer: Writer) -> Writer {
        let limit = |writer: Writer, limit: &RangeLimit| match limit {
            RangeLimit::MinValue => writer.keyword("MINVALUE"),
            RangeLimit::MaxValue => writer.keyword("MAXVALUE"),
            RangeLimit::Value(value) => writer.expression(value),
        };
        match self {
            PartitionBound::Default => writer.keyword("DEFAULT"),
            PartitionBound::Range { from, to } => {
                writer.keyword("FOR VALUES FROM").list(from, limit).keyword("TO").list(to, limit)
            }
            PartitionBound::List(values) => {
                writer.keyword("FOR VALUES IN").list(values, |writer, value| writer.expression(value))
            }
            PartitionBound::Hash { modulus, remainder } => writer
                .keyword("FOR VALUES WITH (MODULUS")
                .integer(*modulus)
                .glue()
                .keyword(", REMAINDER")
                .integer(*remainder)
                .glue()
                .keyword(")"),
        }
    }

    /// Whether both take the same rows. The types of the keys decide what a literal is.
    pub fn same_as(&self, other: &PartitionBound, types: &[Type]) -> bool {
        let same_value = |one: &Expression, other: &Expression, data_type: Option<&Type>| {
            let of_type = |value: &Expression| match data_type {
                Some(data_type) if !value.is_null() => canonical(&Expression::cast(value.clone(), data_type.clone())),
                _ => canonical(value),
            };
            one == other || of_type(one) == of_type(other)
        };
        let same_limits = |one: &[RangeLimit], other: &[RangeLimit]| {
            one.len() == other.len()
                && one.iter().zip(other).enumerate().all(|(place, limits)| match limits {
                    (RangeLimit::Value(one), RangeLimit::Value(other)) => same_value(one, other, types.get(place)),
                    (one, other) => one == other,
                })
        };
        match (self, other) {
            (PartitionBound::Range { from, to }, PartitionBound::Range { from: other_from, to: other_to }) => {
                same_limits(from, other_from) && same_limits(to, other_to)
            }
            (PartitionBound::List(one), PartitionBound::List(other)) => {
                let is_in = |value: &Expression, list: &[Expression]| {
                    list.iter().any(|other| same_value(value, other, types.first()))
                };
                one.len() == other.len() && one.iter().all(|value| is_in(value, other))
            }
            (one, other) => one == other,
        }
    }

    /// Whether the lower bound of a range is certainly not below the upper one, so that no row is between them.
    pub fn is_backwards(&self, types: &[Type]) -> bool {
        let PartitionBound::Range { from, to } = self else { return false };
        matches!(compared(from, to, types), Some(Ordering::Equal | Ordering::Greater))
    }

    /// Whether some row certainly is within both bounds.
    pub fn overlaps(&self, other: &PartitionBound, types: &[Type]) -> bool {
        match (self, other) {
            (PartitionBound::Range { from, to }, PartitionBound::Range { from: other_from, to: other_to }) => {
                compared(from, other_to, types) == Some(Ordering::Less)
                    && compared(other_from, to, types) == Some(Ordering::Less)
            }
            (PartitionBound::List(one), PartitionBound::List(others)) => {
                let data_type = types.first();
                let form = |value: &Expression| match data_type {
                    Some(data_type) if !value.is_null() => {
                        canonical(&Expression::cast(value.clone(), data_type.clone()))
                    }
                    _ => canonical(value),
                };
                one.iter().any(|value| others.iter().any(|other| form(value) == form(other)))
            }
            (
                PartitionBound::Hash { modulus, remainder },
                PartitionBound::Hash { modulus: other_modulus, remainder: other_remainder },
            ) => {
                // One of them divides the other.
                let smaller = (*modulus).min(*other_modulus).max(1);
                remainder % smaller == other_remainder % smaller
            }
            _ => false,
        }
    }

    /// The moduli of two bounds of which neither is a multiple of the other: no table has both.
    pub fn moduli_apart(&self, other: &PartitionBound) -> Option<(u32, u32)> {
        let (PartitionBound::Hash { modulus, .. }, PartitionBound::Hash { modulus: other, .. }) = (self, other) else {
            return None;
        };
        let divides = |one: u32, other: u32| one != 0 && other.is_multiple_of(one);
        (!divides(*modulus, *other) && !divides(*other, *modulus)).then_some((*modulus, *other))
    }
}

/// The order of two limits, as far as that is certain without the server.
fn compared(one: &[RangeLimit], other: &[RangeLimit], types: &[Type]) -> Option<Ordering> {
    for ((one, other), data_type) in one.iter().zip(other).zip(types) {
        let order = match (one, other) {
            (RangeLimit::Value(one), RangeLimit::Value(other)) => ordered(one, other, data_type)?,
            // What follows these in a limit does not count.
            (RangeLimit::MinValue, RangeLimit::MinValue) | (RangeLimit::MaxValue, RangeLimit::MaxValue) => {
                return Some(Ordering::Equal);
            }
            (RangeLimit::MinValue, _) | (_, RangeLimit::MaxValue) => Ordering::Less,
            (RangeLimit::MaxValue, _) | (_, RangeLimit::MinValue) => Ordering::Greater,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    (one.len() == other.len()).then_some(Ordering::Equal)
}

fn ordered(one: &Expression, other: &Expression, data_type: &Type) -> Option<Ordering> {
    let (one, other) = (printed(&plain(one)?, data_type)?, printed(&plain(other)?, data_type)?);
    if one == other {
        return Some(Ordering::Equal);
    }
    match data_type {
        _ if data_type.is_integer() => Some(one.parse::<i64>().ok()?.cmp(&other.parse::<i64>().ok()?)),
        Type::Numeric(_) | Type::BuiltIn(BuiltIn::Real | BuiltIn::DoublePrecision) => {
            if without_zeros(&one) == without_zeros(&other) {
                return Some(Ordering::Equal);
            }
            let order = one.parse::<f64>().ok()?.partial_cmp(&other.parse::<f64>().ok()?);
            order.filter(|order| order.is_ne())
        }
        Type::BuiltIn(BuiltIn::Date) | Type::Timestamp { .. } => {
            let is_plain = |text: &str| {
                text.as_bytes().get(4) == Some(&b'-')
                    && text.bytes().take(4).all(|byte| byte.is_ascii_digit())
                    && !text.contains("BC")
            };
            // Both in the same form: without a zone, or in that of the server.
            let cut = |text: &str| text.trim_end_matches("+00").to_owned();
            (is_plain(&one) && is_plain(&other)).then(|| cut(&one).cmp(&cut(&other)))
        }
        Type::BuiltIn(BuiltIn::Uuid | BuiltIn::Bytea) | Type::Time { with_time_zone: false, .. } => {
            Some(one.cmp(&other))
        }
        Type::BuiltIn(BuiltIn::Text) | Type::CharacterVarying(_) | Type::Character(_) => in_any_collation(&one, &other),
        _ => None,
    }
}

/// A number without the zeros at the end of its fraction.
fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// The order of two texts that is the same in all collations: a digit comes before a letter.
fn in_any_collation(one: &str, other: &str) -> Option<Ordering> {
    // Digits behind others may count as one number.
    let decides = |(first, second): &(char, char)| first != second || first.is_ascii_digit();
    let (first, second) = one.chars().zip(other.chars()).find(decides)?;
    match (first, second) {
        ('0'..='9', 'a'..='z' | 'A'..='Z') => Some(Ordering::Less),
        ('a'..='z' | 'A'..='Z', '0'..='9') => Some(Ordering::Greater),
        _ => None,
    }
}

/// A literal as a text, whatever type is written behind it.
fn plain(value: &Expression) -> Option<String> {
    match &value.kind {
        ExpressionKind::Text(text) | ExpressionKind::TypedText { text, .. } => Some(text.clone()),
        ExpressionKind::Number(digits) => Some(digits.clone()),
        ExpressionKind::Unary { operator, operand } if operator.is("-") => match &operand.kind {
            ExpressionKind::Number(digits) => Some(format!("-{digits}")),
            _ => None,
        },
        ExpressionKind::Cast { operand, .. } => plain(operand),
        _ => None,
    }
}

/// A key as the server prints it: what is not that of the type stands behind it.
fn key(cursor: &mut Cursor<'_>) -> Result<IndexKey, SyntaxError> {
    let mut key = IndexKey::new(parse_default(cursor)?);
    if cursor.take_word("collate") {
        key.collation = Some(dotted(cursor)?);
    }
    if cursor.name_ahead(0).is_some() {
        key.operator_class = Some(dotted(cursor)?);
    }
    Ok(key)
}

fn dotted(cursor: &mut Cursor<'_>) -> Result<String, SyntaxError> {
    let mut parts = Vec::new();
    loop {
        let Some(part) = cursor.name_ahead(0) else { return Err(cursor.expected("a name")) };
        parts.push(part);
        cursor.next();
        if !cursor.take_symbol('.') {
            return Ok(parts.join("."));
        }
    }
}

fn limits(cursor: &mut Cursor<'_>) -> Result<Vec<RangeLimit>, SyntaxError> {
    listed(cursor, |cursor| {
        if cursor.take_word("minvalue") {
            return Ok(RangeLimit::MinValue);
        }
        if cursor.take_word("maxvalue") {
            return Ok(RangeLimit::MaxValue);
        }
        parse(cursor).map(RangeLimit::Value)
    })
}

fn listed<T>(
    cursor: &mut Cursor<'_>,
    one: impl Fn(&mut Cursor<'_>) -> Result<T, SyntaxError>,
) -> Result<Vec<T>, SyntaxError> {
    if !cursor.take_open(Bracket::Round) {
        return Err(cursor.expected("`(`"));
    }
    let mut all = vec![one(cursor)?];
    while cursor.take_symbol(',') {
        all.push(one(cursor)?);
    }
    if !cursor.take_close(Bracket::Round) {
        return Err(cursor.expected("`,` or `)`"));
    }
    Ok(all)
}

/// `(modulus 4, remainder 0)`
fn hash(cursor: &mut Cursor<'_>) -> Result<PartitionBound, SyntaxError> {
    fn number(cursor: &mut Cursor<'_>, word: &str) -> Result<u32, SyntaxError> {
        if !cursor.take_word(word) {
            return Err(cursor.expected(&format!("`{word}`")));
        }
        match cursor.peek() {
            Token::Number(text) => match text.parse() {
                Ok(number) => {
                    cursor.next();
                    Ok(number)
                }
                Err(_) => Err(cursor.expected("a whole number")),
            },
            _ => Err(cursor.expected("a whole number")),
        }
    }
    if !cursor.take_open(Bracket::Round) {
        return Err(cursor.expected("`(`"));
    }
    let modulus = number(cursor, "modulus")?;
    if !cursor.take_symbol(',') {
        return Err(cursor.expected("`,`"));
    }
    let remainder = number(cursor, "remainder")?;
    if !cursor.take_close(Bracket::Round) {
        return Err(cursor.expected("`)`"));
    }
    Ok(PartitionBound::Hash { modulus, remainder })
}

impl fmt::Display for PartitionBound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.write(Writer::new()).finish())
    }
}

impl Catalog {
    /// The partitions of a table, by name; not those of its partitions.
    pub fn partitions<'c>(&'c self, parent: &'c QualifiedName) -> impl Iterator<Item = (&'c QualifiedName, &'c Table)> {
        let is_partition = move |table: &Table| table.partition_of.as_ref().is_some_and(|of| of.parent == *parent);
        self.tables.dependents(parent).into_iter().filter(move |(_, table)| is_partition(table))
    }

    /// All partitions below a table, each behind the one that it is of.
    pub fn partition_tree(&self, root: &QualifiedName) -> Vec<QualifiedName> {
        if self.tables.get(root).is_none_or(|table| table.partitioning.is_none()) {
            return Vec::new();
        }
        let mut found: Vec<QualifiedName> = Vec::new();
        for (name, _) in self.partitions(root) {
            found.push(name.clone());
            found.extend(self.partition_tree(name));
        }
        found
    }

    /// The types of the keys that a table is partitioned by, as far as they are those of columns.
    pub fn partition_key_types(&self, parent: &QualifiedName) -> Vec<Type> {
        let Some(table) = self.table(parent) else { return Vec::new() };
        let keys = table.partitioning.iter().flat_map(|partitioning| &partitioning.keys);
        keys.map_while(|key| Some(self.base_type(&table.column(key.column()?)?.data_type).clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_read_as_the_server_prints_it() {
        for text in [
            "FOR VALUES FROM ('2026-01-01', MINVALUE) TO ('2027-01-01', MAXVALUE)",
            "FOR VALUES IN ('a', 'b', NULL)",
            "FOR VALUES WITH (MODULUS 4, REMAINDER 3)",
            "DEFAULT",
        ] {
            assert_eq!(PartitionBound::read(&text.to_lowercase().replace("null", "NULL")).unwrap().to_string(), text);
        }
        assert!(PartitionBound::read("FOR VALUES FROM (1)").is_err());
    }

    #[test]
    fn literals_are_of_the_types_of_the_keys() {
        let bound = |text: &str| PartitionBound::read(text).unwrap();
        let (one, other) = (bound("FOR VALUES FROM (1) TO (2)"), bound("FOR VALUES FROM ('1') TO ('2')"));
        assert!(one.same_as(&other, &[Type::BIGINT]));
        assert!(!one.same_as(&bound("FOR VALUES FROM (1) TO (3)"), &[Type::BIGINT]));
        assert!(bound("FOR VALUES IN ('a', 'b')").same_as(&bound("FOR VALUES IN ('b', 'a')"), &[Type::TEXT]));
    }

    #[test]
    fn a_range_ends_behind_its_start() {
        let is_backwards = |from: &str, to: &str, data_type: &Type| {
            let text = format!("FOR VALUES FROM ({from}) TO ({to})");
            PartitionBound::read(&text).unwrap().is_backwards(core::slice::from_ref(data_type))
        };
        let time = Type::Time { precision: None, with_time_zone: false };
        for (from, to, data_type) in [
            ("'a'", "'a'", Type::TEXT),
            ("'DE'", "'5'", Type::TEXT),
            ("1.50", "'1.5'", Type::NUMERIC),
            ("10", "9.5", Type::NUMERIC),
            ("'10:00'", "'9:00'", time.clone()),
            ("'{1}'", "'{ 1 }'", Type::INTEGER.array()),
        ] {
            assert!(is_backwards(from, to, &data_type), "{from} {to} {data_type}");
        }
        for (from, to, data_type) in [
            ("'b'", "'a'", Type::TEXT),
            ("'a1x'", "'a12'", Type::TEXT),
            ("'9'", "'10'", Type::TEXT),
            ("9.5", "10", Type::NUMERIC),
            ("'9:00'", "'10:00'", time),
        ] {
            assert!(!is_backwards(from, to, &data_type), "{from} {to} {data_type}");
        }
    }

    #[test]
    fn hash_partitions_divide_each_other() {
        let bound = |modulus, remainder| PartitionBound::Hash { modulus, remainder };
        assert_eq!(bound(4, 1).moduli_apart(&bound(6, 1)), Some((4, 6)));
        assert_eq!(bound(4, 1).moduli_apart(&bound(8, 1)), None);
        assert!(bound(8, 5).overlaps(&bound(4, 1), &[]));
        assert!(!bound(8, 6).overlaps(&bound(4, 1), &[]));
    }
}
