migration "0001_tables" {
    create table titles { id: bigint primary key, title: text, code: varchar(20) collate "C", note: text? }
    create index on titles (title);
    create view all_titles as select title from titles;
}
migration "0002_rows" {
    insert into titles (id, title, code) values (1, "b", "x"), (2, "A", "y");
}
migration "0003_collated" {
    #[allow(blocks_writes, reason = "there are few")]
    alter table titles alter title: text collate "C";
    alter table titles { alter note: text? collate "C", alter code: varchar(20) collate "default" }
}
migration "0004_and_wider" {
    alter table titles alter code: varchar(40) collate "C";
}
