fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: bigint primary key, email: text }
        create sequence numbers;
        create view active as select id from users;
        create function half(n: numeric) returns numeric language sql as "select n / 2";
        create schema empty;
        grant select on users to app;
    }
    migration "0002_mistakes" {
        grant select on user to app;
        grant selec on users to app;
        grant execute on users to app;
        grant select (emial) on users to app;
        grant select (email) on active to app;
        grant delete (email) on users to app;
        grant maintain on users to app;
        grant select on users to app;
        grant select on users to reader, reader;
        grant select on users to public with grant option;
        grant select on numbers to app;
        grant usage on sequence number to app;
        grant usage on schema audit to app;
        grant execute on function halves to app;
        grant usage on type status to app;
        grant connect on database main to app;
        grant usage on language plpgsql to app;
        grant app to reader;
        grant select on all tables in schema empty to app;
        revoke insert on users from reader;
        revoke grant option for select on users from app;
        revoke select on users from app cascade;
        alter table users owner to public;
        alter view active { owner to app, owner to app }
        alter default privileges in schema audit grant select on tables to app;
        alter default privileges in schema empty grant usage on schemas to app;
        alter default privileges grant execute on tables to app;
        alter default privileges revoke select on tables from app;
    }
    };
}
