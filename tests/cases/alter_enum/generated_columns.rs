// Columns that are generated over an enum, or of it, are made anew when the enum loses a value.
migration "0001_tables" {
    create enum state { open, done, void }
    create table tasks {
        id: int primary key,
        state: state = open on update done,
        /// Whether nobody did it.
        is_open: bool generated always as (state = "open") stored,
        shown: state generated always as (case when id > 10 then state else "void"::state end) stored,
        note: text? check (state <> "done" or note <> ""),
        unique (id, is_open),
    }
    create index on tasks (shown) where is_open;
    insert into tasks (id) values (1), (11);
}
migration "0002_more" {
    alter enum state { add late after open }
}
migration "0003_less" {
    alter enum state { rename void to none }
    #[allow(rewrites_table, reason = "a small table")]
    alter enum state drop late;
}
