migration "0001_enum" {
    create extension postgres_fdw;
    create server archive foreign data wrapper postgres_fdw options (dbname "archive");
    create enum size { small, medium, large }
    create table shirts { id: bigint primary key, size: size = small }
    /// What was sold.
    create foreign table sold {
        id: bigint,
        size: size options (column_name "what"),
    } server archive options (table_name "shirts");
    comment on column sold.size is "As it was.";
    grant select on table sold to pg_monitor;
    create view all_shirts as
        select s.id, s.size from shirts as s union all select o.id, o.size from sold as o;
    insert into shirts (id, size) values (1, small);
}
migration "0002_drop" {
    #[allow(rewrites_table, reason = "the table is small")]
    alter enum size { drop medium }
}
migration "0003_add" {
    alter enum size { add huge after large }
}
