migrate_runtime::migration! {
    create enum trip_status { draft, planned, completed, cancelled }

    /// One journey of one user, alone or with others.
    create table trips {
        id: uuid = gen_random_uuid() primary key,
        user_id: uuid references users on delete cascade,
        title: varchar(120),
        status: trip_status = draft,
        starts_on: date?,
        ends_on: date?,
        /// In whole days, both ends included.
        days: int? generated always as (ends_on - starts_on + 1) stored,
        budget: numeric(10, 2)? check (budget > 0),
        #[allow(fixed_length_text, reason = "codes of a standard: all have this length")]
        currency: char(3) = "EUR",
        tags: text[] = [],
        /// What the user typed into the field that the assistant has replaced.
        legacy_notes: text?,
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),

        constraint trips_dates_check check (ends_on >= starts_on),
    }

    create index on trips (user_id, starts_on desc nulls last);
    create index on trips using gin (tags);

    create table trip_travellers {
        trip_id: uuid references trips on delete cascade,
        traveller_id: bigint references travellers on delete cascade,
        primary key (trip_id, traveller_id),
    }

    create index on trip_travellers (traveller_id);

    /// The stops of a trip, in their order.
    create table trip_stops {
        id: bigint generated always as identity primary key,
        trip_id: uuid references trips on delete cascade,
        destination_id: int references destinations on delete restrict,
        position: smallint check (position >= 1),
        nights: smallint = 1,

        /// Deferred, so that two stops can change places in one transaction.
        unique (trip_id, position) deferrable initially deferred,
    }

    create index on trip_stops (destination_id);
}
