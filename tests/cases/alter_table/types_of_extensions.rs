migration "0001_tables" {
    create extension citext;
    create table people { id: int primary key, email: text unique, name: varchar(20)?, note: text? }
    create index on people (name);
    insert into people (id, email, name, note) values (1, "Ann@example.org", "Ann", "n"), (2, "bob@example.org", null, null);
}
migration "0002_case_does_not_count" {
    #[allow(blocks_writes, narrows_type, reason = "a small table")]
    alter table people { alter email: citext, alter name: citext?, alter note: citext? }
}
migration "0003_case_counts_again" {
    #[allow(blocks_writes, reason = "a small table")]
    alter table people { alter email: text, alter note: varchar? }
}
