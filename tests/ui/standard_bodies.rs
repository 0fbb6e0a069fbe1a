fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum state { fresh, kept, gone }
        create table items { id: bigint primary key, name: text, state: state = fresh }
        create function plus_one(number: int) returns int language sql immutable return number + 1;
        create function named(item: bigint) returns text return (select i.name from items as i where i.id = item);
        create function twice(number: int) returns int return plus_one(plus_one(number));
        create procedure keep(item: bigint) begin atomic { update items set state = kept where id = item; }
    }
    migration "0002_mistakes" {
        create function a(number: int) returns int return numbr + 1;
        create function b(number: int) returns int return number || "x";
        create function c(item: bigint) returns text return (select nam from items where id = item);
        create function d() returns setof items begin atomic { select * from item; }
        create procedure e(item: bigint) begin atomic { update items set sate = kept where id = item; }
        create function f() returns int begin atomic { delete from items; }
        create function g() returns int language plpgsql begin atomic { select 1; }
        create function h() returns int language sql as "select 1" return 2;
        create function i() returns bigint begin atomic "select itm.id from items";
        create function j() returns state return kpt;
        create or replace function plus_one(number: int) returns int return number + "x"::date;
    }
    migration "0003_needed" {
        #[allow(drops_data, reason = "demo")]
        alter table items drop name;
        drop function plus_one;
        #[allow(drops_data, reason = "demo")]
        drop table items;
        #[allow(rewrites_table, reason = "demo")]
        alter enum state drop kept;
    }
    migration "0009_syntax" {
        create function k() returns int begin atomic select 1; end;
        create function l() returns int begin atomic { create table t { id: int } }
        create function m() returns int begin select 1; end;
        create function n() returns int begin atomic { select 1 select 2 }
        create function o() returns int begin atomic "selec 1";
    }
    };
}
