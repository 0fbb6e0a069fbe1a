fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_objects" {
        create schema billing;
        create sequence billing.numbers { start 10 }
        create domain email as text check (value like "%@%");
        create type address { street: text, zip: text }
        create table users { id: bigserial primary key, email: email, home: address?, number: bigint = nextval("billing.numbers") }
    }
    migration "0002_wrong" {
        create schema pg_mine;
        create schema public;
        create table biling.invoices { id: int primary key }
        create sequence users;
        create sequence a { minvalue 10, maxvalue 5 }
        create sequence b { start 0 }
        create sequence c { owned by users.idd }
        create sequence d { as text }
        create domain email as text;
        create domain f as text check (vlaue <> "");
        create domain g as int?;
        create domain h as int check (value > "x");
        create type i as enum ("a");
        create type j { a: int? }
        create type k { a: int, a: text }
        create or replace domain email as text;
        create table l { id: serial?, b: serial = 4 }
    }
    migration "0003_used" {
        drop schema billing;
        drop sequence billing.numbers;
        drop domain email;
        drop type address;
        drop domain emial;
        alter domain email drop constraint email_chek;
        alter domain email { drop not null, add constraint email_check check (value <> "") }
        alter domain email rename constraint email_chek to a;
        alter domain email rename constraint email_check to email_check;
        comment on constraint email_chec on domain email is "x";
        drop routine no_such;
        alter type address drop stret;
        alter sequence users_id_seq increment 0;
        alter sequence users_id_seq restart with 0;
        alter sequence users_id_seq restart;
        comment on domain emial is "x";
        alter domain email shrink;
    }
    };
}
