//! SQL/JSON and XML.

use super::Maker;
use super::schema::Ty;

impl Maker {
    /// Something with a grammar of its own.
    pub(super) fn constructed(&mut self, ty: Ty, depth: u32) -> Option<String> {
        let any = self.ty();
        let json = match ty {
            Ty::Json if self.major >= 16 => match self.below(4) {
                0 => {
                    let (key, one) = (self.value(Ty::Text, 0), self.value(any, depth));
                    let key = if self.slips(6) { self.value(Ty::Ints, 0) } else { key };
                    format!("json_object({key}: {one} absent on null)")
                }
                1 => format!("json_array({}, {})", self.value(any, depth), self.value(Ty::Int, 0)),
                2 if self.major >= 17 => {
                    let value = if self.slips(6) { self.value(Ty::Int, 0) } else { self.value(Ty::Text, 0) };
                    format!("json({value})")
                }
                3 if self.major >= 17 => format!("json_scalar({})", self.value(any, depth)),
                _ => return None,
            },
            Ty::Jsonb if self.major >= 16 => match self.below(3) {
                0 => format!("json_object('a': {} returning jsonb)", self.value(any, depth)),
                1 => format!("json_array({} returning jsonb)", self.value(any, depth)),
                _ if self.major >= 17 => format!("json_query({}, '$.a' with wrapper)", self.document()),
                _ => return None,
            },
            Ty::Text if self.major >= 17 => match self.below(2) {
                0 => format!("json_value({}, '$.a')", self.document()),
                _ => format!("json_serialize({})", self.document()),
            },
            Ty::Int if self.major >= 17 => {
                let fallback = if self.slips(6) { self.value(Ty::Texts, 0) } else { "7".to_owned() };
                let passed = self.value(Ty::Int, 0);
                format!(
                    "json_value({}, '$.a + $x' passing {passed} as x returning integer default {fallback} on empty)",
                    self.document()
                )
            }
            Ty::Bool if self.major >= 17 => format!("json_exists({}, '$.a')", self.document()),
            Ty::Bool if self.major >= 16 => format!("({} is json object)", self.value(Ty::Text, 0)),
            _ => return None,
        };
        Some(json)
    }

    fn document(&mut self) -> String {
        if self.slips(8) { self.value(Ty::Int, 0) } else { self.value(Ty::Jsonb, 0) }
    }

    /// A text that is written by XML.
    pub(super) fn xml(&mut self) -> String {
        let any = self.ty();
        let xml = match self.below(5) {
            0 => format!("xmlelement(name a, xmlattributes({} as b), {})", self.value(Ty::Text, 0), self.value(any, 0)),
            1 => format!("xmlforest({} as a)", self.value(any, 0)),
            2 => format!("xmlparse(content {})", self.value(Ty::Text, 0)),
            3 => format!("xmlpi(name x, {})", self.value(Ty::Text, 0)),
            _ => format!("xmlconcat(xmlcomment({}), null)", self.value(Ty::Text, 0)),
        };
        let xml = if self.slips(5) { self.value(Ty::Int, 0) } else { xml };
        format!("xmlserialize(content {xml} as text)")
    }
}
