migration "0001_routines" {
    create schema app;
    create function app.one(a: int) returns int language sql immutable as "select a";
    create function app.one(a: text) returns text language sql immutable as "select a";
    create procedure app.close(month: date) language plpgsql as "begin null; end";
    create aggregate app.longest(text) { sfunc: text_larger, stype: text }
    create function gone() returns int language sql immutable as "select 1";
}
migration "0002_granted" {
    revoke execute on routine app.one(int), app.close, app.longest(text), gone() from public;
    grant execute on routine app.one(text), app.close(date) to pg_monitor with grant option;
    grant execute on all procedures in schema app to public;
    alter routine app.close(date) set work_mem = "8MB";
    alter routine app.longest rename to longest_text;
    comment on routine app.close is "closes a month";
    drop routine gone;
}
migration "0003_all" {
    grant execute on all functions in schema app to pg_monitor;
    revoke all on all routines in schema app from public;
}
