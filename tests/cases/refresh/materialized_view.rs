migration "0001_tables" {
    create table people { id: bigint primary key, name: text }
    insert into people (id, name) values (1, "a"), (2, "b");
    create materialized view names as select id, name from people;
    create materialized view ids as select id from people with no data;
}
migration "0002_refreshed" {
    insert into people (id, name) values (3, "c");
    #[allow(refills_view, reason = "nobody reads it at night")]
    refresh materialized view names;
    refresh materialized view ids with data;
    create unique index on names (id);
}
migration "0003_concurrently" {
    refresh materialized view names;
    #[allow(drops_data, reason = "it is filled by the job")]
    refresh materialized view ids with no data;
}
