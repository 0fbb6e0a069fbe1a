migration "0001_rows" {
    create table t { id: bigint primary key, a: int, b: int? }
    create table no_key { a: int, b: int? }
    sql "insert into t (id, a) select n, n from generate_series(1, 5000) n; insert into no_key (a) select n from generate_series(1, 2000) n"
        irreversible "rows of a test";
}
migration "0002_fill" {
    backfill t set b = a * 2 where b is null in batches of 700 irreversible "a test";
    backfill no_key set b = a where b is null in batches of 300 irreversible "a test";
}
migration "0003_not_null" { alter table t alter b set not null; alter table no_key alter b set not null; }
