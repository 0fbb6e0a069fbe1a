migration "0001_objects" {
    create enum status { pending, confirmed, lost }
    create table users { id: bigint primary key, email: text, name: text? }
    create table bookings { id: bigserial primary key, user_id: bigint references users, status: status, total: numeric(10, 2), twice: numeric generated always as (total * 2) stored }
    create view active as select id, email from users;
    create materialized view spent as select user_id, sum(total) as total from bookings group by user_id;
    create schema app;
    create sequence app.numbers;
    create domain email as text;
    create type pair { a: int, b: text }
    create function half(n: numeric) returns numeric language sql immutable as "select n / 2";
    create procedure nothing() language sql as "select 1";
}
migration "0002_granted" {
    grant select, insert on users, bookings to pg_monitor, pg_read_all_stats;
    grant all privileges on table bookings to pg_monitor with grant option;
    grant update (email, name), references (id) on users to pg_monitor;
    grant select on active to public;
    grant select (id) on active to pg_monitor;
    grant select on spent to pg_read_all_stats;
    grant usage, select on sequence app.numbers to pg_monitor;
    grant usage, create on schema app to pg_monitor;
    grant create on schema public to pg_monitor;
    grant execute on function half(numeric) to pg_monitor;
    grant execute on procedure nothing to pg_monitor;
    grant usage on type status, pair to pg_monitor;
    grant usage on domain email to pg_monitor;
    grant delete on all tables in schema public to pg_signal_backend;
    alter table users owner to pg_read_all_data;
    alter view active owner to pg_read_all_data;
    alter materialized view spent owner to pg_read_all_data;
    alter sequence app.numbers owner to pg_read_all_data;
    alter schema app owner to pg_read_all_data;
    alter function half owner to pg_read_all_data;
    alter enum status owner to pg_read_all_data;
    alter domain email owner to pg_read_all_data;
}
migration "0003_followed" {
    alter table users { rename to people, rename email to address }
    alter view active rename to present;
    alter sequence app.numbers rename to counter;
}
migration "0004_rebuilt" {
    #[allow(rewrites_table, narrows_type, refills_view, reason = "it is small")]
    alter table bookings alter total: numeric(8, 1);
    #[allow(rewrites_table, refills_view, reason = "it is small")]
    alter enum status drop lost;
    create or replace view present as select address, id, name from people;
}
migration "0005_dropped" {
    drop view present;
    #[allow(drops_data, reason = "not used")]
    alter table people drop name;
    drop materialized view spent;
    #[allow(drops_data, reason = "not used")]
    drop table bookings;
    drop function half;
    drop domain email;
    drop enum status;
}
