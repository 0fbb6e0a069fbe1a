use super::{Inverse, Operate, Touched, comments};
use crate::catalog::Catalog;
use crate::diff;
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::object::{Definition, Kind, ObjectId};
use crate::plan::Lowering;

/// `COMMENT ON`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetComment {
    /// What is commented.
    pub target: CommentTarget,
    /// The text; `None` drops it.
    pub comment: Option<String>,
}

/// What a comment is on.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
pub enum CommentTarget {
    /// A table.
    Table(QualifiedName),
    /// A column of a table, of a view or of another object that has columns; an attribute of a composite type.
    Column(QualifiedName, String),
    /// An enum type.
    Enum(QualifiedName),
    /// A constraint of a table.
    Constraint(QualifiedName, String),
    /// A check of a domain.
    DomainConstraint(QualifiedName, String),
    /// An extension.
    Extension(String),
    /// An index, by its table and name.
    Index(QualifiedName, String),
    /// An object of one of the kinds that are alike.
    Object(ObjectId),
}

impl From<diff::Object> for CommentTarget {
    fn from(object: diff::Object) -> Self {
        match object {
            diff::Object::Extension(name) => CommentTarget::Extension(name),
            diff::Object::Enum(name) => CommentTarget::Enum(name),
            diff::Object::Table(table) => CommentTarget::Table(table),
            diff::Object::Column { table, column } => CommentTarget::Column(table, column),
            diff::Object::Constraint { table, name } => CommentTarget::Constraint(table, name),
            diff::Object::Index { table, name } => CommentTarget::Index(table, name),
            diff::Object::Other(id) => CommentTarget::Object(id),
        }
    }
}

impl CommentTarget {
    /// The table that it is or belongs to.
    pub fn table(&self) -> Option<&QualifiedName> {
        match self {
            CommentTarget::Table(table)
            | CommentTarget::Column(table, _)
            | CommentTarget::Constraint(table, _)
            | CommentTarget::Index(table, _) => Some(table),
            CommentTarget::Enum(_)
            | CommentTarget::DomainConstraint(..)
            | CommentTarget::Extension(_)
            | CommentTarget::Object(_) => None,
        }
    }

    /// The comment that is on it.
    pub fn comment(&self, catalog: &Catalog) -> Option<String> {
        if let Some((id, column)) = self.column_of_object(catalog) {
            return catalog.object(&id)?.column_comments.get(column).cloned();
        }
        if let CommentTarget::DomainConstraint(domain, name) = self {
            return match &catalog.object(&ObjectId::new(Kind::Domain, domain.clone()))?.definition {
                Definition::Domain(domain) => domain.comments.get(name).cloned(),
                _ => None,
            };
        }
        self.comment_mut(&mut catalog.clone()).and_then(|comment| comment.take())
    }

    /// The object and the column, where it is one of no table.
    fn column_of_object(&self, catalog: &Catalog) -> Option<(ObjectId, &str)> {
        match self {
            CommentTarget::Column(name, column) if !catalog.tables.contains_key(name) => {
                Some((catalog.with_columns(name)?.0.clone(), column))
            }
            _ => None,
        }
    }

    fn comment_mut<'c>(&self, catalog: &'c mut Catalog) -> Option<&'c mut Option<String>> {
        Some(match self {
            CommentTarget::Table(table) => &mut catalog.table_mut(table)?.comment,
            CommentTarget::Column(table, column) => &mut catalog.table_mut(table)?.column_mut(column)?.comment,
            CommentTarget::Enum(name) => &mut catalog.enum_type_mut(name)?.comment,
            CommentTarget::DomainConstraint(..) => return None,
            CommentTarget::Extension(name) => &mut catalog.extensions.get_mut(name)?.comment,
            CommentTarget::Constraint(table, name) => &mut catalog.table_mut(table)?.constraints.get_mut(name)?.comment,
            CommentTarget::Index(table, name) => &mut catalog.indexes_mut(table)?.get_mut(name)?.comment,
            CommentTarget::Object(id) => &mut catalog.object_mut(id)?.comment,
        })
    }
}

impl Operate for SetComment {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some((id, column)) = self.target.column_of_object(catalog) {
            let Some(object) = catalog.object_mut(&id) else { return };
            match &self.comment {
                Some(comment) => object.column_comments.insert(column.to_owned(), comment.clone()),
                None => object.column_comments.remove(column),
            };
        } else if let CommentTarget::DomainConstraint(domain, name) = &self.target {
            let Some(object) = catalog.object_mut(&ObjectId::new(Kind::Domain, domain.clone())) else { return };
            let Definition::Domain(domain) = &mut object.definition else { return };
            match &self.comment {
                Some(comment) => domain.comments.insert(name.clone(), comment.clone()),
                None => domain.comments.remove(name),
            };
        } else if let Some(comment) = self.target.comment_mut(catalog) {
            comment.clone_from(&self.comment);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let comment = self.target.comment(before);
        let back = SetComment { target: self.target.clone(), comment };
        match &back {
            SetComment { target: CommentTarget::Extension(name), comment: None } => {
                let own = format!("the comment that the extension `{name}` brings");
                Inverse::operation(back).losing(own)
            }
            _ => Inverse::operation(back),
        }
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        match self.target.column_of_object(before) {
            Some((id, column)) => {
                comments::lower_column_of_object(&id, column, self.comment.as_deref(), plan);
            }
            None => comments::lower_comment(&self.target, self.comment.as_deref(), plan),
        }
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        if let Some((id, _)) = self.target.column_of_object(before) {
            touched.object(&id);
            return;
        }
        match (&self.target, self.target.table()) {
            (CommentTarget::Index(relation, _), _) => touched.indexed(relation, before),
            (CommentTarget::Enum(name), _) => touched.type_(name),
            (CommentTarget::DomainConstraint(domain, _), _) => {
                touched.object(&ObjectId::new(Kind::Domain, domain.clone()));
            }
            (CommentTarget::Extension(name), _) => touched.extension(name),
            (CommentTarget::Object(id), _) => touched.object(id),
            (_, Some(table)) => touched.table(table),
            (_, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn a_column_is_commented() {
        assert_eq!(
            lowered(
                &catalog(),
                SetComment {
                    target: CommentTarget::Column(name("users"), "nick".into()),
                    comment: Some("It's short.".into())
                }
            ),
            ["-- transaction", "COMMENT ON COLUMN public.users.nick IS 'It''s short.'",]
        );
    }

    #[test]
    fn a_comment_is_dropped() {
        assert_eq!(
            lowered(
                &catalog(),
                SetComment {
                    target: CommentTarget::Index(name("bookings"), "bookings_status_idx".into()),
                    comment: None
                }
            ),
            ["-- transaction", "COMMENT ON INDEX public.bookings_status_idx IS NULL",]
        );
    }
}
