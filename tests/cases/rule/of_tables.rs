migration "0001_tables" {
    create enum state { fresh, kept, gone }
    create table items { id: bigint primary key, name: text, state: state = fresh }
    create table notes { id: bigint generated always as identity primary key, item: bigint, text: text? }
    insert into items (id, name) values (1, "one"), (2, "two");
    create view all_items as select i.id, i.name from items as i;
}
migration "0002_rules" {
    /// What is kept stays.
    create rule keep as on delete to items where old.state = kept do instead nothing;
    create rule note as on insert to items do also insert into notes (item, text) values (new.id, new.name);
    create rule renamed as on update to items where old.name <> new.name do also (
        insert into notes (item, text) select new.id, i.name from items as i where i.id = old.id;
        update notes set text = new.name where item = new.id;
    );
    create rule told as on delete to items do also notify items_changed;
    create rule into_items as on insert to all_items do instead
        insert into items (id, name) values (new.id, new.name) returning items.id, items.name;
    create rule off as on delete to all_items do instead "delete from items where id = old.id; notify items_changed, 'it''s gone'";
}
migration "0003_changed" {
    alter table items { disable rule told, rename name to title, enable always rule note }
    alter rule keep on items rename to keep_kept;
    comment on rule keep_kept on items is null;
    alter table notes { rename to remarks }
    alter enum state { rename kept to held }
    create or replace rule off as on delete to all_items do instead nothing;
}
migration "0004_retyped" {
    #[allow(narrows_type, rewrites_table, blocks_writes, reason = "it is small")]
    alter table items alter title: varchar(80);
}
migration "0005_dropped" {
    drop rule off on all_items;
    drop rule note on items;
    drop rule keep_kept on items;
    #[allow(drops_data, reason = "not used")]
    alter table items drop state;
}
