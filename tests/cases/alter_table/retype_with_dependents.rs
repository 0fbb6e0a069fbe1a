// What mentions a column is made again when its type changes.
migration "0001_tables" {
    create enum state { open, done }
    create table tasks {
        id: int primary key,
        owner: int,
        status: text = "open" check (status in ("open", "done")),
        kind: state = done,
        flag: text = "yes",
        at: timestamptz = now(),
        code: char(3) = "abc" check (code <> "xyz"),
        tags: text[] = ["open"] on update ["done"],
    }
    create unique index one_open on tasks (owner) where status = "open";
    /// By its state.
    create index by_status on tasks (status, owner);
    create index recent on tasks (owner) where at > "2020-01-01 00:00+00";
    insert into tasks (id, owner, status) values (1, 1, "open"), (2, 1, "done"), (3, 2, "open");
}
migration "0002_types" {
    #[allow(rewrites_table, narrows_type, blocks_writes, reason = "a small table")]
    alter table tasks {
        alter status: state using status::state,
        alter kind: text,
        alter flag: boolean using flag::boolean,
        alter code: text,
        alter tags: state[] using tags::state[],
    }
    insert into tasks (id, owner) values (4, 4);
    update tasks set owner = 5 where id = 4 down { }
}
migration "0003_back" {
    #[allow(rewrites_table, narrows_type, blocks_writes, reason = "a small table")]
    alter table tasks { alter status: text, alter flag: text, alter tags: text[] }
    drop enum state;
}
