migrate_runtime::schema! {
    /// What the planner proposes for a trip. Each revision is kept.
    create table itineraries {
        id: uuid = gen_random_uuid() primary key,
        trip_id: uuid references trips on delete cascade,
        revision: integer = 1 check (revision >= 1),
        /// `days[].items[]` with a kind, a place and a time.
        plan: jsonb = { "days": [], "version": 1 } check (jsonb_typeof(plan -> "days") = "array"),
        /// Which model wrote it; empty where a person did.
        model: text?,
        accepted_at: timestamptz?,
        created_at: timestamptz = now(),
        unique (trip_id, revision),
    }
    /// At most one revision of a trip is the accepted one.
    create unique index itineraries_accepted_idx
        on itineraries (trip_id)
        where accepted_at is not null;
    create index on itineraries using gin (plan jsonb_path_ops);
}
