migration "0001_objects" {
    create table users { id: bigint primary key, email: text }
    create function half(n: numeric) returns numeric language sql immutable as "select n / 2";
    create enum status { pending, confirmed }
    grant all on users to pg_monitor with grant option;
    grant select on users to public;
    grant update (email) on users to pg_monitor;
}
migration "0002_revoked" {
    revoke insert, delete on users from pg_monitor;
    revoke grant option for select on users from pg_monitor;
    revoke execute on function half from public;
    revoke all on type status from public;
    revoke usage on schema public from public;
    revoke select on users from public;
    revoke all (email) on users from pg_monitor;
}
migration "0003_again" {
    grant insert on users to pg_monitor;
    grant execute on function half to public;
    revoke truncate on users from pg_read_all_stats irreversible "nobody knows who had granted it";
}
