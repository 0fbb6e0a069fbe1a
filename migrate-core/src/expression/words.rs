//! The words of SQL that choose between forms of one expression.

/// The tests of `IS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum IsTest {
    Null,
    True,
    False,
    Unknown,
    Document,
    Normalized(Option<NormalForm>),
    Json { shape: JsonShape, is_unique: bool },
}

/// The forms of `IS NFC NORMALIZED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum NormalForm {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// The shapes of `IS JSON OBJECT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum JsonShape {
    Value,
    Scalar,
    Array,
    Object,
}

/// The three ways to match a pattern with a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum LikeForm {
    Like,
    ILike,
    SimilarTo,
}

/// `ANY` or `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum Quantifier {
    Any,
    All,
}

/// The sides of `TRIM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum TrimSide {
    Both,
    Leading,
    Trailing,
}

/// The functions that are called without parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum SessionValue {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentUser,
    CurrentRole,
    SessionUser,
    SystemUser,
    User,
    CurrentCatalog,
    CurrentSchema,
}

impl SessionValue {
    pub(crate) const ALL: &'static [(&'static str, SessionValue)] = &[
        ("CURRENT_DATE", SessionValue::CurrentDate),
        ("CURRENT_TIME", SessionValue::CurrentTime),
        ("CURRENT_TIMESTAMP", SessionValue::CurrentTimestamp),
        ("LOCALTIME", SessionValue::LocalTime),
        ("LOCALTIMESTAMP", SessionValue::LocalTimestamp),
        ("CURRENT_USER", SessionValue::CurrentUser),
        ("CURRENT_ROLE", SessionValue::CurrentRole),
        ("SESSION_USER", SessionValue::SessionUser),
        ("SYSTEM_USER", SessionValue::SystemUser),
        ("USER", SessionValue::User),
        ("CURRENT_CATALOG", SessionValue::CurrentCatalog),
        ("CURRENT_SCHEMA", SessionValue::CurrentSchema),
    ];

    /// The SQL word, in upper case.
    pub fn sql(self) -> &'static str {
        Self::ALL.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }

    /// Whether a precision may follow in parentheses.
    pub fn takes_precision(self) -> bool {
        use SessionValue::{CurrentTime, CurrentTimestamp, LocalTime, LocalTimestamp};
        matches!(self, CurrentTime | CurrentTimestamp | LocalTime | LocalTimestamp)
    }
}
