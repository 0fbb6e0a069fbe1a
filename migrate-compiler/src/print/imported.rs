//! A live catalog as a history would make it.

use migrate_core::catalog::{Access, AccessTarget, Catalog, Grants, Privilege, Role, Said, Securable, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object::{DefaultPrivileges, Definition, Object, Schema};
use migrate_core::sorted::SortedMap;
use migrate_core::types::{Category, Type};

use super::readable::with_reader;

/// A live catalog without what goes without saying: that the role which made everything owns it, and what PostgreSQL gives
/// every role by itself. Owners other than `owner` stay. What everybody had by itself and was taken away is said.
pub fn imported(live: &Catalog, owner: &str) -> Catalog {
    imported_after(live, owner, None)
}

/// The same with a live catalog from before and what came of that: what has not changed since is taken from there.
pub fn imported_after(live: &Catalog, owner: &str, earlier: Option<(&Catalog, &Catalog)>) -> Catalog {
    let mut catalog = live.clone();
    let maker = Role::Named(owner.to_owned());
    let public = AccessTarget::Object(Schema::id(DEFAULT_SCHEMA));
    // It belongs to whoever owns the database.
    catalog.public.owner = None;
    let by_default: Vec<DefaultPrivileges> = catalog
        .objects
        .values()
        .filter_map(|object| match &object.definition {
            Definition::DefaultPrivileges(defaults) => Some(defaults.clone()),
            _ => None,
        })
        .collect();
    let is_taken = |target: &AccessTarget, privilege: Privilege| {
        by_default.iter().any(|defaults| {
            Some(defaults.of.securable()) == target.securable()
                && defaults.grants.said(&Role::Public, privilege) == Some(Said::Revoked)
        })
    };
    tidy(&public, &mut catalog.public, &maker, &is_taken);
    for (name, found) in catalog.enums.iter_mut() {
        let mut made = migrate_core::catalog::EnumType::clone(found);
        tidy(&AccessTarget::Enum(name.clone()), &mut made.access, &maker, &is_taken);
        *found = made.into();
    }
    for (name, found) in catalog.tables.iter_mut() {
        let mut made = Table::clone(found);
        tidy(&AccessTarget::Table(name.clone()), &mut made.access, &maker, &is_taken);
        *found = made.into();
    }
    for (id, found) in catalog.objects.iter_mut() {
        let mut made = Object::clone(found);
        tidy(&AccessTarget::Object(id.clone()), &mut made.access, &maker, &is_taken);
        *found = made.into();
    }
    readable(&mut catalog, live, earlier);
    catalog
}

/// Writes all expressions as people do.
fn readable(catalog: &mut Catalog, live: &Catalog, earlier: Option<(&Catalog, &Catalog)>) {
    let known = catalog.clone();
    with_reader(&known, |reader| {
        for (name, found) in catalog.tables.iter_mut() {
            let mut made = Table::clone(found);
            match earlier.filter(|(before, _)| before.table(name) == live.table(name)) {
                Some((_, written)) => written.table(name).into_iter().for_each(|written| {
                    made.columns.clone_from(&written.columns);
                    made.constraints.clone_from(&written.constraints);
                    made.indexes.clone_from(&written.indexes);
                }),
                None => {
                    for column in &mut made.columns {
                        if let Some(default) = column.default.take() {
                            column.default = Some(without_casts(default, &column.data_type));
                        }
                    }
                    reader.table(name, &mut made);
                }
            }
            *found = made.into();
        }
        for (id, found) in catalog.objects.iter_mut() {
            let mut made = Object::clone(found);
            let is_same = |before: &Catalog| before.object(id).map(|one| &one.definition) == Some(&made.definition);
            match earlier.filter(|(before, _)| is_same(before)).and_then(|(_, written)| written.object(id)) {
                Some(written) => made.definition.clone_from(&written.definition),
                None => reader.object(id, &mut made.definition),
            }
            *found = made.into();
        }
    });
}

/// `is_taken` says what default privileges have taken away already.
fn tidy(target: &AccessTarget, access: &mut Access, maker: &Role, is_taken: &dyn Fn(&AccessTarget, Privilege) -> bool) {
    access.owner.take_if(|owner| owner == maker);
    let is_public_schema = matches!(target, AccessTarget::Object(id) if *id == Schema::id(DEFAULT_SCHEMA));
    let lacks = |privilege: &Privilege| access.grants.said(&Role::Public, *privilege).is_none();
    // Whether everybody may make things in `public` depends on the server; that everybody may use it does not.
    let built_in = target.securable().map_or(&[][..], Securable::privileges).iter().copied().filter(|privilege| {
        target.is_built_in(&Role::Public, *privilege) && !(is_public_schema && *privilege == Privilege::Create)
    });
    let taken: Vec<Privilege> = built_in.filter(lacks).filter(|privilege| !is_taken(target, *privilege)).collect();
    let said = std::mem::take(&mut access.grants.0).into_iter().filter_map(|(role, mut privileges)| {
        let goes_without_saying = |said: Said| said == Said::Granted { with_option: false };
        privileges.retain(|privilege, said| !(goes_without_saying(*said) && target.is_built_in(&role, *privilege)));
        (!privileges.is_empty()).then_some((role, privileges))
    });
    access.grants = Grants(said.collect::<SortedMap<_, _>>());
    if !taken.is_empty() {
        let of_all = access.grants.0.entry(Role::Public).or_default();
        of_all.extend(taken.into_iter().map(|privilege| (privilege, Said::Revoked)));
    }
}

/// A default as people write it: a text is read by the type of its column.
fn without_casts(default: Expression, data_type: &Type) -> Expression {
    match default.kind {
        ExpressionKind::Cast { operand, target, .. }
            if operand.as_text().is_some()
                && target.without_modifier() == data_type.without_modifier()
                && data_type.category() != Category::Json
                && (operand.as_text() != Some("{}") || data_type.element().is_none()) =>
        {
            *operand
        }
        kind => kind.into(),
    }
}
