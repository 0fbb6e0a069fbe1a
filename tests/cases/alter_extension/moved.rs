migration "0001_tables" {
    create schema extensions;
    create schema tools;
    /// Addresses and names, in any case.
    create extension citext;
    create extension "uuid-ossp";
    create extension pg_trgm;
    create extension unaccent;
    create table accounts { id: uuid = uuid_generate_v4() primary key, email: citext unique, check (email <> ""), plain: text = replace("a", "b", "c") }
    create index accounts_email on accounts using gin ((email::text) gin_trgm_ops);
    create text search dictionary plain { template: unaccent, rules: "unaccent" }
    alter table accounts add constraint is_said check (public.replace(email, "x", "y") <> "" and replace(plain, "x", "y") <> "");
    create schema "Odd Tools";
    create view mails as select id, email from accounts where email like "%@%" and similarity(email::text, "x") < 1;
    create function account(wanted: citext) returns uuid language sql stable return (select id from accounts where email = wanted);
    insert into accounts (email) values ("A@b.c");
}
migration "0002_moved" {
    alter extension citext set schema extensions;
    alter extension "uuid-ossp" set schema extensions;
    alter extension pg_trgm set schema tools;
    alter extension unaccent set schema extensions;
    comment on extension citext is "it's text";
    comment on extension pg_trgm is "three at a time";
    alter extension pg_trgm update down { }
    alter table accounts { add token: uuid = uuid_generate_v4(), add name: extensions.citext?, add nick: citext? }
    create index on accounts using gin ((nick::text) gin_trgm_ops);
}
migration "0003_again" {
    comment on extension citext is null;
    alter extension citext set schema public;
    alter extension pg_trgm set schema "Odd Tools";
    alter table accounts { add second: citext? }
}
migration "0004_and_again" {
    alter extension pg_trgm set schema tools;
    alter extension citext set schema "Odd Tools";
}
