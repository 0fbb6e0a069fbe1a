fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create function longer(state: text, value: text) returns text language sql immutable as "select state";
        create function count_of(state: text, value: text) returns bigint language sql immutable as "select 1";
        create aggregate longest(text) { sfunc: longer, stype: text }
        create view all_longest as select longest(v.t) as t from (values ("a")) as v (t);
    }
    migration "0002_mistakes" {
        alter routine longest(text) strict;
        create aggregate others_2(text) { sfunc: longer }
        create aggregate others_3(text) { stype: text }
        create aggregate others_4(text) { sfunc: longr, stype: text }
        create aggregate others_5(text) { sfunc: count_of, stype: text }
        create aggregate others_6(bigint) { sfunc: longer, stype: text }
        create aggregate others_7(text) { sfunc: longer, stype: texts }
        create aggregate others_10(text) { sfunc: longer, stype: text, msfunc: longer, mstype: text }
        create aggregate others_11(text) { sfunc: longer, stype: text, serialfunc: longer }
        create aggregate others_12(text) { sfunc: longer, stype: text, hypothetical: true }
        create aggregate others_14(out a: text) { sfunc: longer, stype: text }
        create aggregate others_15(text = "a") { sfunc: longer, stype: text }
        create aggregate longest(text) { sfunc: longer, stype: text }
        create or replace aggregate longests(text) { sfunc: longer, stype: text }
        create or replace aggregate longest(text) { sfunc: longer, stype: text }
        alter aggregate longest rename to longest_text;
        drop aggregate longest(bigint);
        drop aggregate longests;
        drop function longer;
    }
    migration "0009_syntax" {
        create aggregate others_1(text) { sfunction: longer, stype: text }
        create aggregate others_8(text) { sfunc: longer, stype: text, finalfunc_modify: readonly }
        create aggregate others_9(text) { sfunc: longer, stype: text, parallel: yes }
        create aggregate others_13 { basetype: text, sfunc: longer, stype: text }
    }
    };
}
