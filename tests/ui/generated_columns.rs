fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    postgres = 18;
    migration "0001_setup" {
        create table notes {
            id: bigint primary key,
            text: text,
            label: text generated always as (lower(text)) stored,
            short: text generated always as (left(text, 5)) virtual,
            check (id > 0),
        }
    }
    migration "0002_mistakes" {
        alter table notes { alter text set expression as (lower(text)) }
        alter table notes { alter label set expression as (lower(txt)) }
        alter table notes { alter label set expression as (length(text)) }
        alter table notes { alter label set expression as (lower(text)) }
        alter table notes { alter short set expression as (left(text, 3)) }
        alter table notes { alter short drop expression }
        alter table notes { alter label set expression (upper(text)) }
    }
    migration "0003_virtual" {
        create enum mood { calm, sad }
        create function note_of(text: text) returns text language sql immutable as "select $1";
        create table moods {
            mood: mood,
            again: mood generated always as (mood) virtual,
            told: text generated always as (note_of("x")) virtual,
        }
        create index on notes (short);
        create index on notes (id) where short <> "";
        alter table notes { add unique (short) }
        create statistics note_statistics on id, short from notes;
    }
    migration "0004_rewrite" {
        alter table notes { alter label set expression as (upper(text)) }
    }
    };
}
