//! What stands in `#[...]` before an item: `allow` and `limits`. Neither is part of what the migration means, so that
//! both may be changed after it was applied. In a schema there is `was` too: what something was called before.

use std::time::Duration;

use migrate_core::plan::{Hazard, Limit, Limits};
use migrate_core::token::{Bracket, Token};

use crate::diagnostic::code::Level;
use crate::diagnostic::{Code, Diagnostic, choices, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

/// What may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// A hazard, which is a mistake otherwise.
    Hazard(Hazard),
    /// A warning, which stays silent.
    Warning(&'static Code),
}

impl Allowance {
    fn of(name: &str) -> Option<Self> {
        let warning = || code::find(name).filter(|code| code.level == Level::Warning).map(Allowance::Warning);
        Hazard::from_code(name).map(Allowance::Hazard).or_else(warning)
    }

    /// The names of all that may be allowed.
    fn names() -> impl Iterator<Item = &'static str> + Clone {
        let warnings = code::ALL.iter().filter(|code| code.level == Level::Warning).map(|code| code.name);
        Hazard::ALL.iter().map(|hazard| hazard.code()).chain(warnings)
    }

    /// How it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Allowance::Hazard(hazard) => hazard.code(),
            Allowance::Warning(code) => code.name,
        }
    }
}

impl Parser<'_> {
    /// Takes an attribute.
    pub(crate) fn attribute(&mut self, head: &mut Head) -> Parsed<()> {
        let start = self.cursor.index();
        self.symbol('#')?;
        self.open(Bracket::Square, "`[`")?;
        if self.cursor.take_word("limits") {
            self.limits(&mut head.limits)?;
            return self.close(Bracket::Square, "`]`");
        }
        if self.cursor.is_word("was") {
            return self.was(head);
        }
        if !self.cursor.take_word("allow") {
            return self.expected("`allow` or `limits`");
        }
        let reason = self.allow(head)?;
        self.close(Bracket::Square, "`]`")?;
        match reason {
            Some(reason) if !reason.value.trim().is_empty() => Ok(()),
            _ => Err(Diagnostic::new(code::INVALID_ALLOW, "`allow` without a reason", self.cursor.since(start))
                .help("say why it is acceptable here: `#[allow(..., reason = \"...\")]`")),
        }
    }

    /// Takes `was(NAME)]`.
    fn was(&mut self, head: &mut Head) -> Parsed<()> {
        let start = self.cursor.index();
        self.cursor.take_word("was");
        if !self.is_schema {
            let mistake =
                Diagnostic::new(code::INVALID_WAS, "`was` can be used only in a schema", self.cursor.since(start));
            return Err(
                mistake.help("in a migration, write `rename`: `alter table bookings { rename total to amount }`")
            );
        }
        self.open(Bracket::Round, "`(` and the previous name")?;
        let name = self.qualified_name("the previous name")?;
        self.close(Bracket::Round, "`)`")?;
        if head.was.replace(name).is_some() {
            let mistake = Diagnostic::new(code::INVALID_WAS, "`was` is given more than once", self.cursor.since(start));
            return Err(mistake.help("remove one of them"));
        }
        self.close(Bracket::Square, "`]`")
    }

    /// Takes `(hazard, ..., reason = "...")`; gives the reason.
    fn allow(&mut self, head: &mut Head) -> Parsed<Option<Name>> {
        self.open(Bracket::Round, "`(`")?;
        let mut reason = None;
        while !self.cursor.take_close(Bracket::Round) {
            if self.cursor.take_word("reason") {
                self.symbol('=')?;
                reason = Some(self.text("the reason, in double quotes")?);
            } else {
                let name = self.name("a hazard")?;
                let Some(allowed) = Allowance::of(&name.value) else {
                    return Err(Diagnostic::new(
                        code::INVALID_ALLOW,
                        format!("cannot find hazard `{}`", name.value),
                        name.at,
                    )
                    .maybe_help(choices(&name.value, Allowance::names(), "hazards")));
                };
                head.allowed.push(Spanned { value: allowed, at: name.at });
            }
            self.next_of_list()?;
        }
        Ok(reason)
    }

    /// Takes `(lock_timeout = "200 ms", ...)`.
    fn limits(&mut self, limits: &mut Limits) -> Parsed<()> {
        self.open(Bracket::Round, "`(`")?;
        while !self.cursor.take_close(Bracket::Round) {
            let name = self.name("a limit")?;
            let mut each = limits.each_mut();
            let Some((_, limit)) = each.iter_mut().find(|(known, _)| *known == name.value) else {
                let message = format!("cannot find limit `{}`", name.value);
                let known = each.iter().map(|(known, _)| *known);
                return Err(Diagnostic::new(code::INVALID_LIMITS, message, name.at).maybe_help(choices(
                    &name.value,
                    known,
                    "limits",
                )));
            };
            self.symbol('=')?;
            match limit {
                Limit::Time(time) => **time = Some(self.time()?),
                Limit::Switch(switch) => **switch = Some(self.yes_or_no()?),
            }
            self.next_of_list()?;
        }
        Ok(())
    }

    /// Takes the comma after an entry, where it is not the last one.
    fn next_of_list(&mut self) -> Parsed<()> {
        if self.cursor.take_symbol(',') || *self.cursor.peek() == Token::Close(Bracket::Round) {
            return Ok(());
        }
        self.expected("`,` or `)`")
    }

    fn yes_or_no(&mut self) -> Parsed<bool> {
        if self.cursor.take_word("true") {
            Ok(true)
        } else if self.cursor.take_word("false") {
            Ok(false)
        } else {
            self.expected("`true` or `false`")
        }
    }

    fn time(&mut self) -> Parsed<Duration> {
        let text = self.text("a duration in double quotes, for example \"200 ms\"")?;
        duration(&text.value).ok_or_else(|| {
            Diagnostic::new(code::INVALID_LIMITS, format!("`\"{}\"` is not a valid duration", text.value), text.at)
                .help("write a number and a unit, `ms`, `s`, `min` or `h`, for example \"200 ms\"")
        })
    }
}

/// `200 ms`, `5s`, `1.5 min`, `4 h`.
fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|character: char| !(character.is_ascii_digit() || character == '.'))?;
    let (number, unit) = text.split_at(unit_at);
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let duration = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
    // PostgreSQL takes its timeouts in milliseconds, 0 for none, and up to 2^31 - 1 of them.
    let millis = duration.as_micros().div_ceil(1000);
    (1..=2_147_483_647).contains(&millis).then(|| Duration::from_millis(u64::try_from(millis).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, millis) in [("200 ms", 200), ("5s", 5000), ("1.5 min", 90_000), ("4 h", 14_400_000), ("0.2 ms", 1)] {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "5", "ms", "5 days", "-1 s", "0 s", "1.2.3 s", "99999 h"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
