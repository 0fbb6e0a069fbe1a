migration "0001_enum" {
    create enum size { small, medium, large }
    create table shirts { id: bigint primary key, size: size = small, sizes: size[]? }
    create index on shirts (size);
    insert into shirts (id, size, sizes) values (1, small, [small, large]);
}
migration "0002_drop" {
    #[allow(rewrites_table, reason = "the table is small")]
    alter enum size { drop medium }
}
