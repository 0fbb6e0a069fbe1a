fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table counted { id: bigint generated always as identity (sequence name counting) primary key }
        create table drawn { id: bigint primary key, number: bigint = nextval("counting") }
        create function next_number() returns bigint language sql as "select nextval('counting')";
        create function noted(text) returns text language sql as "select $1";
        create table hooks { id: bigint primary key, run: regproc = "noted", told: regprocedure = "noted(text)" }
        create view counters as select regclass "counting" as of;
    }
    migration "0002_still_used" {
        #[allow(drops_data, reason = "demo")]
        drop table counted;
        alter table counted { alter id drop identity }
        drop function noted;
    }
    migration "0003_renamed" {
        alter table counted { alter id set generated always (sequence name numbers) }
        sql "alter sequence numbers rename to numbered" down { sql "alter sequence numbered rename to numbers"; }
    }
    migration "0004_unknown" {
        create table more { id: bigint primary key, number: bigint = nextval("numberd"), of: regclass = "countng" }
    }
    };
}
