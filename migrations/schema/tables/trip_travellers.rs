migrate_runtime::schema! {
    /// Who comes along.
    create table trip_travellers {
        trip_id: uuid references trips on delete cascade,
        traveller_id: bigint references travellers on delete cascade,
        primary key (trip_id, traveller_id),
    }
    create index on trip_travellers (traveller_id);
}
