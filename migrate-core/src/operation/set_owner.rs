use super::{Inverse, Operate, Touched, access};
use crate::catalog::{AccessTarget, Catalog, Role};
use crate::json::ToJson;
use crate::plan::Lowering;

/// `ALTER ... OWNER TO`
#[derive(Clone, Debug, PartialEq, ToJson)]
#[cfg_attr(feature = "runtime", derive(serde::Deserialize))]
pub struct SetOwner {
    /// What is owned.
    pub target: AccessTarget,
    /// The owner; `None`: the role that migrates, as of everything whose owner nobody has said.
    pub owner: Option<Role>,
}

impl Operate for SetOwner {
    fn apply(&self, catalog: &mut Catalog) {
        if let Some(access) = self.target.access_mut(catalog) {
            access.owner.clone_from(&self.owner);
        }
    }

    fn invert(&self, before: &Catalog) -> Inverse {
        let owner = self.target.access(before).and_then(|access| access.owner.clone());
        Inverse::operation(SetOwner { target: self.target.clone(), owner })
    }

    fn lower(&self, _before: &Catalog, plan: &mut Lowering) {
        access::lower_owner(&self.target, self.owner.as_ref(), plan);
    }

    fn touch(&self, before: &Catalog, touched: &mut Touched) {
        touched.access(&self.target, before);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_owner_is_given_and_taken_back() {
        let mut catalog = catalog();
        let owner = SetOwner { target: AccessTarget::Table(name("users")), owner: Some(Role::Named("app".into())) };
        assert_eq!(lowered(&catalog, owner.clone()), ["-- transaction", "ALTER TABLE public.users OWNER TO app"]);
        assert!(assert_undone(&catalog, owner.clone()).is_empty());
        let Inverse::Operations { operations, .. } = owner.invert(&catalog) else { panic!("it is undone") };
        owner.apply(&mut catalog);
        assert_eq!(
            lowered(&catalog, operations[0].clone()),
            ["-- transaction", "ALTER TABLE public.users OWNER TO CURRENT_USER"]
        );
    }
}
