migrate_runtime::schema! {
    /// A conversation with the assistant, about a trip or about anything.
    create table chat_sessions {
        id: uuid = gen_random_uuid() primary key,
        user_id: uuid references users on delete cascade,
        trip_id: uuid? references trips on delete set null,
        title: text?,
        context: jsonb = {},
        closed_at: timestamptz?,
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
    }
    create index on chat_sessions (user_id) where closed_at is null;
}
