migrate_runtime::schema! {
    /// What happened to bookings, a partition a year.
    create table booking_events {
        booking_id: uuid,
        happened_at: timestamptz = now(),
        before: booking_status?,
        after: booking_status,
        primary key (booking_id, happened_at),
    } partition by range (happened_at);
    create table booking_events_2026
        partition of booking_events
        for values from ("2026-01-01 00:00+00") to ("2027-01-01 00:00+00");
    create table booking_events_rest partition of booking_events default;
    create index on booking_events (happened_at);
    grant select on booking_events to pg_monitor;
    create function note_booking() returns trigger
        language plpgsql
        as r#"
        begin
            insert into booking_events (booking_id, happened_at, before, after)
            values (new.id, clock_timestamp(), case when tg_op = 'UPDATE' then old.status end, new.status);
            return null;
        end
    "#;
}
