migration "0001_tables" {
    create table t { id: bigint primary key, a: int }
    /// Of a.
    create unique index on t (a desc) where a > 3;
    insert into t (id, a) values (1, 5), (2, 6);
}
migration "0002_drop" { drop index t_a_idx; }
