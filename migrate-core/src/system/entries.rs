//! The entries of the tables, and how they are found.

use std::fmt;

use super::layout::{NOTHING, WITH_MODIFIERS};
use super::table::{
    CASTS, COLLATIONS, COLUMNS, EXTENSIONS, FUNCTIONS, NAME_LISTS, OPERATOR_CLASSES, OPERATORS, Record, TYPE_LISTS,
    TYPES, TYPES_BY_NAME,
};
use crate::expression::Volatility;
use crate::types::BuiltIn;

/// The major versions that have something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl Versions {
    fn of(byte: u8) -> Versions {
        Versions { first: u32::from(byte >> 4) + 10, last: u32::from(byte & 15) + 10 }
    }

    /// Whether this major version has it. Newer versions than those that are known count as the newest.
    pub fn has(self, major: u32) -> bool {
        (self.first..=self.last).contains(&major.clamp(14, 18))
    }
}

/// The number of a type in the tables.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub(crate) u16);

impl TypeId {
    fn maybe(number: u16) -> Option<TypeId> {
        (number != NOTHING).then_some(TypeId(number))
    }

    /// The number of a built-in type.
    pub const fn of(built_in: BuiltIn) -> TypeId {
        TypeId(built_in as u16)
    }

    /// What is known of it.
    pub fn entry(self) -> SystemType {
        SystemType { id: self, record: TYPES.record(self.0 as usize) }
    }

    /// The built-in type of this number.
    pub fn built_in(self) -> Option<BuiltIn> {
        BuiltIn::ALL.get(self.0 as usize).copied()
    }

    /// The name in `pg_type`, of a built-in type that takes modifiers.
    pub fn with_modifiers(self) -> Option<&'static str> {
        WITH_MODIFIERS.get((self.0 as usize).checked_sub(BuiltIn::ALL.len())?).copied()
    }
}

impl fmt::Debug for TypeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.entry().name())
    }
}

/// `typtype`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum TypeKind {
    Base,
    Composite,
    Domain,
    Enum,
    Pseudo,
    Range,
    Multirange,
}

/// A type of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct SystemType {
    id: TypeId,
    record: Record,
}

impl SystemType {
    /// Its number.
    pub fn id(self) -> TypeId {
        self.id
    }

    /// The name in `pg_type`.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(4))
    }

    /// What kind of type it is.
    pub fn kind(self) -> TypeKind {
        match self.record.byte(5) {
            b'c' => TypeKind::Composite,
            b'd' => TypeKind::Domain,
            b'e' => TypeKind::Enum,
            b'p' => TypeKind::Pseudo,
            b'r' => TypeKind::Range,
            b'm' => TypeKind::Multirange,
            _ => TypeKind::Base,
        }
    }

    /// `typcategory`, a letter.
    pub fn category(self) -> u8 {
        self.record.byte(6)
    }

    /// Whether it is the preferred type of its category.
    pub fn is_preferred(self) -> bool {
        self.record.byte(7) & 1 != 0
    }

    /// Whether its values have a collation.
    pub fn is_collatable(self) -> bool {
        self.record.byte(7) & 2 != 0
    }

    /// Whether it takes modifiers, as `vector(3)`.
    pub fn has_modifiers(self) -> bool {
        self.record.byte(7) & 4 != 0
    }

    /// Whether reading a value from text depends on nothing else: no setting, no catalog.
    pub fn has_fixed_input(self) -> bool {
        self.record.byte(7) & 8 != 0
    }

    /// Whether writing a value as text depends on nothing else.
    pub fn has_fixed_output(self) -> bool {
        self.record.byte(7) & 16 != 0
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(9))
    }

    /// The type of the elements, of a true array.
    pub fn array_element(self) -> Option<TypeId> {
        if self.record.byte(8) == 1 { TypeId::maybe(self.record.number16(10)) } else { None }
    }

    /// What `[1]` gives of a type of fixed length that is not an array, as a `point`.
    pub fn part(self) -> Option<TypeId> {
        if self.record.byte(8) == 2 { TypeId::maybe(self.record.number16(10)) } else { None }
    }

    /// Whether `[...]` after a value means what the type itself says, as for `jsonb`.
    pub fn subscripts_itself(self) -> bool {
        self.record.byte(8) == 3
    }

    /// The array of this type.
    pub fn array(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(12))
    }

    /// The base of a domain, the subtype of a range, the range of a multirange.
    pub fn base(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(14))
    }
}

/// All types.
pub fn types() -> impl Iterator<Item = SystemType> {
    (0..TYPES.len()).map(|index| TypeId(index as u16).entry())
}

/// Types that have this name in `pg_type`: PostgreSQL's first, then those of extensions.
pub fn types_named(name: &str) -> impl Iterator<Item = SystemType> + use<> {
    let of = |index: usize| TypeId(TYPES_BY_NAME.record(index).number16(0)).entry();
    let start = TYPES_BY_NAME.partition_point(|record| TypeId(record.number16(0)).entry().name() < name);
    let name = name.to_owned();
    (start..TYPES_BY_NAME.len()).map(of).take_while(move |type_| type_.name() == name)
}

/// The type of this name that PostgreSQL itself has, or that the extension brings.
pub fn type_of_name(name: &str, extension: Option<&str>) -> Option<TypeId> {
    types_named(name).find(|type_| type_.extension() == extension).map(SystemType::id)
}

/// The extensions that bring a type of this name.
pub fn extensions_with_type(name: &str) -> Vec<&'static str> {
    types_named(name).filter_map(SystemType::extension).collect()
}

/// An extension that the tables know.
#[derive(Clone, Copy, Debug)]
pub struct Extension {
    record: Record,
}

impl Extension {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The schema that it is always in, whatever is asked for.
    pub fn schema(self) -> Option<&'static str> {
        Some(self.record.name(4)).filter(|schema| !schema.is_empty())
    }

    /// The extensions that must be there before.
    pub fn requires(self) -> impl Iterator<Item = &'static str> {
        let start = self.record.number16(10) as usize;
        (start..start + self.record.byte(8) as usize).map(|index| NAME_LISTS.record(index).name(0))
    }
}

fn extension_of(number: u8) -> Option<&'static str> {
    (number as usize).checked_sub(1).map(|index| EXTENSIONS.record(index).name(0))
}

/// The extension of this name, where the tables know it.
pub fn extension(name: &str) -> Option<Extension> {
    EXTENSIONS.named(name).next().map(|index| Extension { record: EXTENSIONS.record(index) })
}

/// All extensions that the tables know, by name.
pub fn extensions() -> impl Iterator<Item = Extension> {
    (0..EXTENSIONS.len()).map(|index| Extension { record: EXTENSIONS.record(index) })
}

/// `prokind`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum FunctionKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// `aggkind`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds say it")]
pub enum AggregateKind {
    Normal,
    OrderedSet,
    Hypothetical,
}

/// The types of the arguments of a function.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    start: usize,
    count: usize,
}

impl Arguments {
    /// How many there are.
    pub fn len(self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The type of one.
    pub fn get(self, index: usize) -> Option<TypeId> {
        (index < self.count).then(|| TypeId(TYPE_LISTS.record(self.start + index).number16(0)))
    }

    /// All of them.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = TypeId> + ExactSizeIterator {
        (self.start..self.start + self.count).map(|index| TypeId(TYPE_LISTS.record(index).number16(0)))
    }
}

/// The columns that a function returns.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    start: usize,
    count: usize,
}

impl Columns {
    /// Their names and types.
    pub fn iter(self) -> impl Iterator<Item = (&'static str, TypeId)> {
        (self.start..self.start + self.count).map(|index| {
            let record = COLUMNS.record(index);
            (record.name(0), TypeId(record.number16(4)))
        })
    }
}

/// A function, procedure, aggregate or window function of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    record: Record,
}

impl Function {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The types of its input arguments.
    pub fn arguments(self) -> Arguments {
        Arguments { start: self.record.number16(4) as usize, count: self.record.byte(16) as usize }
    }

    /// The type of its result, of one row where it returns many.
    pub fn result(self) -> TypeId {
        TypeId(self.record.number16(6))
    }

    /// The type of the elements of a variadic last argument: `"any"` for `variadic "any"`.
    pub fn variadic(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(8))
    }

    /// The name of an input argument; empty where it has none.
    pub fn argument_name(self, index: usize) -> &'static str {
        let start = self.record.number16(10);
        if start == NOTHING || index >= self.arguments().len() {
            return "";
        }
        NAME_LISTS.record(start as usize + index).name(0)
    }

    /// The columns of its result, where it says them.
    pub fn columns(self) -> Columns {
        Columns { start: self.record.number16(12) as usize, count: self.record.byte(19) as usize }
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(14))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(15))
    }

    /// How many of the last arguments can be left out.
    pub fn defaults(self) -> usize {
        self.record.byte(17) as usize
    }

    /// What kind of function it is.
    pub fn kind(self) -> FunctionKind {
        match self.record.byte(18) & 3 {
            0 => FunctionKind::Function,
            1 => FunctionKind::Procedure,
            2 => FunctionKind::Aggregate,
            _ => FunctionKind::Window,
        }
    }

    /// Its volatility.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(18) >> 2)
    }

    /// Whether it gives NULL for a NULL.
    pub fn is_strict(self) -> bool {
        self.record.byte(18) & 16 != 0
    }

    /// Whether it returns any number of rows.
    pub fn returns_set(self) -> bool {
        self.record.byte(18) & 32 != 0
    }

    /// What kind of aggregate it is, of an aggregate.
    pub fn aggregate_kind(self) -> AggregateKind {
        match self.record.byte(18) >> 6 {
            1 => AggregateKind::OrderedSet,
            2 => AggregateKind::Hypothetical,
            _ => AggregateKind::Normal,
        }
    }

    /// How many arguments of an ordered-set aggregate stand in the parentheses; the others come from `WITHIN GROUP`.
    pub fn direct_arguments(self) -> usize {
        self.record.byte(20) as usize
    }
}

fn volatility_of(bits: u8) -> Volatility {
    match bits & 3 {
        0 => Volatility::Immutable,
        1 => Volatility::Stable,
        _ => Volatility::Volatile,
    }
}

/// The functions of this name, of all versions and extensions, ordered by their arguments.
pub fn functions(name: &str) -> impl Iterator<Item = Function> + Clone + use<> {
    FUNCTIONS.named(name).map(|index| Function { record: FUNCTIONS.record(index) })
}

/// Whether a function of this name is an aggregate.
pub fn is_aggregate(name: &str) -> bool {
    functions(name).any(|function| function.kind() == FunctionKind::Aggregate)
}

/// The names of all functions with the extension of each, sorted; a name comes once for each overload.
pub fn function_names() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    (0..FUNCTIONS.len()).map(|index| {
        let record = FUNCTIONS.record(index);
        (record.name(0), extension_of(record.byte(14)))
    })
}

/// The extensions that bring a function of this name.
pub fn extensions_with_function(name: &str) -> Vec<&'static str> {
    distinct(functions(name).filter_map(Function::extension))
}

/// An operator of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct SystemOperator {
    record: Record,
}

impl SystemOperator {
    /// Its characters.
    pub fn symbol(self) -> &'static str {
        self.record.name(0)
    }

    /// The type on the left; none of a prefix operator.
    pub fn left(self) -> Option<TypeId> {
        TypeId::maybe(self.record.number16(4))
    }

    /// The type on the right.
    pub fn right(self) -> TypeId {
        TypeId(self.record.number16(6))
    }

    /// The type of the result.
    pub fn result(self) -> TypeId {
        TypeId(self.record.number16(8))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(10))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(11))
    }

    /// The volatility of its function.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(12))
    }

    /// Whether it gives NULL for a NULL.
    pub fn is_strict(self) -> bool {
        self.record.byte(12) & 4 != 0
    }
}

/// The operators of these characters, of all versions and extensions, ordered by their operands.
pub fn operators(symbol: &str) -> impl Iterator<Item = SystemOperator> + Clone + use<> {
    OPERATORS.named(symbol).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// All operators.
pub fn all_operators() -> impl Iterator<Item = SystemOperator> {
    (0..OPERATORS.len()).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// The operators between just these types.
pub fn operator_between(
    symbol: &str,
    left: Option<TypeId>,
    right: TypeId,
) -> impl Iterator<Item = SystemOperator> + Clone + use<> {
    let key = (left.map_or(NOTHING, |id| id.0), right.0);
    let operands = |record: Record| (record.number16(4), record.number16(6));
    let start =
        OPERATORS.partition_point(|record| record.name(0).cmp(symbol).then_with(|| operands(record).cmp(&key)).is_lt());
    let mut end = start;
    while end < OPERATORS.len() {
        let record = OPERATORS.record(end);
        if operands(record) != key || record.name(0) != symbol {
            break;
        }
        end += 1;
    }
    (start..end).map(|index| SystemOperator { record: OPERATORS.record(index) })
}

/// The extensions that bring an operator of these characters.
pub fn extensions_with_operator(symbol: &str) -> Vec<&'static str> {
    distinct(operators(symbol).filter_map(SystemOperator::extension))
}

/// When a cast is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// By itself wherever it fits.
    Implicit,
    /// By itself where a value is assigned.
    Assignment,
    /// Where it is written.
    Explicit,
}

/// A cast of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    record: Record,
}

impl Cast {
    /// The type before.
    pub fn source(self) -> TypeId {
        TypeId(self.record.number16(0))
    }

    /// The type after.
    pub fn target(self) -> TypeId {
        TypeId(self.record.number16(2))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(4))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(5))
    }

    /// When it is made.
    pub fn context(self) -> CastContext {
        match self.record.byte(6) {
            b'i' => CastContext::Implicit,
            b'a' => CastContext::Assignment,
            _ => CastContext::Explicit,
        }
    }

    /// Whether the values are the same bytes, so that nothing is done.
    pub fn is_binary(self) -> bool {
        self.record.byte(7) == b'b'
    }

    /// Whether it goes through the text form.
    pub fn is_by_text(self) -> bool {
        self.record.byte(7) == b'i'
    }

    /// The volatility of its function.
    pub fn volatility(self) -> Volatility {
        volatility_of(self.record.byte(8))
    }
}

/// All casts.
pub fn all_casts() -> impl Iterator<Item = Cast> {
    (0..CASTS.len()).map(|index| Cast { record: CASTS.record(index) })
}

/// The casts from a type to another: more than one where versions differ.
pub fn cast(source: TypeId, target: TypeId) -> impl Iterator<Item = Cast> {
    let key = (source.0, target.0);
    let ends = |record: Record| (record.number16(0), record.number16(2));
    let start = CASTS.partition_point(|record| ends(record) < key);
    (start..CASTS.len())
        .map(|index| CASTS.record(index))
        .take_while(move |record| ends(*record) == key)
        .map(|record| Cast { record })
}

/// An operator class of PostgreSQL or of an extension.
#[derive(Clone, Copy, Debug)]
pub struct OperatorClass {
    record: Record,
}

impl OperatorClass {
    /// The index method.
    pub fn method(self) -> &'static str {
        self.record.name(0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(4)
    }

    /// The type that it is for.
    pub fn data_type(self) -> TypeId {
        TypeId(self.record.number16(8))
    }

    /// The extension that brings it.
    pub fn extension(self) -> Option<&'static str> {
        extension_of(self.record.byte(10))
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(11))
    }

    /// Whether the type has it where none is named.
    pub fn is_default(self) -> bool {
        self.record.byte(12) != 0
    }
}

/// The operator classes of an index method, by name.
pub fn operator_classes(method: &str) -> impl Iterator<Item = OperatorClass> + Clone + use<> {
    OPERATOR_CLASSES.named(method).map(|index| OperatorClass { record: OPERATOR_CLASSES.record(index) })
}

/// All operator classes.
pub fn all_operator_classes() -> impl Iterator<Item = OperatorClass> {
    (0..OPERATOR_CLASSES.len()).map(|index| OperatorClass { record: OPERATOR_CLASSES.record(index) })
}

/// The extensions that bring an operator class of this name.
pub fn extensions_with_operator_class(method: &str, name: &str) -> Vec<&'static str> {
    distinct(operator_classes(method).filter(|class| class.name() == name).filter_map(OperatorClass::extension))
}

/// A collation that every server has.
#[derive(Clone, Copy, Debug)]
pub struct Collation {
    record: Record,
}

impl Collation {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.record.name(0)
    }

    /// The versions that have it.
    pub fn versions(self) -> Versions {
        Versions::of(self.record.byte(5))
    }
}

/// The collations that every server has. Others come from the operating system and from ICU.
pub fn collations() -> impl Iterator<Item = Collation> {
    (0..COLLATIONS.len()).map(|index| Collation { record: COLLATIONS.record(index) })
}

fn distinct(names: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::layout::pinned_types;

    #[test]
    fn the_numbers_of_built_in_types_are_those_of_the_tables() {
        for (index, name) in pinned_types().enumerate() {
            let entry = TypeId(index as u16).entry();
            assert_eq!((entry.name(), entry.extension()), (name, None));
            assert_eq!(type_of_name(name, None), Some(entry.id()));
        }
    }

    #[test]
    fn functions_are_found_with_their_overloads() {
        let truncate: Vec<(String, Volatility)> = functions("date_trunc")
            .map(|function| (format!("{:?}", function.arguments().iter().collect::<Vec<_>>()), function.volatility()))
            .collect();
        assert!(truncate.contains(&("[text, timestamp]".into(), Volatility::Immutable)), "{truncate:?}");
        assert!(truncate.contains(&("[text, timestamptz]".into(), Volatility::Stable)), "{truncate:?}");
        assert_eq!(functions("gen_rand_uuid").count(), 0);
        let interval = functions("make_interval").next().unwrap();
        assert_eq!((interval.argument_name(0), interval.defaults()), ("years", 7));
        let count = functions("count").next().unwrap();
        assert_eq!(count.kind(), FunctionKind::Aggregate);
    }

    #[test]
    fn versions_and_extensions_are_told() {
        let first = |name: &str| functions(name).filter(|f| f.extension().is_none()).map(|f| f.versions().first).min();
        assert_eq!(first("uuidv7"), Some(18));
        assert_eq!(first("date_bin"), Some(14));
        assert_eq!(extensions_with_function("uuid_generate_v4"), ["uuid-ossp"]);
        assert_eq!(extensions_with_function("similarity"), ["pg_trgm"]);
        assert!(extensions_with_function("st_distance").contains(&"postgis"));
        assert_eq!(extensions_with_operator("<->").first(), Some(&"btree_gist"));
        assert_eq!(extensions_with_type("vector"), ["vector"]);
        assert_eq!(extensions_with_operator_class("gin", "gin_trgm_ops"), ["pg_trgm"]);
        assert_eq!(extension("earthdistance").unwrap().requires().collect::<Vec<_>>(), ["cube"]);
        assert!(extension("timescaledb").is_none());
    }

    #[test]
    fn operators_and_casts_are_found_by_their_types() {
        let id = |name: &str| type_of_name(name, None).unwrap();
        let sum = operator_between("+", Some(id("int4")), id("int8")).next().unwrap();
        assert_eq!(sum.result(), id("int8"));
        assert_eq!(operator_between("+", Some(id("text")), id("int4")).count(), 0);
        let to_date = cast(id("timestamptz"), id("date")).next().unwrap();
        assert_eq!((to_date.context(), to_date.volatility()), (CastContext::Assignment, Volatility::Stable));
        assert!(cast(id("varchar"), id("text")).next().unwrap().is_binary());
        assert_eq!(cast(id("text"), id("int4")).count(), 0);
    }

    #[test]
    fn every_server_has_the_collations_of_c() {
        let names: Vec<&str> = collations().map(Collation::name).collect();
        assert!(["C", "POSIX", "default", "ucs_basic"].iter().all(|name| names.contains(name)), "{names:?}");
    }
}
