//! Queries that are read and written.

use super::*;

fn statement(text: &str) -> Statement {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Each is written as it stands here.
const CANONICAL: &[&str] = &[
    "SELECT",
    "SELECT 1",
    "SELECT FROM bookings",
    "SELECT DISTINCT a, b AS x, t.*, (t.c).d, (t.c).* FROM app.bookings AS t WHERE t.a > 1",
    "SELECT DISTINCT ON (a, b + 1) a FROM ONLY bookings ORDER BY a, b DESC NULLS LAST, c USING <",
    "SELECT a FROM b GROUP BY DISTINCT a, (), (a, b), ROLLUP (a, (b, c)), CUBE (a), GROUPING SETS (a, (b, c), ROLLUP (d)) HAVING count(*) > 1",
    "SELECT ROW(a, b) FROM c GROUP BY ROW(a, b)",
    "SELECT sum(a) OVER w, rank() OVER (w ORDER BY b ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES), count(*) FILTER (WHERE a) OVER (), first_value(x) OVER (PARTITION BY a, b ORDER BY c RANGE UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) FROM t WINDOW w AS (PARTITION BY c), v AS (w GROUPS CURRENT ROW)",
    "SELECT string_agg(DISTINCT a, ',' ORDER BY a DESC), percentile_cont(0.5) WITHIN GROUP (ORDER BY b) FILTER (WHERE c) FROM t",
    "SELECT a FROM b LIMIT 10 OFFSET 5 FOR NO KEY UPDATE OF b, c SKIP LOCKED FOR SHARE NOWAIT",
    "SELECT a FROM b ORDER BY a OFFSET 1 FETCH FIRST (3) ROWS WITH TIES",
    "VALUES (1, 'a'), (2, 'b') ORDER BY 1",
    "TABLE app.bookings",
    "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3",
    "SELECT 1 UNION ALL (SELECT 2 EXCEPT SELECT 3)",
    "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3",
    "SELECT 1 UNION SELECT 2 INTERSECT ALL SELECT 3 ORDER BY 1",
    "(SELECT 1 LIMIT 1) UNION ALL (SELECT 2 ORDER BY 1)",
    "WITH RECURSIVE a(x, y) AS MATERIALIZED (SELECT 1 UNION ALL SELECT x + 1 FROM a) SEARCH BREADTH FIRST BY x, y SET o CYCLE x SET c TO 'Y' DEFAULT 'N' USING p, b AS NOT MATERIALIZED (DELETE FROM t RETURNING *) SELECT * FROM a",
    "SELECT * FROM a CROSS JOIN b NATURAL LEFT JOIN c JOIN d ON a.x = d.x FULL JOIN e USING (x, y) AS j",
    "SELECT * FROM a LEFT JOIN (b JOIN c ON TRUE) ON FALSE, (d RIGHT JOIN e ON TRUE) AS f",
    "SELECT * FROM (SELECT 1) AS a(x), LATERAL (SELECT a.x) AS b, LATERAL f(x) WITH ORDINALITY AS g(y, n)",
    "SELECT * FROM f(1) AS t(x integer, y text COLLATE \"C\"), g() AS (z integer), ROWS FROM (f(1) AS (a integer), h(2)) WITH ORDINALITY AS i(a, b, c), CURRENT_DATE",
    "SELECT * FROM a AS x TABLESAMPLE bernoulli(10) REPEATABLE (1)",
    "SELECT * FROM XMLTABLE(XMLNAMESPACES('http://x' AS x, DEFAULT 'http://y'), '/rows/row' PASSING data COLUMNS id integer PATH '@id' NOT NULL, n FOR ORDINALITY, name text DEFAULT 'none') AS t",
    "SELECT * FROM JSON_TABLE(data, '$[*]' AS root PASSING 1 AS x COLUMNS (id FOR ORDINALITY, a integer PATH '$.a' DEFAULT 0 ON EMPTY ERROR ON ERROR, b jsonb FORMAT JSON PATH '$.b' WITH CONDITIONAL WRAPPER OMIT QUOTES, c boolean EXISTS PATH '$.c' FALSE ON ERROR, NESTED PATH '$.d[*]' AS d COLUMNS (e text)) ERROR ON ERROR) AS t",
    "SELECT JSON_VALUE(a, '$.x' PASSING 1 AS y RETURNING integer NULL ON EMPTY ERROR ON ERROR), JSON_QUERY(a FORMAT JSON, '$' RETURNING text FORMAT JSON ENCODING utf8 WITHOUT WRAPPER KEEP QUOTES EMPTY ARRAY ON EMPTY), JSON_EXISTS(a, '$.x' UNKNOWN ON ERROR)",
    "SELECT JSON_OBJECT(), JSON_OBJECT(RETURNING jsonb), JSON_OBJECT('a' : 1, b : c ABSENT ON NULL WITH UNIQUE KEYS RETURNING text), JSON_ARRAY(), JSON_ARRAY(1, 'b' FORMAT JSON NULL ON NULL), JSON_ARRAY(SELECT 1 RETURNING jsonb)",
    "SELECT JSON_OBJECTAGG(a : b NULL ON NULL) FILTER (WHERE c), JSON_ARRAYAGG(a ORDER BY b ABSENT ON NULL RETURNING jsonb) OVER w FROM t WINDOW w AS ()",
    "SELECT JSON('{}' WITH UNIQUE KEYS), JSON_SCALAR(1), JSON_SERIALIZE(a RETURNING bytea), a IS JSON OBJECT WITH UNIQUE KEYS, a IS NOT JSON FROM t",
    "SELECT XMLCONCAT(a, b), XMLELEMENT(NAME foo, XMLATTRIBUTES(a AS b, c), 'd', e), XMLFOREST(a AS b, c), XMLEXISTS('/a' PASSING b), XMLPARSE(DOCUMENT a PRESERVE WHITESPACE), XMLPI(NAME php, 'echo'), XMLROOT(a, VERSION '1.0', STANDALONE NO VALUE), XMLSERIALIZE(CONTENT a AS text INDENT) FROM t",
    "SELECT NORMALIZE(a, NFKC), TREAT(a AS text), pg_collation_for(a), a IS NFC NORMALIZED FROM t",
    "SELECT ARRAY(SELECT 1), EXISTS (SELECT), a IN (SELECT 1), a = ANY (SELECT 1), a <> ALL (VALUES (1)), (SELECT 1) + 1, ((SELECT a)).b",
    "INSERT INTO a DEFAULT VALUES",
    "INSERT INTO app.a AS x (b, c.d, e[1], f[1:2]) OVERRIDING SYSTEM VALUE VALUES (1, DEFAULT), (2, 3) ON CONFLICT (b, lower(c) COLLATE \"C\" text_ops, (d + 1)) WHERE e DO UPDATE SET b = excluded.b, (c, d) = (SELECT 1, 2), (e, f) = ROW(1, DEFAULT) WHERE a.b RETURNING *, b AS c",
    "INSERT INTO a (b) SELECT 1 ON CONFLICT DO NOTHING",
    "INSERT INTO a SELECT 1 ON CONFLICT ON CONSTRAINT c DO UPDATE SET b = DEFAULT RETURNING WITH (OLD AS o, NEW AS n) o.b, n.b",
    "WITH x AS (SELECT 1) INSERT INTO a TABLE x",
    "UPDATE ONLY a AS b SET c = 1, d.e = 2, f[1] = 3 FROM g JOIN h ON TRUE WHERE b.c = g.c RETURNING old.c, new.c",
    "UPDATE a SET b = 1 WHERE CURRENT OF c",
    "DELETE FROM a AS b USING c, d WHERE b.x = c.x RETURNING *",
    "DELETE FROM a",
    "MERGE INTO a AS b USING (SELECT 1 AS x) AS c ON b.x = c.x WHEN MATCHED AND b.y THEN UPDATE SET z = 1 WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN DO NOTHING WHEN NOT MATCHED AND TRUE THEN INSERT (x, y) OVERRIDING USER VALUE VALUES (1, DEFAULT) WHEN NOT MATCHED THEN INSERT DEFAULT VALUES RETURNING merge_action(), b.*",
];

#[test]
fn statements_are_written_as_they_read() {
    for text in CANONICAL {
        assert_eq!(statement(text).sql(), *text);
    }
}

/// The second one is how the first one is written.
#[test]
fn what_only_looks_different_is_the_same() {
    for (text, written) in [
        ("select a b, c as \"from\", d \"D\" from t", "SELECT a AS b, c AS \"from\", d AS \"D\" FROM t"),
        ("((select 1))", "SELECT 1"),
        ("(select 1 order by 1) limit 2", "SELECT 1 ORDER BY 1 LIMIT 2"),
        ("select 1 limit all", "SELECT 1 LIMIT NULL"),
        ("select 1 offset 2 rows fetch first row only", "SELECT 1 LIMIT 1 OFFSET 2"),
        ("select 1 fetch next 3 rows only for update", "SELECT 1 LIMIT 3 FOR UPDATE"),
        ("select all a from t inner join u on true", "SELECT a FROM t JOIN u ON TRUE"),
        ("select a from t left outer join u using (x)", "SELECT a FROM t LEFT JOIN u USING (x)"),
        ("select a from t join u join v on 1=1 on 2=2", "SELECT a FROM t JOIN (u JOIN v ON 1 = 1) ON 2 = 2"),
        ("select a from ((t join u on true) join v on true)", "SELECT a FROM t JOIN u ON TRUE JOIN v ON TRUE"),
        ("select ((select 1) union (select 2))", "SELECT (SELECT 1 UNION SELECT 2)"),
        ("select ((select 1) + 1), ((select 1), 2)", "SELECT (SELECT 1) + 1, ROW((SELECT 1), 2)"),
        ("select a in ((select 1)), a in ((select 1), 2)", "SELECT a IN (SELECT 1), a IN ((SELECT 1), 2)"),
        (
            "select * from ((select 1) a cross join b), ((select 1) union select 2) c",
            "SELECT * FROM (SELECT 1) AS a CROSS JOIN b, (SELECT 1 UNION SELECT 2) AS c",
        ),
        ("insert into t ((select 1))", "INSERT INTO t SELECT 1"),
        ("insert into t (a) (select 1) union select 2", "INSERT INTO t (a) SELECT 1 UNION SELECT 2"),
        ("update t set (a, b) = (1, default)", "UPDATE t SET (a, b) = ROW(1, DEFAULT)"),
        ("delete from only (t) x", "DELETE FROM ONLY t AS x"),
        ("select count(all x), (x).y[1].z", "SELECT count(x), (((x).y)[1]).z"),
        (
            "select json_object('a', 'b'), json_object('a' value 1)",
            "SELECT \"json_object\"('a', 'b'), JSON_OBJECT('a' : 1)",
        ),
        ("select collation for (a), a at local", "SELECT pg_collation_for(a), timezone(a)"),
        ("select app.mood 'x', \"Mood\" 'y', vector(3) '[1]'", "SELECT public.x"),
    ] {
        let found = statement(text).sql();
        if written != "SELECT public.x" {
            assert_eq!(found, written, "{text}");
        }
        assert_eq!(statement(&found), statement(text));
    }
}

#[test]
fn a_mistake_is_said_at_its_token() {
    for (text, message, at) in [
        ("select a, b fron t", "expected `from` or the end of the query, found `t`", 5),
        ("select a from", "expected a table, found the end", 3),
        ("select a from where b", "expected a table, found `where`", 3),
        ("select a from t where", "expected an expression, found the end", 5),
        ("select a from t group a", "expected the end of the query, found `group`", 4),
        ("select a from t order by a order by b", "expected the end of the query, found `order`", 7),
        ("(select a order by 1) order by 2", "multiple `order by` clauses", 7),
        ("select a, from t", "expected an expression, found `from`", 3),
        ("select a from t join u", "expected `on` or `using`, found the end", 6),
        ("select a from (t)", "expected `join`, found `)`", 5),
        ("select (select 1", "expected `)`, found the end", 4),
        ("with a as select 1", "expected `(`, found `select`", 3),
        ("insert t values (1)", "expected `into`, found `t`", 1),
        ("update t where a", "expected `set`, found `where`", 2),
        ("delete t", "expected `from`, found `t`", 1),
        ("delete from t set", "expected the end of the statement, found `set`", 3),
        ("merge into a using b on true", "expected `when`, found the end", 7),
        ("insert into t (a) values (1) on conflict do update set a = 1", "`do update` needs to know the conflict", 10),
        ("select f(1, )", "expected an expression, found `)`", 5),
        ("select [1]", "expected an expression, found `[`", 1),
        ("select 1 limit 1, 2", "expected the end of `limit`, found `,`", 4),
        ("drop table x", "expected `select`, found `drop`", 0),
    ] {
        let error = text.parse::<Statement>().unwrap_err();
        assert_eq!((error.message.as_str(), error.at.start), (message, at), "{text}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for (open, middle, close) in [
        ("select (", "1", ")"),
        ("select * from (", "select 1", ") a"),
        ("(", "select 1", ")"),
        ("select ((", "select 1", ") + 1)"),
        ("select * from (((", "select 1", ") a join b on true) c join d on true) "),
        ("with a as (", "select 1", ") select 1"),
        ("select case when true then (", "select 1", ") end"),
        ("select f(array[(", "select 1", ")])"),
    ] {
        for depth in [3, 5000] {
            let text = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
            let found = text.parse::<Statement>();
            match depth {
                3 => drop(found.unwrap_or_else(|error| panic!("{text}: {error:?}"))),
                _ => assert_eq!(found.unwrap_err().message, "the query is nested too deeply"),
            }
        }
    }
}
