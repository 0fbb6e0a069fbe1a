//! Expressions come out as people write them, and the server prints them as it did.

use tempfile::TempDir;

use super::{block, convert, new_crate, written};

/// What each check of `t` is in SQL, and in the language.
const CHECKS: &[(&str, &str)] = &[
    ("note LIKE '%@%'", "note like \"%@%\""),
    ("name NOT LIKE 'a%'", "name not like \"a%\""),
    ("note ILIKE 'a_' AND note NOT ILIKE '%b'", "note ilike \"a_\" and note not ilike \"%b\""),
    ("note LIKE 'q!%' ESCAPE '!'", "note like \"q!%\" escape \"!\""),
    ("note SIMILAR TO '(x|y)%'", "note similar to \"(x|y)%\""),
    ("note ~ '^[a-z]+$'", "note ~ \"^[a-z]+$\""),
    ("note IN ('a', 'b')", "note in (\"a\", \"b\")"),
    ("name NOT IN ('a', 'b')", "name not in (\"a\", \"b\")"),
    ("code IN ('a', 'b')", "code in (\"a\", \"b\")"),
    ("feeling IN ('sad', 'happy')", "feeling in (\"sad\", \"happy\")"),
    ("n IN (1, -2, 3)", "n in (1, -2, 3)"),
    ("big IN (1, 12345678901)", "big in (1, 12345678901)"),
    ("small IN (1, 2)", "small in (1, 2)"),
    ("price IN (1, 2.5)", "price in (1, 2.5)"),
    ("day NOT IN ('2020-01-01', '2021-01-01')", "day not in (\"2020-01-01\", \"2021-01-01\")"),
    ("note = ANY (ARRAY['a'])", "note = any (array[\"a\"])"),
    ("note = ANY ('{a,b}'::text[])", "note = any (\"{a,b}\"::text[])"),
    ("n BETWEEN 1 AND 9", "n between 1 and 9"),
    ("n NOT BETWEEN 1 AND 9", "n not between 1 and 9"),
    ("price > 0 AND n BETWEEN 1 AND 9", "price > 0 and n between 1 and 9"),
    ("n BETWEEN 1 AND 9 AND price > 0", "n between 1 and 9 and price > 0"),
    ("n >= 1 AND n <= 9 AND price > 0", "n >= 1 and n <= 9 and price > 0"),
    ("name BETWEEN 'a' AND 'z'", "name between \"a\" and \"z\""),
    ("name = 'x' AND code <> 'y'", "name = \"x\" and code <> \"y\""),
    ("feeling <> 'sad'", "feeling <> \"sad\""),
    (
        "day >= '2020-01-01' AND at < '2030-01-01 00:00:00+00'",
        "day >= \"2020-01-01\" and at < \"2030-01-01 00:00:00+00\"",
    ),
    ("at > now() - interval '1 day'", "at > now() - \"1 day\"::interval"),
    ("day + 1 > '2020-01-01'", "day + 1 > \"2020-01-01\""),
    ("price > 0 AND price < 1.5", "price > 0 and price < 1.5"),
    ("ratio > 0.5 AND n > -5", "ratio > 0.5 and n > -5"),
    ("n::numeric / 2 > 1", "n::numeric / 2 > 1"),
    ("lower(name) = 'x'", "lower(name) = \"x\""),
    ("name || 'x' <> 'y'", "name || \"x\" <> \"y\""),
    ("coalesce(name, '') <> ''", "coalesce(name, \"\") <> \"\""),
    ("(meta ->> 'a') IN ('x', 'y')", "meta ->> \"a\" in (\"x\", \"y\")"),
    ("meta @> '{\"a\": 1}'", "meta @> r#\"{\"a\": 1}\"#"),
    ("meta ? 'a'", "meta ? \"a\""),
    ("position('x' IN note) = 0", "position(\"x\" in note) = 0"),
    ("date_trunc('month', at) > '2020-01-01'", "date_trunc(\"month\", at) > \"2020-01-01"),
    ("tags @> ARRAY['x'] AND 'y' = ANY (tags)", "tags @> array[\"x\"] and \"y\"::text = any (tags)"),
    (
        "CASE feeling WHEN 'sad' THEN note = 'x' ELSE true END",
        "case feeling when \"sad\" then note = \"x\" else true end",
    ),
    ("n::text = 'x'", "n::text = \"x\""),
    ("mail LIKE '%@x'", "mail like \"%@x\""),
    ("note IS DISTINCT FROM 'x'", "note is distinct from \"x\""),
];

/// What is written of the only file, however it is laid out. Nothing of it is raw SQL, and both databases are the same.
fn written_on_one_line(directory: &TempDir) -> String {
    let ran = convert(directory.path(), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("0 as raw SQL") && ran.out.contains("pg_dump: both dumps are the same"), "{}", ran.out);
    block(&written(directory)[0].1).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn expressions_come_out_as_people_write_them() {
    let checks: String = CHECKS
        .iter()
        .enumerate()
        .map(|(number, (sql, _))| format!("ALTER TABLE t ADD CONSTRAINT c{number:02} CHECK ({sql});\n"))
        .collect();
    let directory = new_crate(&[(
        "1_a.sql",
        &format!(
            "CREATE TYPE mood AS ENUM ('sad', 'happy');\nCREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%' AND length(VALUE) BETWEEN 3 AND 99);\n\
             CREATE TABLE t (note text, name varchar(20), code char(3), feeling mood, n int, big bigint, small smallint, price numeric(9, 2), \
             ratio float8, day date, at timestamptz, meta jsonb, tags text[], mail email);\n{checks}"
        ),
    )]);
    let text = written_on_one_line(&directory);
    let text = text.replace("( ", "(").replace(" )", ")");
    let missing: Vec<_> = CHECKS
        .iter()
        .enumerate()
        .filter(|(number, (_, written))| !text.contains(&format!("constraint c{number:02} check ({written}")))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}\n{text}");
    assert!(text.contains("check (value like \"%@%\" and (length(value) >= 3 and length(value) <= 99))"), "{text}");
}

#[test]
fn views_policies_and_triggers_do_as_well() {
    let directory = new_crate(&[(
        "1_a.sql",
        "CREATE TABLE people (id int PRIMARY KEY, name varchar(20), born date DEFAULT '2000-01-01', at interval DEFAULT '1 day', n bigint DEFAULT -5);\n\
         CREATE TABLE pets (id int PRIMARY KEY, owner_id int REFERENCES people, name text);\n\
         CREATE VIEW seen AS SELECT p.id, p.name IN ('a', 'b') AS ab, t.name LIKE 'x%' AS x, \
         CASE WHEN p.born BETWEEN '2000-01-01' AND '2001-01-01' THEN 'young' ELSE 'old' END AS age FROM people p \
         JOIN pets t ON t.owner_id = p.id AND t.name <> 'none' WHERE EXISTS (SELECT 1 FROM pets o WHERE o.name = 'x' AND o.owner_id = p.id);\n\
         CREATE VIEW counted AS WITH pets AS (SELECT 1 AS name) SELECT name = 1 AS one FROM pets;\n\
         CREATE MATERIALIZED VIEW kept AS SELECT id FROM seen WHERE age = 'old';\n\
         ALTER TABLE pets ENABLE ROW LEVEL SECURITY;\n\
         CREATE POLICY own ON pets USING (name NOT LIKE 'x%' AND owner_id IN (SELECT id FROM people WHERE name = 'me'));\n\
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';\n\
         CREATE TRIGGER noted BEFORE UPDATE ON people FOR EACH ROW WHEN (new.name = 'x' AND old.name <> 'y') EXECUTE FUNCTION f();\n\
         CREATE INDEX pets_name ON pets (lower(name), (name || 'x')) WHERE name IN ('a', 'b');",
    )]);
    let text = written_on_one_line(&directory);
    for part in [
        "born: date? = \"2000-01-01\",",
        "at: interval? = \"1 day\",",
        "n: bigint? = -5,",
        "p.name in (\"a\", \"b\") as ab",
        "t.name like \"x%\" as x",
        "when p.born between \"2000-01-01\" and \"2001-01-01\" then \"young\" else \"old\" end",
        "t.name <> \"none\"",
        "o.name = \"x\" and",
        "seen.age = \"old\"",
        "people.name = \"me\"",
        "new.name = \"x\" and old.name <> \"y\"",
        "where name in (\"a\", \"b\")",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
