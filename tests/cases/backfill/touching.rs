// A backfill leaves columns with `on update` as they are, unless it says otherwise.
migration "0001_tables" {
    create table notes {
        id: int primary key,
        text: text = "",
        n: int = 0,
        version: int = 1 on update version + 1,
    }
    insert into notes (id) values (1), (2);
}
migration "0002_fill" {
    alter table notes { add token: uuid = gen_random_uuid() }
    backfill notes set text = "a" where text = "" down { };
    alter table notes { add constraint untouched check (version = 1) }
    alter table notes drop constraint untouched;
}
migration "0003_touch" {
    backfill notes set n = n + 1 where n = 0 in batches of 10 touching version
        irreversible "versions only grow";
    alter table notes { add constraint touched check (version = 2 or n = 0) }
}
