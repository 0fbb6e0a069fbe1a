//! The names of columns without an alias.

use super::{Body, Item, JsonFunction, JsonPathFunction, Query, XmlFunction};
use crate::expression::{Expression, ExpressionKind, TrimSide};
use crate::types::Type;

/// The name of a column without an alias (`FigureColname` in `parse_target.c`).
pub fn output_name(value: &Expression) -> String {
    figured(value).map_or_else(|| NAMELESS.to_owned(), |found| found.name)
}

/// The names of the columns that come out of a query that was checked, as far as the query says them.
pub fn output_names(query: &Query) -> Vec<String> {
    match &query.body {
        Body::Select(select) => {
            let name =
                |item: &Item| item.alias.as_ref().map_or_else(|| output_name(&item.value), |alias| alias.value.clone());
            select.items.iter().map(name).collect()
        }
        Body::Values(rows) => (1..=rows.first().map_or(0, Vec::len)).map(|place| format!("column{place}")).collect(),
        Body::Set(set) => output_names(&set.left),
        Body::Table(_) => Vec::new(),
    }
}

/// What a column is called that has no name.
const NAMELESS: &str = "?column?";

/// A name that is found for a value.
struct Figured {
    name: String,
    /// Whether it is one of a type or of `case`, which another one around it replaces.
    is_weak: bool,
}

fn figured(value: &Expression) -> Option<Figured> {
    let strong = |name: &str| Some(Figured { name: name.to_owned(), is_weak: false });
    let weak = |name: String| Some(Figured { name, is_weak: true });
    match &value.kind {
        ExpressionKind::Name(parts) => strong(parts.last()?),
        ExpressionKind::Field { field, .. } => strong(field),
        ExpressionKind::Subscript { operand, .. } | ExpressionKind::Collate { operand, .. } => figured(operand),
        ExpressionKind::Call(call) => strong(&call.name),
        ExpressionKind::Cast { operand, target, .. } => {
            figured(operand).filter(|found| !found.is_weak).or_else(|| weak(type_name(target)?))
        }
        ExpressionKind::TypedText { target, .. } => weak(type_name(target)?),
        ExpressionKind::Case { otherwise, .. } => {
            let found = otherwise.as_deref().and_then(figured).filter(|found| !found.is_weak);
            found.or_else(|| weak("case".to_owned()))
        }
        ExpressionKind::Exists(_) => strong("exists"),
        ExpressionKind::Array(_) | ExpressionKind::ArraySubquery(_) => strong("array"),
        ExpressionKind::Row(_) => strong("row"),
        ExpressionKind::SessionValue { value, .. } => strong(&value.sql().to_lowercase()),
        ExpressionKind::Extract { .. } => strong("extract"),
        ExpressionKind::Position { .. } => strong("position"),
        ExpressionKind::Substring { .. } => strong("substring"),
        ExpressionKind::Overlay { .. } => strong("overlay"),
        ExpressionKind::Normalize { .. } => strong("normalize"),
        ExpressionKind::Trim { side, .. } => match side {
            TrimSide::Both => strong("btrim"),
            TrimSide::Leading => strong("ltrim"),
            TrimSide::Trailing => strong("rtrim"),
        },
        ExpressionKind::AtTimeZone { .. } => strong("timezone"),
        ExpressionKind::Subquery(query) => strong(&first_name(query)?),
        ExpressionKind::XmlFunction(function) => match &**function {
            XmlFunction::Concat(_) => strong("xmlconcat"),
            XmlFunction::Element { .. } => strong("xmlelement"),
            XmlFunction::Forest(_) => strong("xmlforest"),
            XmlFunction::Exists { .. } => strong("xmlexists"),
            XmlFunction::Parse { .. } => strong("xmlparse"),
            XmlFunction::Instruction { .. } => strong("xmlpi"),
            XmlFunction::Root { .. } => strong("xmlroot"),
            XmlFunction::Serialize { .. } => strong("xmlserialize"),
        },
        ExpressionKind::JsonFunction(function) => match &**function {
            JsonFunction::Parse { .. } => strong("json"),
            JsonFunction::Scalar(_) => strong("json_scalar"),
            JsonFunction::Serialize { .. } => strong("json_serialize"),
            JsonFunction::Object { .. } => strong("json_object"),
            JsonFunction::Array { .. } | JsonFunction::ArrayQuery { .. } => strong("json_array"),
            JsonFunction::ObjectAggregate { .. } => strong("json_objectagg"),
            JsonFunction::ArrayAggregate { .. } => strong("json_arrayagg"),
            JsonFunction::Path(path) => match path.function {
                JsonPathFunction::Exists => strong("json_exists"),
                JsonPathFunction::Value => strong("json_value"),
                JsonPathFunction::Query => strong("json_query"),
            },
        },
        _ => None,
    }
}

/// The name of the first column that comes out of a query; `None` where it is one of those that `*` stands for.
fn first_name(query: &Query) -> Option<String> {
    match &query.body {
        Body::Select(select) => {
            let item = select.items.first()?;
            match &item.alias {
                Some(alias) => Some(alias.value.clone()),
                None if item.value.is_star() => None,
                None => Some(output_name(&item.value)),
            }
        }
        Body::Values(_) => Some("column1".to_owned()),
        Body::Set(set) => first_name(&set.left),
        Body::Table(_) => None,
    }
}

/// The name of a type in `pg_type`.
fn type_name(data_type: &Type) -> Option<String> {
    match data_type {
        Type::Array(element) => type_name(element),
        Type::Named { name, .. } => Some(name.name.clone()),
        data_type => data_type.internal_name().map(str::to_owned),
    }
}
