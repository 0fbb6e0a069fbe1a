//! Who owns the history, and who may write to it: whoever may could let the role that migrates run their SQL, by a
//! trigger, a view in place of a table, or a row with a script.

use migrate_core::sql::{quote_identifier, quote_literal};
use sqlx::PgConnection;

use crate::connection::text;
use crate::error::{Distrust, Error};
use crate::history_table::Tables;
use crate::message::unhurried;

/// What is to be done with the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reading runs nothing but what a view or a type that is not the system's would.
    Read,
    /// Writing runs triggers, rules, defaults and checks; and what is read is believed.
    Write,
    /// A script is run that the tables alone have. A role that this one is a member of, and that may write to them, would
    /// have it run what that role may not.
    Run,
}

/// The SQLSTATE of [`guard`].
pub(crate) const DISTRUSTED: &str = "22012";

/// Privileges that let somebody put something into a table, or have something run when others do.
const WRITING: &str = "'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'";

/// Whom to trust: this role, those that it is a member of, and superusers. That a superuser is a member of every role does not
/// count: it can be more than they are.
const ROLES: &str = "mine AS (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user \
     UNION SELECT member.roleid FROM pg_catalog.pg_auth_members AS member JOIN mine ON member.member = mine.oid), \
     trusted AS (SELECT oid FROM mine UNION SELECT oid FROM pg_catalog.pg_roles WHERE rolsuper)";

/// Names as texts, in a list.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(quote_literal).collect::<Vec<_>>().join(", ")
}

/// The role with this number; the database's owner is the only member of `pg_database_owner`.
fn role(oid: &str) -> String {
    format!(
        "CASE WHEN {oid}::regrole::text = 'pg_database_owner' THEN (SELECT datdba \
         FROM pg_catalog.pg_database WHERE datname = current_database()) ELSE {oid} END"
    )
}

/// A condition that is true where somebody who is not trusted may put something into one of the schemas that is met instead of
/// what the system has, or has done so. `None`: nothing is known of the schemas.
pub(crate) fn may_be_planted(schemas: Option<&[String]>) -> String {
    let Some(schemas) = schemas else { return "true".to_owned() };
    let schemas = list(schemas.iter().map(String::as_str));
    let space = format!("pg_catalog.pg_namespace AS space ON space.nspname IN ({schemas}) AND space.oid");
    let (of_schema, of_grantee) = (role("space.nspowner"), role("granted.grantee"));
    format!(
        "EXISTS (WITH RECURSIVE {ROLES} \
         SELECT FROM pg_catalog.pg_namespace AS space WHERE space.nspname IN ({schemas}) \
         AND NOT {of_schema} IN (SELECT oid FROM trusted) \
         UNION ALL SELECT FROM pg_catalog.pg_namespace AS space \
         CROSS JOIN LATERAL pg_catalog.aclexplode(space.nspacl) AS granted WHERE space.nspname IN ({schemas}) \
         AND granted.privilege_type = 'CREATE' AND (granted.grantee = 0 OR NOT {of_grantee} IN (SELECT oid FROM trusted)) \
         UNION ALL SELECT FROM pg_catalog.pg_proc AS own JOIN {space} = own.pronamespace \
         WHERE NOT own.proowner IN (SELECT oid FROM trusted) AND EXISTS (SELECT FROM pg_catalog.pg_proc AS builtin \
         WHERE builtin.proname = own.proname AND builtin.pronamespace = 'pg_catalog'::regnamespace) \
         UNION ALL SELECT FROM pg_catalog.pg_operator AS own JOIN {space} = own.oprnamespace \
         WHERE NOT own.oprowner IN (SELECT oid FROM trusted))"
    )
}

/// A query of a row for each thing that is wrong: what it is, the object, the role or the name, and the privilege.
fn problems(tables: &[&Tables], wanted: Use) -> String {
    let schemas = list(tables.iter().map(|one| one.schema_name.as_str()));
    let names = list(tables.iter().flat_map(|one| one.names.iter().map(String::as_str)));
    let roles = if wanted == Use::Read { String::new() } else { format!("{ROLES}, ") };
    let mut sql = format!(
        "WITH RECURSIVE ours AS (\
         SELECT class.oid, class.relkind, class.relowner, class.relacl, \
         pg_catalog.format('%I.%I', space.nspname, class.relname) AS name \
         FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE space.nspname IN ({schemas}) AND class.relname IN ({names})), \
         {roles}found AS MATERIALIZED (\
         SELECT 'kind'::text AS kind, name, ''::text AS other, ''::text AS privilege FROM ours WHERE relkind <> 'r' \
         UNION ALL SELECT 'column', name, attname, '' FROM ours \
         JOIN pg_catalog.pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped \
         JOIN pg_catalog.pg_type AS type ON type.oid = atttypid \
         WHERE type.typnamespace <> 'pg_catalog'::regnamespace OR attgenerated <> '' \
         UNION ALL SELECT 'child', name, inhrelid::regclass::text, '' FROM ours \
         JOIN pg_catalog.pg_inherits ON ours.oid IN (inhparent, inhrelid)"
    );
    if wanted != Use::Read {
        // The owner is among the grantees that are left out below.
        let writers = match wanted {
            Use::Run => "(SELECT oid FROM pg_catalog.pg_roles WHERE rolsuper OR rolname = current_user)",
            Use::Read | Use::Write => "(SELECT oid FROM trusted)",
        };
        let (of_schema, of_table) = (role("space.nspowner"), role("relowner"));
        sql.push_str(&format!(
            " UNION ALL SELECT 'schema', pg_catalog.quote_ident(nspname), pg_catalog.pg_get_userbyid(nspowner), '' \
             FROM pg_catalog.pg_namespace AS space \
             WHERE nspname IN ({schemas}) AND NOT {of_schema} IN (SELECT oid FROM trusted) \
             UNION ALL SELECT 'owner', name, pg_catalog.pg_get_userbyid(relowner), '' FROM ours \
             WHERE NOT {of_table} IN (SELECT oid FROM trusted) \
             UNION ALL SELECT 'trigger', name, tgname, '' FROM ours \
             JOIN pg_catalog.pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal \
             UNION ALL SELECT 'rule', name, rulename, '' FROM ours \
             JOIN pg_catalog.pg_rewrite ON ev_class = ours.oid AND relkind = 'r' \
             UNION ALL SELECT 'policy', name, polname, '' FROM ours JOIN pg_catalog.pg_policy ON polrelid = ours.oid \
             UNION ALL SELECT 'check', name, conname, '' FROM ours \
             JOIN pg_catalog.pg_constraint ON conrelid = ours.oid AND contype = 'c' \
             UNION ALL SELECT 'default', name, attname, '' FROM ours \
             JOIN pg_catalog.pg_attrdef AS def ON adrelid = ours.oid \
             JOIN pg_catalog.pg_attribute ON attrelid = adrelid AND attnum = adnum \
             WHERE EXISTS (SELECT FROM pg_catalog.pg_depend AS used WHERE used.classid = 'pg_attrdef'::regclass \
             AND used.objid = def.oid AND used.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)) \
             UNION ALL SELECT 'index', name, indexrelid::regclass::text, '' FROM ours \
             JOIN pg_catalog.pg_index ON indrelid = ours.oid AND (indexprs IS NOT NULL OR indpred IS NOT NULL) \
             UNION ALL SELECT 'grant', name, \
             CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(granted.grantee) END, \
             pg_catalog.string_agg(DISTINCT granted.privilege_type, ', ') FROM (\
             SELECT name, relowner, relacl AS acl FROM ours WHERE relacl IS NOT NULL \
             UNION ALL SELECT name, relowner, attacl FROM ours \
             JOIN pg_catalog.pg_attribute ON attrelid = ours.oid AND attacl IS NOT NULL) AS acls \
             CROSS JOIN LATERAL pg_catalog.aclexplode(acl) AS granted \
             WHERE granted.privilege_type IN ({WRITING}) AND granted.grantee <> relowner \
             AND NOT granted.grantee IN {writers} GROUP BY name, granted.grantee"
        ));
    }
    sql.push_str(") ");
    sql
}

/// The command that fails with a division by zero where the tables cannot be trusted, and has no rows else. What there
/// is of them is judged before it is used, in the same message: nobody who is not trusted could make it otherwise after
/// that.
pub(crate) fn guard(tables: &[&Tables], wanted: Use) -> String {
    format!("{}SELECT 1 / (kind = '')::integer FROM found", problems(tables, wanted))
}

/// Why the tables cannot be trusted, if so.
///
/// # Errors
/// They cannot; or that cannot be found out.
pub(crate) async fn check(connection: &mut PgConnection, tables: &Tables, wanted: Use) -> Result<(), Error> {
    let sql = format!(
        "{}SELECT kind, name, other, privilege, current_user::text FROM found ORDER BY 1, 2, 3",
        problems(&[tables], wanted)
    );
    let rows = unhurried(connection, &sql).await;
    let rows = rows.map_err(|source| Error::Database { doing: "see who may write to the history", source })?;
    let Some(first) = rows.first() else { return Ok(()) };
    let found = rows
        .iter()
        .map(|row| Distrust { kind: text(row, 0), object: text(row, 1), other: text(row, 2), privilege: text(row, 3) })
        .collect();
    Err(Error::Distrusted { schema: tables.schema_name.clone(), role: text(first, 4), found, stored: Vec::new() })
}

/// The command that takes from everybody else what default privileges have let them do with tables that this role has
/// just made. Reading stays.
pub(crate) fn revoke(tables: &Tables) -> String {
    let schema = quote_literal(&tables.schema_name);
    let names = list(tables.names.iter().map(String::as_str));
    format!(
        "DO $$DECLARE found record; BEGIN FOR found IN \
         SELECT DISTINCT class.oid::regclass AS name, granted.privilege_type AS privilege, \
         CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::regrole::text END AS role \
         FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = class.relnamespace \
         CROSS JOIN LATERAL pg_catalog.aclexplode(class.relacl) AS granted \
         WHERE space.nspname = {schema} AND class.relname IN ({names}) AND pg_catalog.pg_get_userbyid(class.relowner) = current_user \
         AND granted.grantee <> class.relowner AND granted.privilege_type IN ({WRITING}) \
         LOOP EXECUTE pg_catalog.format('REVOKE %s ON %s FROM %s', found.privilege, found.name, found.role); \
         END LOOP; END$$"
    )
}

/// The command that stops a script where the tables cannot be trusted.
pub(crate) fn stop(tables: &Tables) -> String {
    format!(
        "BEGIN IF EXISTS ({}SELECT FROM found) THEN RAISE EXCEPTION \
         'others may write to the history in schema %: see `status`', {}; END IF; END",
        problems(&[tables], Use::Write),
        quote_literal(&quote_identifier(&tables.schema_name))
    )
}
