//! Functions of SQL/XML (`transformXmlExpr`).

use super::types::{BOOLEAN, TEXT};
use super::walk::Walk;
use crate::query::{XmlAttribute, XmlFunction};
use crate::system::TypeId;
use crate::types::BuiltIn;

impl Walk<'_> {
    pub(super) fn xml(&mut self, function: &XmlFunction) -> TypeId {
        let xml = TypeId::of(BuiltIn::Xml);
        match function {
            XmlFunction::Concat(items) => {
                for item in items {
                    let id = self.type_of(item);
                    self.must_become(id, xml, "an argument of `xmlconcat`", item.at);
                }
                xml
            }
            XmlFunction::Element { attributes, content, .. } => {
                self.attributes(attributes);
                content.iter().for_each(|value| {
                    self.type_of(value);
                });
                xml
            }
            XmlFunction::Forest(attributes) => {
                self.attributes(attributes);
                xml
            }
            XmlFunction::Exists { path, document } => {
                let (path_id, id) = (self.type_of(path), self.type_of(document));
                self.must_become(path_id, TEXT, "the path of `xmlexists`", path.at);
                self.must_become(id, xml, "the document of `xmlexists`", document.at);
                BOOLEAN
            }
            XmlFunction::Parse { text, .. } => {
                let id = self.type_of(text);
                self.must_become(id, TEXT, "the argument of `xmlparse`", text.at);
                xml
            }
            XmlFunction::Instruction { content, .. } => {
                if let Some(value) = content {
                    let id = self.type_of(value);
                    self.must_become(id, TEXT, "the content of `xmlpi`", value.at);
                }
                xml
            }
            XmlFunction::Root { document, version, .. } => {
                let id = self.type_of(document);
                self.must_become(id, xml, "the document of `xmlroot`", document.at);
                if let Some(version) = version {
                    let id = self.type_of(version);
                    self.must_become(id, TEXT, "the version of `xmlroot`", version.at);
                }
                xml
            }
            XmlFunction::Serialize { document, data_type, .. } => {
                let id = self.type_of(document);
                self.must_become(id, xml, "the document of `xmlserialize`", document.at);
                self.types.id(data_type)
            }
        }
    }

    fn attributes(&mut self, attributes: &[XmlAttribute]) {
        attributes.iter().for_each(|attribute| {
            self.type_of(&attribute.value);
        });
    }
}
