use super::{Inverse, Operate, Touched, access};
use crate::catalog::{AccessTarget, Catalog, Privilege, Role, Said};
use crate::json::ToJson;
use crate::name::QualifiedName;
use crate::plan::{Hazard, Lowering};
use crate::sorted::SortedMap;

/// `GRANT` and `REVOKE`: what is said from now on of some privileges of a role.
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetGrants {
    /// What they are of.
    pub target: AccessTarget,
    /// Whose they are.
    pub role: Role,
    /// Each with what is said of it; `None`: nothing anymore.
    pub privileges: SortedMap<Privilege, Option<Said>>,
}

impl SetGrants {
    /// Those that the role loses.
    fn lost(&self, before: &Catalog) -> Vec<String> {
        let grants = self.target.grants(before);
        let is_lost = |(privilege, said): &(&Privilege, &Option<Said>)| {
            let was = grants.said(&self.role, **privilege);
            let had = matches!(was, Some(Said::Granted { .. }))
                || was.is_none() && self.target.is_built_in(&self.role, **privilege);
            **said == Some(Said::Revoked) && had
        };
        self.privileges.iter().filter(is_lost).map(|(privilege, _)| privilege.to_string()).collect()
    }
}

impl Operate for SetGrants {
    fn apply(&self, catalog: &mut Catalog) {
        let mut grants = self.target.grants(catalog);
        let of_role = grants.0.entry(self.role.clone()).or_default();
        for (privilege, said) in &self.privileges {
            match said {
                Some(said) => of_role.insert(*privilege, *said),
                None => of_role.remove(privilege),
            };
        }
        if of_role.is_empty() {
            grants.0.remove(&self.role);
        }
        self.target.set_grants(grants, catalog);
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let grants = self.target.grants(before);
        let was = |privilege: &Privilege| grants.said(&self.role, *privilege);
        // Of a role that is mentioned, everything is known.
        let is_known = self.role == Role::Public || grants.0.contains_key(&self.role);
        let mut privileges = self.privileges.iter();
        let unknown = privileges.find(|(_, said)| **said == Some(Said::Revoked) && !is_known);
        if let Some((privilege, _)) = unknown {
            let (role, target) = (&self.role, self.target.told());
            let why = format!("it is not known whether `{role}` had `{privilege}` on {target} before");
            return Inverse::NotDerivable { why };
        }
        let privileges = self.privileges.keys().map(|privilege| (*privilege, was(privilege))).collect();
        Inverse::operation(SetGrants { target: self.target.clone(), role: self.role.clone(), privileges })
    }

    fn lower(&self, before: &Catalog, plan: &mut Lowering) {
        let was = self.target.grants(before).0.remove(&self.role).unwrap_or_default();
        let mut is = was.clone();
        for (privilege, said) in &self.privileges {
            match said {
                Some(said) => is.insert(*privilege, *said),
                None => is.remove(privilege),
            };
        }
        access::lower_grants(access::Granted::Target(&self.target), &self.role, &was, &is, plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.access(&self.target, before);
    }

    fn hazards(&self, before: &Catalog, is_new: &dyn Fn(&QualifiedName) -> bool) -> Vec<(Hazard, String)> {
        let is_of_new = match &self.target {
            AccessTarget::Table(name) | AccessTarget::Column(name, _) => is_new(name),
            AccessTarget::Object(id) => is_new(&id.name),
            AccessTarget::Enum(_) => false,
        };
        match self.breaks(before).pop() {
            Some(text) if !is_of_new => vec![(Hazard::BreaksQueries, text)],
            _ => Vec::new(),
        }
    }

    fn breaks(&self, before: &Catalog) -> Vec<String> {
        let lost = self.lost(before);
        if lost.is_empty() {
            return Vec::new();
        }
        vec![format!("`{}` loses {} on {}", self.role, lost.join(", "), self.target.told())]
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    fn app() -> Role {
        Role::Named("app".into())
    }

    fn set(role: Role, privileges: &[Privilege], said: Option<Said>) -> SetGrants {
        let privileges = privileges.iter().map(|privilege| (*privilege, said)).collect();
        SetGrants { target: AccessTarget::Table(name("users")), role, privileges }
    }

    const GRANTED: Option<Said> = Some(Said::Granted { with_option: false });

    #[test]
    fn what_changes_is_granted_and_revoked() {
        let mut catalog = catalog();
        let grant = set(app(), &[Privilege::Select, Privilege::Insert], GRANTED);
        assert_eq!(
            lowered(&catalog, grant.clone()),
            ["-- transaction", "GRANT SELECT, INSERT ON TABLE public.users TO app"]
        );
        assert!(assert_undone(&catalog, grant.clone()).is_empty());
        grant.apply(&mut catalog);
        let with_option = set(app(), &[Privilege::Select], Some(Said::Granted { with_option: true }));
        assert_eq!(
            lowered(&catalog, with_option.clone()),
            ["-- transaction", "GRANT SELECT ON TABLE public.users TO app WITH GRANT OPTION"]
        );
        with_option.apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, set(app(), &[Privilege::Select], GRANTED)),
            ["-- transaction", "REVOKE GRANT OPTION FOR SELECT ON TABLE public.users FROM app"]
        );
        let revoke = set(app(), &[Privilege::Select], Some(Said::Revoked));
        assert_eq!(hazard_codes(&catalog, revoke.clone()), ["breaks_queries"]);
        assert_eq!(lowered(&catalog, revoke), ["-- transaction", "REVOKE SELECT ON TABLE public.users FROM app"]);
    }

    #[test]
    fn all_privileges_are_those_of_the_server() {
        let mut catalog = catalog();
        let all = |said| set(app(), crate::catalog::Securable::Table.privileges(), said);
        set(app(), &[Privilege::Select], GRANTED).apply(&mut catalog);
        let grant = all(GRANTED);
        // The one that it has already is not said again, and the newest one has no word on old servers.
        assert_eq!(
            lowered(&catalog, grant.clone()),
            ["-- transaction", "GRANT ALL PRIVILEGES ON TABLE public.users TO app"]
        );
        let Inverse::Operations { operations, .. } = grant.invert(&catalog) else { panic!("it is undone") };
        grant.apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, operations[0].clone()),
            [
                "-- transaction",
                "REVOKE ALL PRIVILEGES ON TABLE public.users FROM app",
                "GRANT SELECT ON TABLE public.users TO app",
            ]
        );
    }

    #[test]
    fn what_nobody_has_granted_cannot_be_given_back() {
        let catalog = catalog();
        let revoke = set(app(), &[Privilege::Select], Some(Said::Revoked));
        let Inverse::NotDerivable { why } = revoke.invert(&catalog) else { panic!("it is not known") };
        assert_eq!(why, "it is not known whether `app` had `select` on table `users` before");
        let of_all = set(Role::Public, &[Privilege::Select], Some(Said::Revoked));
        assert!(assert_undone(&catalog, of_all).is_empty());
    }

    #[test]
    fn what_everybody_has_by_itself_comes_back() {
        let mut catalog = catalog();
        let revoke = SetGrants {
            target: AccessTarget::Enum(name("status")),
            role: Role::Public,
            privileges: [(Privilege::Usage, Some(Said::Revoked))].into(),
        };
        assert_eq!(
            lowered(&catalog, revoke.clone()),
            ["-- transaction", "REVOKE ALL PRIVILEGES ON TYPE public.status FROM PUBLIC"]
        );
        let Inverse::Operations { operations, .. } = revoke.invert(&catalog) else { panic!("it is undone") };
        revoke.apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, operations[0].clone()),
            ["-- transaction", "GRANT ALL PRIVILEGES ON TYPE public.status TO PUBLIC"]
        );
    }
}
