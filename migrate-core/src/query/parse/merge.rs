//! The parser of `MERGE`.

use crate::expression::Parser;
use crate::query::{Merge, MergeAction, MergeBranch, MergeMatch, Overriding, Target};
use crate::token::{Bracket, SyntaxError};

impl Parser<'_, '_> {
    pub(super) fn merge(&mut self) -> Result<Merge, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        self.expect_word("into")?;
        let table = self.target_table()?;
        self.expect_word("using")?;
        let source = self.source()?;
        self.expect_word("on")?;
        let condition = self.expression()?;
        let mut branches = Vec::new();
        while self.cursor.is_word("when") {
            branches.push(self.merge_branch()?);
        }
        if branches.is_empty() {
            return Err(self.cursor.expected("`when`"));
        }
        let returning = self.returning()?;
        Ok(Merge { with: None, table, source, condition, branches, returning, at: self.cursor.since(start) })
    }

    fn merge_branch(&mut self) -> Result<MergeBranch, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        let matched = if self.cursor.take_word("matched") {
            MergeMatch::Both
        } else if self.cursor.take_words(&["not", "matched"]) {
            if self.cursor.take_words(&["by", "source"]) {
                MergeMatch::TargetOnly
            } else {
                self.cursor.take_words(&["by", "target"]);
                MergeMatch::SourceOnly
            }
        } else {
            return Err(self.cursor.expected("`matched` or `not matched`"));
        };
        let condition = if self.cursor.take_word("and") { Some(self.expression()?) } else { None };
        self.expect_word("then")?;
        let action = self.merge_action(matched)?;
        Ok(MergeBranch { matched, condition, action, at: self.cursor.since(start) })
    }

    fn merge_action(&mut self, matched: MergeMatch) -> Result<MergeAction, SyntaxError> {
        if self.cursor.take_words(&["do", "nothing"]) {
            return Ok(MergeAction::Nothing);
        }
        if matched == MergeMatch::SourceOnly {
            if !self.cursor.take_word("insert") {
                return Err(self.cursor.expected("`insert` or `do nothing`"));
            }
            return self.merge_insert();
        }
        if self.cursor.take_word("delete") {
            return Ok(MergeAction::Delete);
        }
        if !self.cursor.take_word("update") {
            return Err(self.cursor.expected("`update`, `delete` or `do nothing`"));
        }
        self.expect_word("set")?;
        Ok(MergeAction::Update(self.assignments()?))
    }

    fn merge_insert(&mut self) -> Result<MergeAction, SyntaxError> {
        if self.cursor.take_words(&["default", "values"]) {
            return Ok(MergeAction::Insert { columns: Vec::new(), overriding: None, values: Vec::new() });
        }
        let columns: Vec<Target> = if self.cursor.is_open(Bracket::Round) { self.target_list()? } else { Vec::new() };
        let overriding: Option<Overriding> = self.overriding()?;
        self.expect_word("values")?;
        Ok(MergeAction::Insert { columns, overriding, values: self.row(true)? })
    }
}
