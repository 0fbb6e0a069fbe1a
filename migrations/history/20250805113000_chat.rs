migrate_runtime::migration! {
    create enum chat_role { system, user, assistant }

    /// A conversation with the assistant, about a trip or about anything.
    create table chat_sessions {
        id: uuid = gen_random_uuid() primary key,
        #[allow(unindexed_foreign_key, reason = "users and trips are hardly ever deleted")]
        user_id: uuid references users on delete cascade,
        trip_id: uuid? references trips on delete set null,
        title: text?,
        context: jsonb = {},
        closed_at: timestamptz?,
        created_at: timestamptz = now(),
        updated_at: timestamptz = now() on update now(),
    }

    create index on chat_sessions (user_id) where closed_at is null;

    create table chat_messages {
        id: bigint generated always as identity primary key,
        session_id: uuid references chat_sessions on delete cascade,
        #[allow(unindexed_foreign_key, reason = "messages go with their conversation")]
        reply_to: bigint? references chat_messages on delete set null,
        role: chat_role,
        content: text,
        tool_calls: jsonb?,
        tokens: smallint = 0,
        created_at: timestamptz = now(),
    }

    create index on chat_messages using brin (created_at);
}
