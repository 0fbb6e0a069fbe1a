migration "0001_nodes" {
    create table nodes {
        tenant: int,
        id: int primary key,
        parent: int?,
        // The key stands below what references it.
        foreign key (tenant, parent) references nodes (tenant, id) on delete cascade,
        unique (tenant, id),
    }
}
migration "0002_json" {
    create table lists { id: int primary key, items: jsonb = [1, { "a": -2 }, "x", null], none: json? = [] }
    insert into lists (id, items) values (1, [true, null]), (2, default);
}
