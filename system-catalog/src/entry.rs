//! What is read from a server: entries that name types by [`TypeKey`], so that those of several servers can be merged.

/// A type: the extension that brings it, empty for PostgreSQL itself, and its name in `pg_type`.
pub type TypeKey = (String, String);

/// A type of `pg_type`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypeEntry {
    /// Which.
    pub key: TypeKey,
    /// `typtype`
    pub kind: u8,
    /// `typcategory`
    pub category: u8,
    /// `typispreferred`
    pub is_preferred: bool,
    /// Whether values have a collation.
    pub is_collatable: bool,
    /// Whether it takes modifiers.
    pub has_modifiers: bool,
    /// Whether `typinput` depends on nothing but the text.
    pub has_fixed_input: bool,
    /// Whether `typoutput` depends on nothing but the value.
    pub has_fixed_output: bool,
    /// How it is subscripted: 0 not at all, 1 as an array, 2 as a type of fixed length, 3 in its own way.
    pub subscripting: u8,
    /// `typelem`
    pub element: Option<TypeKey>,
    /// `typarray`
    pub array: Option<TypeKey>,
    /// The base of a domain, the subtype of a range, the range of a multirange.
    pub base: Option<TypeKey>,
}

/// A function, procedure, aggregate or window function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionEntry {
    /// `proname`
    pub name: String,
    /// The extension that brings it, or empty.
    pub extension: String,
    /// The types of the input arguments.
    pub arguments: Vec<TypeKey>,
    /// The type of the result, of one row.
    pub result: TypeKey,
    /// `prokind`
    pub kind: u8,
    /// `provolatile`
    pub volatility: u8,
    /// `proisstrict`
    pub is_strict: bool,
    /// `proretset`
    pub returns_set: bool,
    /// The type of the elements of a variadic last argument.
    pub variadic: Option<TypeKey>,
    /// How many of the last arguments have defaults.
    pub defaults: u8,
    /// `aggkind` of an aggregate, else 0.
    pub aggregate_kind: u8,
    /// How many arguments of an ordered-set aggregate stand in the parentheses.
    pub direct_arguments: u8,
    /// The names of the input arguments, where they have any.
    pub argument_names: Vec<String>,
    /// The columns of the result, where it has any.
    pub columns: Vec<(String, TypeKey)>,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperatorEntry {
    /// `oprname`
    pub symbol: String,
    /// The type on the left, none of a prefix operator.
    pub left: Option<TypeKey>,
    /// The type on the right.
    pub right: TypeKey,
    /// The extension that brings it, or empty.
    pub extension: String,
    /// The type of the result.
    pub result: TypeKey,
    /// `provolatile` of its function.
    pub volatility: u8,
    /// `proisstrict` of its function.
    pub is_strict: bool,
}

/// A cast.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CastEntry {
    /// The type before.
    pub source: TypeKey,
    /// The type after.
    pub target: TypeKey,
    /// The extension that brings it, or empty.
    pub extension: String,
    /// `castcontext`
    pub context: u8,
    /// `castmethod`
    pub method: u8,
    /// `provolatile` of its function; `i` without one.
    pub volatility: u8,
}

/// An operator class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperatorClassEntry {
    /// The index method.
    pub method: String,
    /// `opcname`
    pub name: String,
    /// The type it is for.
    pub type_: TypeKey,
    /// The extension that brings it, or empty.
    pub extension: String,
    /// Whether the type has it where none is named.
    pub is_default: bool,
}

/// A collation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CollationEntry {
    /// `collname`
    pub name: String,
    /// `collprovider`
    pub provider: u8,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExtensionEntry {
    /// Its name.
    pub name: String,
    /// The schema that it is always in, or empty.
    pub schema: String,
    /// The extensions it requires.
    pub requires: Vec<String>,
}

/// All of one server.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Extensions.
    pub extensions: Vec<ExtensionEntry>,
    /// Types.
    pub types: Vec<TypeEntry>,
    /// Functions.
    pub functions: Vec<FunctionEntry>,
    /// Operators.
    pub operators: Vec<OperatorEntry>,
    /// Casts.
    pub casts: Vec<CastEntry>,
    /// Operator classes.
    pub operator_classes: Vec<OperatorClassEntry>,
    /// Collations.
    pub collations: Vec<CollationEntry>,
}
