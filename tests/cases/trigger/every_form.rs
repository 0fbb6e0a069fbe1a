migration "0001_triggers" {
    create table users { id: bigint primary key }
    create table bookings {
        id: bigint primary key,
        total: numeric,
        version: int = 0,
        note: text?,
        user_id: bigint references users,
        updated_at: timestamptz = now() on update now(),
    }
    create function bump() returns trigger language plpgsql as r#"
begin
    new.version := old.version + 1;
    return new;
end
"#;
    create function note() returns trigger language plpgsql as "begin return null; end";
    /// It counts the versions.
    create trigger bookings_bump before update of total, note on bookings for each row
        when (old.total is distinct from new.total) execute function bump();
    create trigger bookings_row after insert or update or delete on bookings for each row
        execute function note("it's", 7);
    create trigger bookings_whole before update on bookings for each row when (old.* is distinct from new.*)
        execute function suppress_redundant_updates_trigger();
    create trigger bookings_new after insert on bookings referencing new table as added for each statement
        execute function note();
    create trigger bookings_both after update on bookings referencing old table as before new table as after
        execute function note();
    create trigger bookings_emptied before truncate on bookings execute function note();
    create constraint trigger bookings_late after insert or update on bookings from users deferrable initially deferred
        for each row when (new.total > 100 and new.note <> "x") execute function note();
    create trigger bookings_now before update on bookings for each statement when (current_user <> "admin")
        execute function note();
}
migration "0002_states" {
    alter table bookings {
        disable trigger bookings_row,
        enable always trigger bookings_bump,
        enable replica trigger bookings_new,
    }
}
migration "0003_renamed" {
    alter table bookings { rename total to amount }
    alter table bookings rename to trips;
    alter trigger bookings_bump on trips rename to trips_bump;
    alter function note rename to noted;
    comment on trigger bookings_row on trips is "It's a note.";
}
migration "0004_replaced" {
    create or replace trigger trips_bump before insert or update of amount on trips for each row execute function bump();
    alter table trips { enable trigger bookings_row }
    // Named by a trigger, which is taken down and put back.
    #[allow(rewrites_table, narrows_type, reason = "it is small")]
    alter table trips { alter amount: bigint }
}
migration "0005_all" { alter table trips disable trigger user; }
migration "0006_all" { alter table trips enable always trigger user; }
migration "0007_dropped" {
    drop trigger bookings_late on trips;
    drop trigger bookings_new on trips;
    #[allow(drops_data, reason = "nothing is in it")]
    drop table trips;
}
