fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table users { id: bigint primary key, email: text }
        create table bookings { id: bigint primary key, total: numeric, version: int = 0 }
        create function bump() returns trigger language plpgsql as "begin return new; end";
        create function slug(title: text) returns text language sql immutable as "select lower($1)";
        create function slug(id: bigint) returns text language sql immutable as "select $1::text";
        create function roll() returns int language sql as "select 4";
        create function long(t: text) returns boolean language sql immutable as "select length(t) > 3";
        create table posts { id: bigint = roll() primary key, title: text check (long(title)) }
        create index on posts (long(title));
        create trigger bookings_bump before update on bookings for each row execute function bump();
    }
    migration "0002_unknown" {
        create trigger a before update on bookings for each row execute function bmup();
        create trigger b before update on bookings for each row execute function roll();
        create trigger c before update on bookings for each row execute function long();
        create trigger d before update of totl on bookings for each row execute function bump();
        create trigger e before update on bookings for each row when (total > 1) execute function bump();
        create trigger f before update on bookings for each row when (new.totl > 1) execute function bump();
        create trigger g before insert on bookings for each row when (old.total > 1) execute function bump();
        create or replace function overdue(at: timestamptz) returns boolean language sql as "select true";
        alter function slgu(text) immutable;
        alter table bookings { disable trigger bookings_bmup }
        alter table bookings disable trigger all;
        create table drafts { id: bigint = rol() primary key }
        create table notes { id: bigint primary key, title: text check (long(7)) }
    }
    migration "0003_needed" {
        drop function bump;
        drop function long(text);
        drop function slug;
        #[allow(drops_data, reason = "demo")]
        drop trigger bookings_bumb on bookings;
    }
    migration "0004_replaced" {
        create or replace function long(t: text) returns int language sql immutable as "select 3";
        create or replace function long(t: text) returns boolean language sql immutable as "select t > 'x'";
        create index on posts ((roll() + 1));
    }
    migration "0005_definitions" {
        create function f(a: int = 1, b: int) returns int language sql as "select 1";
        create function f(variadic a: int) returns int language sql as "select 1";
        create function f(a: int, a: text) returns int language sql as "select 1";
        create function f(a: int) language sql as "select 1";
        create function f(a: int) returns int as "select 1";
        create function f(a: int) returns int language sql;
        create function f(a: int?) returns int language sql as "select 1";
        create function f(a: int) returns trigger language plpgsql as "begin end";
        create function f(a: int) returns int language sql as "select 'x";
        create function f(a: int) returns int language sql rows 5 as "select 1";
        create function f(a: int) returns int language sql security definer as "select 1";
        create function f(a: int) returns int language sql set work_mem from current as "select 1";
        create procedure p(a: int) returns int language sql as "select 1";
        create procedure p(a: int) language sql stable as "select 1";
        create function slug(title: text) returns text language sql as "select 'twice'";
    }
    migration "0006_triggers" {
        create trigger a instead of update on bookings for each row execute function bump();
        create trigger b before truncate on bookings for each row execute function bump();
        create constraint trigger c before insert on bookings for each row execute function bump();
        create trigger d before update on bookings referencing new table as n execute function bump();
        create trigger e before update or update on bookings for each row execute function bump();
        create trigger bookings_bump before insert on bookings for each row execute function bump();
        create or replace trigger other before insert on bookings for each row execute function bump();
    }
    };
}
