migrate_runtime::schema! {
    /// One journey of one user, alone or with others.
    create table trips {
        id: uuid = gen_random_uuid() primary key,
        user_id: uuid references users on delete cascade,
        title: varchar(200),
        status: trip_status = draft,
        starts_on: date?,
        ends_on: date?,
        /// In whole days, both ends included.
        days: integer? generated always as (ends_on - starts_on + 1) stored,
        budget: numeric(10, 2)? check (budget > 0),
        currency: char(3) = "EUR",
        tags: text[] = [],
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
        slug: text,
        unique (user_id, slug),
        constraint trips_dates_check check (ends_on >= starts_on),
    }
    create index on trips using gin (tags);
    create index on trips (user_id, starts_on desc nulls last);
}
