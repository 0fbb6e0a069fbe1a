//! Whether a column of a query can be NULL: random queries over tables that are half empty. `NULLABILITY` is how many, `SEED` which.

use migrate_compiler::Known;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::maker::Maker;
use crate::maker::schema::HISTORY;

/// Rows in which each column that can be NULL often is.
const ROWS: &str = "
    create function maybe(value anyelement) returns anyelement language sql volatile as
        'select case when random() < 0.5 then value end';
    insert into people (id, mail, name, born, admin, settings, tags, home, seen)
        select n, maybe('a@b.c'::email), maybe('a' || n), maybe(date '2000-01-01' + n), n % 2 = 0, maybe('{\"a\": null}'::jsonb),
            maybe(array['a', null]), maybe(row('a', null)::address), maybe(now()) from generate_series(1, 8) as n;
    update people set boss = maybe(1);
    insert into orders (id, person, total, state, note, day, lines, details, token, span, ratio)
        select n, maybe(1 + n % 8), maybe(n * 1.5), maybe('calm'::mood), maybe('x' || n), maybe(date '2026-01-01' + n),
            maybe(array[n, null]), maybe('{\"a\": null}'::json), maybe(gen_random_uuid()), maybe(interval '1 day'), maybe(n * 0.5::float8)
        from generate_series(1, 12) as n;
    insert into items (order_id, line, label, price, weight, kind, extra)
        select 1 + n % 12, n, maybe('l' || n), maybe(n * 2.5), maybe(n * 0.25::float8), 'sad', maybe('[null]'::jsonb)
        from generate_series(1, 20) as n;
    insert into app.events (at, kind, person, payload)
        select maybe(now()), maybe('k' || n), maybe(n), maybe('null'::jsonb) from generate_series(1, 6) as n;
    set statement_timeout = '200ms'";

#[tokio::test]
async fn what_cannot_be_null_never_is() {
    let major = tests::server().major();
    let wanted =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (count, seed) = (wanted("NULLABILITY", 600), wanted("SEED", 1));
    let database = tests::Database::create().await;
    tests::embed(tests::compile(HISTORY), &[]).apply(&database.pool).await.expect("the tables");
    let mut connection = PgConnection::connect(&database.url).await.expect("a connection");
    sqlx::raw_sql(ROWS).execute(&mut connection).await.expect("the rows");
    let mut known = Known::after(HISTORY, major).expect("the tables");
    let mut maker = Maker::new(major, seed);
    let (mut certain, mut shown, mut wrong) = (0_u64, 0_u64, Vec::new());
    for _ in 0..count {
        let (text, _) = maker.statement(true);
        let Ok(columns) = known.judge(&text) else { continue };
        let names: Vec<String> = (0..columns.len()).map(|index| format!("c{index}")).collect();
        let nulls: Vec<String> =
            names.iter().map(|name| format!("coalesce(bool_or({name} is not distinct from null), false)")).collect();
        let sql = format!(
            "select array[{}]::boolean[] from (select * from ({text}) as q limit 100) as q ({})",
            nulls.join(", "),
            names.join(", ")
        );
        // What fails while it runs shows nothing.
        let Ok(row) = connection.fetch_one(AssertSqlSafe(sql)).await else { continue };
        let found: Vec<bool> = sqlx::Row::get(&row, 0);
        shown += 1;
        for (column, is_null) in columns.iter().zip(found) {
            certain += u64::from(!column.nullable);
            if is_null && !column.nullable {
                wrong.push(format!("`{}` is null in: {text}", column.name));
            }
        }
    }
    println!("{shown} queries of seed {seed} ran, {certain} columns cannot be null");
    assert!(wrong.is_empty(), "{} are null:\n{}", wrong.len(), wrong.join("\n"));
    assert!(shown * 10 > count && certain > shown / 3, "{shown} queries ran, {certain} columns cannot be null");
}
