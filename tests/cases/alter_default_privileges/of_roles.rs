migration "0001_schema" {
    create schema app;
}
migration "0002_defaults" {
    alter default privileges in schema app, public grant select, insert on tables to pg_monitor;
    alter default privileges for role pg_read_all_data grant usage on sequences to pg_monitor with grant option;
    alter default privileges revoke execute on functions from public;
    alter default privileges grant usage on schemas to pg_monitor;
}
migration "0003_objects" {
    create table app.users { id: bigint primary key }
    create function half(n: numeric) returns numeric language sql immutable as "select n / 2";
}
migration "0004_changed" {
    alter default privileges in schema app revoke insert on tables from pg_monitor;
    alter default privileges grant execute on functions to public;
    alter default privileges for role pg_read_all_data revoke all on sequences from pg_monitor;
}
