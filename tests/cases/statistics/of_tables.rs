migration "0001_tables" {
    create table addresses { id: bigint primary key, city: text, zip: text, street: text?, at: timestamptz }
    create schema app;
    create table days { day: date, city: text, zip: text } partition by range (day);
}
migration "0002_statistics" {
    /// The zip decides the city.
    create statistics by_place (dependencies, mcv) on zip, city from addresses;
    create statistics of_days (ndistinct) on city, zip from days;
    create statistics streets on (lower(street)) from addresses;
    create statistics everything on city, (lower(street)), zip from addresses;
}
migration "0003_changed" {
    alter statistics by_place { set statistics 200, rename to by_zip }
    alter statistics everything set schema app;
    alter statistics streets owner to pg_monitor;
    comment on statistics by_zip is null;
    alter table addresses { rename zip to postcode, rename to places }
}
migration "0004_retyped" {
    #[allow(narrows_type, rewrites_table, blocks_writes, reason = "it is small")]
    alter table places alter city: varchar(80);
    alter statistics by_zip set statistics default;
}
migration "0005_dropped" {
    drop statistics streets;
    #[allow(drops_data, reason = "not used")]
    drop table places;
}
