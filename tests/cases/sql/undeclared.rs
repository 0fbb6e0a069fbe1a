migration "0001_table" { create table t { id: bigint primary key, b: text } }
migration "0002_by_name" {
    // What raw SQL has made is gone at the end: the catalog does not know of it.
    sql "alter table t add column c int" down { sql "alter table t drop column c"; }
    insert into t (id, b, c) values (1, "x", 1), (2, "y", default);
    update t set c = id + 1 where id = 2 down { }
    backfill t set b = b || c where c > 1 down { }
    create index on t (b) include (c);
    drop index t_b_idx;
    sql "alter table t drop column c" down { sql "alter table t add column c int"; }
    sql "create table made (id bigint primary key)" down { sql "drop table made"; }
    create table uses { id: bigint primary key, made_id: bigint references made (id) on delete cascade }
    alter table t { add made_id: bigint? references made (id) }
    #[allow(drops_data, reason = "it is empty")]
    alter table t { drop made_id }
    drop table uses;
    sql "drop table made" down { sql "create table made (id bigint primary key)"; }
}
migration "0003_written_down" {
    sql "create index by_b on t (b); comment on index by_b is 'by hand'"
        changes { create index by_b on t (b); comment on index by_b is "by hand"; }
        down { sql "drop index by_b" changes { drop index by_b } }
    sql "alter table t enable row level security" changes { }
        down { sql "alter table t disable row level security"; }
}
