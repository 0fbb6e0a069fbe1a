fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create function apart(a: timetz, b: timetz) returns integer language sql immutable as "select 1";
        create type opening as range { subtype: timetz }
        create table shops { id: bigint primary key, open: opening }
    }
    migration "0002_mistakes" {
        create type others_2 as range { subtype_diff: apart }
        create type others_3 as range { subtype: timets }
        create type others_4 as range { subtype: json }
        create type others_5 as range { subtype: bigint, collation: "C" }
        create type others_6 as range { subtype: timetz, subtype_diff: apart }
        create type others_7 as range { subtype: timetz, subtype_diff: aparts }
        create type others_9 as range { subtype: timetz, multirange_type_name: opening }
        create type opening as range { subtype: timetz }
        alter type openings rename to hours;
        alter type opening add length: integer;
        drop type opening;
    }
    migration "0009_syntax" {
        create type others_1 as range { subtyp: timetz }
        create type others_8 as range { subtype: timetz, canonical: other_form }
        create type others_10 as range { subtype = timetz }
        create type others_11 as range (subtype = timetz);
        create or replace type opening as range { subtype: timetz }
    }
    };
}
