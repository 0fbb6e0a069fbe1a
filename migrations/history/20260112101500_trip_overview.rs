migrate_runtime::migration! {
    /// A trip with what is booked for it.
    create view trip_overview as
        select
            t.id,
            t.user_id,
            t.title,
            t.status,
            t.starts_on,
            t.days,
            count(b.id) as bookings,
            coalesce(sum(b.amount) filter (where b.status = confirmed), 0) as confirmed
        from trips as t left join bookings as b on b.trip_id = t.id
        group by t.id;

    /// What happened to bookings, a partition a year.
    create table booking_events {
        booking_id: uuid,
        happened_at: timestamptz = now(),
        before: booking_status?,
        after: booking_status,

        primary key (booking_id, happened_at),
    } partition by range (happened_at);
    create table booking_events_2026 partition of booking_events
        for values from ("2026-01-01 00:00+00") to ("2027-01-01 00:00+00");
    create table booking_events_rest partition of booking_events default;
    create index on booking_events (happened_at);

    create function note_booking() returns trigger language plpgsql as r#"
        begin
            insert into booking_events (booking_id, happened_at, before, after)
            values (new.id, clock_timestamp(), case when tg_op = 'UPDATE' then old.status end, new.status);
            return null;
        end
    "#;
    create trigger bookings_note
        after insert or update of status on bookings
        for each row
        execute function note_booking();

    // Monitoring counts them, and sees nothing else.
    grant select on booking_events to pg_monitor;
    grant select (id, status) on bookings to pg_monitor;
}
