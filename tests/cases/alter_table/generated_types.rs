// A generated column is made anew when its type changes, or that of a column that it reads.
migration "0001_tables" {
    create enum state { open, done }
    create table tasks {
        id: int primary key,
        n: int = 1,
        state: text = "open",
        /// Twice as many.
        twice: int generated always as (n * 2) stored,
        is_done: bool generated always as (state = "done") stored,
        code: varchar(10) = "a",
        upper: text? generated always as (upper(code)) stored,
        unique (id, twice),
    }
    /// Those that are done.
    create index done on tasks (twice) where is_done;
    insert into tasks (id, n, state) values (1, 5, "done"), (2, 6, "open");
}
migration "0002_types" {
    #[allow(rewrites_table, narrows_type, reason = "a small table")]
    alter table tasks { alter n: bigint, alter twice: bigint, alter code: varchar(20) }
}
migration "0003_enum" {
    #[allow(rewrites_table, narrows_type, reason = "a small table")]
    alter table tasks { alter state: state using state::state, alter upper: varchar(20)? }
}
