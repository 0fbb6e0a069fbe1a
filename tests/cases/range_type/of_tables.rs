migration "0001_types" {
    create schema app;
    create function apart(a: timetz, b: timetz) returns float8 language sql immutable
        as "select extract(epoch from a::time - b::time)";
    /// When something is open.
    create type opening as range { subtype: timetz, subtype_diff: apart }
    create type floatrange as range { subtype: float8, subtype_diff: float8mi }
    create type names as range { subtype: text, collation: "C", multirange_type_name: many_names }
    create type app.spare as range { subtype: bigint }
    create type app.patterns as range { subtype: text, subtype_opclass: text_pattern_ops }
}
migration "0002_tables" {
    create table shops {
        id: bigint primary key,
        open: opening,
        weights: floatrange = floatrange(0, 10),
        all_weights: floatmultirange?,
        letters: names?,
        check (lower(weights) >= 0),
        exclude using gist (weights with &&),
    }
    insert into shops (id, open, letters) values (1, "[08:00+00, 18:00+00)", "[a,c)");
    create view wide as select s.id, upper(s.weights) - lower(s.weights) as width, range_merge(s.weights, floatrange(1, 2, "[]")) as both
        from shops as s where s.weights @> 5.0::float8;
    create index on shops using gist (open);
}
migration "0003_changed" {
    alter type opening { rename to opening_hours }
    alter type floatrange owner to pg_monitor;
    alter function apart(timetz, timetz) rename to distance;
    comment on type opening_hours is "The hours.";
    alter type app.patterns set schema public;
    grant usage on type floatrange to pg_monitor;
}
migration "0004_dropped" {
    drop type app.spare;
    drop view wide;
    #[allow(drops_data, reason = "demo")]
    alter table shops drop all_weights;
}
