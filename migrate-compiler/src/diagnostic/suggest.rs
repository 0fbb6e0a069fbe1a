use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};

/// The closest of the names to what was written, if it is close enough to be meant: at most a third of the letters
/// differ, or only the case does.
pub(crate) fn closest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    closest_of(written, &mut names.into_iter())
}

/// Compiled once, not for each iterator: every user's first build pays for it.
fn closest_of<'n>(written: &str, names: &mut dyn Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (written.chars().count() / 3).max(1);
    let lower = written.to_lowercase();
    names
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// A help line for an unknown name: the closest one, or else the choices when they are few.
pub(crate) fn choices<'n>(written: &str, names: impl IntoIterator<Item = &'n str>, what: &str) -> Option<String> {
    choices_of(written, names.into_iter().collect(), what)
}

fn choices_of(written: &str, mut names: Vec<&str>, what: &str) -> Option<String> {
    if let Some(name) = closest(written, names.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    names.sort_unstable();
    names.dedup();
    match names.len() {
        0 => None,
        1..=12 => Some(format!("{what}: {}", list(&names))),
        more => {
            names.truncate(12);
            Some(format!("{what}: {} and {} more", list(&names), more - 12))
        }
    }
}

/// The same for a name that may be in any schema, its own first. A name in `public` is said with its schema to whoever wrote
/// another one.
pub(crate) fn choices_of_names<'n>(
    written: &QualifiedName,
    names: impl IntoIterator<Item = &'n QualifiedName>,
    what: &str,
) -> Option<String> {
    let told = |name: &QualifiedName| match name.schema == DEFAULT_SCHEMA && written.schema != DEFAULT_SCHEMA {
        true => format!("{DEFAULT_SCHEMA}.{name}"),
        false => name.to_string(),
    };
    let names: Vec<(&QualifiedName, String)> = names.into_iter().map(|name| (name, told(name))).collect();
    let texts = names.iter().map(|(_, text)| text.as_str());
    if closest(&written.to_string(), texts.clone()).is_none()
        && let Some(name) = closest(&written.name, names.iter().map(|(name, _)| name.name.as_str()))
    {
        let mut alike = names.iter().filter(|(one, _)| one.name == name).map(|(_, text)| text);
        if let (Some(only), None) = (alike.next(), alike.next()) {
            return Some(format!("did you mean `{only}`?"));
        }
    }
    choices(&written.to_string(), texts, what)
}

/// Names or words as a message lists them.
pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_two_letters_is_close() {
        assert_eq!(closest("emial", ["email", "id"]), Some("email"));
    }

    #[test]
    fn a_name_in_another_schema_is_said_with_it() {
        let app = QualifiedName::in_schema("app", "places");
        let public = QualifiedName::new("places");
        let meant = |written: &QualifiedName, names: &[&QualifiedName]| {
            choices_of_names(written, names.iter().copied(), "tables").unwrap()
        };
        assert_eq!(meant(&QualifiedName::new("place"), &[&app]), "did you mean `app.places`?");
        assert_eq!(meant(&QualifiedName::new("place"), &[&app, &public]), "did you mean `places`?");
        assert_eq!(meant(&QualifiedName::in_schema("app", "place"), &[&public]), "did you mean `public.places`?");
    }

    #[test]
    fn something_else_is_not_close() {
        assert_eq!(closest("total", ["id", "created_at"]), None);
        assert_eq!(choices("total", ["id", "created_at"], "columns"), Some("columns: `created_at`, `id`".into()));
    }
}
