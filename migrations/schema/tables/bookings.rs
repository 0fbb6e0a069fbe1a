migrate_runtime::schema! {
    /// One reservation with one supplier.
    create table bookings {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        traveller_id: bigint? references travellers on delete set null,
        status: booking_status = pending,
        supplier: text = "unknown",
        /// The supplier's number for it.
        reference: varchar(40)?,
        amount: numeric(14, 2) check (amount >= 0),
        /// What the supplier sent, as received.
        details: jsonb = {},
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
        /// ISO 4217, as charged.
        currency: char(3) = "EUR",
        hotel_id: uuid? references saved_hotels on delete set null,
        flight_id: uuid? references saved_flights on delete set null,
        constraint bookings_reference_key unique (supplier, reference),
    }
    create index on bookings using gin (details);
    create index on bookings (hotel_id) where hotel_id is not null;
    create index bookings_money_back
        on bookings (updated_at)
        where status in ("refunded", "no_show");
    create index on bookings (trip_id) where status <> "cancelled";
    create trigger bookings_note
        after insert or update of status on bookings
        for each row
        execute function note_booking();
    grant select (id, status) on bookings to pg_monitor;
}
