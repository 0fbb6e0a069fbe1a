fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create schema archive;
        create table users { id: bigint primary key, email: text, nick: text? }
        create unique index users_email on users (email);
        create unique index users_nick on users (nick);
        create index users_both on users (email, nick);
        create unlogged table scratch { id: bigint primary key }
        create table archive.old { id: bigint primary key }
        create table old { id: bigint primary key, total: int = 0 }
        create table counted { id: bigint generated always as identity, doubled: int generated always as (1 + 1) stored }
        alter table counted replica identity full;
        create table spans { starts: int, ends: int, constraint spans_apart exclude using gist (int4range(starts, ends) with &&) }
        alter table users replica identity using index users_email;
    }
    migration "0002_mistakes" {
        create table a { id: int storage external }
        create table b { note: text storage extern }
        create table c { note: text compression zstd }
        create table d { note: text statistics 20_000 }
        create table e { note: text storage main storage external }
        create table f { id: int } with (fill_factor = 70)
        create table k { id: int } with (fillfactor = 700)
        create table g { id: bigint generated always as identity (start 0) }
        create table h { id: bigint generated always as identity (as smallint) }
        create table i { user_id: bigint references scratch }
        create unlogged table j { id: int } partition by range (id);
        alter table users set (fillfactor = 70, fillfactor = 80);
        alter table users replica identity using index users_nick;
        alter table users replica identity using index users_both;
        alter table users replica identity using index users_mail;
        alter table users replica identity everything;
        drop index users_email;
        alter table users alter email set (n_distict = 5);
        alter table users alter id set storage main;
        alter table users alter nick set storage default;
        alter table users alter nick add generated always as identity;
        alter table old alter total add generated always as identity;
        alter table counted alter id add generated always as identity;
        alter table users alter id drop identity;
        alter table users alter id restart with 5;
        alter index users_pkey alter 1 set statistics 5;
        alter index spans_apart alter 1 set statistics 5;
        alter index users_pkey set (fast = on);
        alter index users_pkey rename to users_email;
        drop index users_pkey;
        alter table users alter id drop expression;
        alter table counted alter id set generated always;
        alter table counted alter doubled drop expression;
        alter table counted replica identity full;
        alter table old set schema archive;
        alter table users set schema archived;
        alter table users set schema public;
        alter table scratch set logged;
        alter table users set unlogged;
    }
    };
}
