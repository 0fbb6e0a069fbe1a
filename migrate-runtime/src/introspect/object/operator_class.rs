use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, ObjectId, OperatorClass};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::operator_family::{MemberRow, members, read_members};

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    method: String,
    data_type: String,
    is_default: bool,
    family: (String, String),
    members: Vec<MemberRow>,
    storage: Option<String>,
    comment: Option<String>,
}

impl Read for Row {
    const WHAT: &'static str = "operator classes";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, class.opcname AS name, m.amname AS method,
  format_type(class.opcintype, -1) AS data_type, class.opcdefault AS is_default,
  json_build_array(coalesce(nullif(fn.nspname::text, $2::text), 'public'), f.opfname) AS family, ",
        members!("f.oid", "EXISTS"),
        " AS members,
  format_type(nullif(class.opckeytype, 0), -1) AS storage,
  obj_description(class.oid, 'pg_opclass') AS comment
FROM pg_opclass class
JOIN spaces ON spaces.oid = class.opcnamespace
JOIN pg_am m ON m.oid = class.opcmethod
JOIN pg_opfamily f ON f.oid = class.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE NOT EXISTS (SELECT FROM members e WHERE e.classid = 'pg_opclass'::regclass AND e.objid = class.oid)
ORDER BY spaces.name, m.amname, class.opcname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(OperatorClass::id(&self.method, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        let data_type = |text: &str| placed.data_type(text).map_err(|reason| (text.to_owned(), reason));
        Ok(OperatorClass {
            data_type: data_type(&self.data_type)?,
            is_default: self.is_default,
            family: QualifiedName::in_schema(self.family.0, self.family.1),
            members: read_members(self.members, placed)?,
            storage: self.storage.as_deref().map(data_type).transpose()?,
        }
        .into())
    }
}
