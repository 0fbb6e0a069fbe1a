migrate_runtime::migration! {
    /// Where a booking stands.
    create enum booking_status { pending, confirmed, cancelled }

    /// One reservation with one supplier.
    create table bookings {
        id: uuid = gen_random_uuid() primary key,
        #[allow(unindexed_foreign_key, reason = "trips and travellers are hardly ever deleted")]
        trip_id: uuid references trips on delete cascade,
        traveller_id: bigint? references travellers on delete set null,
        status: booking_status = pending,
        supplier: text?,
        /// The supplier's number for it.
        reference: varchar(40)?,
        total: numeric(10, 2),
        /// What the supplier sent, as received.
        details: jsonb = {},
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
    }

    create index on bookings (trip_id) where status <> cancelled;
    create index on bookings using gin (details);
}
