migrate_runtime::migration! {
    alter table trips {
        #[allow(
            drops_data,
            reason = "copied into chat_sessions.context in October; nothing reads it since 2.14"
        )]
        drop legacy_notes,
    }

    alter index itineraries_accepted_key rename to itineraries_accepted_idx;
    comment on table trip_travellers is "Who comes along.";
}
