fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_tables" {
        create enum visit_state { booked, done }
        create type address { street: text, zip: text }
        create function years(since: date) returns integer language sql stable as "select extract(year from age(since))::integer";
        create procedure close_day(day: date) language sql as "select 1";
        create table visits {
            id: bigint primary key, note: text?, tags: text[]?, meta: jsonb?, day: date?, home: address?, state: visit_state = booked,
            price: numeric = 0, path: jsonpath?, starts_at: timestamptz = now(),
        }
        create table readings { at: timestamptz, id: integer } partition by range (at);
        create table readings_2026 partition of readings for values from ("2026-01-01") to ("2027-01-01");
    }
    migration "0002_literals" {
        create view a as select id from visits where tags @> "a";
        create view b as select id from visits where meta || "{a: 1}" is not null;
        create view c as select id from visits where starts_at - now() > "1 fortnight";
        create view d as select substring(note from "x" for "y"), tags["z"] from visits;
        create view e as values (1), ("x");
        create view f as select to_tsvector("englsh", note) from visits;
        create view g as select note collate "nowhere" from visits;
        update visits set path = "$.a ? (@ >", meta = jsonb_set(meta, "a", "1") where id = 1 irreversible "a test";
    }
    migration "0003_rest" {
        create index on visits (years(day));
        create table others { home: address = row("a"), text: text = old.note }
        create table readings_late partition of readings for values from ("2026-12-01") to ("2027-12-01");
        create table readings_backwards partition of readings for values from ("2029-01-01") to ("2028-01-01");
        create table readings_null partition of readings for values from (null) to ("2028-01-01");
        update visits set home.zipcode = "1" where id = 1 irreversible "a test";
        insert into visits (id, state) select id + 1, null from visits irreversible "a test";
        create view h as select state, grouping(day) from visits group by rollup (state);
        create view i as select id from visits tablesample bernouli (10);
        create trigger j before update on visits for each row when (visits.price > 5) execute function nothing();
        create view k as select id from visits where home.zip = "1";
    }
    migration "0004_bodies" {
        create function l(n: integer) returns integer language sql as "select $2";
        create function m() returns integer language sql as "selct 1";
        create function n() returns setof visits language sql as "select id, note from visits";
        create function o() returns integer language plpgsql as "declare n integer := 'x'; begin n := 'y'; return 'z'; end";
        create function p() returns void language plpgsql as "begin return 1; end";
        create function q() returns integer language plpgsql as "begin return query select 1; end";
        create function r() returns integer language plpgsql as "begin return; exception when unique_violaton then return 1; end";
        create function s() returns void language plpgsql as "begin call close_dy(current_date); end";
        create function t() returns void language plpgsql as r#"
            declare one record;
            begin
                for one in select id, note from visits loop
                    raise notice '%', one.nte;
                end loop;
            end
        "#;
    }
    };
}
