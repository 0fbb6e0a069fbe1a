fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create foreign data wrapper files;
        create server there foreign data wrapper files;
        create table places { name: text, height: int?, constraint places_height check (height > 0) }
        create table events { id: bigint, at: date, size: int?, check (size > 0) } partition by range (at);
        create table keyed { id: bigint primary key } partition by range (id);
        create function noted() returns trigger language plpgsql as "begin return new; end";
        create foreign table far_places { distance: int? } inherits (places) server there;
        create foreign table events_old partition of events for values from ("2020-01-01") to ("2021-01-01") server there;
        create foreign table loose { name: text?, height: int? } server there;
        create foreign table events_loose { id: bigint, at: date?, size: int? } server there;
    }
    migration "0002_made" {
        create foreign table far_others { name: int } inherits (places) server there;
        create foreign table far_sides { constraint places_height check (height > 1) } inherits (places) server there;
        create foreign table far_events {} inherits (events) server there;
        create foreign table events_2020 partition of events for values from ("2020-06-01") to ("2021-01-01") server there;
        create foreign table keyed_old partition of keyed for values from (1) to (2) server there;
        create foreign table events_2022 partition of event for values from ("2022-01-01") to ("2023-01-01") server there;
    }
    migration "0003_below" {
        alter foreign table far_places drop name;
        alter foreign table far_places { rename name to title }
        alter foreign table far_places alter height: bigint?;
        alter foreign table far_places alter name: text?;
        alter foreign table far_places drop constraint places_height;
        alter foreign table events_old { add note: text? }
        alter foreign table events_old { drop constraint events_size_check }
        alter foreign table events_old inherit places;
        alter foreign table loose inherit places;
        alter foreign table far_places inherit places;
        alter foreign table loose no inherit places;
    }
    migration "0004_above" {
        alter table places add distance: text?;
        alter table places rename name to distance;
        alter table events add primary key (at);
        create unique index on events (id, at);
        create constraint trigger events_noted after insert on events for each row execute function noted();
        alter table events attach partition events_loose for values from ("2023-01-01") to ("2024-01-01");
        alter table events attach partition far_places for values from ("2023-01-01") to ("2024-01-01");
        alter table events detach partition loose;
        #[allow(drops_data, reason = "demo")]
        drop table places;
    }
    migration "0005_syntax" {
        create foreign table far_ends inherits (places) server there;
        create foreign table far_starts {} of (places) server there;
    }
    };
}
