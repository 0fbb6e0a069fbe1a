migration "0001_views" {
    create extension hstore;
    create table t { id: bigint primary key, name: text, state: text = "new", at: timestamptz = now() }
    create view v as select id, name, state, at from t;
    create materialized view m as select count(*) as number, max(name) as longest from t;
    create type place { street: text, zip: text }
}
migration "0002_details" {
    alter view v { alter name set default lower("NOBODY"), alter state set default "open", alter at set default now() }
    comment on column v.name is "It's what they are called.";
    comment on column v.state is "Where it is.";
    comment on column m.number is "How many.";
    comment on column place.zip is "As the post has it.";
}
migration "0003_replaced" {
    create or replace view v as select id, name, state, at, 1 as more from t;
    alter type place add country: text;
}
migration "0004_without_some" {
    create or replace view v as select id, name from t;
    alter type place drop zip;
}
migration "0005_retyped" {
    #[allow(rewrites_table, narrows_type, refills_view, reason = "it is small")]
    alter table t { alter name: varchar(40) }
}
migration "0006_none" {
    alter view v alter name drop default;
    comment on column v.name is null;
}
