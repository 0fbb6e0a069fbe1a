fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create function alike(a: text, b: text) returns boolean language sql immutable as "select a = b";
        create function twice(a: bigint) returns bigint language sql immutable as "select a * 2";
        create operator === { function: alike, leftarg: text, rightarg: text }
        create view same as select v.t from (values ("a")) as v (t) where v.t === "b";
    }
    migration "0002_mistakes" {
        create operator !== { leftarg: text, rightarg: text }
        create operator !== { function: unalike, leftarg: text, rightarg: text }
        create operator !== { function: alike, leftarg: bigint, rightarg: text }
        create operator !== { function: alike, leftarg: texts, rightarg: text }
        create operator !!! { function: twice, leftarg: bigint }
        create operator !== { function: alike, leftarg: text, rightarg: text, negator: <=> }
        create operator !== { function: alike, leftarg: text, rightarg: text, restrict: eqsl }
        create operator === { function: alike, leftarg: text, rightarg: text }
        alter operator === (text, bigint) set (restrict = none);
        alter operator === (text, text) set (restrict = eqsl);
        drop operator !== (text, text);
        drop operator === (text, text);
        drop function alike;
    }
    migration "0009_syntax" {
        create operator !== { func: alike, leftarg: text, rightarg: text }
        create operator !== { function: alike, leftarg: text, rightarg: text, hashes: yes }
        create operator alike { function: alike, leftarg: text, rightarg: text }
        create or replace operator === { function: alike, leftarg: text, rightarg: text }
        alter operator === (text, text) set (function = twice);
        alter operator === (text, text) rename to ====;
        drop operator ===;
    }
    };
}
