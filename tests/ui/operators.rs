fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create function alike(a: text, b: text) returns boolean language sql immutable as "select a = b";
        create function twice(a: bigint) returns bigint language sql immutable as "select a * 2";
        create operator === { function: alike, leftarg: text, rightarg: text }
        create operator class words for type text using btree { operator 3 === }
        create operator class hashed default for type json using hash { operator 1 ===(text, text) }
        create operator class other_hashed for type text using hash { operator 1 === }
        create table notes { id: bigint primary key, text: text }
        create type point3 { x: int, y: int, z: int }
        create index notes_text on notes (text words);
        create view same as select v.t from (values ("a")) as v (t) where v.t === "b";
    }
    migration "0002_mistakes" {
        create operator class a for type text using btre { operator 1 < }
        create operator class b for type texts using btree { operator 1 < }
        create operator class c for type text using btree { operator 1 <<< }
        create operator class d for type text using btree { operator 1 <, operator 1 <= }
        create operator class e for type text using btree { function 1 comparing(text, text) }
        create operator class f for type text using btree family othr_ops { operator 1 < }
        create operator class g for type text using btree family text_ops { operator 1 < (text, name) }
        create operator class same_words default for type json using hash { operator 1 === (text, text) }
        create operator family h using btree { operator 1 < }
        create operator class i for type point3 using btree { operator 1 < }
        alter operator family words using btree drop operator 7 (text, text);
        alter operator family words using btree add operator 1 = (text, text);
        create index on notes (id words);
        drop operator === (text, text);
        drop operator class words using btree;
        drop operator class wrds using btree;
        create or replace operator class words for type text using btree { operator 1 < }
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
