//! The functions of SQL/XML, which have words between their arguments.

use super::Name;
use crate::expression::{Expression, ExpressionKind};
use crate::types::Type;

/// A function of SQL/XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlFunction {
    /// `XMLCONCAT (a, b)`
    Concat(Vec<Expression>),
    /// `XMLELEMENT (NAME x, XMLATTRIBUTES (a AS b), content)`
    Element {
        /// The name of the element.
        name: Name,
        /// `XMLATTRIBUTES`
        attributes: Vec<XmlAttribute>,
        /// What is in it.
        content: Vec<Expression>,
    },
    /// `XMLFOREST (a AS b, c)`
    Forest(Vec<XmlAttribute>),
    /// `XMLEXISTS (path PASSING document)`
    Exists {
        /// The XPath.
        path: Expression,
        /// The document.
        document: Expression,
    },
    /// `XMLPARSE (DOCUMENT text PRESERVE WHITESPACE)`
    Parse {
        /// What the text is.
        kind: XmlKind,
        /// The text.
        text: Expression,
        /// `PRESERVE WHITESPACE`
        preserves_blanks: bool,
    },
    /// `XMLPI (NAME x, content)`
    Instruction {
        /// The name.
        name: Name,
        /// What is in it.
        content: Option<Expression>,
    },
    /// `XMLROOT (document, VERSION '1.0', STANDALONE YES)`
    Root {
        /// The document.
        document: Expression,
        /// `VERSION`; `None` is `NO VALUE`.
        version: Option<Expression>,
        /// `STANDALONE`
        standalone: Option<XmlStandalone>,
    },
    /// `XMLSERIALIZE (CONTENT document AS text INDENT)`
    Serialize {
        /// What the document is.
        kind: XmlKind,
        /// The document.
        document: Expression,
        /// The type.
        data_type: Type,
        /// `INDENT`
        is_indented: bool,
    },
}

/// `a AS b`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlAttribute {
    /// The value.
    pub value: Expression,
    /// The name; that of the column where it is not said.
    pub name: Option<Name>,
}

impl XmlAttribute {
    /// The name that it gets.
    pub fn known_as(&self) -> Option<&str> {
        match (&self.name, &self.value.kind) {
            (Some(name), _) => Some(&name.value),
            (None, ExpressionKind::Name(parts)) => parts.last().map(String::as_str),
            (None, _) => None,
        }
    }
}

/// What an XML text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum XmlKind {
    Document,
    Content,
}

/// What `STANDALONE` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the SQL words")]
pub enum XmlStandalone {
    Yes,
    No,
    NoValue,
}
