//! A type as far as writing its values depends on it.

/// A struct or an enum.
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) attributes: Attributes,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    Struct(Fields),
    Enum(Vec<Variant>),
}

pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) fields: Fields,
}

pub(crate) enum Fields {
    Unit,
    /// Those of a tuple.
    Unnamed(Vec<Attributes>),
    Named(Vec<(String, Attributes)>),
}

/// What `#[serde(...)]` says about writing.
#[derive(Default)]
pub(crate) struct Attributes {
    /// `rename_all = "snake_case"`
    pub(crate) is_snake_case: bool,
    /// `into = "String"`
    pub(crate) is_text: bool,
    /// `skip`
    pub(crate) is_skipped: bool,
    /// `flatten`
    pub(crate) is_flat: bool,
    /// `skip_serializing_if`: the path of a function.
    pub(crate) skipped_if: Option<String>,
    /// `with`: the path of a module.
    pub(crate) with: Option<String>,
}
