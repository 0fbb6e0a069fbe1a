//! Owners and privileges, as a live database has them.

use migrate_core::catalog::{Access, AccessTarget, Catalog, Grants, Privilege, Privileges, Role, Said};
use migrate_core::name::{DEFAULT_SCHEMA, QualifiedName};
use migrate_core::object::{Kind, ObjectId, OperatorClass, OperatorFamily, Schema};
use migrate_core::sorted::SortedMap;
use serde::Deserialize;

use super::placed::Placed;

#[derive(Debug, Deserialize)]
pub(super) struct Row {
    kind: String,
    schema: String,
    name: String,
    column: Option<String>,
    /// The types of the arguments that a call passes, of functions and procedures.
    arguments: Vec<String>,
    owner: String,
    grants: Vec<GrantRow>,
}

/// One privilege of one role.
#[derive(Debug, Deserialize)]
pub(super) struct GrantRow {
    /// `null` for every role.
    role: Option<String>,
    privilege: String,
    grantable: bool,
}

/// The privileges by role.
pub(super) fn grants_of(rows: Vec<GrantRow>) -> Grants {
    let mut grants: SortedMap<Role, Privileges> = SortedMap::new();
    for row in rows {
        let Some(privilege) = Privilege::from_keyword(&row.privilege) else { continue };
        let role = row.role.map_or(Role::Public, Role::Named);
        let said = grants.entry(role).or_default().entry(privilege).or_insert(Said::Granted { with_option: false });
        if row.grantable {
            *said = Said::Granted { with_option: true };
        }
    }
    Grants(grants)
}

/// The owner and the privileges of all that a catalog has a place for. What has no list of its own has the built-in ones.
pub(super) const ACCESS: &str = "SELECT row_to_json(found)::text FROM (
WITH spaces AS (
  SELECT oid, coalesce(nullif(nspname::text, $2::text), 'public') AS name, nspname, nspowner, nspacl
  FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
    AND ($2::text IS NULL OR nspname = $2)
), each AS (
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view' WHEN 'S' THEN 'sequence'
      WHEN 'f' THEN 'foreign_table' ELSE 'table' END AS kind,
    spaces.name AS schema, c.relname AS name, NULL::name AS column, '{}'::text[] AS arguments, c.relowner AS owner,
    coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner)) AS acl
  FROM pg_class c JOIN spaces ON spaces.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't'
  UNION ALL
  SELECT 'column', spaces.name, c.relname, a.attname, '{}', c.relowner, a.attacl
  FROM pg_class c JOIN spaces ON spaces.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT 'schema', '', spaces.name, NULL, '{}', nspowner, coalesce(nspacl, acldefault('n', nspowner))
  FROM spaces
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, spaces.name, p.proname, NULL,
    ARRAY(
      SELECT format_type(argument.type, -1)
      FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS argument (type, place) ORDER BY argument.place),
    p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
  FROM pg_proc p JOIN spaces ON spaces.oid = p.pronamespace
  UNION ALL
  SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range_type' ELSE 'composite_type' END,
    spaces.name, t.typname, NULL, '{}', t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
  FROM pg_type t JOIN spaces ON spaces.oid = t.typnamespace
  WHERE t.typtype IN ('e', 'd', 'r')
    OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')
  UNION ALL
  SELECT 'collation', spaces.name, l.collname, NULL, '{}', l.collowner, NULL
  FROM pg_collation l JOIN spaces ON spaces.oid = l.collnamespace
  UNION ALL
  SELECT 'operator', spaces.name, o.oprname, NULL,
    ARRAY(SELECT format_type(operand, -1) FROM unnest(ARRAY[o.oprleft, o.oprright]) AS operand WHERE operand <> 0),
    o.oprowner, NULL
  FROM pg_operator o JOIN spaces ON spaces.oid = o.oprnamespace
  UNION ALL
  SELECT 'operator_family', spaces.name, f.opfname, NULL, ARRAY[m.amname::text], f.opfowner, NULL
  FROM pg_opfamily f JOIN spaces ON spaces.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod
  UNION ALL
  SELECT 'operator_class', spaces.name, c.opcname, NULL, ARRAY[m.amname::text], c.opcowner, NULL
  FROM pg_opclass c JOIN spaces ON spaces.oid = c.opcnamespace JOIN pg_am m ON m.oid = c.opcmethod
  UNION ALL
  SELECT 'text_search_dictionary', spaces.name, d.dictname, NULL, '{}', d.dictowner, NULL
  FROM pg_ts_dict d JOIN spaces ON spaces.oid = d.dictnamespace
  UNION ALL
  SELECT 'text_search_configuration', spaces.name, c.cfgname, NULL, '{}', c.cfgowner, NULL
  FROM pg_ts_config c JOIN spaces ON spaces.oid = c.cfgnamespace
  UNION ALL
  SELECT 'foreign_data_wrapper', '', w.fdwname, NULL, '{}', w.fdwowner, NULL
  FROM pg_foreign_data_wrapper w WHERE $2::text IS NULL
  UNION ALL
  SELECT 'server', '', s.srvname, NULL, '{}', s.srvowner, NULL
  FROM pg_foreign_server s WHERE $2::text IS NULL
  UNION ALL
  SELECT 'publication', '', p.pubname, NULL, '{}', p.pubowner, NULL
  FROM pg_publication p WHERE $2::text IS NULL
)
SELECT each.kind, each.schema, each.name, each.column, each.arguments, pg_get_userbyid(each.owner) AS owner,
  (SELECT coalesce(json_agg(json_build_object(
      'role', CASE WHEN item.grantee <> 0 THEN pg_get_userbyid(item.grantee) END,
      'privilege', item.privilege_type, 'grantable', item.is_grantable)
      ORDER BY item.grantee, item.privilege_type), '[]'::json)
    FROM aclexplode(each.acl) AS item WHERE item.grantee <> each.owner) AS grants
FROM each
ORDER BY each.kind, each.schema, each.name, each.column, each.arguments
) AS found";

/// Puts owners and privileges into the catalog.
pub(super) fn understand(rows: Vec<Row>, placed: &Placed, catalog: &mut Catalog) {
    for row in rows {
        let name = QualifiedName::in_schema(row.schema.clone(), row.name.clone());
        let owner = Some(Role::Named(row.owner));
        let grants = grants_of(row.grants);
        let target = match (row.kind.as_str(), row.column) {
            ("table", _) => AccessTarget::Table(name),
            ("column", Some(column)) => {
                put_column(&name, column, grants, catalog);
                continue;
            }
            ("enum", _) => AccessTarget::Enum(name),
            ("schema", _) if row.name == DEFAULT_SCHEMA => AccessTarget::Object(Schema::id(DEFAULT_SCHEMA)),
            // What they are of stands where others have arguments.
            ("operator_family" | "operator_class", _) => {
                let method = row.arguments.first().map_or("", String::as_str);
                AccessTarget::Object(match row.kind.as_str() {
                    "operator_family" => OperatorFamily::id(method, name),
                    _ => OperatorClass::id(method, name),
                })
            }
            (word, _) => {
                let Some(kind) = Kind::ALL.iter().copied().find(|kind| kind.file() == word) else { continue };
                let arguments = row.arguments.iter().map(|text| placed.data_type(text));
                let Ok(arguments) = arguments.collect::<Result<Vec<_>, _>>() else { continue };
                AccessTarget::Object(ObjectId { arguments, ..ObjectId::new(kind, name) })
            }
        };
        target.put(Access { owner, grants, ..Access::default() }, catalog);
    }
}

fn put_column(relation: &QualifiedName, column: String, grants: Grants, catalog: &mut Catalog) {
    AccessTarget::Column(relation.clone(), column).put(Access { grants, ..Access::default() }, catalog);
}
