//! `merge into stock using delivered as d on d.product = stock.product when matched then update set ...;`

use migrate_core::query::{MergeMatch, Statement};

use super::Item;
use crate::check::Checker;
use crate::clause::StatementClause;
use crate::parser::{Head, Parsed, Parser};

pub(super) const WORDS: &[&[&str]] = &[&["merge", "into"]];

pub(super) struct Merge(StatementClause);

pub(super) fn parse(parser: &mut Parser<'_>) -> Parsed<Merge> {
    let start = parser.cursor.index() - 2;
    StatementClause::parse(parser, start).map(Merge)
}

impl Item for Merge {
    fn changes_catalog(&self) -> bool {
        false
    }

    fn check(&self, head: &Head, checker: &mut Checker<'_>) {
        checker.no_comment(head, "`merge`");
        checker.needs_postgres(15, "`merge`", self.0.at);
        if let Statement::Merge(merge) = &self.0.statement
            && let Some(branch) = merge.branches.iter().find(|branch| branch.matched == MergeMatch::TargetOnly)
        {
            checker.needs_postgres(17, "`when not matched by source`", branch.at);
        }
        self.0.check(checker);
    }
}
