use migrate_core::name::QualifiedName;
use migrate_core::object::{Definition, FamilyMember, MemberKind, ObjectId, OperatorFamily, sort_members};
use serde::Deserialize;

use super::super::placed::Placed;
use super::Read;
use super::function_name::FunctionRow;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    schema: String,
    name: String,
    method: String,
    members: Vec<MemberRow>,
    comment: Option<String>,
}

/// An operator or a function of a class or a family.
#[derive(Debug, Deserialize)]
pub(super) struct MemberRow {
    number: u16,
    left: String,
    right: String,
    operator: Option<(String, String)>,
    order_by: Option<(String, String)>,
    function: Option<FunctionRow>,
}

/// The members of the family of an oid that are told by this condition over their class in `pg_depend`.
macro_rules! members {
    ($family:literal, $condition:literal) => {
        concat!(
            "coalesce((
    SELECT json_agg(member) FROM (
      SELECT p.amopstrategy AS number, format_type(p.amoplefttype, -1) AS left, format_type(p.amoprighttype, -1) AS right,
        (SELECT json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), o.oprname)
          FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = p.amopopr) AS operator,
        (SELECT json_build_array(coalesce(nullif(n.nspname::text, $2::text), 'public'), f.opfname)
          FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace
          WHERE f.oid = nullif(p.amopsortfamily, 0)) AS order_by,
        NULL::json AS function
      FROM pg_amop p
      WHERE p.amopfamily = ",
            $family,
            " AND ",
            $condition,
            " (SELECT FROM pg_depend d WHERE d.classid = 'pg_amop'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i'",
            " AND d.refobjid = coalesce(class.oid, d.refobjid))
      UNION ALL
      SELECT p.amprocnum, format_type(p.amproclefttype, -1), format_type(p.amprocrighttype, -1), NULL, NULL, ",
            function_of!("p.amproc"),
            "
      FROM pg_amproc p
      WHERE p.amprocfamily = ",
            $family,
            " AND ",
            $condition,
            " (SELECT FROM pg_depend d WHERE d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_opclass'::regclass AND d.deptype = 'i'",
            " AND d.refobjid = coalesce(class.oid, d.refobjid))
    ) AS member), '[]'::json)"
        )
    };
}
pub(super) use members;

impl MemberRow {
    fn read(self, placed: &Placed) -> Result<FamilyMember, (String, String)> {
        let data_type = |text: String| placed.data_type(&text).map_err(|reason| (text, reason));
        let named = |(schema, name): (String, String)| QualifiedName::in_schema(schema, name);
        let what = match (self.operator, self.function) {
            (Some(operator), _) => {
                MemberKind::Operator { name: named(operator), order_by: self.order_by.map(named) }
            }
            (None, Some(function)) => MemberKind::Function(function.read(placed)?),
            (None, None) => return Err((self.left, "it has neither an operator nor a function".into())),
        };
        Ok(FamilyMember { number: self.number, left: data_type(self.left)?, right: data_type(self.right)?, what })
    }
}

/// Reads members, in their order.
pub(super) fn read_members(rows: Vec<MemberRow>, placed: &Placed) -> Result<Vec<FamilyMember>, (String, String)> {
    let mut members = rows.into_iter().map(|row| row.read(placed)).collect::<Result<Vec<_>, _>>()?;
    sort_members(&mut members);
    Ok(members)
}

impl Read for Row {
    const WHAT: &'static str = "operator families";

    const QUERY: &'static str = object_query!(
        "SELECT spaces.name AS schema, f.opfname AS name, m.amname AS method, ",
        members!("f.oid", "NOT EXISTS"),
        " AS members,
  obj_description(f.oid, 'pg_opfamily') AS comment
FROM pg_opfamily f
JOIN spaces ON spaces.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
CROSS JOIN (SELECT NULL::oid AS oid) AS class
WHERE NOT EXISTS (SELECT FROM members e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid)
ORDER BY spaces.name, m.amname, f.opfname"
    );

    fn id(&self, _: &Placed) -> Result<ObjectId, String> {
        Ok(OperatorFamily::id(&self.method, self.name()))
    }

    fn name(&self) -> QualifiedName {
        QualifiedName::in_schema(self.schema.clone(), self.name.clone())
    }

    fn comment(&mut self) -> Option<String> {
        self.comment.take()
    }

    fn definition(self, placed: &Placed) -> Result<Definition, (String, String)> {
        Ok(OperatorFamily { members: read_members(self.members, placed)? }.into())
    }
}
