//! Keys over types without an order, values of enums and of generated columns.

fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_first" {
        create enum mood { calm, loud }
        create table notes {
            id: bigint primary key,
            details: json unique,
            place: point unique,
            title: text?,
            shout: text? generated always as (upper(title)) stored,
            mood: mood = nope,
            moods: mood[] = [calm, wild],
        }
        create table papers { content: xml primary key }
        create index on notes (details);
        create index on notes (place);
        create unique index on notes (mood, details);
        insert into notes (id, details, place, shout, mood) values (1, {}, "(1,2)", "A", calm), (2, {}, "(1,2)", default, glad);
    }
    migration "0002_second" {
        alter table notes {
            alter shout: varchar(10)? using left(shout, 10),
            alter mood set default bad,
            add other: mood = "sad",
            add unique (details),
        }
        backfill notes set shout = "B", mood = angry where shout is null;
    }
    };
}
