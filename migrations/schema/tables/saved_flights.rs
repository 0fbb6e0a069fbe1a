migrate_runtime::schema! {
    /// A flight that a user keeps for a trip.
    create table saved_flights {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        carrier: char(2),
        number: varchar(6),
        origin: char(3),
        destination: char(3),
        departs_at: timestamptz,
        arrives_at: timestamptz,
        /// `segments[]`, where it is not direct.
        itinerary: jsonb = [],
        price: numeric(10, 2)?,
        unique (trip_id, carrier, number, departs_at),
        check (arrives_at > departs_at),
        check (origin <> destination),
    }
    create index on saved_flights using gin (itinerary jsonb_path_ops);
}
