fn main() {
    // Each of these has one mistake, of which others follow.
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_tables" {
        create schema depot;
        create table a { id: bigint primary key, now(): uuid, unique (ti_id), name: text, check (ti_id > 4) }
        create index on a (ti_id);
        create table deployments { id: xserial primary key, name: text }
        create table uses { deployment: bigint references deployments, other: bigint = nextval("deployments_id_seq") }
        create table b { id: bigint primary key, enabl row level security, name: text }
        create table c { id: bigint primary key, constrant b_key unique (id), name: text }
        create table now() { id: bigint primary key }
        create unique indx on uses (other);
    }
    migration "0002_types" {
        create type pair { arg: text, 5: bigint }
        create function larger(a: pair, b: pair) returns pair language sql as "select case when a.value > b.value then a else b end";
        create type job { identifier: now(), job_key: text }
        create function add_jobs(specs: job[]) returns bigint language sql
            as "select count(*) from unnest(add_jobs.specs) spec where spec.identifier is not null";
    }
    migration "0003_functions" {
        create function refuse(text) returnsx bytea language plpgsql as "begin raise exception '%', $1; end";
        create function other() returns bytea language plpgsql as "begin return refuse('x'); end";
        create function f() returns bigint language sqll as "select 1";
        create function g() returns bigint language plpython3u as "return 1";
        create function depot.h() returns bigint language plpgsql as "declare v depot; begin return 1; end";
    }
    migration "0004_names" {
        create enum room { full, half }
        create table rooms { room: room = half, check (room <> full) }
        create table d { id: bigint = nextval("now()"), other: regclass = "a-b"::regclass }
    }
    };
}
