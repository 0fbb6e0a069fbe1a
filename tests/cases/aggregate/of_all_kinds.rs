migration "0001_tables" {
    create schema app;
    create table sales { id: bigint primary key, amount: numeric, label: text? }
    insert into sales (id, amount, label) values (1, 10, "a"), (2, 20, "bbb");
    create function longer(state: text, value: text) returns text language sql immutable
        as "select case when length(value) > length(state) then value else state end";
    create function middle(state: numeric[], place: float8) returns numeric language sql immutable
        as "select state[1 + floor(place * (cardinality(state) - 1))::int]";
    create function gather(state: numeric[], value: numeric) returns numeric[] language sql immutable
        as "select array_append(state, value)";
}
migration "0002_aggregates" {
    /// The longest of the texts.
    create aggregate longest(value: text) { sfunc: longer, stype: text, initcond: "", combinefunc: longer, parallel: safe }
    create aggregate app.total(numeric) {
        sfunc: numeric_add, stype: numeric, initcond: "0",
        msfunc: numeric_add, minvfunc: numeric_sub, mstype: numeric, minitcond: "0",
    }
    create aggregate rows(*) { sfunc: int8inc, stype: bigint, initcond: "0" }
    create aggregate average(float8) {
        sfunc: float8_accum, stype: float8[], sspace: 24, finalfunc: float8_avg, finalfunc_modify: shareable, initcond: "{0,0,0}",
        combinefunc: float8_combine, parallel: restricted,
    }
    create aggregate quantile(float8 order by value: numeric) {
        sfunc: gather, stype: numeric[], finalfunc: middle, initcond: "{}",
    }
    create aggregate collected(anycompatible) { sfunc: array_append, stype: anycompatiblearray, initcond: "{}" }
    create aggregate smallest(integer) { sfunc: int4smaller, stype: integer, sortop: < }
    create view told as select longest(s.label) as label, app.total(s.amount) as amount from sales as s;
}
migration "0003_changed" {
    alter function longer(text, text) rename to longer_of;
    alter aggregate longest(text) { rename to longest_text, set schema app }
    alter aggregate average(float8) owner to pg_monitor;
    comment on aggregate rows(*) is "How many.";
    create or replace aggregate smallest(integer) { sfunc: int4smaller, stype: integer, sortop: <, parallel: safe }
    grant execute on aggregate collected(anycompatible) to pg_monitor;
}
migration "0004_dropped" {
    drop view told;
    drop aggregate app.longest_text(text);
    drop function longer_of;
    drop aggregate quantile;
    drop aggregate rows(*);
}
migration "0009_over_a_domain" {
    create domain csv as text;
    create function csv_line(state: text, label: text) returns csv language sql immutable
        as "select (coalesce(state || ',', '') || label)::public.csv";
    create aggregate csv_of(text) { sfunc: csv_line, stype: csv }
}
