//! Objects of the kinds that are alike: they are made, changed, renamed, commented on and dropped, they use others and
//! others use them. Tables, indexes and enums, which are altered in many ways, have operations of their own.
//!
//! A kind is one file: what an object of it is, what it uses, how it follows what is renamed, the SQL that makes it and
//! that changes it in place. Everything else is written once: the operations, the search for users, the rebuilding of
//! what stands in the way of a change, the inverse, the comparison. The list at the end of this file names the kinds.

mod body;
mod default_value;
mod family_member;
mod foreign_column;
mod function_name;
mod function_options;
mod identity;
mod kind;
mod renaming;

pub use body::{Body, StandardBody};
pub use family_member::{FamilyMember, MemberKind, sort_members};
pub use foreign_column::{ForeignCheck, ForeignColumn};
pub use function_name::FunctionName;
pub use function_options::{FunctionOptions, FunctionVolatility, Parallel, is_list_of_names};
pub use identity::ObjectId;
pub use kind::Namespace;
pub use renaming::Renaming;

use crate::catalog::{Access, Catalog, Scope, Securable, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, LockMode, Lowering};
use crate::query::{PartMut, Query};
use crate::sorted::{SortedMap, SortedSet};
use crate::types::Type;

/// What an object of one kind is, and what is the same for no other kind.
pub trait Define {
    /// Notes what it uses, beside its schema and the table that it belongs to.
    fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>);

    /// Follows what it uses to another name, as PostgreSQL does, which keeps references.
    fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>);

    /// Adds the statements that make it, without its comment.
    fn create(&self, id: &ObjectId, plan: &mut Lowering);

    /// Adds the statements that make it what it is behind those that make it, where what else there is decides on them.
    fn complete(&self, _id: &ObjectId, _before: &Catalog, _plan: &mut Lowering) {}

    /// Adds the statements that change it into the other one in place; without any, and with `false` as the answer, where
    /// it has to be dropped and made again.
    fn change(&self, id: &ObjectId, to: &Self, before: &Catalog, plan: &mut Lowering) -> bool;

    /// Adds the statements that drop it; without any, and with `false` as the answer, where `DROP` with its name does.
    fn drop(&self, _id: &ObjectId, _plan: &mut Lowering) -> bool {
        false
    }

    /// What is dangerous about making it.
    fn hazards(&self, _id: &ObjectId) -> Vec<(Hazard, String)> {
        Vec::new()
    }

    /// What is dangerous about changing it into the other one beside live traffic.
    fn hazards_of_change(
        &self,
        _id: &ObjectId,
        _to: &Self,
        _before: &Catalog,
        _is_new: &dyn Fn(&QualifiedName) -> bool,
    ) -> Vec<(Hazard, String)> {
        Vec::new()
    }

    /// What of it is not there anymore once it is the other one: the columns of a view.
    fn loses(&self, _id: &ObjectId, _to: &Self) -> SortedSet<Used> {
        SortedSet::new()
    }

    /// What of it is of another type once it is the other one, so that what is built on it has to be made again.
    fn retypes(&self, _id: &ObjectId, _to: &Self) -> SortedSet<Used> {
        SortedSet::new()
    }

    /// What others may use of it under another name: the multirange of a range type.
    fn also_makes(&self, _id: &ObjectId) -> SortedSet<Used> {
        SortedSet::new()
    }

    /// What makes the server print it as it prints live ones; `None` where nothing of it is printed in other words.
    fn question(&self, _id: &ObjectId) -> Option<Question> {
        None
    }

    /// Puts what the server has printed into its place.
    ///
    /// # Errors
    /// The text cannot be read: why.
    fn answered(&mut self, _printed: &str) -> Result<(), String> {
        Ok(())
    }

    /// The columns of its rows, where it has rows.
    fn columns(&self) -> Vec<RelationColumn> {
        Vec::new()
    }

    /// Its query and its columns, to check it again or to put the server's words into it.
    fn query_mut(&mut self) -> Option<(&mut Query, &mut Vec<RelationColumn>)> {
        None
    }

    /// Calls `change` for each part of what it does, where that is parsed: of a rule, of the body of a function.
    fn walk_mut(&mut self, _change: &mut dyn FnMut(PartMut<'_>)) {}

    /// What is dangerous about making it again around a change of what it is built on.
    fn hazards_of_rebuild(&self, _id: &ObjectId) -> Vec<(Hazard, String)> {
        Vec::new()
    }

    /// Whether it is taken down and put back around a change of what it is built on.
    fn is_rebuilt(&self) -> bool {
        false
    }

    /// One of its columns gets another name.
    fn rename_column(&mut self, _from: &str, _to: &str) {}

    /// What differs, in words: a property, what is expected, what is there. Expressions count by their meaning.
    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)>;
}

/// How the server is asked for a definition in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Commands that make a temporary object, in a transaction that is rolled back.
    pub commands: Vec<String>,
    /// A query for the one text.
    pub answer: String,
}

/// A column of a view or of another object that has rows.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Its type, where it is known.
    pub data_type: Option<Type>,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// An object of one of the kinds.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct Object {
    /// What it is.
    pub definition: Definition,
    /// Its comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The comments on its columns or attributes.
    #[serde(default, skip_serializing_if = "SortedMap::is_empty")]
    pub column_comments: SortedMap<String, String>,
    /// Its owner and its privileges.
    #[serde(default, skip_serializing_if = "Access::is_empty")]
    pub access: Access,
}

macro_rules! kinds {
    ($($module:ident::$kind:ident),* $(,)?) => {
        $(mod $module; pub use $module::*;)*

        /// The kinds of objects that are alike.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, ToJson)]
        #[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $kind,
            )*
        }

        /// What an object is: one variant for each kind.
        #[derive(Clone, Debug, PartialEq, Eq, ToJson)]
        #[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
        #[serde(rename_all = "snake_case")]
        #[expect(clippy::large_enum_variant, reason = "an object is shared, and never moved around by itself")]
        pub enum Definition {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $kind($kind),
            )*
        }

        $(impl From<$kind> for Definition {
            fn from(definition: $kind) -> Self { Definition::$kind(definition) }
        })*

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// The name of its file.
            pub fn file(self) -> &'static str {
                match self { $(Kind::$kind => stringify!($module),)* }
            }

            fn facts(self) -> &'static kind::Facts {
                match self { $(Kind::$kind => &$kind::FACTS,)* }
            }
        }

        impl Definition {
            /// The kind.
            pub fn kind(&self) -> Kind {
                match self { $(Definition::$kind(_) => Kind::$kind,)* }
            }
        }

        impl Define for Definition {
            fn note_uses(&self, id: &ObjectId, scope: &Scope<'_>, uses: &mut SortedSet<Used>) {
                match self { $(Definition::$kind(one) => one.note_uses(id, scope, uses),)* }
            }
            fn follow(&mut self, id: &ObjectId, renaming: &Renaming<'_>) {
                match self { $(Definition::$kind(one) => one.follow(id, renaming),)* }
            }
            fn create(&self, id: &ObjectId, plan: &mut Lowering) {
                match self { $(Definition::$kind(one) => one.create(id, plan),)* }
            }
            fn complete(&self, id: &ObjectId, before: &Catalog, plan: &mut Lowering) {
                match self { $(Definition::$kind(one) => one.complete(id, before, plan),)* }
            }
            fn change(&self, id: &ObjectId, to: &Self, before: &Catalog, plan: &mut Lowering) -> bool {
                match (self, to) {
                    $((Definition::$kind(one), Definition::$kind(other)) => one.change(id, other, before, plan),)*
                    _ => false,
                }
            }
            fn drop(&self, id: &ObjectId, plan: &mut Lowering) -> bool {
                match self { $(Definition::$kind(one) => Define::drop(one, id, plan),)* }
            }
            fn hazards(&self, id: &ObjectId) -> Vec<(Hazard, String)> {
                match self { $(Definition::$kind(one) => one.hazards(id),)* }
            }
            fn hazards_of_change(
                &self,
                id: &ObjectId,
                to: &Self,
                before: &Catalog,
                is_new: &dyn Fn(&QualifiedName) -> bool,
            ) -> Vec<(Hazard, String)> {
                match (self, to) {
                    $((Definition::$kind(one), Definition::$kind(other)) => {
                        one.hazards_of_change(id, other, before, is_new)
                    })*
                    _ => Vec::new(),
                }
            }
            fn also_makes(&self, id: &ObjectId) -> SortedSet<Used> {
                match self { $(Definition::$kind(one) => one.also_makes(id),)* }
            }
            fn question(&self, id: &ObjectId) -> Option<Question> {
                match self { $(Definition::$kind(one) => one.question(id),)* }
            }
            fn answered(&mut self, printed: &str) -> Result<(), String> {
                match self { $(Definition::$kind(one) => one.answered(printed),)* }
            }
            fn columns(&self) -> Vec<RelationColumn> {
                match self { $(Definition::$kind(one) => one.columns(),)* }
            }
            fn is_rebuilt(&self) -> bool {
                match self { $(Definition::$kind(one) => one.is_rebuilt(),)* }
            }
            fn rename_column(&mut self, from: &str, to: &str) {
                match self { $(Definition::$kind(one) => one.rename_column(from, to),)* }
            }
            fn query_mut(&mut self) -> Option<(&mut Query, &mut Vec<RelationColumn>)> {
                match self { $(Definition::$kind(one) => one.query_mut(),)* }
            }
            fn walk_mut(&mut self, change: &mut dyn FnMut(PartMut<'_>)) {
                match self { $(Definition::$kind(one) => Define::walk_mut(one, change),)* }
            }
            fn hazards_of_rebuild(&self, id: &ObjectId) -> Vec<(Hazard, String)> {
                match self { $(Definition::$kind(one) => one.hazards_of_rebuild(id),)* }
            }
            fn loses(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
                match (self, to) {
                    $((Definition::$kind(one), Definition::$kind(other)) => one.loses(id, other),)*
                    _ => SortedSet::new(),
                }
            }
            fn retypes(&self, id: &ObjectId, to: &Self) -> SortedSet<Used> {
                match (self, to) {
                    $((Definition::$kind(one), Definition::$kind(other)) => one.retypes(id, other),)*
                    _ => SortedSet::new(),
                }
            }
            fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
                match (self, found) {
                    $((Definition::$kind(one), Definition::$kind(other)) => one.differences(other),)*
                    _ => Vec::new(),
                }
            }
        }
    };
}

/// A property in the list of differences, if it differs.
fn compared<T: PartialEq + ToString>(
    property: &'static str,
    expected: Option<&T>,
    found: Option<&T>,
) -> Option<(&'static str, Option<String>, Option<String>)> {
    // Nothing at all reads as `none`.
    let told = |value: Option<&T>| value.map(T::to_string).filter(|text| !text.is_empty());
    (expected != found).then(|| (property, told(expected), told(found)))
}

impl Object {
    /// An object without a comment.
    pub fn new(definition: impl Into<Definition>) -> Self {
        Object {
            definition: definition.into(),
            comment: None,
            column_comments: SortedMap::new(),
            access: Access::default(),
        }
    }

    /// It with another definition. What is said of columns that are gone goes with them.
    pub fn with_definition(&self, definition: Definition) -> Self {
        let mut object = Object { definition, ..self.clone() };
        if !object.column_comments.is_empty() || !object.access.columns.is_empty() {
            let names = object.definition.column_names();
            object.column_comments.retain(|column, _| names.contains(column));
            object.access.columns.retain(|column, _| names.contains(column));
        }
        object
    }
}

impl Object {
    /// One of its columns gets another name.
    pub(crate) fn rename_column(&mut self, from: &str, to: &str) {
        self.definition.rename_column(from, to);
        if let Some(comment) = self.column_comments.remove(from) {
            self.column_comments.insert(to.to_owned(), comment);
        }
        if let Some(grants) = self.access.columns.remove(from) {
            self.access.columns.insert(to.to_owned(), grants);
        }
    }
}

impl Definition {
    /// The names of its columns or attributes; none where it has none.
    pub fn column_names(&self) -> Vec<String> {
        match self {
            Definition::CompositeType(found) => found.attributes.iter().map(|one| one.name.clone()).collect(),
            other => other.columns().into_iter().map(|column| column.name).collect(),
        }
    }
}

impl Kind {
    /// What people call it: `materialized view`.
    pub fn noun(self) -> &'static str {
        self.facts().noun
    }

    /// The noun with `a` or `an` before it.
    pub fn with_article(self) -> String {
        let article = if self.noun().starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
        format!("{article} {}", self.noun())
    }

    /// What stands after `CREATE`, `DROP` and `COMMENT ON`.
    pub fn keywords(self) -> &'static str {
        self.facts().keywords
    }

    /// With what its names may not collide.
    pub fn namespace(self) -> Namespace {
        self.facts().namespace
    }

    /// Which privileges objects of the kind have; `None`: none.
    pub fn securable(self) -> Option<Securable> {
        self.facts().securable
    }

    /// Whether each object of the kind has an owner of its own.
    pub fn has_owner(self) -> bool {
        let has_none = matches!(
            self,
            Kind::DefaultPrivileges
                | Kind::Cast
                | Kind::UserMapping
                | Kind::TextSearchParser
                | Kind::TextSearchTemplate
        );
        self.lock_on_table().is_none() && !has_none
    }

    /// Whether objects of the kind can get another name.
    pub fn is_renamed(self) -> bool {
        !matches!(self, Kind::Cast | Kind::OwnOperator | Kind::UserMapping)
    }

    /// Whether objects of the kind can have a comment.
    pub fn has_comment(self) -> bool {
        self != Kind::UserMapping
    }

    /// Whether objects of the kind are the database's, and none of a tenant's.
    pub fn is_of_database(self) -> bool {
        self.namespace() == Namespace::Database && !matches!(self, Kind::Schema | Kind::DefaultPrivileges | Kind::Cast)
    }

    /// Whether objects of the kind are in a schema, and can be moved to another one.
    pub fn has_schema(self) -> bool {
        match self.namespace() {
            Namespace::Relation | Namespace::Type | Namespace::Routine | Namespace::Schema => true,
            Namespace::Database | Namespace::Table => false,
        }
    }

    /// The lock on the table it belongs to that making, changing and dropping it takes; `None`: it belongs to no table.
    pub fn lock_on_table(self) -> Option<LockMode> {
        self.facts().on_table
    }
}

kinds! {
    schema::Schema,
    sequence::Sequence,
    domain::Domain,
    composite_type::CompositeType,
    view::View,
    materialized_view::MaterializedView,
    function::Function,
    procedure::Procedure,
    trigger::Trigger,
    event_trigger::EventTrigger,
    policy::Policy,
    default_privileges::DefaultPrivileges,
    statistics::Statistics,
    range_type::RangeType,
    rule::Rule,
    aggregate::Aggregate,
    collation::Collation,
    publication::Publication,
    cast::Cast,
    operator_family::OperatorFamily,
    operator_class::OperatorClass,
    operator::OwnOperator,
    foreign_data_wrapper::ForeignDataWrapper,
    server::Server,
    foreign_table::ForeignTable,
    user_mapping::UserMapping,
    text_search_parser::TextSearchParser,
    text_search_template::TextSearchTemplate,
    text_search_dictionary::TextSearchDictionary,
    text_search_configuration::TextSearchConfiguration,
}
