use super::{Inverse, Operate, Touched, follow, on_update};
use crate::catalog::{Catalog, Used, User};
use crate::json::ToJson;
use crate::name::{DEFAULT_SCHEMA, QualifiedName};
use crate::object::{Definition, Kind, Namespace, ObjectId, OperatorClass, Renaming};
use crate::plan::{Hazard, Lowering};
use crate::sorted::SortedSet;
use crate::sql::Writer;
use crate::{extension, system};

/// `ALTER EXTENSION ... SET SCHEMA`: everything that the extension has is in another schema.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct MoveExtension {
    /// The extension.
    pub name: String,
    /// The schema after; `None` for the default.
    pub schema: Option<String>,
}

impl MoveExtension {
    fn schema(&self) -> &str {
        self.schema.as_deref().unwrap_or(DEFAULT_SCHEMA)
    }

    fn moved(&self, name: &QualifiedName) -> QualifiedName {
        QualifiedName::in_schema(self.schema(), name.name.clone())
    }

    /// The types that it moves, by their names before and after.
    pub fn types(&self, before: &Catalog) -> Vec<(QualifiedName, QualifiedName)> {
        let Some(extension) = before.extensions.get(&self.name) else { return Vec::new() };
        let is_own = |name: &str| extension::providing_type(name) == Some(self.name.as_str());
        let types = system::types().filter(|one| one.extension() == Some(self.name.as_str())).map(system::SystemType::name);
        let known = extension::types_of(&self.name).iter().copied().filter(|name| is_own(name));
        let names: SortedSet<&str> = types.chain(known).collect();
        let names = names.into_iter().map(|name| QualifiedName::in_schema(extension.schema(), name));
        names.filter(|name| !before.has_type(name)).map(|name| (name.clone(), self.moved(&name))).collect()
    }

    /// The functions and operators that it moves, by their names before, without those whose names PostgreSQL has, too: these
    /// mean its own functions wherever they stand without a schema. citext has a `replace`.
    pub fn functions(&self, before: &Catalog) -> SortedSet<QualifiedName> {
        let mut functions = self.all_functions(before);
        functions.retain(|name| !system::is_of_postgres(&name.name));
        functions
    }

    fn all_functions(&self, before: &Catalog) -> SortedSet<QualifiedName> {
        let Some(extension) = before.extensions.get(&self.name) else { return SortedSet::new() };
        let own = Some(self.name.as_str());
        let functions = system::function_names().filter(|(_, of)| *of == own).map(|(name, _)| name);
        let operators = system::all_operators().filter(|one| one.extension() == own).map(system::SystemOperator::symbol);
        let names = functions.chain(operators).map(|name| QualifiedName::in_schema(extension.schema(), name));
        names.filter(|name| !before.has_routine(name)).collect()
    }

    /// What it moves of all that is neither a type nor a table, as far as something in the catalog mentions it.
    fn mentioned(&self, before: &Catalog) -> SortedSet<ObjectId> {
        let Some(from) = before.extensions.get(&self.name).map(|extension| extension.schema().to_owned()) else {
            return SortedSet::new();
        };
        let functions = self.all_functions(before);
        let mut found = self.classes(before, &from);
        for used in all_uses(before) {
            match used {
                Used::Function(name) if functions.contains(&name) => {
                    let is_word = name.name.starts_with(|first: char| first.is_alphanumeric() || first == '_');
                    let kind = if is_word { Kind::Function } else { Kind::OwnOperator };
                    found.insert(ObjectId::new(kind, name));
                }
                Used::Object(id) if id.name.schema == from && before.object(&id).is_none() => {
                    let is_own = match id.kind {
                        Kind::TextSearchTemplate | Kind::TextSearchDictionary => {
                            extension::providing_template(&id.name.name) == Some(self.name.as_str())
                        }
                        kind => kind.namespace() == Namespace::Routine && functions.contains(&id.name),
                    };
                    if is_own {
                        found.insert(id);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Its operator classes that indexes and exclusions name.
    fn classes(&self, before: &Catalog, from: &str) -> SortedSet<ObjectId> {
        let own: SortedSet<ObjectId> = system::all_operator_classes()
            .filter(|class| class.extension() == Some(self.name.as_str()))
            .map(|class| OperatorClass::id(class.method(), QualifiedName::in_schema(from, class.name())))
            .collect();
        if own.is_empty() {
            return own;
        }
        let mut named = SortedSet::new();
        for table in before.tables.values() {
            let mut table = (**table).clone();
            for (method, class) in table.classes_mut() {
                named.extend(class.as_deref().map(|class| OperatorClass::id_of_key(&method, class)));
            }
        }
        for object in before.objects.values() {
            if let Definition::MaterializedView(view) = &object.definition {
                let classes = view.indexes.values().flat_map(|index| index.keys.iter().map(move |key| (index, key)));
                named.extend(classes.filter_map(|(index, key)| {
                    Some(OperatorClass::id_of_key(&index.method, key.operator_class.as_deref()?))
                }));
            }
        }
        own.intersection(&named).cloned().collect()
    }
}

/// What anything uses.
fn all_uses(catalog: &Catalog) -> SortedSet<Used> {
    let mut uses = SortedSet::new();
    for (name, table) in &catalog.tables {
        for part in table.parts() {
            uses.extend(catalog.uses_of(&User::Table(name, part)));
        }
    }
    for (id, object) in &catalog.objects {
        uses.extend(catalog.uses_of_object(id, object));
    }
    uses
}

impl Operate for MoveExtension {
    fn apply(&self, catalog: &mut Catalog) {
        let (types, mentioned) = (self.types(catalog), self.mentioned(catalog));
        for (from, to) in &types {
            follow::rename_type(catalog, from, to);
        }
        let before = catalog.clone();
        for id in &mentioned {
            // What it takes may have been moved with it.
            let mut from = id.clone();
            for (was, is) in &types {
                from.arguments.iter_mut().for_each(|argument| {
                    argument.rename(was, is);
                });
            }
            follow::objects(catalog, &Renaming::Object { from: &from, to: &self.moved(&id.name), before: &before });
        }
        if let Some(extension) = catalog.extensions.get_mut(&self.name) {
            extension.schema.clone_from(&self.schema);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let schema = before.extensions.get(&self.name).and_then(|extension| extension.schema.clone());
        Inverse::operation(MoveExtension { name: self.name.clone(), schema })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let writer = Writer::new().keyword("ALTER EXTENSION").identifier(&self.name);
        plan.sql(writer.keyword("SET SCHEMA").identifier(self.schema()).finish());
        on_update::lower_followed(before, self, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.extension(&self.name);
        for user in before.users(&Used::Extension(self.name.clone())) {
            touched.user(&user);
        }
    }

    fn hazards(&self, _before: &Catalog, _is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let told = format!("running code that uses what the extension `{}` has may not find it", self.name);
        vec![(Hazard::BreaksQueries, told)]
    }

    fn breaks(&self, _before: &Catalog) -> Vec<String> {
        vec![format!("extension `{}` is moved to schema `{}`", self.name, self.schema())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{AddColumn, CreateExtension, CreateIndex};
    use super::*;
    use crate::catalog::Index;

    #[test]
    fn what_uses_the_extension_follows() {
        let mut catalog = catalog();
        for extension in ["uuid-ossp", "pg_trgm"] {
            CreateExtension { name: extension.into(), schema: None, comment: None }.apply(&mut catalog);
        }
        let columns = [column("mail", "public.citext?"), column("token", "uuid = public.uuid_generate_v4()"), column("own", "text = replace('a', 'b', 'c')")];
        for column in columns {
            AddColumn { table: name("users"), column }.apply(&mut catalog);
        }
        let mut by_name = index(&["nick"]);
        by_name.method = "gin".into();
        by_name.keys[0].operator_class = Some("public.gin_trgm_ops".into());
        let create = CreateIndex { table: name("users"), name: "users_nick".into(), index: Index { ..by_name } };
        create.apply(&mut catalog);
        let before = catalog.clone();
        for extension in ["citext", "uuid-ossp", "pg_trgm"] {
            let operation = MoveExtension { name: extension.into(), schema: Some("app".into()) };
            let inverse = operation.invert(&catalog);
            operation.apply(&mut catalog);
            assert_eq!(inverse, Inverse::operation(MoveExtension { name: extension.into(), schema: None }));
        }
        let users = catalog.table(&name("users")).unwrap();
        assert_eq!(users.column("mail").unwrap().data_type.to_string(), "app.citext");
        let default = users.column("token").unwrap().default.as_ref().unwrap();
        assert_eq!(default.to_string(), "app.uuid_generate_v4()");
        assert_eq!(users.column("own").unwrap().default.as_ref().unwrap().to_string(), "replace('a', 'b', 'c')");
        assert_eq!(users.indexes["users_nick"].keys[0].operator_class.as_deref(), Some("app.gin_trgm_ops"));
        for extension in ["citext", "uuid-ossp", "pg_trgm"] {
            MoveExtension { name: extension.into(), schema: None }.apply(&mut catalog);
        }
        assert_eq!(catalog, before);
    }

    #[test]
    fn an_extension_is_moved() {
        let operation = MoveExtension { name: "citext".into(), schema: Some("app".into()) };
        assert_eq!(lowered(&catalog(), operation), ["-- transaction", "ALTER EXTENSION citext SET SCHEMA app"]);
    }
}
