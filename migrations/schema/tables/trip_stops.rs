migrate_runtime::schema! {
    /// The stops of a trip, in their order.
    create table trip_stops {
        id: bigint generated always as identity primary key,
        trip_id: uuid references trips on delete cascade,
        destination_id: integer references destinations on delete restrict,
        position: smallint check (.position >= 1),
        nights: smallint = 1,
        /// Deferred, so that two stops can change places in one transaction.
        unique (trip_id, "position") deferrable initially deferred,
    }
    create index on trip_stops (destination_id);
}
