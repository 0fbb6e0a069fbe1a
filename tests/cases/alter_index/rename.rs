migration "0001_tables" { create table t { id: bigint primary key, a: int } create index on t (a); }
migration "0002_rename" { alter index t_a_idx rename to t_by_a; }
