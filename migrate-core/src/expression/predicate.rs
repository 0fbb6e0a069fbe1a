//! The parser of tests that are written with words: `IS`, `IN`, `BETWEEN`, `LIKE`, `OVERLAPS`.

use super::group::Group;
use super::operator::Level;
use super::parse::Parser;
use super::{Expression, ExpressionKind, IsTest, JsonShape, LikeForm, NormalForm, Operator};
use crate::token::{Bracket, SyntaxError};

impl Parser<'_, '_> {
    pub(crate) fn is(&mut self, left: Expression) -> Result<ExpressionKind, SyntaxError> {
        let start = self.cursor.index();
        self.cursor.next();
        let is_negated = self.cursor.take_word("not");
        let operand = Box::new(left);
        if self.cursor.take_words(&["distinct", "from"]) {
            let place = self.cursor.since(start);
            let right = Box::new(self.level(Level::Comparison)?);
            return Ok(ExpressionKind::IsDistinct { left: operand, right, is_negated, place });
        }
        let test = self.is_test()?;
        Ok(ExpressionKind::Is { operand, test, is_negated })
    }

    fn is_test(&mut self) -> Result<IsTest, SyntaxError> {
        let tests = [
            (&["null"][..], IsTest::Null),
            (&["true"], IsTest::True),
            (&["false"], IsTest::False),
            (&["unknown"], IsTest::Unknown),
            (&["document"], IsTest::Document),
            (&["normalized"], IsTest::Normalized(None)),
            (&["nfc", "normalized"], IsTest::Normalized(Some(NormalForm::Nfc))),
            (&["nfd", "normalized"], IsTest::Normalized(Some(NormalForm::Nfd))),
            (&["nfkc", "normalized"], IsTest::Normalized(Some(NormalForm::Nfkc))),
            (&["nfkd", "normalized"], IsTest::Normalized(Some(NormalForm::Nfkd))),
        ];
        for (words, test) in tests {
            if self.cursor.take_words(words) {
                return Ok(test);
            }
        }
        if self.cursor.take_word("json") {
            let shapes = [
                ("value", JsonShape::Value),
                ("scalar", JsonShape::Scalar),
                ("array", JsonShape::Array),
                ("object", JsonShape::Object),
            ];
            let found = shapes.into_iter().find(|(word, _)| self.cursor.take_word(word));
            let shape = found.map_or(JsonShape::Value, |(_, shape)| shape);
            return Ok(IsTest::Json { shape, is_unique: self.unique_keys()? });
        }
        Err(self.cursor.expected("`null`, `true`, `false`, `unknown` or `distinct from`"))
    }

    /// `(a, b) OVERLAPS (c, d)` is a call of the function of that name.
    pub(crate) fn overlaps(&mut self, left: Expression) -> Result<ExpressionKind, SyntaxError> {
        self.cursor.next();
        let at = self.cursor.at();
        let right = self.level(Level::Other.next())?;
        match (left.kind, right.kind) {
            (ExpressionKind::Row(left), ExpressionKind::Row(right)) if left.len() == 2 && right.len() == 2 => {
                Ok(Expression::call("overlaps", left.into_iter().chain(right)).kind)
            }
            _ => Err(SyntaxError {
                message: "`overlaps` compares two pairs".into(),
                help: Some("write `(start, finish) overlaps (start, finish)`".into()),
                at,
            }),
        }
    }

    /// `[NOT] IN`, `BETWEEN`, `LIKE`, `ILIKE`, `SIMILAR TO`
    pub(crate) fn membership(&mut self, left: Expression) -> Result<ExpressionKind, SyntaxError> {
        let start = self.cursor.index();
        let is_negated = self.cursor.take_word("not");
        let operand = Box::new(left);
        let tighter = Level::Membership.next();
        if self.cursor.take_word("in") {
            let items = self.in_items()?;
            return Ok(ExpressionKind::In { operand, items, is_negated });
        }
        if self.cursor.take_word("between") {
            let is_symmetric = self.cursor.take_word("symmetric");
            if !is_symmetric {
                self.cursor.take_word("asymmetric");
            }
            let low = Box::new(self.level(tighter)?);
            self.expect_word("and")?;
            let high = Box::new(self.level(tighter)?);
            return Ok(ExpressionKind::Between { operand, low, high, is_symmetric, is_negated });
        }
        let form = if self.cursor.take_word("like") {
            LikeForm::Like
        } else if self.cursor.take_word("ilike") {
            LikeForm::ILike
        } else if self.cursor.take_words(&["similar", "to"]) {
            LikeForm::SimilarTo
        } else {
            return Err(self.cursor.expected("`in`, `between`, `like`, `ilike` or `similar to`"));
        };
        let place = self.cursor.since(start);
        if form != LikeForm::SimilarTo
            && let Some(quantifier) = self.quantifier()
        {
            let operator = Operator { at: place, ..Operator::new(like_operator(form, is_negated)) };
            return self.quantified(*operand, operator, quantifier);
        }
        let pattern = Box::new(self.level(tighter)?);
        let escape = if self.cursor.take_word("escape") { Some(Box::new(self.level(tighter)?)) } else { None };
        Ok(ExpressionKind::Like { form, operand, pattern, escape, is_negated, place })
    }

    fn in_items(&mut self) -> Result<Vec<Expression>, SyntaxError> {
        let start = self.cursor.index();
        if !self.cursor.is_open(Bracket::Round) {
            return Err(self.cursor.expected("`(`"));
        }
        match self.group()? {
            Group::Query(query) => {
                Ok(vec![Expression::new(ExpressionKind::Subquery(Box::new(query)), self.cursor.since(start))])
            }
            Group::Items(items) if items.is_empty() => Err(SyntaxError {
                message: "the list after `in` is empty".into(),
                help: None,
                at: self.cursor.since(start),
            }),
            Group::Items(items) => Ok(items),
        }
    }
}

/// The operator that a match with a word stands for.
pub(super) fn like_operator(form: LikeForm, is_negated: bool) -> &'static str {
    match (form, is_negated) {
        (LikeForm::Like, false) => "~~",
        (LikeForm::Like, true) => "!~~",
        (LikeForm::ILike, false) => "~~*",
        (LikeForm::ILike, true) => "!~~*",
        (LikeForm::SimilarTo, false) => "~",
        (LikeForm::SimilarTo, true) => "!~",
    }
}
