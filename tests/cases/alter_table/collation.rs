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
migration "0005_more_tables" {
    create table events { id: bigint, title: text, at: date, primary key (id, at) } partition by range (at);
    create table events_2026 partition of events for values from ("2026-01-01") to ("2027-01-01");
    create index on events (title);
    create table items { id: bigint primary key, title: text };
    create table books { pages: int } inherits (items);
}
migration "0006_below" {
    insert into events (id, title, at) values (1, "b", "2026-03-01"), (2, "A", "2026-04-01");
    insert into books (id, title, pages) values (1, "b", 10) down { delete from books where id = 1 }
}
migration "0007_collated_below" {
    #[allow(blocks_writes, reason = "there are few")]
    alter table events alter title: text collate "C";
    alter table items alter title: text collate "C";
}
