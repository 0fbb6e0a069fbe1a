migrate_runtime::migration! {
    /// A hotel that a user keeps for a trip, as it was offered.
    create table saved_hotels {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        name: text,
        stars: smallint? check (stars between 1 and 5),
        amenities: varchar(40)[] = [],
        check_in: date,
        check_out: date,
        nights: int generated always as (check_out - check_in) stored,
        price_per_night: numeric(10, 2),
        #[allow(fixed_length_text, reason = "codes of a standard: all have this length")]
        currency: char(3),
        offer: jsonb,
        position: point?,
        created_at: timestamptz = now(),

        check (check_out > check_in),
    }

    create index on saved_hotels (trip_id);
    create index on saved_hotels using gin (amenities);
    create index on saved_hotels using gist (position);

    /// A flight that a user keeps for a trip.
    create table saved_flights {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        #[allow(fixed_length_text, reason = "codes of a standard: all have this length")]
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
