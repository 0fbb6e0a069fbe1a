migration "0001_tables" {
    /// Text in any case.
    create extension citext;
    /// Made for this case.
    create extension pg_trgm;
    create enum e { a }
    /// A table.
    create table t { id: bigint primary key, /// A column.
        a: int unique }
    create index t_id on t (id, a);
}
migration "0002_comments" {
    comment on table t is "it's a table";
    comment on column t.a is null;
    comment on column t.id is "the key";
    comment on enum e is "letters";
    comment on index t_id is "both";
    comment on constraint t_a_key on t is "one each";
    comment on extension citext is "letters, large or small";
}
