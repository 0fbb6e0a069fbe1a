migration "0001_names" {
    create table "order" {
        "user": bigint primary key,
        "userId": bigint unique,
        select: text = "group",
        "with space": int? check (order."with space" > 0),
        type: text,
    }
    create table Upper { Id: int primary key, order_id: bigint references "order" ("userId") }
    create index on "order" ("userId", type);
    create table a_table_with_a_rather_long_name_that_leaves_little_room {
        id: bigint primary key,
        a_column_with_a_rather_long_name_as_well: text unique check (a_column_with_a_rather_long_name_as_well <> ""),
    }
    create index on a_table_with_a_rather_long_name_that_leaves_little_room (a_column_with_a_rather_long_name_as_well, id);
}
