// needs PostgreSQL 15
postgres = 15,
migration "0001_tables" {
    create schema app;
    create table users { id: bigint primary key, email: text, active: boolean = true }
    create table trips { id: bigint primary key, place: text }
    insert into users (id, email) values (1, "a@b");
}
migration "0002_publications" {
    /// Everything.
    create publication everything for all tables with (publish = "insert, update");
    create publication nothing;
    create publication active_users for table users (id, email, active) where (active and id > 0), trips
        with (publish_via_partition_root = true);
    create publication of_app for tables in schema app, table trips;
}
migration "0003_changed" {
    alter publication active_users { drop table trips, set (publish = "insert, delete", publish_via_partition_root = false) }
    alter publication nothing { add table trips, users, add tables in schema app, rename to something }
    alter publication of_app set table users;
    alter publication everything { set (publish = "truncate"), owner to pg_monitor }
    alter table users { rename to people, rename email to address }
    comment on publication everything is null;
}
migration "0004_dropped" {
    drop publication of_app;
    drop publication everything;
}
