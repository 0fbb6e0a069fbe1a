use crate::inline::compile_history;

const TABLES: &str = r##"migration "1_tables" {
    create schema app;
    create enum status { draft, paid }
    create table bookings { id: bigint primary key, total: numeric(12, 2), status: status, note: text?, changed_at: timestamptz = now() }
    create table app.guests { id: bigint primary key, booking_id: bigint references bookings (id), name: text }
    create function total_of(booking: bigint) returns numeric language sql stable
        as "select sum(b.total) from bookings b where b.id = booking and b.status = 'paid'";
    create function touch() returns trigger language plpgsql as r#"
        begin
            new.changed_at := now();
            return new;
        end
    "#;
    create trigger touched before update on bookings for each row execute function touch();
}"##;

/// The headlines of the mistakes of a migration over the tables, with the lines of the body that they are in.
fn mistakes(change: &str) -> Vec<String> {
    let history = format!("{TABLES}\nmigration \"2_change\" {{ {change} }}");
    let Err(mistakes) = compile_history(&history) else { return Vec::new() };
    let texts = mistakes.iter().map(|mistake| {
        let mut lines = mistake.text.lines().map(str::trim);
        let headline = lines.next().unwrap_or_default().to_owned();
        match lines.find(|line| line.starts_with("note: on line")) {
            Some(line) => format!("{headline} {line}"),
            None => headline,
        }
    });
    texts.collect()
}

#[track_caller]
fn assert_mistakes(change: &str, expected: &[&str]) {
    assert_eq!(mistakes(change), expected, "{change}");
}

fn plpgsql(body: &str) -> String {
    format!("create function f(number: bigint, names: text[]) returns bigint language plpgsql as r#\"{body}\"#;")
}

fn sql(returns: &str, body: &str) -> String {
    format!("create function f(number: bigint) returns {returns} language sql as r#\"{body}\"#;")
}

#[test]
fn names_in_sql_are_looked_up() {
    assert_mistakes(&sql("bigint", "select id from bookings where id = number"), &[]);
    assert_mistakes(&sql("bigint", "select id from bookings where id = f.number and id <> $1"), &[]);
    assert_mistakes(&sql("setof bookings", "select * from bookings"), &[]);
    assert_mistakes(&sql("void", "delete from app.guests; update bookings set total = 0"), &[]);
    assert_mistakes(&sql("bigint", "select f(number - 1)"), &[]);
    assert_mistakes(
        &sql("bigint", "select id\n from bokings"),
        &["cannot find table or view `bokings` [unknown_table] note: on line 2 of the body: `from bokings`"],
    );
    assert_mistakes(
        &sql("bigint", "select idd from bookings"),
        &["cannot find column `idd` in this query [unknown_column] note: on line 1 of the body: `select idd from \
             bookings`"],
    );
    assert_mistakes(
        &sql("bigint", "select rank() over (order by totl) from bookings"),
        &["cannot find column `totl` in this query [unknown_column] note: on line 1 of the body: `select rank() over \
             (order by totl) from bookings`"],
    );
    // A bare word is not a value of an enum in SQL.
    assert_mistakes(
        &sql("bigint", "select id from bookings where status = paid"),
        &["cannot find column `paid` in this query [unknown_column] note: on line 1 of the body: `select id from \
             bookings where status = paid`"],
    );
    assert_mistakes(
        &sql("bigint", "update bookings set totl = 1 returning id"),
        &["cannot find column `totl` in `bookings` [unknown_column] note: on line 1 of the body: `update bookings \
             set totl = 1 returning id`"],
    );
}

#[test]
fn a_literal_without_a_type_is_a_text() {
    assert_mistakes(&sql("text", "select null"), &[]);
    assert_mistakes(
        &sql("json", "select '{}'"),
        &["the function returns `json`, but its last statement returns `text` [type_mismatch] note: on line 1 of the \
             body: `select '{}'`"],
    );
    assert_mistakes(&sql("json", "select '{}'::json"), &[]);
}

#[test]
fn the_last_statement_gives_what_the_function_returns() {
    assert_mistakes(
        &sql("bigint", "select id, total from bookings"),
        &["the function returns 1 column, but its last statement returns 2 columns [invalid_definition] note: on \
             line 1 of the body: `select id, total from bookings`"],
    );
    assert_mistakes(
        &sql("date", "select note from bookings"),
        &["the function returns `date`, but its last statement returns `text` [type_mismatch] note: on line 1 of the \
             body: `select note from bookings`"],
    );
    assert_mistakes(
        &sql("bigint", "delete from bookings"),
        &["the last statement of the body returns no rows, but the function returns a value [invalid_definition] \
             note: on line 1 of the body: `delete from bookings`"],
    );
    assert_mistakes(&sql("table(id: bigint, total: numeric)", "select id, total from bookings"), &[]);
}

#[test]
fn functions_of_the_callers_path_are_found() {
    let own = "create function app.only_here(n: bigint) returns bigint language sql as \"select n\";";
    assert_mistakes(&format!("{own} {}", plpgsql("begin return only_here(number); end")), &[]);
    assert_mistakes(
        &format!("{own} {}", plpgsql("begin return only_there(number); end")),
        &["cannot find function `only_there` [unknown_function] note: on line 1 of the body: `begin return \
             only_there(number); end`"],
    );
}

#[test]
fn names_in_plpgsql_are_looked_up() {
    let right = r"
        declare
            found_one bookings%rowtype;
            amount bookings.total%type := 0;
            r record;
            i integer;
        begin
            select * into found_one from bookings b where b.id = number;
            if not found then
                raise exception 'no booking %', number using errcode = 'no_data_found';
            end if;
            for r in select g.name, g.id from app.guests g loop
                amount := amount + length(r.name);
            end loop;
            for n in 1 .. 10 loop
                perform total_of(n);
            end loop;
            foreach note in array names loop null; end loop;
            create temporary table gathered (id bigint);
            insert into gathered select id from bookings;
            execute 'select 1' into i;
            update bookings set total = amount, note = found_one.note where id = number returning id into i;
            insert into bookings as b (id, total, status) values (number, 1, 'paid')
                on conflict (id) do update set total = excluded.total + b.total;
            return i;
        exception when others then
            raise notice '% %', sqlstate, sqlerrm;
            return null;
        end";
    assert_mistakes(
        &plpgsql(right),
        &["cannot find variable `note` [unknown_column] note: on line 18 of the body: `foreach note in array names \
             loop null; end loop;`"],
    );
    assert_mistakes(&plpgsql(&right.replace("foreach note in array names loop null; end loop;", "")), &[]);
    assert_mistakes(
        &plpgsql("begin\n  return totl;\nend"),
        &["cannot find column `totl` in this query [unknown_column] note: on line 2 of the body: `return totl;`"],
    );
    assert_mistakes(
        &plpgsql("declare one bookings%rowtype; begin select * into one from bookings; return one.totl; end"),
        &["cannot find column `totl` in `one` [unknown_column] note: on line 1 of the body: `declare one \
             bookings%rowtype; begin select * into one from bookings; return one.totl; end`"],
    );
    assert_mistakes(
        &plpgsql("begin nombre := 1; return 1; end"),
        &["cannot find variable `nombre` [unknown_column] note: on line 1 of the body: `begin nombre := 1; return 1; \
             end`"],
    );
    assert_mistakes(
        &plpgsql("begin return uper(names[1])::bigint; end"),
        &["cannot find function `uper` [unknown_function] note: on line 1 of the body: `begin return \
             uper(names[1])::bigint; end`"],
    );
    assert_mistakes(
        "#[allow(unchecked_body, reason = \"another tool makes it\")]
        create function f() returns bigint language plpgsql as \"begin return (select max(id) from elsewhere); end\";",
        &[],
    );
}

#[test]
fn what_a_body_uses_may_come_behind_it() {
    let change =
        "create function f() returns bigint language plpgsql as \"begin return (select max(id) from later); end\";
        create table later { id: bigint primary key }";
    assert_mistakes(change, &[]);
}

#[test]
fn a_trigger_function_sees_the_row_of_its_table() {
    let function = |body: &str| {
        format!(
            "create function check_it() returns trigger language plpgsql as \"begin {body} return new; end\";
            create trigger checked before insert on bookings for each row execute function check_it();"
        )
    };
    assert_mistakes(&function("if tg_op = 'INSERT' then new.note := upper(new.note); end if;"), &[]);
    assert_mistakes(
        &function("new.nots := 'x';"),
        &["cannot find column `nots` in `new` [unknown_column] note: on line 1 of the body: `begin new.nots := 'x'; \
             return new; end`"],
    );
}

#[test]
fn what_a_body_uses_is_still_used() {
    assert_mistakes(
        "#[allow(drops_data, reason = \"a test\")] alter table bookings drop changed_at;",
        &[
            "cannot drop column `changed_at` of `bookings`, because the body of function `touch()` uses it [unchecked_body]",
        ],
    );
    assert_mistakes(
        "alter table bookings rename total to amount;",
        &[
            "cannot rename column `total` of `bookings`, because the body of function `total_of(bigint)` uses it [unchecked_body]",
        ],
    );
    assert_mistakes(
        "alter table bookings rename to trips;",
        &["cannot rename `bookings`, because the body of function `total_of(bigint)` uses it [unchecked_body]"],
    );
    assert_mistakes(
        "alter enum status rename paid to settled;",
        &[
            "cannot rename value `paid` of enum `status`, because the body of function `total_of(bigint)` uses it [unchecked_body]",
        ],
    );
    assert_mistakes(
        "alter table bookings rename total to amount;
        create or replace function total_of(booking: bigint) returns numeric language sql stable
            as \"select sum(b.amount) from bookings b where b.id = booking\";",
        &[],
    );
}

#[test]
fn what_comes_out_of_groups_is_grouped() {
    let sql = |body: &str| sql("void", body);
    for right in [
        "select id, total from bookings group by id",
        "select b.id, b.note, count(g.id) from bookings b left join app.guests g on g.booking_id = b.id group by b.id order by b.note",
        "select date_trunc('day', changed_at), count(*) from bookings group by 1 order by 1",
        "select status as s, sum(total) from bookings group by s having sum(total) > 1 order by sum(total)",
        "select status, sum(count(*)) over (order by status) from bookings group by status",
        "select upper(note), count(*) filter (where total > 1) from bookings group by upper(note)",
        "select status, note, count(*) from bookings group by rollup (status, note)",
        "select status from bookings group by (status, note)",
        "select distinct on (status) status, total from bookings order by status, total",
        "select rank() over (order by total) from bookings",
        "select rank() over w from bookings window w as (partition by status order by total)",
        "select count(*) from bookings",
        "select string_agg(note, ',' order by total) from bookings",
    ] {
        assert_mistakes(&sql(right), &[]);
    }
    for (wrong, column) in [
        ("select status, total from bookings group by status", "bookings.total"),
        ("select count(*), note from bookings", "bookings.note"),
        ("select status, lower(note) from bookings group by status", "bookings.note"),
        ("select status from bookings group by status order by total", "bookings.total"),
        ("select status from bookings group by status having total > 1", "bookings.total"),
        ("select status, rank() over (order by total) from bookings group by status", "bookings.total"),
        ("select b.id, g.name from bookings b join app.guests g on g.booking_id = b.id group by b.id", "g.name"),
    ] {
        let line = format!(
            "column `{column}` must be in `group by` or in an aggregate function [invalid_query] note: on line 1 of \
             the body: `{wrong}`"
        );
        assert_mistakes(&sql(wrong), &[&line]);
    }
}

#[test]
fn both_sides_of_a_union_have_a_type() {
    let sql = |body: &str| sql("void", body);
    for right in [
        "select id from bookings union all select total from bookings",
        "select id, null from bookings union select 1, note from bookings",
        "select '1' union select id from bookings",
        "select note from bookings union select name from app.guests",
        "values (1, 'a') union values (2, 'b')",
    ] {
        assert_mistakes(&sql(right), &[]);
    }
    let wrong = "select id from bookings union select note from bookings";
    assert_mistakes(
        &sql(wrong),
        &[&format!(
            "`union` cannot match `bigint` and `text` in column `id` [type_mismatch] note: on line 1 of the body: \
             `{wrong}`"
        )],
    );
}

#[test]
fn names_in_raw_sql_are_uses() {
    let raw = r#"
        sql "create view paid_bookings as select b.id, b.note from bookings b where status = 'paid'" down { sql "drop view paid_bookings"; }
        sql "create or replace function newest() returns timestamptz language plpgsql as $$ begin return (select max(changed_at) from bookings); end $$"
            down { sql "drop function newest()"; }
        sql "create policy own on app.guests using (name = current_user)" down { sql "drop policy own on app.guests"; }
        sql "create trigger named after update of booking_id on app.guests for each row execute function touch()"
            down { sql "drop trigger named on app.guests"; }
    "#;
    let allowed = r#"#[allow(drops_data, rewrites_table, reason = "a test")]"#;
    let after = |change: &str| format!("{raw} {allowed} {change}");
    assert_mistakes(
        &after("alter table bookings drop total;").replace("drop total", "drop note"),
        &[
            "cannot drop column `note` of `bookings`, because view `paid_bookings`, which raw SQL creates, uses it [still_needed]",
        ],
    );
    assert_mistakes(
        &after("alter table bookings alter note: varchar(500)?;")
            .replace("rewrites_table", "rewrites_table, narrows_type"),
        &[
            "cannot change column `note` of `bookings`, because view `paid_bookings`, which raw SQL creates, uses it [still_needed]",
        ],
    );
    assert_mistakes(
        &after("alter table app.guests drop name;"),
        &[
            "cannot drop column `name` of `app.guests`, because policy `own` of table `app.guests`, which raw SQL creates, uses it [still_needed]",
        ],
    );
    assert_mistakes(&after("drop table app.guests;"), &[]);
    // A view follows a rename, a text does not.
    assert_mistakes(&format!("{raw} alter table bookings rename note to remark;"), &[]);
    let renamed = format!("{raw} alter table bookings rename changed_at to touched_at;");
    let found = mistakes(&renamed);
    assert!(
        found.contains(&"cannot rename column `changed_at` of `bookings`, because function `newest`, which raw SQL creates, uses it [still_needed]".to_owned()),
        "{found:?}"
    );
    let dropped = format!(
        "{raw} sql \"drop view paid_bookings\" irreversible \"a test\"; {allowed} alter table bookings drop note;"
    );
    assert_mistakes(&dropped, &[]);
}

#[test]
fn the_function_of_a_trigger_follows_its_table() {
    let changes = r#"
        #[allow(breaks_queries, unchecked_body, reason = "a test")]
        alter table bookings rename to orders;
        #[allow(breaks_queries, reason = "a test")]
        alter table orders rename changed_at to touched_at;
    "#;
    assert_mistakes(
        changes,
        &[
            "cannot rename column `changed_at` of `orders`, because the body of function `touch()` uses it [unchecked_body]",
        ],
    );
}

#[test]
fn a_name_of_a_variable_and_of_a_column_is_ambiguous() {
    let line = "declare note text; begin update bookings set total = 1 where note = 'x'; return 1; end";
    let found = format!(
        "`note` is ambiguous: a variable and a column have this name [invalid_query] note: on line 1 of the body: `{line}`"
    );
    assert_mistakes(&plpgsql(line), &[&found]);
    assert_mistakes(&plpgsql(&line.replace("where note", "where bookings.note")), &[]);
    assert_mistakes(&plpgsql(&format!("#variable_conflict use_column\n{line}")), &[]);
    assert_mistakes(&plpgsql("declare total numeric; begin total := total + 1; return total; end"), &[]);
    assert_mistakes(&sql("bigint", "select number from (select 1 as number) as n"), &[]);
}

#[test]
fn a_row_that_is_returned_has_the_types_of_its_fields() {
    let function = |row: &str| {
        format!(
            "create function f(number: bigint) returns app.guests language plpgsql as r#\"begin return {row}; end\"#;"
        )
    };
    let on_line = |row: &str| format!("note: on line 1 of the body: `begin return {row}; end`");
    assert_mistakes(&function("(number, 1::bigint, 'x'::text)"), &[]);
    assert_mistakes(&function("(number, 1, 'x')::app.guests"), &[]);
    assert_mistakes(
        &function("(number, 1::bigint, 'x')"),
        &[&format!("`'x'` has no type of its own in a row [type_mismatch] {}", on_line("(number, 1::bigint, 'x')"))],
    );
    assert_mistakes(
        &function("(number, 1, 'x'::text)"),
        &[&format!(
            "field `booking_id` of `app.guests` is `bigint`, but `1` is `integer` [type_mismatch] {}",
            on_line("(number, 1, 'x'::text)")
        )],
    );
    assert_mistakes(
        &function("(number, 1)"),
        &[&format!("`app.guests` has 3 fields, but this row has 2 values [type_mismatch] {}", on_line("(number, 1)"))],
    );
}

#[test]
fn what_fails_whenever_it_runs_is_a_mistake() {
    for (body, mistake) in [
        (
            "declare x bigint; begin foreach x slice 1 in array names loop null; end loop; return 1; end",
            "`foreach ... slice` gives arrays, and `x` is of type `bigint` [type_mismatch]",
        ),
        (
            "declare x text[]; begin foreach x in array names loop null; end loop; return 1; end",
            "`foreach` gives elements, and `x` is an array: `text[]` [type_mismatch]",
        ),
        (
            "begin insert into bookings (id, total) values (1, 2) on conflict (total) do nothing; return 1; end",
            "table `bookings` has no unique key on `total` [invalid_query]",
        ),
        (
            "begin return 1; exception when sqlstate '2201' then return 2; end",
            "the body cannot be read: `2201` is not a valid SQLSTATE code: it has five digits or capitals [invalid_sql]",
        ),
    ] {
        assert_mistakes(&plpgsql(body), &[&format!("{mistake} note: on line 1 of the body: `{body}`")]);
    }
    assert_mistakes(
        "create view v as select id from bookings order by id using =;",
        &["`=` is not an ordering operator [invalid_query]"],
    );
    assert_mistakes("create view v as select bookings.*.id from bookings;", &["nothing can follow `.*` [syntax]"]);
    assert_mistakes(
        "create view v as select xmlelement(name a, xmlattributes(id, 2 as id)) as x from bookings;",
        &["the attribute `id` is given twice [syntax]"],
    );
}
