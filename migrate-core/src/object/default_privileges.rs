use super::kind::Facts;
use super::{Define, Kind, Namespace, ObjectId, Renaming};
use crate::catalog::{Catalog, Grants, Privilege, Privileges, Role, Said, Scope, Securable, Used};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::operation::{Granted, lower_grants};
use crate::plan::Lowering;
use crate::sorted::{SortedMap, SortedSet};
use crate::sql::Writer;

/// The privileges that what a role makes later has from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct DefaultPrivileges {
    /// Who makes it; `None`: the role that migrates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// In which schema; `None`: in any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What is made.
    pub of: DefaultsOf,
    /// The privileges.
    pub grants: Grants,
}

/// What default privileges are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum DefaultsOf {
    Tables,
    Sequences,
    Functions,
    Types,
    Schemas,
}

impl DefaultsOf {
    /// All of them.
    pub const ALL: [DefaultsOf; 5] = [
        DefaultsOf::Tables,
        DefaultsOf::Sequences,
        DefaultsOf::Functions,
        DefaultsOf::Types,
        DefaultsOf::Schemas,
    ];

    /// The SQL word.
    pub fn keyword(self) -> &'static str {
        match self {
            DefaultsOf::Tables => "TABLES",
            DefaultsOf::Sequences => "SEQUENCES",
            DefaultsOf::Functions => "FUNCTIONS",
            DefaultsOf::Types => "TYPES",
            DefaultsOf::Schemas => "SCHEMAS",
        }
    }

    /// Which privileges they are.
    pub fn securable(self) -> Securable {
        match self {
            DefaultsOf::Tables => Securable::Table,
            DefaultsOf::Sequences => Securable::Sequence,
            DefaultsOf::Functions => Securable::Routine,
            DefaultsOf::Types => Securable::Type,
            DefaultsOf::Schemas => Securable::Schema,
        }
    }
}

impl DefaultPrivileges {
    pub(super) const FACTS: Facts = Facts {
        noun: "default privileges",
        keywords: "DEFAULT PRIVILEGES",
        namespace: Namespace::Database,
        on_table: None,
        securable: None,
    };

    /// Nothing is said yet.
    pub fn new(role: Option<String>, schema: Option<String>, of: DefaultsOf) -> Self {
        DefaultPrivileges { role, schema, of, grants: Grants::default() }
    }

    /// Which object they are.
    pub fn id(&self) -> ObjectId {
        let mut name = format!("on {}", self.of.keyword().to_lowercase());
        if let Some(role) = &self.role {
            name.push_str(" of ");
            name.push_str(role);
        }
        ObjectId::new(Kind::DefaultPrivileges, QualifiedName::in_schema(self.schema.as_deref().unwrap_or(""), name))
    }

    /// Whether every role has the privilege without that anybody said so. Those of a schema only add to the others.
    pub fn is_built_in(&self, role: &Role, privilege: Privilege) -> bool {
        self.schema.is_none() && self.of.securable().is_built_in(role, privilege)
    }

    pub(crate) fn write_scope(&self, writer: Writer) -> Writer {
        writer
            .optional(self.role.as_deref(), |writer, role| writer.keyword("FOR ROLE").identifier(role))
            .optional(self.schema.as_deref(), |writer, schema| writer.keyword("IN SCHEMA").identifier(schema))
    }

    fn lower(&self, before: &Grants, after: &Grants, plan: &mut Lowering) {
        let nothing = Privileges::new();
        let roles: SortedSet<&Role> = before.0.keys().chain(after.0.keys()).collect();
        for role in roles {
            let (was, is) = (before.0.get(role).unwrap_or(&nothing), after.0.get(role).unwrap_or(&nothing));
            lower_grants(Granted::Defaults(self), role, was, is, plan);
        }
    }

    /// What is granted, and what of the built-in privileges is revoked.
    fn effect(&self) -> SortedMap<&Role, SortedMap<Privilege, Said>> {
        let counts = |role: &Role, privilege: Privilege, said: Said| match said {
            Said::Granted { with_option } => with_option || !self.is_built_in(role, privilege),
            Said::Revoked => self.is_built_in(role, privilege),
        };
        let mut effect: SortedMap<&Role, SortedMap<Privilege, Said>> = SortedMap::new();
        for (role, privileges) in &self.grants.0 {
            for (privilege, said) in privileges.iter().filter(|(privilege, said)| counts(role, **privilege, **said)) {
                // It comes with all of them where the server knows it.
                if *privilege != Privilege::Maintain {
                    effect.entry(role).or_default().insert(*privilege, *said);
                }
            }
        }
        effect
    }

    /// Whether what is made has this privilege.
    pub fn grants_to(&self, role: &Role, privilege: Privilege) -> bool {
        matches!(self.grants.said(role, privilege), Some(Said::Granted { .. }))
    }

    /// Whether every role gets something by them that it would not have.
    pub fn opens_to_everybody(&self) -> bool {
        let effect = self.effect();
        let of_everybody = effect.get(&Role::Public).into_iter().flat_map(SortedMap::values);
        of_everybody.into_iter().any(|said| matches!(said, Said::Granted { .. }))
    }

    fn told(&self) -> Option<String> {
        let told = |said: &Said, privilege: &Privilege| match said {
            Said::Granted { with_option: true } => format!("{privilege} with grant option"),
            Said::Granted { with_option: false } => privilege.to_string(),
            Said::Revoked => format!("no {privilege}"),
        };
        let roles: Vec<String> = self
            .effect()
            .iter()
            .map(|(role, privileges)| {
                let each: Vec<String> = privileges.iter().map(|(privilege, said)| told(said, privilege)).collect();
                format!("{role}: {}", each.join(", "))
            })
            .collect();
        (!roles.is_empty()).then(|| roles.join("; "))
    }
}

impl Define for DefaultPrivileges {
    fn note_uses(&self, _id: &ObjectId, _scope: &Scope<'_>, _uses: &mut SortedSet<Used>) {}

    fn follow(&mut self, _id: &ObjectId, renaming: &Renaming<'_>) {
        if let Renaming::Object { from, to, .. } = renaming
            && from.kind == Kind::Schema
            && self.schema.as_ref() == Some(&from.name.name)
        {
            self.schema = Some(to.name.clone());
        }
    }

    fn create(&self, _id: &ObjectId, plan: &mut Lowering) {
        self.lower(&Grants::default(), &self.grants, plan);
    }

    fn change(&self, _id: &ObjectId, to: &Self, _before: &Catalog, plan: &mut Lowering) -> bool {
        self.lower(&self.grants, &to.grants, plan);
        true
    }

    fn drop(&self, _id: &ObjectId, plan: &mut Lowering) -> bool {
        self.lower(&self.grants, &Grants::default(), plan);
        true
    }

    fn differences(&self, found: &Self) -> Vec<(&'static str, Option<String>, Option<String>)> {
        if self.effect() == found.effect() {
            return Vec::new();
        }
        vec![("privileges", self.told(), found.told())]
    }
}
