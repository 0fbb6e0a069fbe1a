migration "0001_functions" {
    create schema app;
    create table words { id: bigint primary key, text: text }
    insert into words (id, text) values (1, "a");
    create function alike(a: text, b: text) returns boolean language sql immutable as "select lower(a) = lower(b)";
    create function unlike(a: text, b: text) returns boolean language sql immutable as "select lower(a) <> lower(b)";
    create function twice(a: bigint) returns bigint language sql immutable as "select a * 2";
}
migration "0002_operators" {
    /// Whether both are the same word.
    create operator === { function: alike, leftarg: text, rightarg: text, commutator: ===, restrict: eqsel, join: eqjoinsel }
    create operator !== { function: unlike, leftarg: text, rightarg: text, negator: === }
    create operator app.@# { function: twice, rightarg: bigint }
    create view same as select w.id, w.text === "A" as is_a from words as w where w.text !== "b";
    alter table words { add constraint words_text check (text === lower(text)) }
}
migration "0003_changed" {
    alter operator === (text, text) set (restrict = none, join = neqjoinsel);
    alter operator app.@# (none, bigint) set schema public;
    alter operator @# (none, bigint) owner to pg_monitor;
    comment on operator === (text, text) is null;
    alter function alike(text, text) rename to are_alike;
}
migration "0004_dropped" {
    drop view same;
    drop operator !== (text, text);
    drop operator @# (none, bigint);
}
