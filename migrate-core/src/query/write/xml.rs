//! Writing the functions of SQL/XML.

use crate::expression::{Level, Output};
use crate::query::{XmlAttribute, XmlFunction, XmlKind, XmlStandalone};

impl Output<'_> {
    pub(crate) fn xml_function(&mut self, function: &XmlFunction) {
        match function {
            XmlFunction::Concat(items) => {
                self.push("XMLCONCAT(");
                self.separated(", ", Level::Or, items);
            }
            XmlFunction::Element { name, attributes, content } => {
                self.push("XMLELEMENT(NAME ");
                self.name(name);
                if !attributes.is_empty() {
                    self.push(", XMLATTRIBUTES(");
                    self.list(attributes, Self::xml_attribute);
                    self.push(")");
                }
                for item in content {
                    self.push(", ");
                    self.expression(item);
                }
            }
            XmlFunction::Forest(items) => {
                self.push("XMLFOREST(");
                self.list(items, Self::xml_attribute);
            }
            XmlFunction::Exists { path, document } => {
                self.push("XMLEXISTS(");
                self.xml_operand(path);
                self.push(" PASSING ");
                self.xml_operand(document);
            }
            XmlFunction::Parse { kind, text, preserves_blanks } => {
                self.push("XMLPARSE(");
                self.xml_kind(*kind);
                self.expression(text);
                self.push(if *preserves_blanks { " PRESERVE WHITESPACE" } else { "" });
            }
            XmlFunction::Instruction { name, content } => {
                self.push("XMLPI(NAME ");
                self.name(name);
                self.keyword_argument(", ", content.as_ref());
            }
            XmlFunction::Root { document, version, standalone } => {
                self.push("XMLROOT(");
                self.expression(document);
                match version {
                    Some(version) => self.keyword_argument(", VERSION ", Some(version)),
                    None => self.push(", VERSION NO VALUE"),
                }
                self.push(match standalone {
                    None => "",
                    Some(XmlStandalone::Yes) => ", STANDALONE YES",
                    Some(XmlStandalone::No) => ", STANDALONE NO",
                    Some(XmlStandalone::NoValue) => ", STANDALONE NO VALUE",
                });
            }
            XmlFunction::Serialize { kind, document, data_type, is_indented } => {
                self.push("XMLSERIALIZE(");
                self.xml_kind(*kind);
                self.expression(document);
                self.push(" AS ");
                self.data_type(data_type);
                self.push(if *is_indented { " INDENT" } else { "" });
            }
        }
        self.push(")");
    }

    /// What stands where the grammar takes an operand only.
    pub(super) fn xml_operand(&mut self, operand: &crate::expression::Expression) {
        self.within(Level::Operand, operand);
    }

    fn xml_kind(&mut self, kind: XmlKind) {
        self.push(match kind {
            XmlKind::Document => "DOCUMENT ",
            XmlKind::Content => "CONTENT ",
        });
    }

    fn xml_attribute(&mut self, attribute: &XmlAttribute) {
        self.expression(&attribute.value);
        if let Some(name) = &attribute.name {
            self.push(" AS ");
            self.name(name);
        }
    }
}
