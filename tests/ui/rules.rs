fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table items { id: bigint primary key, name: text }
        create table notes { item: bigint, text: text }
        create view all_items as select i.id, i.name from items as i;
        create rule note as on insert to items do also insert into notes (item, text) values (new.id, new.name);
    }
    migration "0002_mistakes" {
        create rule others_3 as on insert to item do instead nothing;
        create rule others_4 as on delete to items do also insert into notes (item) values (new.id);
        create rule others_5 as on insert to items where old.id > 1 do instead nothing;
        create rule others_6 as on update to items where old.title <> new.name do instead nothing;
        create rule others_7 as on update to items where old.name do instead nothing;
        create rule others_8 as on update to items do also insert into note (item) values (new.id);
        create rule others_9 as on update to items do also "insert into notes (thing) values (new.id)";
        create rule others_11 as on delete to items where old.id > 1 do also notify items_changed;
        create rule others_13 on delete to items do instead nothing;
        create rule note as on insert to items do instead nothing;
        create or replace rule notes as on insert to items do instead nothing;
        alter table items disable rule notes;
        alter rule note on notes rename to others;
        #[allow(drops_data, reason = "demo")]
        alter table notes drop text;
    }
    migration "0009_syntax" {
        create rule others_1 as on select to items do instead nothing;
        create rule others_2 as on truncate to items do instead nothing;
        create rule others_10 as on update to items do also "insert in notes";
        create rule others_12 as on delete to items instead nothing;
        drop rule note;
    }
    };
}
