migration "0001_tables" {
    create extension btree_gist;
    create table rooms { id: bigint primary key, name: text collate pg_catalog."C" }
    create table stays {
        id: bigint primary key,
        room: bigint,
        during: tstzrange,
        note: text?,
        check (note <> "") not valid,
        constraint named check (note <> "x") no inherit,
        #[allow(action_fails, reason = "as the old schema has it")]
        constraint stays_room foreign key (room) references rooms on delete set null,
        exclude using gist (room with =, during with &&) where (note is null),
    }
    /// Has the name of a foreign key.
    create index stays_room on stays (room);
    create index on rooms ((lower(name) collate pg_catalog."POSIX"));
    create index on rooms (name collate "C");
    insert into rooms (id, name) values (1, "a"), (2, "b");
    insert into stays (id, room, during, note) values (1, 1, "empty", null), (2, 2, "empty", "n");
}
migration "0002_not_valid" {
    alter table stays {
        add check (id > 0) not valid,
        add constraint again foreign key (room) references rooms not valid,
        add constraint only_here check (room > 0) no inherit,
    }
}
migration "0003_validate" {
    alter table stays { validate constraint stays_id_check, validate constraint again }
    alter table stays validate constraint stays_note_check;
}
migration "0004_defer" {
    alter table stays {
        alter constraint again deferrable initially deferred,
        alter constraint stays_room deferrable,
    }
}
migration "0005_not_deferred" { alter table stays { alter constraint again not deferrable } }
migration "0006_exclude" {
    #[allow(blocks_writes, reason = "a small table")]
    alter table stays add constraint apart exclude using gist (lower(note) with =, during with &&) deferrable;
    alter table stays { rename room to chamber }
}
migration "0007_drop" {
    alter table stays { drop constraint apart, drop constraint stays_room_during_excl, drop constraint again }
    drop index stays_room;
}
