//! What functions set: the names of settings, and what these take.

use migrate_core::system::{self, SettingObjection};

use crate::check::Checker;
use crate::diagnostic::{Diagnostic, choices, code, list};
use crate::parser::Spanned;

/// Looks at a setting and its value. One with a dot may be anyone's.
pub(super) fn check(name: &Spanned<String>, value: &Spanned<String>, checker: &mut Checker<'_>) -> Option<()> {
    if name.value.contains('.') {
        return Some(());
    }
    let postgres = checker.postgres();
    let Some(setting) = system::setting(&name.value).filter(|setting| setting.versions.last >= postgres.min(18)) else {
        let known: Vec<&str> =
            system::settings().filter(|setting| setting.can_be_set).map(|setting| setting.name).collect();
        let message = format!("cannot find setting `{}`", name.value);
        checker.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, message, name.at)
                .maybe_help(choices(&name.value, known, "settings"))
                .help("a setting of your own has a dot in its name: `app.user`"),
        );
        return None;
    };
    if setting.versions.first > postgres.max(14) {
        checker.needs_postgres(setting.versions.first, &format!("the setting `{}`", name.value), name.at);
        return None;
    }
    if !setting.can_be_set {
        checker.report(
            Diagnostic::new(code::INVALID_DEFINITION, format!("a function cannot set `{}`", name.value), name.at)
                .help("remove it: it is set for the whole server, or where a session begins"),
        );
        return None;
    }
    let Some(objection) = setting.objection(&value.value) else { return Some(()) };
    let message = format!("`{}` is not a valid value of `{}`", value.value, name.value);
    let help = match objection {
        SettingObjection::Boolean => "write `on` or `off`".to_owned(),
        SettingObjection::Values(values) => format!("values: {}", list(&values)),
        SettingObjection::Number(units) if units.is_empty() => "write a number".to_owned(),
        SettingObjection::Number(units) => format!("write a number, alone or with a unit: {}", list(&units)),
        SettingObjection::Range(low, high) => format!("it takes {low} to {high}"),
    };
    checker.report(Diagnostic::new(code::TYPE_MISMATCH, message, value.at).help(help));
    None
}
