migration "0001_tables" {
    create schema archive;
    create enum mood { good, bad }
    create table users { id: bigserial primary key, mood: mood = good, changed: timestamptz = now() on update now() }
    create table bookings { id: bigint generated always as identity primary key, user_id: bigint references users, note: text? }
    create index on bookings (note);
    create view recent as select id, note from bookings where note is not null;
    insert into users (mood) values (good), (bad) irreversible "rows of a test";
    insert into bookings (user_id) values (1), (2) irreversible "rows of a test";
}
migration "0002_move" {
    #[allow(breaks_queries, reason = "a test")]
    alter table users set schema archive;
    #[allow(breaks_queries, reason = "a test")]
    alter table bookings { set schema archive, add seats: int? }
}
migration "0003_types" {
    #[allow(breaks_queries, reason = "a test")]
    alter enum mood set schema archive;
    alter table archive.users add before: archive.mood?;
}
migration "0004_rows" {
    update archive.users set mood = bad where id = 1 irreversible "rows of a test";
}
