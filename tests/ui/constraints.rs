fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create table rooms { id: bigint primary key }
        create table stays {
            id: bigint primary key, room: bigint, during: tstzrange, place: text?,
            constraint positive check (id > 0),
            constraint stays_room foreign key (room) references rooms,
        }
    }
    migration "0002_not_valid" {
        alter table stays { add unique (room) not valid }
    }
    migration "0003_no_inherit" {
        alter table stays { add foreign key (room) references rooms no inherit }
    }
    migration "0004_alter" {
        alter table stays {
            validate constraint positive,
            validate constraint positve,
            alter constraint positive deferrable,
            alter constraint stays_room not deferrable,
        }
        alter table stays { add constraint apart exclude using gist (during with &&) }
        alter table stays { add exclude using gin (during with &&) }
        alter table stays { add exclude using gist (room with =) }
        alter table stays { add exclude using gist (during with ~~) }
        create table other { id: bigint primary key, room: bigint references rooms on delete set null }
        create table another { id: bigint primary key, room: bigint references rooms on update set default }
    }
    migration "0005_without_operator" {
        alter table stays { add exclude using gist (during, room with =) }
    }
    };
}
