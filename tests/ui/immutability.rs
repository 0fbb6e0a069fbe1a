fn main() {
    static _MIGRATIONS: migrate_runtime::Migrations = migrate_runtime::migrations! {
    migration "0001_setup" {
        create enum mood { calm, angry }
        create table events {
            id: bigint primary key,
            created_at: timestamptz = now(),
            starts: timestamp,
            name: text,
            mood: mood,
            day: date generated always as (created_at::date) stored,
            start_day: date generated always as (starts::date) stored,
            label: text generated always as (concat(name, "!")) stored,
            kind: text generated always as (mood::text) stored,
            search: tsvector generated always as (to_tsvector(name)) stored,
            assigned: date generated always as (created_at) stored,
        }
        create index on events (date_trunc("day", created_at));
        create index on events (date_trunc("day", starts));
        create index on events (date_trunc("day", created_at at time zone "UTC"));
        create index on events (extract(year from created_at));
        create index on events (to_char(created_at, "YYYY"));
        create index on events (name) where created_at > now();
        create index on events (name) where created_at > current_timestamp;
        create index on events (name::date);
        create index on events (id, random());
        create index on events (age(created_at));
    }
    };
}
