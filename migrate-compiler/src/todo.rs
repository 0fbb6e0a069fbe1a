//! `todo("...")`: what a generated migration leaves to whoever knows the data. It stands for an expression.

use migrate_core::plan::Hazard;
use migrate_core::token::{At, Bracket, Token};

use crate::diagnostic::{Diagnostic, code};

/// Says what is to be filled in, in place of whatever else is said there.
pub(crate) fn report(tokens: &[Token], mistakes: &mut Vec<Diagnostic>) {
    for (start, window) in tokens.windows(4).enumerate() {
        let [Token::Word(word), Token::Open(Bracket::Round), Token::Text(what), Token::Close(Bracket::Round)] = window
        else {
            continue;
        };
        if word != "todo" {
            continue;
        }
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let at = At { start, end: start.saturating_add(4) };
        // What follows from a value that is not there yet is not told; what has to be allowed is, so that it is seen at once.
        mistakes.retain(|mistake| [code::TODO, code::SYNTAX].contains(&mistake.code) || is_hazard(mistake));
        mistakes.push(
            Diagnostic::new(code::TODO, format!("fill in {what}"), at)
                .help("write an expression in the place of `todo(...)`"),
        );
    }
}

/// Whether it has to be allowed. A default that is to be filled in is one.
fn is_hazard(mistake: &Diagnostic) -> bool {
    Hazard::from_code(mistake.code.name).is_some_and(|hazard| hazard != Hazard::NotNullWithoutDefault)
}
