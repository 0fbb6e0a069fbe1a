//! The names of columns without an alias.

use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::types::Type;

/// The name of a column without an alias (`FigureColname` in `parse_target.c`).
pub(super) fn name_of(value: &Expression) -> String {
    figured(value).unwrap_or_else(|| "?column?".to_owned())
}

/// The names of the columns that come out of a query that was checked, as far as the query says them.
#[cfg(feature = "print")]
pub(crate) fn names_of(query: &migrate_core::query::Query) -> Vec<String> {
    use migrate_core::query::Body;
    match &query.body {
        Body::Select(select) => {
            let name = |item: &migrate_core::query::Item| {
                item.alias.as_ref().map_or_else(|| name_of(&item.value), |alias| alias.value.clone())
            };
            select.items.iter().map(name).collect()
        }
        Body::Values(rows) => (1..=rows.first().map_or(0, Vec::len)).map(|place| format!("column{place}")).collect(),
        Body::Set(set) => names_of(&set.left),
        Body::Table(_) => Vec::new(),
    }
}

fn figured(value: &Expression) -> Option<String> {
    Some(match &value.kind {
        ExpressionKind::Name(parts) => parts.last()?.clone(),
        ExpressionKind::Field { field, .. } => field.clone(),
        ExpressionKind::Subscript { operand, .. } | ExpressionKind::Collate { operand, .. } => {
            return figured(operand);
        }
        ExpressionKind::Call(call) => call.name.clone(),
        ExpressionKind::Cast { operand, target } => match figured(operand).filter(|name| name != "case") {
            Some(name) => name,
            None => type_name(target)?,
        },
        ExpressionKind::TypedText { target, .. } => type_name(target)?,
        ExpressionKind::Case { otherwise, .. } => {
            return otherwise.as_deref().and_then(figured).or_else(|| Some("case".into()));
        }
        ExpressionKind::Exists(_) => "exists".into(),
        ExpressionKind::Array(_) | ExpressionKind::ArraySubquery(_) => "array".into(),
        ExpressionKind::Row(_) => "row".into(),
        ExpressionKind::SessionValue { value, .. } => value.sql().to_lowercase(),
        ExpressionKind::Extract { .. } => "extract".into(),
        ExpressionKind::Position { .. } => "position".into(),
        ExpressionKind::Substring { .. } => "substring".into(),
        ExpressionKind::Overlay { .. } => "overlay".into(),
        ExpressionKind::Trim { side, .. } => match side {
            migrate_core::expression::TrimSide::Both => "btrim".into(),
            migrate_core::expression::TrimSide::Leading => "ltrim".into(),
            migrate_core::expression::TrimSide::Trailing => "rtrim".into(),
        },
        ExpressionKind::AtTimeZone { .. } => "timezone".into(),
        ExpressionKind::Subquery(query) => match &query.body {
            migrate_core::query::Body::Select(select) => {
                let item = select.items.first()?;
                return item.alias.as_ref().map(|alias| alias.value.clone()).or_else(|| figured(&item.value));
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// The name of a type in `pg_type`.
fn type_name(data_type: &Type) -> Option<String> {
    match data_type {
        Type::Array(element) => type_name(element),
        Type::Named { name, .. } => Some(name.name.clone()),
        data_type => data_type.internal_name().map(str::to_owned),
    }
}
