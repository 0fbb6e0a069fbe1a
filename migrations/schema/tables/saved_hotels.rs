migrate_runtime::schema! {
    /// A hotel that a user keeps for a trip, as it was offered.
    create table saved_hotels {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        name: text,
        stars: smallint? check (stars between 1 and 5),
        amenities: varchar(40)[] = [],
        check_in: date,
        check_out: date,
        nights: integer generated always as (check_out - check_in) stored,
        price_per_night: numeric(10, 2),
        currency: char(3),
        offer: jsonb,
        position: point?,
        created_at: timestamptz = now(),
        check (check_out > check_in),
    }
    create index on saved_hotels using gin (amenities);
    create index on saved_hotels using gist ("position");
    create index on saved_hotels (trip_id);
}
