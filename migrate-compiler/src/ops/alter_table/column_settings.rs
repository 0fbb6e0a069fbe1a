//! `alter payload set storage external`, `set compression lz4`, `set statistics 500`, `set (n_distinct = -0.5)`, `reset (...)`

use migrate_core::name::QualifiedName;
use migrate_core::operation::SetColumnSettings;
use migrate_core::token::{At, Bracket, Token};

use super::Action;
use crate::check::Checker;
use crate::clause::ColumnSetting;
use crate::diagnostic::{Diagnostic, code};
use crate::parser::{Head, Name, Parsed, Parser, Spanned};

struct Change {
    column: Name,
    setting: ColumnSetting,
    at: At,
}

/// Takes what stands behind the column, where it is a setting.
pub(super) fn parse(parser: &mut Parser<'_>, column: &Name, start: u32) -> Parsed<Option<Box<dyn Action>>> {
    let is_word = |word: &Token| {
        matches!(word, Token::Word(word) if ["storage", "compression", "statistics"].contains(&word.to_ascii_lowercase().as_str()))
    };
    let setting = if parser.cursor.is_word("set") && is_word(parser.cursor.look_ahead(1)) {
        parser.cursor.next();
        match ColumnSetting::parse(parser)? {
            Some(setting) => setting,
            None => return parser.expected("`storage`, `compression` or `statistics`"),
        }
    } else if parser.cursor.take_word_before("set", Bracket::Round) {
        ColumnSetting::parse_set(parser)?
    } else if parser.cursor.take_word("reset") {
        ColumnSetting::parse_reset(parser)?
    } else {
        return Ok(None);
    };
    Ok(Some(Box::new(Change { column: column.clone(), setting, at: parser.cursor.since(start) })))
}

impl Action for Change {
    fn check(&self, head: &Head, table: &mut Spanned<QualifiedName>, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`alter`");
        let Some(definition) = checker.table(table) else { return };
        let Some(column) = checker.column(&table.value, &definition, &self.column) else { return };
        let mut settings = column.settings.clone();
        if self.setting.put_into(&mut settings, &column.data_type, checker).is_none() {
            return;
        }
        if settings == column.settings {
            let text = format!("`{}` already has this setting", self.column.value);
            checker.report(Diagnostic::new(code::NO_CHANGE, text, self.at).help("remove it"));
            return;
        }
        let (table, column) = (table.value.clone(), column.name.clone());
        checker.emit(SetColumnSettings { table, column, settings }, self.at);
    }
}
