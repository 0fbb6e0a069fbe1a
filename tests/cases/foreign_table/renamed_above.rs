migration "0001_tables" {
    create schema app;
    create foreign data wrapper other;
    create server there foreign data wrapper other;
    create table places { id: bigint, name: text?, check (id > 0) }
    create table events { id: bigint, at: date } partition by range (at);
    create foreign table far_places {} inherits (places) server there;
    create foreign table old_events partition of events for values from (minvalue) to ("2020-01-01") server there;
}
migration "0002_renamed" {
    alter table places rename to spots;
    alter table events set schema app;
    alter foreign table far_places rename to far_spots;
    alter foreign table old_events set schema app;
}
migration "0003_changed" {
    alter table spots add note: text?;
    alter table app.events { add note: text?, detach partition app.old_events }
}
