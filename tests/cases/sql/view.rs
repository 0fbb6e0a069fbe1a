migration "0001_view" {
    create table t { id: bigint primary key, a: int }
    sql "create view v as select a from t where a > 1; create function f() returns int language sql as $$ select 1; $$"
        down { sql "drop function f(); drop view v"; }
}
migration "0002_declared" {
    sql "create table made (id bigint not null, constraint made_pkey primary key (id))"
        changes { create table made { id: bigint primary key } };
    create table uses { id: bigint primary key, made_id: bigint references made }
}
