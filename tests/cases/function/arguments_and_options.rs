migration "0001_functions" {
    create enum state { open, paid }
    create type pair { a: int, b: text }
    create table invoices { id: bigint primary key, at: timestamptz, state: state = open }
    /// Whether it's late.
    create function overdue(at: timestamptz, grace: interval = "1 day") returns boolean
        language sql stable as "select at + grace < now()";
    create function overdue(int) returns int language sql immutable strict parallel safe as "select $1 + 1";
    create function split(text, out a: int, out b: text) language plpgsql cost 250 as r#"
begin
    a := 1;
    b := 'it''s $1 and $$';
end
"#;
    create function of_state(state, inout n: int = 3) language sql leakproof as "select n";
    create function joined(variadic parts: text[] = "{}") returns text language sql immutable as "select array_to_string(parts, ',')";
    create function rows_of(p: pair) returns setof pair language sql rows 5 as "select p";
    create function listed(n: int) returns table (a: int, b: text) language sql as "select n, 'x'";
    create function ids() returns setof bigint language sql stable as "select id from invoices";
    create function newest(invoices) returns timestamptz language sql as "select $1.at";
    create function guarded() returns bigint language sql security definer
        set search_path = public, pg_temp set work_mem = "8MB" set statement_timeout = 5000 set enable_seqscan = off
        as "select count(*) from invoices";
    create function alike(a: anyelement, b: anyarray) returns boolean language sql as "select a = any (b)";
    create function late(at: date) returns timestamptz language sql set search_path = "" as "select at + interval '1 day'";
}
migration "0002_replaced" {
    create or replace function overdue(at: timestamptz, grace: interval = "2 days") returns boolean
        language sql stable as "select at + grace < clock_timestamp()";
    create or replace function split(text, out a: int, out b: text) language plpgsql as "begin a := 2; end";
    // Another result: it is dropped and made again.
    create or replace function listed(n: int) returns table (a: int, b: text, c: int) language sql as "select n, 'x', 1";
    create or replace function joined(variadic words: text[]) returns text language sql immutable as "select words[1]";
    alter function guarded() { security invoker, reset search_path, set work_mem = "16MB", cost 7, stable }
    alter function ids { rename to numbers, rows 20, parallel restricted }
    comment on function overdue(timestamptz, interval) is "Whether it's very late.";
}
migration "0003_moved" {
    create schema app;
    alter function numbers set schema app;
    alter function overdue(int) rename to more;
    alter enum state rename to status;
    #[allow(unchecked_body, reason = "nothing calls them any more")]
    alter table invoices rename to bills;
}
migration "0004_dropped" {
    drop function of_state;
    drop function more(int);
    drop function alike(a: anyelement, b: anyarray);
}
