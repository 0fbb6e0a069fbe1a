//! The parser of the functions of SQL/XML and of `XMLTABLE`.

use crate::expression::{Expression, Level, Parser};
use crate::query::{
    XmlAttribute, XmlFunction, XmlKind, XmlNamespace, XmlStandalone, XmlTable, XmlTableColumn, XmlTableColumnKind,
};
use crate::token::{Bracket, SyntaxError, Token};
use crate::types::Type;

/// Whether a word in lower case is a function of SQL/XML.
pub(crate) fn is_xml_function(word: &str) -> bool {
    word.starts_with("xml")
        && matches!(
            word,
            "xmlconcat" | "xmlelement" | "xmlexists" | "xmlforest" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlserialize"
        )
}

impl Parser<'_, '_> {
    /// A function of SQL/XML. The position is at its name, a bracket follows.
    pub(crate) fn xml_function(&mut self, name: &str) -> Result<XmlFunction, SyntaxError> {
        self.cursor.next();
        self.cursor.next();
        self.inside(|parser| {
            let function = match name {
                "xmlconcat" => return Ok(XmlFunction::Concat(parser.items(Bracket::Round)?)),
                "xmlelement" => return parser.xml_element(),
                "xmlexists" => {
                    let path = parser.level(Level::Operand)?;
                    XmlFunction::Exists { path, document: parser.xml_passing()? }
                }
                "xmlforest" => XmlFunction::Forest(parser.xml_attributes()?),
                "xmlparse" => {
                    let kind = parser.xml_kind()?;
                    let text = parser.expression()?;
                    let preserves_blanks = parser.cursor.take_words(&["preserve", "whitespace"]);
                    if !preserves_blanks {
                        parser.cursor.take_words(&["strip", "whitespace"]);
                    }
                    XmlFunction::Parse { kind, text, preserves_blanks }
                }
                "xmlpi" => {
                    parser.expect_word("name")?;
                    let name = parser.label("a name")?;
                    let content = if parser.cursor.take_symbol(',') { Some(parser.expression()?) } else { None };
                    XmlFunction::Instruction { name, content }
                }
                "xmlroot" => parser.xml_root()?,
                _ => {
                    let kind = parser.xml_kind()?;
                    let document = parser.expression()?;
                    parser.expect_word("as")?;
                    let data_type = Type::parse(parser.cursor)?;
                    let is_indented = parser.cursor.take_word("indent");
                    if !is_indented {
                        parser.cursor.take_words(&["no", "indent"]);
                    }
                    XmlFunction::Serialize { kind, document, data_type, is_indented }
                }
            };
            parser.expect_close(Bracket::Round)?;
            Ok(function)
        })
    }

    fn xml_element(&mut self) -> Result<XmlFunction, SyntaxError> {
        self.expect_word("name")?;
        let name = self.label("a name")?;
        let (mut attributes, mut content) = (Vec::new(), Vec::new());
        if self.cursor.take_symbol(',') {
            let start = self.cursor.index();
            let is_called = *self.cursor.look_ahead(1) == Token::Open(Bracket::Round);
            if self.cursor.is_word("xmlattributes") && is_called {
                self.cursor.next();
                self.cursor.next();
                attributes = self.xml_attributes()?;
                let names: Vec<&str> = attributes.iter().filter_map(XmlAttribute::known_as).collect();
                let again = (1..names.len()).find(|index| names[..*index].contains(&names[*index]));
                if let Some(name) = again.map(|index| names[index]) {
                    return Err(SyntaxError {
                        message: format!("the attribute `{name}` is given twice"),
                        help: None,
                        at: self.cursor.since(start),
                    });
                }
                self.expect_close(Bracket::Round)?;
                if !self.cursor.take_symbol(',') {
                    self.expect_close(Bracket::Round)?;
                    return Ok(XmlFunction::Element { name, attributes, content });
                }
            }
            content = self.items(Bracket::Round)?;
        } else {
            self.expect_close(Bracket::Round)?;
        }
        Ok(XmlFunction::Element { name, attributes, content })
    }

    fn xml_attributes(&mut self) -> Result<Vec<XmlAttribute>, SyntaxError> {
        let mut attributes = Vec::new();
        loop {
            let value = self.expression()?;
            let name = if self.cursor.take_word("as") { Some(self.label("a name")?) } else { None };
            attributes.push(XmlAttribute { value, name });
            if !self.cursor.take_symbol(',') {
                return Ok(attributes);
            }
        }
    }

    fn xml_kind(&mut self) -> Result<XmlKind, SyntaxError> {
        if self.cursor.take_word("document") {
            return Ok(XmlKind::Document);
        }
        if self.cursor.take_word("content") {
            return Ok(XmlKind::Content);
        }
        Err(self.cursor.expected("`document` or `content`"))
    }

    /// `PASSING BY REF document BY REF`
    fn xml_passing(&mut self) -> Result<Expression, SyntaxError> {
        self.expect_word("passing")?;
        self.by_reference();
        let document = self.level(Level::Operand)?;
        self.by_reference();
        Ok(document)
    }

    /// PostgreSQL does the same with each of them.
    fn by_reference(&mut self) {
        if !self.cursor.take_words(&["by", "ref"]) {
            self.cursor.take_words(&["by", "value"]);
        }
    }

    fn xml_root(&mut self) -> Result<XmlFunction, SyntaxError> {
        let document = self.expression()?;
        if !self.cursor.take_symbol(',') {
            return Err(self.cursor.expected("`,`"));
        }
        self.expect_word("version")?;
        let version = if self.cursor.take_words(&["no", "value"]) { None } else { Some(self.expression()?) };
        let mut standalone = None;
        if self.cursor.take_symbol(',') {
            self.expect_word("standalone")?;
            standalone = Some(if self.cursor.take_words(&["no", "value"]) {
                XmlStandalone::NoValue
            } else if self.cursor.take_word("no") {
                XmlStandalone::No
            } else if self.cursor.take_word("yes") {
                XmlStandalone::Yes
            } else {
                return Err(self.cursor.expected("`yes`, `no` or `no value`"));
            });
        }
        Ok(XmlFunction::Root { document, version, standalone })
    }

    /// `XMLTABLE (...)`, which is next.
    pub(super) fn xml_table(&mut self, is_lateral: bool) -> Result<XmlTable, SyntaxError> {
        self.cursor.next();
        self.cursor.next();
        let mut namespaces = Vec::new();
        if self.cursor.take_word("xmlnamespaces") {
            self.expect_open()?;
            loop {
                let is_default = self.cursor.take_word("default");
                let address = self.level(Level::Other)?;
                let name = match is_default {
                    true => None,
                    false => {
                        self.expect_word("as")?;
                        Some(self.label("a name")?)
                    }
                };
                namespaces.push(XmlNamespace { address, name });
                if !self.cursor.take_symbol(',') {
                    break;
                }
            }
            self.expect_close(Bracket::Round)?;
            if !self.cursor.take_symbol(',') {
                return Err(self.cursor.expected("`,`"));
            }
        }
        let row = self.level(Level::Operand)?;
        let document = self.xml_passing()?;
        self.expect_word("columns")?;
        let mut columns = vec![self.xml_table_column()?];
        while self.cursor.take_symbol(',') {
            columns.push(self.xml_table_column()?);
        }
        self.expect_close(Bracket::Round)?;
        Ok(XmlTable { namespaces, row, document, columns, is_lateral })
    }

    fn xml_table_column(&mut self) -> Result<XmlTableColumn, SyntaxError> {
        let name = self.name("a column")?;
        if self.cursor.take_words(&["for", "ordinality"]) {
            return Ok(XmlTableColumn { name, kind: XmlTableColumnKind::Ordinality });
        }
        let data_type = Type::parse(self.cursor)?;
        let (mut path, mut default, mut is_not_null) = (None, None, false);
        loop {
            if path.is_none() && self.cursor.take_word("path") {
                path = Some(self.level(Level::Other)?);
            } else if default.is_none() && self.cursor.take_word("default") {
                default = Some(self.level(Level::Other)?);
            } else if self.cursor.take_words(&["not", "null"]) {
                is_not_null = true;
            } else if !self.cursor.take_word("null") {
                break;
            }
        }
        Ok(XmlTableColumn { name, kind: XmlTableColumnKind::Value { data_type, path, default, is_not_null } })
    }
}
