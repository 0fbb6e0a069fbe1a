migration "0001_tables" {
    create foreign data wrapper other;
    create server there foreign data wrapper other;
    create enum state { open, closed }
    create table owned { owner: text = "nobody", constraint owned_owner check (owner <> "") }
    create table places {
        id: bigint primary key,
        name: text collate "C",
        height: numeric(8, 2)?,
        state: state = open,
        doubled: numeric? generated always as (height * 2) stored,
        constraint places_height check (height > 0),
        constraint only_here check (name <> "nowhere") no inherit,
    }
    create table cities { population: int } inherits (places);
    /// Those that others keep.
    create foreign table far_places {
        distance: int?,
        name: text collate "C" options (column_name "title"),
        constraint places_height check (height > 0),
        check (distance > 0),
    } inherits (places, owned) server there options (table_name "places");
    create foreign table far_cities {} inherits (cities) server there;
    create foreign table loose { id: bigint, name: text collate "C", height: numeric(8, 2)?, note: text?, state: state, doubled: numeric? generated always as (height * 2) stored, constraint places_height check (height > 0) } server there;
    create view far_heights as select name, height, distance from far_places;
    create table towns {} inherits (places);
    insert into towns (id, name, height) values (1, "a", 2);
}
migration "0002_reach" {
    alter table places {
        add rank: int?,
        add distance: int?,
        add constraint places_rank check (rank > 0),
        alter height set default 5,
    }
    alter table owned { alter owner drop default, alter owner drop not null }
    alter foreign table far_places {
        alter rank options (column_name "place"),
        alter id options (column_name "number"),
        alter state set default closed,
        options (set table_name "all_places"),
    }
    comment on column far_places.rank is "Theirs.";
}
migration "0003_rename" {
    alter table places { rename rank to place, rename constraint places_rank to places_place }
    alter table cities rename population to people;
    alter enum state rename open to free;
}
migration "0004_begin" {
    alter foreign table loose {
        add place: int?,
        add distance: int?,
        add constraint places_place check (place > 0),
    }
    alter foreign table loose inherit places;
    alter foreign table far_places no inherit owned;
}
migration "0005_retype" {
    #[allow(rewrites_table, reason = "small")]
    alter table places alter place: bigint?;
    #[allow(drops_data, reason = "small")]
    alter table places drop state;
    alter table places alter distance set default 1;
}
migration "0006_end" {
    alter foreign table loose no inherit places;
    drop foreign table far_cities;
}
