//! A live catalog as a history would make it.

use std::collections::BTreeMap;

use migrate_core::catalog::{Access, AccessTarget, Catalog, Grants, Role, Said, Table};
use migrate_core::expression::{Expression, ExpressionKind};
use migrate_core::name::DEFAULT_SCHEMA;
use migrate_core::object::{Object, Schema};
use migrate_core::types::{Category, Type};

/// A live catalog without what goes without saying: that the role which made everything owns it, and what PostgreSQL gives
/// every role by itself. Owners other than `owner` stay.
pub fn imported(live: &Catalog, owner: &str) -> Catalog {
    let mut catalog = live.clone();
    let maker = Role::Named(owner.to_owned());
    let public = AccessTarget::Object(Schema::id(DEFAULT_SCHEMA));
    // It belongs to whoever owns the database.
    catalog.public.owner = None;
    tidy(&public, &mut catalog.public, &maker);
    for (name, found) in &mut catalog.enums {
        let mut made = migrate_core::catalog::EnumType::clone(found);
        tidy(&AccessTarget::Enum(name.clone()), &mut made.access, &maker);
        *found = made.into();
    }
    for (name, found) in &mut catalog.tables {
        let mut made = Table::clone(found);
        tidy(&AccessTarget::Table(name.clone()), &mut made.access, &maker);
        for column in &mut made.columns {
            if let Some(default) = column.default.take() {
                column.default = Some(without_casts(default, &column.data_type));
            }
        }
        *found = made.into();
    }
    for (id, found) in &mut catalog.objects {
        let mut made = Object::clone(found);
        tidy(&AccessTarget::Object(id.clone()), &mut made.access, &maker);
        *found = made.into();
    }
    catalog
}

fn tidy(target: &AccessTarget, access: &mut Access, maker: &Role) {
    access.owner.take_if(|owner| owner == maker);
    let said = std::mem::take(&mut access.grants.0).into_iter().filter_map(|(role, mut privileges)| {
        let goes_without_saying = |said: Said| said == Said::Granted { with_option: false };
        privileges.retain(|privilege, said| !(goes_without_saying(*said) && target.is_built_in(&role, *privilege)));
        (!privileges.is_empty()).then_some((role, privileges))
    });
    access.grants = Grants(said.collect::<BTreeMap<_, _>>());
}

/// A default as people write it: a text is read by the type of its column.
fn without_casts(default: Expression, data_type: &Type) -> Expression {
    match default.kind {
        ExpressionKind::Cast { operand, target }
            if operand.as_text().is_some()
                && target.without_modifier() == data_type.without_modifier()
                && (data_type.category() == Category::String || data_type.as_named().is_some()) =>
        {
            *operand
        }
        kind => kind.into(),
    }
}
