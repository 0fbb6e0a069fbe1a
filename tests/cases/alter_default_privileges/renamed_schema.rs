migration "0001_defaults" {
    create schema app;
    alter default privileges in schema app grant select on tables to pg_monitor;
}
migration "0002_renamed" {
    alter schema app rename to shop;
}
migration "0003_changed" {
    alter default privileges in schema shop grant insert on tables to pg_monitor;
    create table shop.users { id: bigint primary key }
}
migration "0004_revoked" {
    alter default privileges in schema shop revoke all on tables from pg_monitor;
}
